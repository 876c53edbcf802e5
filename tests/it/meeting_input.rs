//! What is said in a meeting is recorded in its words and sent where it belongs, once; it changes nothing by itself.

use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Committed, Server, codes, commit_plan};

const PLAN: &str = r#"{ plan(team: "PAY") { revision digest underRenegotiation drift { refusals } } }"#;

/// Prepares a status meeting with one open question; answers with both ids.
async fn prepare(server: &Server, team: &str) -> (String, String) {
    let boundary = json!({ "open": [{ "question": "Which report first?", "wanted": "SEQUENCING" }] });
    let input = json!({ "team": team, "kind": "STATUS", "title": "Wednesday", "boundary": boundary });
    let prepared = server.planner().done("meetingPrepare", input, "meeting { id boundary { open { id } } }").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&prepared["meeting"]["id"]), text(&prepared["meeting"]["boundary"]["open"][0]["id"]))
}

/// A committed plan and an open status meeting about it.
async fn held(server: &Server) -> (Committed, String, String) {
    let committed = commit_plan(server, "PAY").await;
    let (meeting, question) = prepare(server, "PAY").await;
    server.planner().done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    (committed, meeting, question)
}

fn said(meeting: &str, question: Option<&str>) -> Value {
    let text = "Quick thought: should we move the reporting work up?";
    json!({ "meeting": meeting, "by": { "name": "sales" }, "text": text, "question": question })
}

async fn record(server: &Server, meeting: &str, question: Option<&str>) -> String {
    let recorded = server.planner().done("meetingInputRecord", said(meeting, question), "meetingInput { id }").await;
    recorded["meetingInput"]["id"].as_str().unwrap().to_owned()
}

fn noted(input: &str) -> Value {
    json!({ "meetingInput": input, "noted": true })
}

fn drafted(input: &str, committed: &Committed) -> Value {
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let draft = json!({ "plan": committed.plan, "trigger": "Sales asked in the status meeting.", "changes": changes });
    json!({ "meetingInput": input, "renegotiationDraft": draft })
}

#[tokio::test]
async fn what_was_said_is_kept_with_its_speaker_its_question_and_its_order() {
    let server = Server::start().await;
    let (_, meeting, question) = held(&server).await;
    let first = record(&server, &meeting, Some(&question)).await;
    let second = record(&server, &meeting, None).await;
    let query = "query($id: ID!, $after: String) { node(id: $id) { ... on Meeting { inputs(first: 1, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { id by { name kind } text question { question } disposition outcome { __typename } at disposedAt meeting { id } } } } } }";

    let page = server.planner().ask(query, json!({ "id": meeting })).await.data()["node"]["inputs"].clone();
    let after = json!({ "id": meeting, "after": page["pageInfo"]["endCursor"] });
    let next = server.planner().ask(query, after).await.data()["node"]["inputs"].clone();

    let mut expected = json!({
        "id": first, "by": { "name": "sales", "kind": "NAMED" }, "text": said("", None)["text"],
        "question": { "question": "Which report first?" }, "disposition": null, "outcome": null,
        "at": page["nodes"][0]["at"], "disposedAt": null, "meeting": { "id": meeting },
    });
    assert_eq!((&page["totalCount"], &page["pageInfo"]["hasNextPage"]), (&json!(2), &json!(true)));
    assert_eq!(page["nodes"], json!([expected]));
    (expected["id"], expected["question"]) = (json!(second), Value::Null);
    expected["at"] = next["nodes"][0]["at"].clone();
    assert_eq!(next["nodes"], json!([expected]));
    let by_id = "query($id: ID!) { node(id: $id) { __typename ... on MeetingInput { text } } }";
    let found = server.planner().ask(by_id, json!({ "id": first })).await;
    assert_eq!(found.data()["node"]["__typename"], "MeetingInput");
}

