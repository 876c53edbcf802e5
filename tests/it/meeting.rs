//! Meetings state their boundary before anyone speaks.

use serde_json::json;

use crate::support::{Server, commit_plan, open_meeting, propose};

#[tokio::test]
async fn a_status_meeting_finds_the_commitment_under_decided_and_takes_no_agenda() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (id, _) = propose(&server, &committed.plan, changes).await;
    let planner = server.planner();

    let with_agenda = json!({ "team": "PAY", "kind": "STATUS", "title": "Wednesday", "agenda": [id] });
    let refused = planner.refused("meetingPrepare", with_agenda).await;
    let input =
        json!({ "team": "PAY", "kind": "STATUS", "title": "Wednesday", "boundary": { "informationOnly": true } });
    let fields = "meeting { id status boundary { decided { why subject { __typename ... on Objective { title } } } } }";
    let prepared = planner.done("meetingPrepare", input, fields).await;

    // The agenda touches what a status meeting calls decided, so both rules say no.
    assert_eq!(refused, ["STATUS_IS_BOUNDED", "BOUNDARY_REQUIRED"]);
    let decided = &prepared["meeting"]["boundary"]["decided"];
    assert_eq!(decided[0]["subject"], json!({ "__typename": "Objective", "title": "Payments settle" }));
    assert!(decided[0]["why"].as_str().unwrap().contains("only by a renegotiation"));
    let meeting = &prepared["meeting"]["id"];
    planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    assert_eq!(
        planner.refused("meetingUpdate", json!({ "meeting": meeting, "kind": "RENEGOTIATION" })).await,
        ["MEETING_KIND_FIXED"]
    );
}

#[tokio::test]
async fn a_meeting_opens_only_with_its_boundary_stated() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let input = json!({ "team": "PAY", "kind": "RENEGOTIATION", "title": "Decide" });
    let meeting = planner.done("meetingPrepare", input, "meeting { id }").await["meeting"]["id"].clone();

    let refused = planner.refused("meetingOpen", json!({ "meeting": meeting })).await;
    let boundary = json!({ "decided": [{ "subject": { "text": "The goal" }, "why": "Agreed in October." }],
                           "open": [{ "question": "Which first?", "wanted": "SEQUENCING" }], "outOfScope": ["Hiring"] });
    planner.done("meetingUpdate", json!({ "meeting": meeting, "boundary": boundary }), "meeting { id }").await;
    let opened = planner
        .done(
            "meetingOpen",
            json!({ "meeting": meeting }),
            "meeting { status openedAt boundary { open { id question wanted } outOfScope } }",
        )
        .await;

    assert_eq!(refused, ["BOUNDARY_REQUIRED", "BOUNDARY_REQUIRED"]);
    assert_eq!(opened["meeting"]["boundary"]["outOfScope"], json!(["Hiring"]));
    let question = &opened["meeting"]["boundary"]["open"][0]["id"];
    let found = planner
        .ask("query($id: ID!) { node(id: $id) { ... on OpenQuestion { wanted } } }", json!({ "id": question }))
        .await;
    assert_eq!(found.data()["node"]["wanted"], "SEQUENCING");
}

#[tokio::test]
async fn acknowledging_is_understanding_and_a_dissent_changes_nothing() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let (id, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&id]).await;
    let planner = server.planner();
    let stranger = json!({ "meeting": meeting, "person": { "name": "sales" }, "planRevision": 1 });
    let refused = planner.refused("meetingAcknowledge", stranger.clone()).await;
    planner
        .done(
            "meetingJoin",
            json!({ "meeting": meeting, "person": { "name": "sales" }, "ask": "INFORM" }),
            "meeting { id }",
        )
        .await;

    let mut blank = stranger.clone();
    blank["dissent"] = json!("  ");
    let why_less = planner.refused("meetingAcknowledge", blank).await;
    let mut dissent = stranger;
    dissent["dissent"] = json!("I would have kept it.");
    planner.done("meetingAcknowledge", dissent, "meeting { id }").await;
    let alignment = r#"{ plan(team: "PAY") { revision alignment { acknowledged { person { name } revision dissent } outdated { revision } } } }"#;
    let before = planner.query(alignment).await["plan"].clone();
    let input = json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "Yes.", "digest": digest });
    server.approver().done("renegotiationDecide", input, "plan { revision }").await;
    let after = planner.query(alignment).await["plan"].clone();

    assert_eq!((refused, why_less), (vec!["INVALID".to_owned()], vec!["REASON_REQUIRED".to_owned()]));
    assert_eq!(
        before["alignment"]["acknowledged"],
        json!([{ "person": { "name": "sales" }, "revision": 1, "dissent": "I would have kept it." }])
    );
    assert_eq!(
        (&after["revision"], &after["alignment"]),
        (&json!(2), &json!({ "acknowledged": [], "outdated": [{ "revision": 1 }] }))
    );
}

#[tokio::test]
async fn a_meeting_is_closed_once_and_cancelled_with_a_reason() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let planner = server.planner();
    let input =
        json!({ "team": "PAY", "kind": "PLANNING", "title": "Next quarter", "boundary": { "informationOnly": true } });
    let meeting = planner.done("meetingPrepare", input, "meeting { id }").await["meeting"]["id"].clone();

    let why_less = planner.refused("meetingCancel", json!({ "meeting": meeting })).await;
    let unopened = planner.refused("meetingClose", json!({ "meeting": meeting })).await;
    planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
    let closed = planner.done("meetingClose", json!({ "meeting": meeting }), "meeting { status version }").await;
    let joined = planner
        .refused("meetingJoin", json!({ "meeting": meeting, "person": { "name": "late" }, "ask": "INPUT" }))
        .await;

    assert_eq!((why_less, unopened), (vec!["REASON_REQUIRED".to_owned()], vec!["INVALID".to_owned()]));
    assert_eq!(closed["meeting"], json!({ "status": "CLOSED", "version": 3 }));
    assert_eq!(joined, ["MEETING_KIND_FIXED"]);
    let listed = planner
        .query(r#"{ meetings(filter: { team: "PAY", status: { in: [CLOSED] } }) { totalCount nodes { title } } }"#)
        .await;
    assert_eq!(listed["meetings"], json!({ "totalCount": 1, "nodes": [{ "title": "Next quarter" }] }));
}
