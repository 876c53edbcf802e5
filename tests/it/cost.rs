//! What a read costs: a fixed number of SQL statements, whatever the plan's size.

use serde_json::{Value, json};

use crate::support::{
    Caller, Server, Tampered, ask_for, but, commit_plan, deal, keeper, open_meeting, propose, submit, teams,
};

const QUERY: &str = r#"{ plan(team: "PAY") { objectives { title keyResults { title current checkIns(first: 3) { nodes { value } } } } } }"#;

/// A status meeting has every committed objective under decided.
const BOUNDARY: &str = "{ meetings(first: 1) { nodes { boundary { decided { subject { ... on Objective { title owner { name } } } } } } } }";

/// What each key result is served by, and what those serve in turn.
const SERVING: &str = r#"{ plan(team: "PAY") { uncovered { id } drift { crowding { itemsEnteredNow } }
    objectives { keyResults { roadmapItems { nodes { keyResults { title } orphaned } } } } } }"#;

/// One list: lists side by side are batched with each other or not, as their statements happen to end.
const ROADMAP: &str = r#"{ team(key: "PAY") { roadmap { bounded now { totalCount nodes { title team { key } keyResults { title current } orphaned } } } } }"#;

/// The page of a meeting in which something was said and sent on.
const BRIEF: &str = "{ meetings(first: 1) { nodes { brief inputs(first: 9) { nodes { text by { name } question { question } outcome { __typename } } } } } }";

async fn grow(server: &Server, plan: &str, objectives: usize) {
    let planner = server.planner();
    let owner = json!({ "name": "lead" });
    for place in 0..objectives {
        let input =
            json!({ "plan": plan, "title": format!("Objective {place}"), "rationale": "Because.", "owner": owner });
        let objective = planner.done("objectiveAdd", input, "objective { id }").await["objective"]["id"].clone();
        for key_result in 0..3 {
            let input = json!({ "objective": objective, "title": format!("Key result {key_result}"), "owner": owner, "unit": "%", "baseline": "0", "target": "9" });
            planner.done("keyResultAdd", input, "keyResult { id }").await;
        }
    }
}

/// Puts an item into NOW and into NEXT for each key result; all of them serve the first one too.
async fn serve(planner: &Caller, objectives: &Value) {
    let key_results =
        objectives.as_array().unwrap().iter().flat_map(|objective| objective["keyResults"].as_array().unwrap());
    let ids: Vec<_> = key_results.map(|key_result| &key_result["id"]).collect();
    for id in &ids[1..] {
        for horizon in ["NOW", "NEXT"] {
            let input = json!({ "team": "PAY", "title": "Work", "horizon": horizon, "keyResults": [id, ids[0]] });
            planner.done("roadmapItemAdd", input, "roadmapItem { id }").await;
        }
    }
}

async fn statements(server: &Server, query: &str) -> u64 {
    server.planner().query(query).await;
    // The signer's statements are no reader's.
    server.signed().await;
    let before = server.statements();
    server.planner().query(query).await;
    server.statements() - before
}

/// Opens the meeting and records so many inputs, every other one sent into a draft.
async fn speak(server: &Server, meeting: &str, plan: &str, inputs: usize) {
    let planner = server.planner();
    planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
    for place in 0..inputs {
        let said = json!({ "meeting": meeting, "by": { "name": format!("guest {place}") }, "text": "And this?" });
        let said = planner.done("meetingInputRecord", said, "meetingInput { id }").await;
        let draft = json!({ "plan": plan, "trigger": format!("Ask {place}") });
        let id = &said["meetingInput"]["id"];
        let input = match place % 2 {
            0 => json!({ "meetingInput": id, "renegotiationDraft": draft }),
            _ => json!({ "meetingInput": id, "noted": true }),
        };
        planner.done("meetingInputDispose", input, "meetingInput { id }").await;
    }
}

