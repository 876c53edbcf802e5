//! Retries: a request with an id of the caller's choice has one effect, however often it arrives, and however much has
//! happened in between.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Caller, Server, commit_plan, digest, open_meeting, propose};

const TEAM: &str = "team_01h455vb4pex5vsknk084sn02q";
const PLAN: &str = "plan_01h455vb4pex5vsknk084sn03q";
const OBJECTIVE: &str = "obj_01h455vb4pex5vsknk084sn04q";
const KEY_RESULT: &str = "kr_01h455vb4pex5vsknk084sn05q";
const RENEGOTIATION: &str = "reneg_01h455vb4pex5vsknk084sn06q";
const MEETING: &str = "meeting_01h455vb4pex5vsknk084sn07q";
const CHECK_IN: &str = "checkin_01h455vb4pex5vsknk084sn08q";
const ROADMAP_ITEM: &str = "item_01h455vb4pex5vsknk084sn09q";

async fn entries(server: &Server) -> Value {
    server.auditor().query("{ auditLog { totalCount } }").await["auditLog"]["totalCount"].clone()
}

/// Every creating mutation with its input; each stands on what those before it made.
fn requests() -> Vec<(&'static str, &'static str, Value)> {
    let owner = json!({ "name": "lead" });
    let objective = json!({ "title": "Refunds settle", "rationale": "People wait.", "owner": owner, "keyResults": [
        { "title": "Days to refund", "owner": owner, "unit": "d", "baseline": "9", "target": "2" },
    ] });
    vec![
        ("teamCreate", "team", json!({ "id": TEAM, "key": "PAY", "name": "Payments" })),
        ("planDraft", "plan", json!({ "id": PLAN, "team": "PAY", "quarter": "2026-Q4" })),
        (
            "objectiveAdd",
            "objective",
            json!({ "id": OBJECTIVE, "plan": PLAN, "title": "Settle", "rationale": "r", "owner": owner, "expectedVersion": 1 }),
        ),
        (
            "keyResultAdd",
            "keyResult",
            json!({ "id": KEY_RESULT, "objective": OBJECTIVE, "title": "Share", "owner": owner, "unit": "%",
                    "baseline": "0", "target": "9" }),
        ),
        (
            "renegotiationDraft",
            "renegotiation",
            json!({ "id": RENEGOTIATION, "plan": PLAN, "trigger": "t", "reason": "r", "tradeOff": "x",
                    "changes": [{ "addObjective": objective }] }),
        ),
        (
            "meetingPrepare",
            "meeting",
            json!({ "id": MEETING, "team": "PAY", "kind": "STATUS", "title": "Weekly",
                    "attendees": [{ "person": { "name": "sales" }, "ask": "INFORM" }],
                    "boundary": { "open": [{ "question": "Which first?", "wanted": "SEQUENCING" }] } }),
        ),
        (
            "checkInRecord",
            "checkIn",
            json!({ "id": CHECK_IN, "keyResult": KEY_RESULT, "kind": "PROGRESS", "value": "4" }),
        ),
        (
            "roadmapItemAdd",
            "roadmapItem",
            json!({ "id": ROADMAP_ITEM, "team": "PAY", "title": "Refund desk", "horizon": "NOW", "keyResults": [KEY_RESULT] }),
        ),
    ]
}

fn sender(server: &Server, mutation: &str) -> Caller {
    if mutation == "teamCreate" { server.admin() } else { server.planner() }
}

/// Sends every request for the first time; the plan is committed where the later ones need it to be.
async fn send_all(server: &Server) {
    for (mutation, noun, input) in requests() {
        if mutation == "renegotiationDraft" {
            let commit = json!({ "plan": PLAN, "digest": digest(server, PLAN).await });
            server.planner().done("planCommit", commit, "plan { id }").await;
        }
        let made = sender(server, mutation).done(mutation, input.clone(), &format!("{noun} {{ id }}")).await;
        assert_eq!(made[noun]["id"], input["id"], "{mutation}");
    }
}

/// Sends every request again and expects to be answered with what it made, and nothing to happen.
async fn all_are_answered_again(server: &Server, when: &str) {
    let before = entries(server).await;
    for (mutation, noun, input) in requests() {
        let again = sender(server, mutation).done(mutation, input.clone(), &format!("{noun} {{ id }}")).await;
        assert_eq!(again[noun]["id"], input["id"], "{mutation} {when}");
    }
    assert_eq!(entries(server).await, before, "{when}");
}

