//! What was committed changes only through a decided renegotiation.

use serde_json::{Value, json};

use crate::support::{Server, codes, commit_plan, digest, open_meeting, propose};

const PLAN: &str = r#"{ plan(team: "PAY") { revision load digest underRenegotiation drift { keyResultsAdded keyResultsDropped
    keyResultsAmended loadBefore loadAfter refusals undecided { id } renegotiations { reason tradeOff decision { by { subject } rationale } meeting { id } } }
    objectives { id load keyResults { title } } } }"#;

fn decide(id: &str, meeting: &str, digest: &str) -> Value {
    json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "Two deals matter more.", "digest": digest })
}

#[tokio::test]
async fn an_approved_renegotiation_makes_the_next_revision_and_tells_its_story() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([
        { "addKeyResult": { "objective": committed.objectives[1], "title": "Reports a week", "owner": { "name": "lead" },
          "unit": "reports", "baseline": "0", "target": "5", "objectiveLoad": "5" } },
        { "dropKeyResult": { "keyResult": committed.key_results[1], "why": "It waits until January." } },
    ]);
    let (id, digest) = propose(&server, &committed.plan, changes).await;
    assert_eq!(server.planner().query(PLAN).await["plan"]["underRenegotiation"], true);
    let meeting = open_meeting(&server, "PAY", &[&id]).await;

    let fields = "renegotiation { status resultingRevision { number } } plan { revision } receipt { seq leafHash }";
    let decided = server.approver().done("renegotiationDecide", decide(&id, &meeting, &digest), fields).await;

    assert_eq!(decided["renegotiation"], json!({ "status": "APPROVED", "resultingRevision": { "number": 2 } }));
    let plan = &server.planner().query(PLAN).await["plan"];
    assert_eq!(
        (&plan["revision"], &plan["load"], &plan["underRenegotiation"]),
        (&json!(2), &json!("9"), &json!(false))
    );
    assert_eq!(plan["objectives"][0]["keyResults"].as_array().unwrap().len(), 1);
    assert_eq!(plan["objectives"][1]["keyResults"].as_array().unwrap().len(), 3);
    let drift = &plan["drift"];
    assert_eq!(
        (&drift["keyResultsAdded"], &drift["keyResultsDropped"], &drift["loadBefore"], &drift["loadAfter"]),
        (&json!(1), &json!(1), &json!("8"), &json!("9"))
    );
    assert_eq!(drift["renegotiations"][0]["decision"]["by"]["subject"], "approver");
    assert_eq!(drift["renegotiations"][0]["meeting"]["id"], meeting.as_str());
    let log = "{ auditLog(filter: { action: { eq: RENEGOTIATION_DECIDED } }) { nodes { seq leafHash reason actor { subject } meeting { id } renegotiation { id } plan { revision } } } }";
    let entry = &server.auditor().query(log).await["auditLog"]["nodes"][0];
    assert_eq!((&entry["seq"], &entry["leafHash"]), (&decided["receipt"]["seq"], &decided["receipt"]["leafHash"]));
    assert_eq!(
        (&entry["reason"], &entry["actor"]["subject"]),
        (&json!("They decide this quarter."), &json!("approver"))
    );
}

#[tokio::test]
async fn a_rejected_renegotiation_leaves_the_commitment_unchanged() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let before = server.planner().query(PLAN).await["plan"]["digest"].clone();
    let changes = json!([{ "dropObjective": { "objective": committed.objectives[0], "why": "Nobody asks." } }]);
    let (id, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&id]).await;

    let mut input = decide(&id, &meeting, &digest);
    input["outcome"] = json!("REJECTED");
    server.approver().done("renegotiationDecide", input.clone(), "renegotiation { status }").await;

    let plan = &server.planner().query(PLAN).await["plan"];
    assert_eq!((&plan["revision"], &plan["digest"]), (&json!(1), &before));
    assert_eq!(server.approver().refused("renegotiationDecide", input).await, ["ALREADY_DECIDED"]);
}

#[tokio::test]
async fn every_rule_that_stands_against_a_decision_is_said_at_once() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let heavy = json!([{ "amendObjective": { "objective": committed.objectives[0], "load": "9" } }]);
    let (id, _) = propose(&server, &committed.plan, heavy).await;
    let planner = server.caller("planner", holdline_domain::permission::Role::Approver, "*");
    let input = json!({ "team": "PAY", "kind": "STATUS", "title": "Status", "boundary": { "informationOnly": true } });
    let status =
        planner.done("meetingPrepare", input, "meeting { id }").await["meeting"]["id"].as_str().unwrap().to_owned();

    let mut input = decide(&id, &status, &"0".repeat(64));
    input["rationale"] = Value::Null;
    let refused = planner.refused("renegotiationDecide", input).await;

    assert_eq!(
        refused,
        [
            "OVER_CAPACITY",
            "REASON_REQUIRED",
            "DECIDED_IN_MEETING",
            "DECIDED_IN_MEETING",
            "DECIDED_IN_MEETING",
            "STATUS_IS_BOUNDED",
            "NO_SELF_APPROVAL",
            "STALE_BASE",
            "BOUNDARY_REQUIRED"
        ]
    );
    let plan = &server.planner().query(PLAN).await["plan"];
    assert_eq!((&plan["revision"], &plan["drift"]["refusals"]), (&json!(1), &json!(7)));
}

