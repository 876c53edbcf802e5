//! The story of a quarter and the entry behind it: what happened, in the page's own words.

use serde_json::json;

use crate::support::{Server, Tampered, Visitor, commit_plan, open_meeting, propose};

#[tokio::test]
async fn the_story_says_what_came_went_and_why_and_where_the_line_was_held() {
    let server = Server::start().await;
    let plan = commit_plan(&server, "PAY").await;
    let check_in = json!({ "keyResult": plan.key_results[1], "kind": "PROGRESS", "value": "40" });
    server.planner().done("checkInRecord", check_in, "checkIn { id }").await;
    let edit = json!({ "keyResult": plan.key_results[1], "target": "2" });
    assert_eq!(server.planner().refused("keyResultUpdate", edit).await, ["COMMITMENT_LOCKED"]);
    let changes = json!([
        { "dropKeyResult": { "keyResult": plan.key_results[1], "why": "Complaints wait until January." } },
        { "addKeyResult": { "objective": plan.objectives[1], "title": "Accounts with reports", "unit": "accounts",
                            "owner": { "name": "lead" }, "baseline": "0", "target": "2", "objectiveLoad": "5" } },
    ]);
    let (proposal, seen) = propose(&server, &plan.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "digest": seen,
                           "rationale": "Two accounts are worth the wait." });
    let decided = server.approver().done("renegotiationDecide", decision, "receipt { seq }").await;
    let added = "{ plan(team: \"PAY\") { objectives { keyResults { id title } } } }";
    let read = server.planner().query(added).await;
    let id = &read["plan"]["objectives"][1]["keyResults"][2]["id"];
    let check_in = json!({ "keyResult": id, "kind": "PROGRESS", "value": "1" });
    server.planner().done("checkInRecord", check_in, "checkIn { id }").await;
    let visitor = Visitor::signed_in(&server, &crate::world::everything(&server)).await;

    let page = visitor.sees("/teams/PAY/quarters/2026-Q4/story").await;

    let words = page.words();
    for told in [
        "Key results in 1",
        "Key results out 1",
        "Load 8 → 9 of 10 points",
        "Refusals that held the line 1",
        "1 COMMITMENT_LOCKED",
        "Two deals ask for reporting. approved, revision 2",
        "Why They decide this quarter.",
        "What gave way Complaints wait until January.",
        "approved Two accounts are worth the wait. (approver, 2 November 2026, 09:00 UTC , in Decide , entry",
        "In Accounts with reports 0 → 2 accounts",
        "Out Complaints a week Complaints wait until January.",
        "Complaints a week Payments settle came with revision 1, 2 Nov – went with revision 2, 2 Nov 40 %",
        "Accounts with reports Reports are trusted came with revision 2, 2 Nov – – 50 %",
    ] {
        assert!(words.contains(told), "{told} is missing: {words}");
    }
    assert_eq!(page.text.matches("<rect class=\"dropped\"").count(), 1);
    assert_eq!(page.text.matches("<rect class=\"added\"").count(), 1);
    assert_eq!(page.text.matches("r=\"2.5\"").count(), 2, "one check-in of what went, one of what came");
    let seq = decided["receipt"]["seq"].as_i64().unwrap();
    assert!(page.text.contains(&format!("/audit/{seq}\"")), "the decision leads to its entry");
}

#[tokio::test]
async fn progress_is_drawn_by_the_target_that_was_in_force() {
    let server = Server::start().await;
    let plan = commit_plan(&server, "PAY").await;
    let check_in = |value: &str| json!({ "keyResult": plan.key_results[0], "kind": "PROGRESS", "value": value });
    server.planner().done("checkInRecord", check_in("50"), "checkIn { id }").await;
    let nearer =
        json!([{ "amendKeyResult": { "keyResult": plan.key_results[0], "target": "50", "title": "Settled by half" } }]);
    let (proposal, seen) = propose(&server, &plan.plan, nearer).await;
    let meeting = open_meeting(&server, "PAY", &[&proposal]).await;
    let decision = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "digest": seen, "rationale": "Yes." });
    server.approver().done("renegotiationDecide", decision, "plan { id }").await;
    server.planner().done("checkInRecord", check_in("49.9"), "checkIn { id }").await;
    let visitor = Visitor::signed_in(&server, &server.planner()).await;

    let page = visitor.sees("/teams/PAY/quarters/2026-Q4/story").await;

    let heights: Vec<_> =
        page.text.split("cy=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).take(2).collect();
    assert_eq!(heights, ["75", "66"], "half of the way to 100, then all but all of the way to 50");
    let words = page.words();
    assert!(words.contains("Settled by half Payments settle came with revision 1"), "{words}");
    assert!(words.contains("99 %") && !page.text.contains("value=\"100\""), "what is not reached is not 100: {words}");
}

#[tokio::test]
async fn an_entry_is_followed_to_what_was_signed_step_by_step() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    server.signed().await;
    let visitor = Visitor::signed_in(&server, &server.auditor()).await;
    let log =
        server.auditor().query("{ auditLog(first: 100, orderBy: SEQ_ASC) { nodes { seq action leafHash } } }").await;

    for entry in log["auditLog"]["nodes"].as_array().unwrap() {
        let words = visitor.sees(&format!("/audit/{}", entry["seq"])).await.words();
        assert!(words.contains("Yes. Every step holds."), "{words}");
        assert!(words.contains(&format!("their leaf hash is {}", entry["leafHash"].as_str().unwrap())), "{words}");
        assert!(words.contains("Its signature is good, by the key holdline/test+"), "{words}");
    }
    let one_team = server.caller_with("one-team", &holdline_domain::permission::Scope::ALL, "PAY");
    let planner = Visitor::signed_in(&server, &one_team).await;
    let seq = log["auditLog"]["nodes"].as_array().unwrap().last().unwrap()["seq"].clone();
    let words = planner.sees(&format!("/audit/{seq}")).await.words();
    assert!(
        words.contains("It is in the log that was signed, but not by a key that your token lets us look up."),
        "{words}"
    );
}

#[tokio::test]
async fn an_entry_that_was_altered_is_called_broken() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    server.signed().await;
    let visitor = Visitor::signed_in(&server, &server.auditor()).await;
    let place = Tampered::in_place(&server).await;
    let seq = place.entry("PLAN_COMMITTED").await;
    place.edit_body(seq, "Payments settle", "Payments sit").await;

    let words = visitor.sees(&format!("/audit/{seq}")).await.words();

    assert!(words.contains("No. What the database holds does not lead to what was signed."), "{words}");
}