#[tokio::test]
async fn nothing_is_said_before_a_meeting_opens_or_after_it_closed() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (meeting, _) = prepare(&server, "PAY").await;
    let planner = server.planner();
    let early = planner.mutate("meetingInputRecord", said(&meeting, None), "meetingInput { id }").await;
    planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    let joins = json!({ "meeting": meeting, "person": { "name": "sales" }, "ask": "INPUT" });
    planner.done("meetingJoin", joins, "meeting { id }").await;
    let input = record(&server, &meeting, None).await;

    let waiting = planner.mutate("meetingClose", json!({ "meeting": meeting }), "meeting { status }").await;
    planner.done("meetingInputDispose", noted(&input), "meetingInput { disposition }").await;
    planner.done("meetingClose", json!({ "meeting": meeting }), "meeting { status }").await;
    let late = planner.mutate("meetingInputRecord", said(&meeting, None), "meetingInput { id }").await;

    assert_eq!(codes(&early), ["INVALID"]);
    assert_eq!(
        (&early["userErrors"][0]["field"], &early["userErrors"][0]["remedy"]),
        (&json!(["meeting"]), &json!("meetingOpen first."))
    );
    assert_eq!(codes(&waiting), ["INPUT_UNDISPOSED"]);
    assert_eq!(waiting["userErrors"][0]["message"], "1 input of the meeting has no disposition yet.");
    assert!(waiting["userErrors"][0]["remedy"].as_str().unwrap().contains("meetingInputDispose"));
    assert_eq!(codes(&late), ["INVALID"]);
    assert_eq!(planner.query(PLAN).await["plan"]["drift"]["refusals"], 1);
}

#[tokio::test]
async fn a_question_is_one_of_the_meetings_own() {
    let server = Server::start().await;
    let (_, meeting, question) = held(&server).await;
    let (other, foreign) = prepare(&server, "PAY").await;
    server.planner().done("meetingOpen", json!({ "meeting": other }), "meeting { status }").await;

    let refused = server.planner().mutate("meetingInputRecord", said(&meeting, Some(&foreign)), "__typename").await;

    assert_eq!(codes(&refused), ["NOT_FOUND"]);
    assert_eq!(refused["userErrors"][0]["field"], json!(["question"]));
    record(&server, &meeting, Some(&question)).await;
}

#[tokio::test]
async fn a_status_meeting_sends_what_surfaces_into_a_draft_and_the_plan_holds() {
    let server = Server::start().await;
    let (committed, meeting, _) = held(&server).await;
    let before = server.planner().query(PLAN).await;
    let input = record(&server, &meeting, None).await;

    let fields = "meetingInput { id disposition disposedAt outcome { ... on Renegotiation { id status trigger authors { subject } } } }";
    let contributor = server.caller("contributor", Role::Contributor, "PAY");
    let done = contributor.done("meetingInputDispose", drafted(&input, &committed), fields).await;

    let outcome = &done["meetingInput"]["outcome"];
    assert_eq!(done["meetingInput"]["disposition"], "RENEGOTIATION_DRAFT");
    assert_eq!((&outcome["status"], &outcome["authors"]), (&json!("DRAFT"), &json!([{ "subject": "contributor" }])));
    assert_eq!(server.planner().query(PLAN).await, before);
    let log = "{ auditLog(first: 2, orderBy: SEQ_DESC) { nodes { action meeting { id } renegotiation { id } subject { id } before after } } }";
    let entries = server.auditor().query(log).await["auditLog"]["nodes"].clone();
    for (entry, (action, subject)) in entries
        .as_array()
        .unwrap()
        .iter()
        .zip([("MEETING_INPUT_DISPOSED", &json!(input)), ("RENEGOTIATION_DRAFTED", &outcome["id"])])
    {
        assert_eq!((&entry["action"], &entry["subject"]["id"]), (&json!(action), subject));
        assert_eq!((&entry["meeting"]["id"], &entry["renegotiation"]["id"]), (&json!(meeting), &outcome["id"]));
    }
    assert_eq!(
        (&entries[0]["after"]["disposition"], &entries[0]["after"]["outcome"]),
        (&json!("RENEGOTIATION_DRAFT"), &outcome["id"])
    );
    assert_eq!(entries[0]["before"]["disposition"], Value::Null);
}