#[tokio::test]
async fn an_author_does_not_decide_not_even_through_a_copy() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (original, _) = propose(&server, &committed.plan, changes).await;
    let planner = server.planner();
    planner
        .done(
            "renegotiationWithdraw",
            json!({ "renegotiation": original, "reason": "Copied." }),
            "renegotiation { status }",
        )
        .await;
    let other = server.caller("second-planner", holdline_domain::permission::Role::Planner, "PAY");
    let input = json!({ "plan": committed.plan, "from": original });
    let copy = other.done("renegotiationDraft", input, "renegotiation { id digest authors { subject } }").await["renegotiation"].clone();
    let id = copy["id"].as_str().unwrap();
    other.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { id }").await;
    let meeting = open_meeting(&server, "PAY", &[id]).await;
    let author = server.caller("planner", holdline_domain::permission::Role::Approver, "*");
    author
        .done(
            "meetingJoin",
            json!({ "meeting": meeting, "person": { "subject": "planner" }, "ask": "APPROVAL" }),
            "meeting { id }",
        )
        .await;

    let refused = author.refused("renegotiationDecide", decide(id, &meeting, copy["digest"].as_str().unwrap())).await;

    assert_eq!(refused, ["NO_SELF_APPROVAL"]);
}

#[tokio::test]
async fn a_plan_that_moved_on_asks_for_a_rebase_and_a_touched_subject_for_a_new_draft() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let drop =
        |place: usize| json!([{ "dropKeyResult": { "keyResult": committed.key_results[place], "why": "It waits." } }]);
    let (first, seen_first) = propose(&server, &committed.plan, drop(0)).await;
    let (second, seen_second) = propose(&server, &committed.plan, drop(2)).await;
    let planner = server.planner();
    let input = json!({ "plan": committed.plan, "changes": drop(0), "trigger": "t", "reason": "r", "tradeOff": "o" });
    let third = planner.done("renegotiationDraft", input, "renegotiation { id }").await["renegotiation"]["id"].clone();
    let conflict = planner.refused("renegotiationPropose", json!({ "renegotiation": third })).await;
    let meeting = open_meeting(&server, "PAY", &[&first, &second]).await;
    let approver = server.approver();
    approver.done("renegotiationDecide", decide(&first, &meeting, &seen_first), "plan { revision }").await;

    let stale = approver.refused("renegotiationDecide", decide(&second, &meeting, &seen_second)).await;
    let rebased = planner
        .done(
            "renegotiationRebase",
            json!({ "renegotiation": second }),
            "renegotiation { digest status baseRevision } moved { __typename }",
        )
        .await;
    let fresh = rebased["renegotiation"]["digest"].as_str().unwrap();
    let unseen = approver.refused("renegotiationDecide", decide(&second, &meeting, &seen_second)).await;
    approver.done("renegotiationDecide", decide(&second, &meeting, fresh), "plan { revision }").await;
    let moved = planner.refused("renegotiationRebase", json!({ "renegotiation": third })).await;

    assert_eq!((conflict, stale), (vec!["CONFLICTING_RENEGOTIATION".to_owned()], vec!["STALE_BASE".to_owned()]));
    assert_eq!(
        (&rebased["renegotiation"]["status"], &rebased["renegotiation"]["baseRevision"]),
        (&json!("PROPOSED"), &json!(2))
    );
    assert_eq!(rebased["moved"], json!([{ "__typename": "KeyResultDropped" }]));
    assert_eq!((unseen, moved), (vec!["STALE_BASE".to_owned()], vec!["CONFLICTING_RENEGOTIATION".to_owned()]));
}

#[tokio::test]
async fn an_expired_proposal_stays_as_never_concluded() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (id, seen) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&id]).await;

    server.set_clock("2026-11-20T09:00:00Z");

    assert_eq!(server.approver().refused("renegotiationDecide", decide(&id, &meeting, &seen)).await, ["EXPIRED"]);
    let plan = &server.planner().query(PLAN).await["plan"];
    assert_eq!((&plan["underRenegotiation"], &plan["drift"]["undecided"][0]["id"]), (&json!(false), &json!(id)));
    let found = server
        .planner()
        .query("{ renegotiations(filter: { status: { eq: EXPIRED } }) { totalCount nodes { id } } }")
        .await;
    assert_eq!(found["renegotiations"]["totalCount"], 1);
}

