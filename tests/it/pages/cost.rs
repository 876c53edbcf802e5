//! What a page costs: a fixed number of SQL statements and less than 100 KiB, however much there is to show.

use serde_json::json;

use crate::support::{Server, Visitor};

/// What a page may weigh with everything it needs, in bytes.
const WEIGHT: usize = 100 * 1024;

/// How many statements more one visit may take than another: lists side by side are read together or not, as their
/// statements happen to end. A statement for each objective would be fifteen more.
const CHANCE: u64 = 5;

/// The fewest statements of some visits.
async fn statements(server: &Server, visitor: &Visitor, path: &str) -> u64 {
    let mut fewest = u64::MAX;
    visitor.sees(path).await;
    server.signed().await;
    for _ in 0..8 {
        let before = server.statements();
        visitor.sees(path).await;
        fewest = fewest.min(server.statements() - before);
    }
    fewest
}

/// A committed plan of so many objectives with three key results each, checked in on, served, renegotiated, discussed;
/// the answer is the paths of its pages.
async fn team(server: &Server, key: &str, objectives: usize) -> Vec<String> {
    let everything = crate::world::everything(server);
    everything.done("teamCreate", json!({ "key": key, "name": "Payments" }), "team { id }").await;
    let drafted = everything.done("planDraft", json!({ "team": key, "quarter": "2026-Q4" }), "plan { id }").await;
    let plan = drafted["plan"]["id"].clone();
    let owner = json!({ "name": "The lead of the team that takes payments" });
    let mut key_results = Vec::new();
    for number in 0..objectives {
        let input = json!({ "plan": plan, "owner": owner, "title": format!("Objective {number}: paying by bank transfer feels instant"),
                            "rationale": "Three buyers in ten leave while they wait for the confirmation, and half of those never come back." });
        let objective = everything.done("objectiveAdd", input, "objective { id }").await["objective"]["id"].clone();
        for place in 0..3 {
            let input = json!({ "objective": objective, "owner": owner, "unit": "seconds", "baseline": "90", "target": "5",
                                "title": format!("Key result {place} of {number}: median time to the confirmation") });
            key_results
                .push(everything.done("keyResultAdd", input, "keyResult { id }").await["keyResult"]["id"].clone());
        }
    }
    let seen = crate::support::digest(server, plan.as_str().unwrap()).await;
    everything.done("planCommit", json!({ "plan": plan, "digest": seen }), "plan { id }").await;
    for key_result in &key_results {
        for value in ["80", "60", "41"] {
            let check_in =
                json!({ "keyResult": key_result, "kind": "PROGRESS", "value": value, "confidence": "AT_RISK" });
            everything.done("checkInRecord", check_in, "checkIn { id }").await;
        }
        let item = json!({ "team": key, "title": "Ask the bank once and not thrice", "horizon": "NOW", "keyResults": [key_result] });
        everything.done("roadmapItemAdd", item, "roadmapItem { id }").await;
    }
    let (decided, held) = renegotiate(server, key, plan.as_str().unwrap(), &key_results[0], objectives).await;
    let committed = "query($team: String!) { auditLog(filter: { team: { eq: $team }, action: { eq: PLAN_COMMITTED } }) { nodes { seq } } }";
    let entry = server.auditor().ask(committed, json!({ "team": key })).await.data().clone();
    vec![
        format!("/teams/{key}"),
        format!("/teams/{key}/quarters/2026-Q4/story"),
        format!("/meetings/{decided}"),
        format!("/meetings/{held}"),
        format!("/audit/{}", entry["auditLog"]["nodes"][0]["seq"]),
    ]
}

/// So many proposals, one of them decided, and a status meeting in which as much was said.
async fn renegotiate(
    server: &Server,
    key: &str,
    plan: &str,
    key_result: &serde_json::Value,
    count: usize,
) -> (String, String) {
    let amended = json!([{ "amendKeyResult": { "keyResult": key_result, "target": "6" } }]);
    let (first, seen) = crate::support::propose(server, plan, amended).await;
    let meeting = crate::support::open_meeting(server, key, &[&first]).await;
    let decision = json!({ "renegotiation": first, "meeting": meeting, "outcome": "APPROVED", "digest": seen, "rationale": "Yes." });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    let (held, question) = super::status_check(server, key).await;
    for number in 0..count {
        let said = json!({ "meeting": held, "by": { "name": format!("Guest {number}") }, "question": question, "text": "Could we move the reporting work up?" });
        let input =
            server.planner().done("meetingInputRecord", said, "meetingInput { id }").await["meetingInput"]["id"]
                .clone();
        let disposed = json!({ "meetingInput": input, "backlog": { "title": format!("Reports {number}") } });
        server.planner().done("meetingInputDispose", disposed, "meetingInput { id }").await;
        let said = json!({ "meeting": held, "by": { "name": format!("Guest {number}") }, "text": "And by mail?" });
        server.planner().done("meetingInputRecord", said, "meetingInput { id }").await;
    }
    (meeting, held)
}

#[tokio::test]
async fn a_page_costs_the_same_statements_for_one_objective_and_for_sixteen_and_weighs_less_than_100_kib() {
    let server = Server::start().await;
    let visitor = Visitor::signed_in(&server, &crate::world::everything(&server)).await;
    let (small, large) = (team(&server, "ONE", 1).await, team(&server, "MANY", 16).await);
    let files = ["holdline.css", "live.js", "sign-in.js", "icon.svg"];
    let mut weight = 0;
    for file in files {
        weight += visitor.get(&format!("/assets/{file}")).await.text.len();
    }

    for (one, many) in small.iter().zip(&large) {
        let counted = (statements(&server, &visitor, one).await, statements(&server, &visitor, many).await);
        assert!(counted.0.abs_diff(counted.1) <= CHANCE, "{one} and {many}: {counted:?}");
        let page = visitor.sees(many).await.text.len();
        assert!(page + weight < WEIGHT, "{many} weighs {page} and its files {weight}");
    }
}