#[tokio::test]
async fn an_input_is_disposed_once_and_a_refused_outcome_leaves_nothing_behind() {
    let server = Server::start().await;
    let (committed, meeting, _) = held(&server).await;
    let input = record(&server, &meeting, None).await;
    let counts = "{ auditLog { totalCount } renegotiations { totalCount } }";
    let before = server.auditor().query(counts).await;
    let mut unknown = drafted(&input, &committed);
    unknown["renegotiationDraft"]["plan"] = json!("plan_01h455vb4pex5vsknk084sn02q");
    let mut ended = drafted(&input, &committed);
    ended["renegotiationDraft"]["decideBy"] = json!("2027-02-01T00:00:00Z");

    let planner = server.planner();
    for (attempt, code, field) in [(unknown, "NOT_FOUND", "plan"), (ended, "INVALID", "decideBy")] {
        let refused = planner.mutate("meetingInputDispose", attempt, "meetingInput { id }").await;
        assert_eq!(codes(&refused), [code]);
        assert_eq!(refused["userErrors"][0]["field"], json!(["renegotiationDraft", field]));
    }
    assert_eq!(server.auditor().query(counts).await, before);
    planner.done("meetingInputDispose", drafted(&input, &committed), "meetingInput { id }").await;
    let after = server.auditor().query(counts).await;
    let again = planner.mutate("meetingInputDispose", noted(&input), "meetingInput { id }").await;
    let twice = planner.mutate("meetingInputDispose", drafted(&input, &committed), "meetingInput { id }").await;

    assert_eq!((codes(&again), codes(&twice)), (vec!["CONFLICT".to_owned()], vec!["CONFLICT".to_owned()]));
    assert!(again["userErrors"][0]["message"].as_str().unwrap().contains("RENEGOTIATION_DRAFT (reneg_"));
    assert_eq!(server.auditor().query(counts).await, after);
    assert_eq!(after["renegotiations"]["totalCount"], 1);
}

#[tokio::test]
async fn a_cancelled_meeting_keeps_what_was_said_and_sends_it_nowhere() {
    let server = Server::start().await;
    let (_, meeting, _) = held(&server).await;
    let input = record(&server, &meeting, None).await;
    let planner = server.planner();

    planner.done("meetingCancel", json!({ "meeting": meeting, "reason": "Fire alarm." }), "meeting { status }").await;
    let disposed = planner.mutate("meetingInputDispose", noted(&input), "meetingInput { id }").await;

    assert_eq!(codes(&disposed), ["INVALID"]);
    assert_eq!(disposed["userErrors"][0]["field"], json!(["meetingInput"]));
    let query = "query($id: ID!) { node(id: $id) { ... on MeetingInput { text disposition } } }";
    let kept = planner.ask(query, json!({ "id": input })).await.data()["node"].clone();
    assert_eq!(kept, json!({ "text": said("", None)["text"], "disposition": null }));
}

#[tokio::test]
async fn disposing_needs_the_scope_of_what_is_made() {
    let server = Server::start().await;
    let (committed, meeting, _) = held(&server).await;
    let input = record(&server, &meeting, None).await;
    let host = server.caller_with("host", &[Scope::Read, Scope::MeetingsWrite], "PAY");

    let without = host.try_mutate("meetingInputDispose", drafted(&input, &committed), "meetingInput { id }").await;
    let viewer = server.caller("viewer", Role::Viewer, "*");
    let none = viewer.try_mutate("meetingInputRecord", said(&meeting, None), "meetingInput { id }").await;

    assert_eq!((without.code(), none.code()), ("FORBIDDEN", "FORBIDDEN"));
    assert!(without.body.to_string().contains("renegotiations:draft"), "{:#}", without.body);
    host.done("meetingInputDispose", noted(&input), "meetingInput { disposition }").await;
}