#[tokio::test]
async fn a_proposal_states_trigger_reason_and_trade_off_unless_it_is_words_only() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let draft = async |changes: Value| {
        let input = json!({ "plan": committed.plan, "changes": changes });
        planner.done("renegotiationDraft", input, "renegotiation { id }").await["renegotiation"]["id"].clone()
    };
    let load = draft(json!([{ "amendObjective": { "objective": committed.objectives[0], "load": "3" } }])).await;
    let words =
        draft(json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "title": "Settled payments" } }]))
            .await;

    let all = planner.mutate("renegotiationPropose", json!({ "renegotiation": load }), "renegotiation { id }").await;
    let two = planner.mutate("renegotiationPropose", json!({ "renegotiation": words }), "renegotiation { id }").await;
    let why_less =
        json!({ "plan": committed.plan, "changes": [{ "dropKeyResult": { "keyResult": committed.key_results[0] } }] });

    assert_eq!((codes(&all).len(), codes(&two).len()), (3, 2));
    assert_eq!(all["userErrors"][0]["field"], json!(["trigger"]));
    assert_eq!(planner.refused("renegotiationDraft", why_less).await, ["REASON_REQUIRED"]);
}

#[tokio::test]
async fn the_last_key_result_takes_its_objective_along() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let drop =
        |place: usize| json!({ "dropKeyResult": { "keyResult": committed.key_results[place], "why": "It waits." } });
    let (id, _) = propose(&server, &committed.plan, json!([drop(0), drop(1)])).await;

    let query = "query($id: ID!) { node(id: $id) { ... on Renegotiation { loadBefore loadAfter changes { __typename } givesWay { __typename } preview { objectives { title } } } } }";
    let read = server.planner().ask(query, json!({ "id": id })).await;

    let found = &read.data()["node"];
    assert_eq!(found["changes"].as_array().unwrap().len(), 3);
    assert_eq!(found["changes"][0]["__typename"], "ObjectiveDropped");
    assert_eq!((&found["loadBefore"], &found["loadAfter"]), (&json!("8"), &json!("4")));
    assert_eq!(found["preview"]["objectives"], json!([{ "title": "Reports are trusted" }]));
}

#[tokio::test]
async fn january_and_today_have_ids_of_their_own_and_january_stays_as_it_was() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let then = server.now();
    let query = format!(
        r#"{{ plan(team: "PAY", asOf: "{then}") {{ id revision digest asOf live {{ id }} objectives {{ id live {{ id }} keyResults {{ id title }} }} }} }}"#
    );
    let before = server.planner().query(&query).await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (id, seen) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&id]).await;
    server.approver().done("renegotiationDecide", decide(&id, &meeting, &seen), "plan { revision }").await;

    let after = server.planner().query(&query).await;

    assert_eq!(before, after);
    let plan = &after["plan"];
    assert_eq!((&plan["revision"], &plan["live"]["id"]), (&json!(1), &json!(committed.plan)));
    assert_ne!(plan["id"], plan["live"]["id"]);
    let by_id = "query($id: ID!) { node(id: $id) { id ... on KeyResult { title live { id } droppedIn { number } } } }";
    let old = &plan["objectives"][0]["keyResults"][0]["id"];
    let read = server.planner().ask(by_id, json!({ "id": old })).await;
    assert_eq!(
        read.data()["node"],
        json!({ "id": old, "title": "Share of settled payments", "live": null, "droppedIn": { "number": 2 } })
    );
    let future = server.planner().ask(r#"{ plan(team: "PAY", asOf: "2030-01-01T00:00:00Z") { id } }"#, json!({})).await;
    assert_eq!((future.code(), &future.body["errors"][0]["extensions"]["field"]), ("INVALID", &json!("asOf")));
    let tomorrow = format!("{}~t{}", committed.plan, 1_900_000_000_000_000_u64);
    let unwritten = server.planner().ask(by_id, json!({ "id": tomorrow })).await;
    assert_eq!(unwritten.code(), "INVALID");
    assert_eq!(digest(&server, &committed.plan).await.len(), 64);
}

#[tokio::test]
async fn a_draft_edited_after_the_boundary_was_stated_does_not_reopen_what_is_decided() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let words = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "title": "Settled payments" } }]);
    let input = json!({ "plan": committed.plan, "changes": words, "trigger": "t", "reason": "r", "tradeOff": "o" });
    let drafted = planner.done("renegotiationDraft", input, "renegotiation { id }").await;
    let id = drafted["renegotiation"]["id"].as_str().unwrap();
    let input = json!({
        "team": "PAY", "kind": "RENEGOTIATION", "title": "Decide", "agenda": [id],
        "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }],
        "boundary": { "decided": [{ "subject": { "objective": committed.objectives[1] }, "why": "Not reopened." }] },
    });
    let prepared = planner.done("meetingPrepare", input, "meeting { id }").await;
    let meeting = prepared["meeting"]["id"].as_str().unwrap();
    planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
    let dropped = json!([{ "dropObjective": { "objective": committed.objectives[1], "why": "Quietly." } }]);
    planner
        .done("renegotiationUpdate", json!({ "renegotiation": id, "changes": dropped }), "renegotiation { id }")
        .await;
    planner.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { id }").await;
    let seen = digest(&server, id).await;

    let refused = server.approver().refused("renegotiationDecide", decide(id, meeting, &seen)).await;

    assert_eq!(refused, ["BOUNDARY_REQUIRED"]);
}