#[tokio::test]
async fn a_plan_a_boundary_a_brief_and_a_roadmap_cost_the_same_statements_at_any_size() {
    let (mut counted, mut boundaries, mut briefs) = (Vec::new(), Vec::new(), Vec::new());
    let (mut serving, mut roadmaps) = (Vec::new(), Vec::new());
    for objectives in [1, 4, 16] {
        let server = Server::start().await;
        server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
        let planner = server.planner();
        let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
        let plan = drafted["plan"]["id"].as_str().unwrap();
        grow(&server, plan, objectives).await;
        let digest = crate::support::digest(&server, plan).await;
        planner.done("planCommit", json!({ "plan": plan, "digest": digest }), "plan { id }").await;
        let read = planner.query(r#"{ plan(team: "PAY") { objectives { keyResults { id } } } }"#).await;
        for objective in read["plan"]["objectives"].as_array().unwrap() {
            for key_result in objective["keyResults"].as_array().unwrap() {
                let input = json!({ "keyResult": key_result["id"], "kind": "PROGRESS", "value": "3" });
                planner.done("checkInRecord", input, "checkIn { id }").await;
            }
        }
        serve(&planner, &read["plan"]["objectives"]).await;
        serving.push(statements(&server, SERVING).await);
        roadmaps.push(statements(&server, ROADMAP).await);
        counted.push(statements(&server, QUERY).await);
        let input =
            json!({ "team": "PAY", "kind": "STATUS", "title": "Status", "boundary": { "informationOnly": true } });
        let prepared = planner.done("meetingPrepare", input, "meeting { id }").await;
        boundaries.push(statements(&server, BOUNDARY).await);
        speak(&server, prepared["meeting"]["id"].as_str().unwrap(), plan, objectives).await;
        briefs.push(statements(&server, BRIEF).await);
    }

    // Each with the one that finds out who asks, and on both databases.
    assert_eq!((counted, boundaries, briefs), (vec![8; 3], vec![13; 3], vec![30; 3]));
    assert_eq!((serving, roadmaps), (vec![13; 3], vec![13; 3]));
}

#[tokio::test]
async fn what_was_committed_is_decoded_once_and_each_revision_for_itself() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    // Each time in other words, so that nothing is answered from memory.
    let read = async |name: &str, as_of: &str| {
        let query =
            format!(r#"query {name} {{ plan(team: "PAY"{as_of}) {{ objectives {{ keyResults {{ title }} }} }} }}"#);
        server.signed().await;
        let before = server.statements();
        let plan = server.planner().query(&query).await["plan"].clone();
        let title = plan["objectives"][0]["keyResults"][0]["title"].as_str().unwrap().to_owned();
        (title, server.statements() - before)
    };
    let (promised, renegotiated) = ("Share of settled payments", "Share settled within a day");
    server.pass(60);
    let as_of = format!(r#", asOf: "{}""#, server.now());

    let (first, whole) = read("One", "").await;
    let (again, known) = read("Two", "").await;
    assert_eq!((first.as_str(), again.as_str()), (promised, promised));
    // The revision's row, objectives and key results; which revisions there are was known since the plan was committed.
    assert_eq!(known, whole - 3);

    server.pass(60);
    let amended = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "title": renegotiated } }]);
    let (proposal, seen) = propose(&server, &committed.plan, amended).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "digest": seen, "rationale": "Yes." });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    server.pass(60);
    assert_eq!(read("Three", "").await.0, renegotiated);
    assert_eq!(read("Four", &as_of).await.0, promised);
    assert_eq!(read("Five", "").await.0, renegotiated);
}

