//! Lineage across teams: setting it asks for sight of the target, what stands there holds for everyone.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Committed, Server, commit_plan, digest, open_meeting, propose};

/// A draft of team WEB, its one objective contributing to an objective of team PAY; answers with plan and objective.
async fn draft_of_web(server: &Server, pay: &Committed) -> (String, String) {
    let planner = server.planner();
    server.admin().done("teamCreate", json!({ "key": "WEB", "name": "Web" }), "team { id }").await;
    let drafted = planner.done("planDraft", json!({ "team": "WEB", "quarter": "2026-Q4" }), "plan { id }").await;
    let plan = drafted["plan"]["id"].as_str().unwrap().to_owned();
    let owner = json!({ "name": "lead" });
    let input = json!({ "plan": plan, "title": "Checkout loads fast", "rationale": "People leave.", "owner": owner,
                        "contributesTo": pay.objectives[0] });
    let added = planner.done("objectiveAdd", input, "objective { id }").await;
    let objective = added["objective"]["id"].as_str().unwrap().to_owned();
    let input = json!({ "objective": objective, "title": "Seconds to load", "owner": owner, "unit": "s",
                        "baseline": "4", "target": "2" });
    planner.done("keyResultAdd", input, "keyResult { id }").await;
    (plan, objective)
}

async fn contributes_to(server: &Server, objective: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Objective { contributesTo { id } } } }";
    let read = server.planner().ask(query, json!({ "id": objective })).await;
    read.data()["node"]["contributesTo"]["id"].clone()
}

#[tokio::test]
async fn a_token_of_one_team_edits_and_commits_a_plan_whose_lineage_leads_to_another_team() {
    let server = Server::start().await;
    let pay = commit_plan(&server, "PAY").await;
    let (plan, objective) = draft_of_web(&server, &pay).await;
    let web = server.caller("planner-of-web", Role::Planner, "WEB");

    let set = json!({ "objective": objective, "contributesTo": pay.objectives[1] });
    let refused = web.refused("objectiveUpdate", set).await;
    let retitled = json!({ "objective": objective, "title": "Checkout is fast" });
    web.done("objectiveUpdate", retitled, "objective { title }").await;
    let commit = json!({ "plan": plan, "digest": digest(&server, &plan).await });
    let committed = web.done("planCommit", commit, "plan { revision } receipt { seq }").await;

    assert_eq!(refused, ["NOT_FOUND"]);
    assert_eq!(committed["plan"]["revision"], 1);
    assert_eq!(contributes_to(&server, &objective).await, pay.objectives[0].as_str());
}

#[tokio::test]
async fn an_approver_of_one_team_decides_a_proposal_whose_lineage_leads_to_another_team() {
    let server = Server::start().await;
    let pay = commit_plan(&server, "PAY").await;
    let (plan, objective) = draft_of_web(&server, &pay).await;
    let commit = json!({ "plan": plan, "digest": digest(&server, &plan).await });
    server.planner().done("planCommit", commit, "plan { id }").await;
    let other = json!([{ "amendObjective": { "objective": objective, "contributesTo": pay.objectives[1] } }]);
    let (proposal, digest) = propose(&server, &plan, other.clone()).await;
    let meeting = open_meeting(&server, "WEB", &[&proposal]).await;
    let approver = server.caller("approver", Role::Approver, "WEB");

    let drafted = approver.refused("renegotiationDraft", json!({ "plan": plan, "changes": other })).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED",
                           "rationale": "It fits.", "digest": digest });
    let decided = approver.done("renegotiationDecide", decision, "plan { revision }").await;

    assert_eq!(drafted, ["NOT_FOUND"]);
    assert_eq!(decided["plan"]["revision"], 2);
    assert_eq!(contributes_to(&server, &objective).await, pay.objectives[1].as_str());
}