#[tokio::test]
async fn invariant_7_a_client_chosen_id_makes_a_retry_harmless() {
    let server = Server::start().await;
    send_all(&server).await;
    all_are_answered_again(&server, "at once, after the commit").await;

    let planner = server.planner();
    planner.done("renegotiationPropose", json!({ "renegotiation": RENEGOTIATION }), "renegotiation { id }").await;
    let seen = digest(&server, RENEGOTIATION).await;
    let meeting = open_meeting(&server, "PAY", &[RENEGOTIATION]).await;
    let decision = json!({ "renegotiation": RENEGOTIATION, "meeting": meeting, "outcome": "APPROVED", "rationale": "r", "digest": seen });
    let decided = server.approver().done("renegotiationDecide", decision, "plan { revision }").await;
    assert_eq!(decided["plan"]["revision"], 2);
    all_are_answered_again(&server, "after the plan moved on").await;

    server.set_clock("2027-01-05T09:00:00Z");
    let live = planner.query(r#"{ plan(team: "PAY", quarter: "2026-Q4") { objectives { keyResults { id } } } }"#).await;
    let objectives = live["plan"]["objectives"].as_array().unwrap().iter();
    let key_results = objectives.flat_map(|objective| objective["keyResults"].as_array().unwrap());
    let without: Vec<_> = key_results.map(|one| json!({ "keyResult": one["id"], "reason": "Nobody asked." })).collect();
    planner.done("planClose", json!({ "plan": PLAN, "withoutFinal": without }), "plan { status }").await;
    all_are_answered_again(&server, "after the quarter, the plan closed").await;
}

#[tokio::test]
async fn a_retry_says_the_same_where_it_is_spelled_otherwise() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let draft =
        |decide_by: Value| json!({ "id": RENEGOTIATION, "plan": committed.plan, "reason": "r", "decideBy": decide_by });
    planner.done("renegotiationDraft", draft(json!("2026-11-20T09:00:00Z")), "renegotiation { id }").await;

    let mut spelled = draft(json!("2026-11-20T10:00:00+01:00"));
    spelled["trigger"] = Value::Null;
    planner.done("renegotiationDraft", spelled, "renegotiation { id }").await;

    for other in [json!("2026-11-20T10:00:00Z"), Value::Null] {
        assert_eq!(planner.refused("renegotiationDraft", draft(other)).await, ["CONFLICT"]);
    }
}

#[tokio::test]
async fn invariant_7_a_used_id_is_a_conflict_for_every_other_request_and_every_other_caller() {
    let server = Server::start().await;
    send_all(&server).await;
    let before = entries(&server).await;

    for (mutation, _, input) in requests() {
        let mut other = input.clone();
        let (field, value) = match mutation {
            "teamCreate" => ("name", json!("Other")),
            "planDraft" => ("quarter", json!("2027-Q2")),
            "checkInRecord" => ("value", json!("5")),
            "renegotiationDraft" => ("reason", json!("other")),
            _ => ("title", json!("Other")),
        };
        other[field] = value;
        assert_eq!(sender(&server, mutation).refused(mutation, other).await, ["CONFLICT"], "{mutation}");
        let role = if mutation == "teamCreate" { Role::Admin } else { Role::Planner };
        let somebody = server.caller("somebody", role, "*");
        assert_eq!(somebody.refused(mutation, input.clone()).await, ["CONFLICT"], "{mutation}");
        let narrowed = server.caller(if role == Role::Admin { "admin" } else { "planner" }, role, "OPS");
        assert_eq!(narrowed.refused(mutation, input).await, ["CONFLICT"], "{mutation}");
    }
    let same_number = json!({ "id": PLAN.replace("plan_", "team_"), "key": "OPS", "name": "Operations" });
    assert_eq!(server.admin().refused("teamCreate", same_number).await, ["CONFLICT"]);
    assert_eq!(entries(&server).await, before);
}

#[tokio::test]
async fn an_id_that_something_else_brought_along_is_a_conflict() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let owner = json!({ "name": "lead" });
    let changes = json!([{ "addKeyResult": { "objective": committed.objectives[1], "title": "Reports", "owner": owner, "unit": "n",
                           "baseline": "0", "target": "5", "objectiveLoad": "5" } }]);
    let (proposal, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "rationale": "r", "digest": digest });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    let read = server.planner().query(r#"{ plan(team: "PAY") { objectives { keyResults { id } } } }"#).await;
    let brought = read["plan"]["objectives"][1]["keyResults"][2]["id"].clone();

    let add = json!({ "id": brought, "objective": committed.objectives[0], "title": "Share", "owner": owner, "unit": "%",
                      "baseline": "0", "target": "9" });

    assert_eq!(server.planner().refused("keyResultAdd", add).await, ["CONFLICT"]);
}

#[tokio::test]
async fn a_client_chosen_id_answers_for_nothing_but_what_it_made() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let id = "plan_01h455vb4pex5vsknk084sn02q";
    let first = json!({ "id": id, "team": "PAY", "quarter": "2027-Q2" });
    planner.done("planDraft", first.clone(), "plan { id }").await;
    let objective = json!({ "id": "obj_01h455vb4pex5vsknk084sn03q", "plan": id, "title": "Settle", "rationale": "r",
                            "owner": { "name": "lead" } });
    planner.done("objectiveAdd", objective.clone(), "objective { id }").await;
    planner.done("objectiveRemove", json!({ "objective": objective["id"] }), "plan { id }").await;

    let other_quarter = planner.refused("planDraft", json!({ "id": id, "team": "PAY", "quarter": "2027-Q3" })).await;
    let other_caller = server.approver().refused("planDraft", first).await;
    let removed = planner.refused("objectiveAdd", objective).await;

    assert_eq!((other_quarter, other_caller), (vec!["CONFLICT".to_owned()], vec!["CONFLICT".to_owned()]));
    assert_eq!(removed, ["CONFLICT"]);
}
