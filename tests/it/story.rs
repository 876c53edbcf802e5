//! The story of a commitment is one query: when and why it changed, who decided, in which meeting, what gave way, and
//! which deals triggered it.

use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Server, ask_for, commit_plan, deal, keeper, open_meeting, submit};

pub(crate) const STORY: &str =
    "query($id: ID!) { node(id: $id) { ... on KeyResult { history { totalCount nodes { action reason
    actor { subject } renegotiation { tradeOff evidence { title customerRequests { nodes { deal { externalId } } } }
    decision { outcome rationale by { subject } } meeting { title kind } } } pageInfo { hasNextPage } } }
    ... on Objective { history { nodes { action } } }
    ... on Idea { history { nodes { action } } } } }";

/// A key result that was renegotiated because two deals ask for something; with its objective and the idea.
pub(crate) async fn told(server: &Server) -> (String, String, String, String) {
    let committed = commit_plan(server, "PAY").await;
    let keeper = keeper(server);
    let idea = submit(&keeper, "PAY", "Reporting").await;
    for number in ["17", "18"] {
        ask_for(&keeper, &idea, deal(number, "1000", None)).await;
    }
    let planner = server.planner();
    let key_result = committed.key_results[0].clone();
    let input = json!({
        "plan": committed.plan, "changes": [{ "amendKeyResult": { "keyResult": key_result, "target": "80" } }],
        "trigger": "Two deals ask for reporting.", "reason": "They decide this quarter.",
        "tradeOff": "Complaints wait until January.", "evidence": [idea],
    });
    let drafted = planner.done("renegotiationDraft", input, "renegotiation { id }").await;
    let id = drafted["renegotiation"]["id"].as_str().unwrap();
    let proposed =
        planner.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { digest }").await;
    let meeting = open_meeting(server, "PAY", &[id]).await;
    let input = json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED",
                        "rationale": "They pay for it.", "digest": proposed["renegotiation"]["digest"] });
    server.approver().done("renegotiationDecide", input, "plan { revision }").await;
    (key_result, committed.objectives[0].clone(), committed.key_results[2].clone(), idea)
}

async fn actions(server: &Server, id: &str) -> Vec<String> {
    let told = server.auditor().ask(STORY, json!({ "id": id })).await.data()["node"]["history"]["nodes"].clone();
    told.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn when_and_why_a_key_result_changed_who_decided_where_what_gave_way_and_for_which_deals_is_one_query() {
    let server = Server::start().await;
    let (key_result, ..) = told(&server).await;

    let story = server.auditor().ask(STORY, json!({ "id": key_result })).await.data()["node"]["history"].clone();

    let nodes = story["nodes"].as_array().unwrap();
    let actions: Vec<_> = nodes.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "KEY_RESULT_ADDED",
            "PLAN_COMMITTED",
            "RENEGOTIATION_DRAFTED",
            "RENEGOTIATION_PROPOSED",
            "RENEGOTIATION_DECIDED"
        ]
    );
    assert_eq!(story["totalCount"], 5);
    let decided = json!({
        "action": "RENEGOTIATION_DECIDED", "reason": "They decide this quarter.", "actor": { "subject": "approver" },
        "renegotiation": {
            "tradeOff": "Complaints wait until January.",
            "evidence": [{ "title": "Reporting", "customerRequests": { "nodes": [
                { "deal": { "externalId": "17" } }, { "deal": { "externalId": "18" } }] } }],
            "decision": { "outcome": "APPROVED", "rationale": "They pay for it.", "by": { "subject": "approver" } },
            "meeting": { "title": "Decide", "kind": "RENEGOTIATION" },
        },
    });
    assert_eq!(nodes[4], decided);
}

#[tokio::test]
async fn an_objective_tells_of_its_key_results_renegotiations_and_what_was_left_alone_of_none() {
    let server = Server::start().await;
    let (_, objective, untouched, idea) = told(&server).await;

    let of_objective = actions(&server, &objective).await;

    assert_eq!(of_objective.first().unwrap(), "OBJECTIVE_ADDED");
    assert_eq!(of_objective.last().unwrap(), "RENEGOTIATION_DECIDED");
    assert_eq!(actions(&server, &untouched).await, ["KEY_RESULT_ADDED", "PLAN_COMMITTED"]);
    assert_eq!(actions(&server, &idea).await, ["IDEA_SUBMITTED"]);
}

#[tokio::test]
async fn a_history_as_of_another_time_tells_what_was_told_by_then() {
    let server = Server::start().await;
    let (key_result, ..) = told(&server).await;
    let query = r#"{ plan(team: "PAY") { revisions { nodes { at } } } }"#;
    let committed = server.auditor().query(query).await["plan"]["revisions"]["nodes"][0]["at"].clone();

    let query = "query($at: DateTime!) { plan(team: \"PAY\", asOf: $at) { objectives { keyResults { live { id }
        history(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { action } } } } } }";
    let read = server.auditor().ask(query, json!({ "at": committed })).await.data()["plan"]["objectives"].clone();

    let then = &read[0]["keyResults"][0];
    assert_eq!(then["live"]["id"], json!(key_result));
    assert_eq!(
        (&then["history"]["totalCount"], &then["history"]["pageInfo"]["hasNextPage"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(then["history"]["nodes"], json!([{ "action": "KEY_RESULT_ADDED" }]));
}

#[tokio::test]
async fn invariant_10_a_history_is_for_auditors_of_the_team() {
    let server = Server::start().await;
    let (key_result, ..) = told(&server).await;

    let planner = server.planner().ask(STORY, json!({ "id": key_result })).await;
    let foreign = server.caller_with("foreign", &[Scope::Read, Scope::AuditRead], "OPS");
    let foreign = foreign.ask(STORY, json!({ "id": key_result })).await;
    let viewer = server.caller("viewer", Role::Viewer, "*").ask(STORY, json!({ "id": key_result })).await;

    assert_eq!((planner.code(), viewer.code()), ("FORBIDDEN", "FORBIDDEN"));
    assert_eq!(foreign.data()["node"], Value::Null);
}
