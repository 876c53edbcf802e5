//! A plan is drafted, committed, and holds.

use serde_json::json;

use crate::support::{Server, codes, commit_plan};

#[tokio::test]
async fn a_committed_plan_shows_what_was_promised() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;

    let query = r#"{ plan(team: "PAY") { revision status capacity load underRenegotiation
        objectives { title load keyResults { title progress measure { unit baseline target } } } } }"#;
    let plan = &server.planner().query(query).await["plan"];

    assert_eq!((&plan["revision"], &plan["status"], &plan["load"]), (&json!(1), &json!("COMMITTED"), &json!("8")));
    assert_eq!(plan["objectives"][0]["title"], "Payments settle");
    assert_eq!(plan["objectives"][1]["keyResults"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_commit_names_the_draft_that_was_seen() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id digest }").await;
    let (plan, seen) = (&drafted["plan"]["id"], &drafted["plan"]["digest"]);
    let owner = json!({ "name": "lead" });
    let objective = json!({ "plan": plan, "title": "Settle", "rationale": "Because.", "owner": owner });
    planner.done("objectiveAdd", objective, "objective { id }").await;

    let refused = planner.refused("planCommit", json!({ "plan": plan, "digest": seen })).await;

    assert_eq!(refused, ["PLAN_INCOMPLETE", "PLAN_UNSEEN"]);
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_refused_and_commits_nothing() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let input = json!({ "team": "PAY", "quarter": "2026-Q4", "capacity": "1" });
    let drafted = planner.done("planDraft", input, "plan { id digest }").await;
    let owner = json!({ "name": "lead" });
    let plan = &drafted["plan"]["id"];
    let heavy = json!({ "plan": plan, "title": "Settle", "rationale": "Because.", "owner": owner, "load": "2" });
    planner.done("objectiveAdd", heavy, "objective { id }").await;

    let digest = crate::support::digest(&server, plan.as_str().unwrap()).await;
    let input = json!({ "plan": plan, "digest": digest, "dryRun": true });
    let dry = planner.mutate("planCommit", input, "plan { id } receipt { seq }").await;

    assert_eq!(codes(&dry), ["PLAN_INCOMPLETE", "OVER_CAPACITY"]);
    let still = planner.query(r#"{ plan(team: "PAY") { revision status } }"#).await;
    assert_eq!(still["plan"], json!({ "revision": 0, "status": "DRAFT" }));
}

#[tokio::test]
async fn a_plan_of_an_ended_quarter_is_neither_drafted_nor_committed() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let ended = planner.refused("planDraft", json!({ "team": "PAY", "quarter": "2026-Q3" })).await;
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id digest }").await;
    let owner = json!({ "name": "lead" });
    let plan = &drafted["plan"]["id"];

    server.set_clock("2027-01-01T00:00:00Z");

    let input = json!({ "plan": plan, "title": "Late", "rationale": "Because.", "owner": owner });
    assert_eq!(ended, ["QUARTER_ENDED"]);
    assert_eq!(planner.refused("objectiveAdd", input).await, ["QUARTER_ENDED"]);
    let read = planner.query(r#"{ plan(team: "PAY", quarter: "2026-Q4") { status } }"#).await;
    assert_eq!(read["plan"]["status"], "LAPSED");
}

#[tokio::test]
async fn check_ins_flow_freely_and_a_closed_plan_takes_corrections_only() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let key_result = &committed.key_results[0];
    let check_in = |kind: &str, value: &str| json!({ "keyResult": key_result, "kind": kind, "value": value });
    planner.done("checkInRecord", check_in("PROGRESS", "40"), "checkIn { id }").await;
    planner.done("checkInRecord", check_in("PROJECTED", "90"), "checkIn { id }").await;
    let early = planner.refused("planClose", json!({ "plan": committed.plan })).await;
    server.set_clock("2027-01-05T09:00:00Z");
    planner.done("checkInRecord", check_in("FINAL", "80"), "checkIn { id }").await;

    let rest: Vec<_> =
        committed.key_results[1..].iter().map(|id| json!({ "keyResult": id, "reason": "Nobody asked." })).collect();
    let refused = planner.refused("planClose", json!({ "plan": committed.plan, "withoutFinal": [] })).await;
    let closed = planner
        .done("planClose", json!({ "plan": committed.plan, "withoutFinal": rest }), "plan { status } receipt { seq }")
        .await;

    assert_eq!(early.last().unwrap(), "PLAN_CLOSED");
    assert_eq!(refused, ["PLAN_CLOSED"; 3]);
    assert_eq!(closed["plan"]["status"], "CLOSED");
    assert_eq!(planner.refused("checkInRecord", check_in("PROGRESS", "99")).await, ["PLAN_CLOSED"]);
    assert_eq!(planner.refused("checkInRecord", check_in("CORRECTION", "81")).await, ["REASON_REQUIRED"]);
    let correction =
        json!({ "keyResult": key_result, "kind": "CORRECTION", "value": "81", "reason": "Counted twice." });
    planner.done("checkInRecord", correction, "checkIn { id }").await;
    let query =
        r#"{ plan(team: "PAY", quarter: "2026-Q4") { objectives { keyResults { current projected progress } } } }"#;
    let read = planner.query(query).await;
    let first = &read["plan"]["objectives"][0]["keyResults"][0];
    assert_eq!(first, &json!({ "current": "81", "projected": "90", "progress": 0.81 }));
}