#[tokio::test]
async fn what_was_decided_or_withdrawn_is_read_once_and_as_its_rows_say_it() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let amended = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "title": "Share by noon" } }]);
    let (proposal, seen) = propose(&server, &committed.plan, amended).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "REJECTED", "digest": seen, "rationale": "No." });
    let amended = json!([{ "amendKeyResult": { "keyResult": committed.key_results[1], "title": "Fewer" } }]);
    let (other, _) = propose(&server, &committed.plan, amended).await;
    // Each time in other words, so that nothing is answered from memory.
    let read = async |name: &str, proposal: &str| {
        let query =
            format!("query {name}($id: ID!) {{ node(id: $id) {{ ... on Renegotiation {{ reason status }} }} }}");
        server.signed().await;
        let before = server.statements();
        let answer = server.planner().ask(&query, json!({ "id": proposal })).await;
        (answer.body, server.statements() - before)
    };

    let (proposed, whole) = read("One", &proposal).await;
    server.approver().done("renegotiationDecide", decision, "renegotiation { id }").await;
    let (rejected, known) = read("Two", &proposal).await;

    assert_eq!(
        (&proposed["data"]["node"]["status"], &rejected["data"]["node"]["status"]),
        (&json!("PROPOSED"), &json!("REJECTED"))
    );
    assert_eq!(rejected["data"]["node"]["reason"], proposed["data"]["node"]["reason"]);
    // The answer to the decision had read it. Changes, evidence, authors, the row of the revision it stands on.
    assert_eq!(known, whole - 4);

    let withdrawal = json!({ "renegotiation": other, "reason": "It can wait." });
    server.planner().done("renegotiationWithdraw", withdrawal, "renegotiation { id }").await;
    let (withdrawn, known) = read("Over", &other).await;
    assert_eq!((&withdrawn["data"]["node"]["status"], known), (&json!("WITHDRAWN"), whole - 4));

    // Its rows are compared each time: what no digest holds is shown as it stands, and found by `audit verify`; what one does is
    // refused.
    let tampered = Tampered::in_place(&server).await;
    assert_eq!(tampered.run("UPDATE decision SET outcome = 'APPROVED'").await, 1);
    assert_eq!(read("Three", &proposal).await.0["data"]["node"]["status"], "APPROVED");
    assert!(tampered.run("UPDATE renegotiation_version SET reason = 'Nobody wanted it.'").await > 0);
    assert_eq!(read("Four", &proposal).await.0["errors"][0]["extensions"]["code"], "INTERNAL");
}

const IDEAS: &str = "{ ideas(first: 20) { nodes { title team { key } demand { requests open { amounts { amount } } }
    customerRequests(first: 5) { nodes { note deal { status contact { name } } } } } } }";

#[tokio::test]
async fn ideas_with_demand_requests_and_deals_cost_the_same_statements_at_any_number() {
    let mut counted = Vec::new();
    for ideas in [1, 4, 16] {
        let server = Server::start().await;
        teams(&server, &["PAY"]).await;
        let keeper = keeper(&server);
        for place in 0..ideas {
            let idea = submit(&keeper, "PAY", &format!("Idea {place}")).await;
            for asks in 0..3 {
                let contact = json!({ "contact": format!("contact {asks}") });
                ask_for(&keeper, &idea, but(deal(&format!("{place} {asks}"), "1", None), contact)).await;
            }
        }
        counted.push(statements(&server, IDEAS).await);
    }

    assert_eq!(counted, [9; 3]);
}

#[tokio::test]
async fn invariant_12_lists_in_lists_cost_what_they_may_come_to_and_end_where_they_come_to_more() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
    grow(&server, drafted["plan"]["id"].as_str().unwrap(), 12).await;
    let nested = |levels: usize| {
        let (open, close) = ("objectives { plan { ".repeat(levels), "} }".repeat(levels));
        format!(r#"{{ plan(team: "PAY", quarter: "2026-Q4") {{ {open} id {close} }} }}"#)
    };

    let priced = planner.ask(&nested(7), json!({})).await;
    assert_eq!(priced.code(), "QUERY_TOO_COMPLEX");
    let grown = planner.ask(&nested(5), json!({})).await;
    assert_eq!(grown.code(), "QUERY_TOO_COMPLEX");
    assert!(grown.body["errors"][0]["message"].as_str().unwrap().contains("50000 fields"), "{:#}", grown.body);
    assert_eq!(grown.body["errors"].as_array().unwrap().len(), 1);
    let fits = planner.ask(&nested(3), json!({})).await;
    assert!(fits.data()["plan"]["objectives"].is_array());
    let mut changes = planner
        .subscribe(
            &nested(5)
                .replacen("{ plan(team:", "subscription { planChanged(team:", 1)
                .replacen(") { ", ") { plan { ", 1)
                .replacen("id ", "id } ", 1),
            json!({}),
        )
        .await
        .unwrap();
    assert_eq!(changes.next().await.code(), "QUERY_TOO_COMPLEX");

    let ids = vec![planner.query("{ team(key: \"PAY\") { id } }").await["team"]["id"].clone(); 250];
    let many = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Team { ideas(first: 250) { nodes { id } } } } }";
    assert_eq!(planner.ask(many, json!({ "ids": ids })).await.code(), "QUERY_TOO_COMPLEX");
}