#[tokio::test]
async fn a_foreign_teams_input_looks_like_one_that_does_not_exist() {
    let server = Server::start().await;
    let (committed, meeting, question) = held(&server).await;
    let theirs = commit_plan(&server, "OPS").await;
    let input = record(&server, &meeting, Some(&question)).await;
    let outside = server.caller("outside", Role::Planner, "OPS");
    let unknown = "input_01h455vb4pex5vsknk084sn02q";

    let (foreign, missing) = (
        outside.mutate("meetingInputDispose", drafted(&input, &theirs), "meetingInput { id }").await,
        outside.mutate("meetingInputDispose", drafted(unknown, &theirs), "meetingInput { id }").await,
    );
    let spoken = outside.mutate("meetingInputRecord", said(&meeting, None), "meetingInput { id }").await;
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let seen = outside.ask(query, json!({ "id": input })).await;

    let words = |payload: &Value| payload["userErrors"][0]["message"].as_str().unwrap().replace(&input, unknown);
    assert_eq!((codes(&foreign), codes(&spoken)), (vec!["NOT_FOUND".to_owned()], vec!["NOT_FOUND".to_owned()]));
    assert_eq!(words(&foreign), words(&missing));
    assert_eq!(seen.data()["node"], Value::Null);
    // A caller of both teams may send it there; who holds only one of them does not see what became of it.
    server.planner().done("meetingInputDispose", drafted(&input, &theirs), "meetingInput { id }").await;
    let ours = server.caller("ours", Role::Viewer, "PAY");
    let outcome = "query($id: ID!) { node(id: $id) { ... on MeetingInput { disposition outcome { __typename } } } }";
    let hidden = ours.ask(outcome, json!({ "id": input })).await.data()["node"].clone();
    assert_eq!(hidden, json!({ "disposition": "RENEGOTIATION_DRAFT", "outcome": null }));
    assert_ne!(committed.plan, theirs.plan);
}

#[tokio::test]
async fn a_client_chosen_id_makes_a_retry_of_a_recording_harmless() {
    let server = Server::start().await;
    let (_, meeting, _) = held(&server).await;
    let mut input = said(&meeting, None);
    input["id"] = json!("input_01h455vb4pex5vsknk084sn02q");
    let planner = server.planner();

    let first = planner.done("meetingInputRecord", input.clone(), "meetingInput { id at }").await;
    planner.done("meetingCancel", json!({ "meeting": meeting, "reason": "Fire alarm." }), "meeting { id }").await;
    let again = planner.done("meetingInputRecord", input.clone(), "meetingInput { id at }").await;
    input["text"] = json!("Something else.");
    let other = planner.refused("meetingInputRecord", input).await;

    assert_eq!(first, again);
    assert_eq!(other, ["CONFLICT"]);
}

#[tokio::test]
async fn the_brief_follows_the_meeting_from_its_preparation_to_what_was_said() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let reading =
        json!({ "keyResult": committed.key_results[0], "kind": "PROGRESS", "value": "42", "confidence": "AT_RISK" });
    server.planner().done("checkInRecord", reading, "checkIn { id }").await;
    let (meeting, question) = prepare(&server, "PAY").await;
    let brief = async || {
        let query = "query($id: ID!) { node(id: $id) { ... on Meeting { brief } } }";
        let answer = server.planner().ask(query, json!({ "id": meeting })).await;
        answer.data()["node"]["brief"].as_str().unwrap().to_owned()
    };

    let prepared = brief().await;
    server.planner().done("meetingOpen", json!({ "meeting": meeting }), "meeting { status }").await;
    let input = record(&server, &meeting, Some(&question)).await;
    server.planner().done("meetingInputDispose", drafted(&input, &committed), "meetingInput { id }").await;
    let open = brief().await;

    let parts = ["# Wednesday\n", "## The plan", "## The reasoning", "## The boundary"];
    let places: Vec<_> = parts.iter().map(|part| prepared.find(part).unwrap()).collect();
    assert!(places.is_sorted(), "{prepared}");
    for line in [
        "Revision 1, as committed on 2 November 2026. It weighs 8 of 10 points.",
        "| Share of settled payments | 0 → 100 % | 42 | 42 % | at risk |",
        "- **Payments settle**: Committed for 2026-Q4 (revision 1); it changes only by a renegotiation.",
        "- Which report first? Wanted: in which order.",
    ] {
        assert!(prepared.contains(line), "{line}\n{prepared}");
    }
    assert!(!prepared.contains("What was said"), "{prepared}");
    assert!(open.contains("on “Which report first?”: Quick thought: should we move the reporting work up?"), "{open}");
    assert!(open.contains("→ made a draft of a renegotiation: Sales asked in the status meeting."), "{open}");
}