#[tokio::test]
async fn a_team_with_a_live_commitment_is_not_archived() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let admin = server.admin();

    let refused = admin.refused("teamArchive", json!({ "team": "PAY" })).await;
    server.set_clock("2027-01-05T09:00:00Z");
    admin.done("teamArchive", json!({ "team": "PAY", "reason": "Merged into another." }), "team { archivedAt }").await;

    assert_eq!(refused, ["COMMITMENT_LOCKED", "REASON_REQUIRED"]);
    assert_eq!(
        server.planner().refused("planDraft", json!({ "team": "PAY", "quarter": "2027-Q1" })).await,
        ["INVALID"]
    );
}

#[tokio::test]
async fn lineage_never_closes_a_loop() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id }").await;
    let add = async |title: &str, target: Option<&str>| {
        let owner = json!({ "name": "lead" });
        let input = json!({ "plan": drafted["plan"]["id"], "title": title, "rationale": "Because.", "owner": owner, "contributesTo": target });
        planner.done("objectiveAdd", input, "objective { id }").await["objective"]["id"].as_str().unwrap().to_owned()
    };
    let top = add("Top", None).await;
    let middle = add("Middle", Some(&top)).await;
    let bottom = add("Bottom", Some(&middle)).await;

    let refused = planner.refused("objectiveUpdate", json!({ "objective": top, "contributesTo": bottom })).await;
    let itself = planner.refused("objectiveUpdate", json!({ "objective": top, "contributesTo": top })).await;

    assert_eq!((refused, itself), (vec!["LINEAGE_CYCLE".to_owned()], vec!["LINEAGE_CYCLE".to_owned()]));
    let query =
        "query($id: ID!) { node(id: $id) { ... on Objective { contributors { totalCount nodes { title } } } } }";
    let read = planner.ask(query, json!({ "id": top })).await;
    assert_eq!(read.data()["node"]["contributors"], json!({ "totalCount": 1, "nodes": [{ "title": "Middle" }] }));
}

#[tokio::test]
async fn an_archived_team_commits_nothing() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let planner = server.planner();
    let drafted = planner.done("planDraft", json!({ "team": "PAY", "quarter": "2026-Q4" }), "plan { id digest }").await;
    server.admin().done("teamArchive", json!({ "team": "PAY", "reason": "Merged." }), "team { id }").await;

    let commit = json!({ "plan": drafted["plan"]["id"], "digest": drafted["plan"]["digest"] });

    assert_eq!(planner.refused("planCommit", commit).await, ["INVALID"]);
}

#[tokio::test]
async fn what_a_committed_objective_contributes_to_is_not_removed() {
    let server = Server::start().await;
    let planner = server.planner();
    server.admin().done("teamCreate", json!({ "key": "WEB", "name": "Web" }), "team { id }").await;
    let drafted = planner.done("planDraft", json!({ "team": "WEB", "quarter": "2026-Q4" }), "plan { id }").await;
    let owner = json!({ "name": "lead" });
    let top = json!({ "plan": drafted["plan"]["id"], "title": "Top", "rationale": "r", "owner": owner });
    let top = planner.done("objectiveAdd", top, "objective { id }").await["objective"]["id"].clone();
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "amendObjective": { "objective": committed.objectives[0], "contributesTo": top } }]);
    let (id, digest) = crate::support::propose(&server, &committed.plan, changes).await;
    let meeting = crate::support::open_meeting(&server, "PAY", &[&id]).await;
    let input =
        json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "r", "digest": digest });
    server.approver().done("renegotiationDecide", input, "plan { id }").await;

    assert_eq!(planner.refused("objectiveRemove", json!({ "objective": top })).await, ["COMMITMENT_LOCKED"]);
}
