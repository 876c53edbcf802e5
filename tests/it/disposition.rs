//! What is said in a meeting reaches the other artifacts in the same step: an idea, new or known, or the roadmap.

use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Committed, Server, codes, commit_plan};

const ENTRIES: &str = "{ auditLog { totalCount } renegotiations { totalCount } }";

/// An open meeting of a team with a committed plan, in which somebody said something on no question.
struct Scene {
    server: Server,
    committed: Committed,
    meeting: String,
    question: String,
    input: String,
}

impl Scene {
    async fn set() -> Self {
        let server = Server::start().await;
        let committed = commit_plan(&server, "PAY").await;
        let planner = server.planner();
        let boundary = json!({ "open": [{ "question": "What first?", "wanted": "SEQUENCING" }] });
        let input = json!({ "team": "PAY", "kind": "STATUS", "title": "Wednesday", "boundary": boundary });
        let prepared = planner.done("meetingPrepare", input, "meeting { id boundary { open { id } } }").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let meeting = text(&prepared["meeting"]["id"]);
        let question = text(&prepared["meeting"]["boundary"]["open"][0]["id"]);
        planner.done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
        let input = said(&server, &meeting, None).await;
        Self { server, committed, meeting, question, input }
    }

    fn to(&self, backlog: &Value) -> Value {
        json!({ "meetingInput": self.input, "backlog": backlog })
    }

    /// Something said on the open question, and how it is sent to the roadmap.
    async fn asked(&self, change: Value) -> Value {
        let input = said(&self.server, &self.meeting, Some(&self.question)).await;
        json!({ "meetingInput": input, "roadmap": change })
    }
}

async fn said(server: &Server, meeting: &str, question: Option<&str>) -> String {
    let text = "Two deals ask for an export.";
    let said = json!({ "meeting": meeting, "by": { "name": "sales" }, "text": text, "question": question });
    let said = server.planner().done("meetingInputRecord", said, "meetingInput { id }").await;
    said["meetingInput"]["id"].as_str().unwrap().to_owned()
}

fn requests() -> Value {
    let deal = |id: &str| json!({ "system": "hubspot", "externalId": id, "status": "OPEN", "account": "Acme" });
    json!([{ "deal": deal("1"), "note": "By March." }, { "deal": deal("2") }])
}

#[tokio::test]
async fn what_was_said_becomes_an_idea_of_the_team_with_those_who_ask_for_it() {
    let scene = Scene::set().await;
    let backlog = json!({ "title": "Export", "body": "As a file.", "customerRequests": requests() });

    let fields = "meetingInput { disposition outcome { ... on Idea { id title body status team { key } demand { requests } } } }";
    let contributor = scene.server.caller("contributor", Role::Contributor, "PAY");
    let done = contributor.done("meetingInputDispose", scene.to(&backlog), fields).await["meetingInput"].clone();

    let idea = &done["outcome"]["id"];
    let expected = json!({ "id": idea, "title": "Export", "body": "As a file.", "status": "NEW", "team": { "key": "PAY" }, "demand": { "requests": 2 } });
    assert_eq!(done, json!({ "disposition": "BACKLOG", "outcome": expected }));
    let log = "{ auditLog(orderBy: SEQ_DESC, first: 4) { nodes { action meeting { id } subject { id } after } } }";
    let entries = scene.server.auditor().query(log).await["auditLog"]["nodes"].clone();
    let entries = entries.as_array().unwrap();
    let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        ["MEETING_INPUT_DISPOSED", "CUSTOMER_REQUEST_UPSERTED", "CUSTOMER_REQUEST_UPSERTED", "IDEA_SUBMITTED"]
    );
    assert!(entries.iter().all(|entry| entry["meeting"]["id"] == scene.meeting.as_str()), "{entries:?}");
    assert_eq!((&entries[0]["subject"]["id"], &entries[0]["after"]["outcome"]), (&json!(scene.input), idea));
    let brief = "query($id: ID!) { node(id: $id) { ... on Meeting { brief } } }";
    let page = scene.server.planner().ask(brief, json!({ "id": scene.meeting })).await.data()["node"]["brief"].clone();
    assert!(page.as_str().unwrap().contains("→ sent to the backlog: Export"), "{page}");
}

#[tokio::test]
async fn what_was_said_before_goes_to_the_idea_that_is_there_and_follows_a_merge() {
    let scene = Scene::set().await;
    let planner = scene.server.planner();
    let submit = async |title: &str| {
        let made = planner.done("ideaSubmit", json!({ "team": "PAY", "title": title }), "idea { id }").await;
        made["idea"]["id"].clone()
    };
    let (known, other) = (submit("Export").await, submit("Exports").await);
    planner.done("ideaMerge", json!({ "idea": other, "into": known }), "idea { id }").await;
    let second = said(&scene.server, &scene.meeting, None).await;

    let fields = "meetingInput { outcome { ... on Idea { id } } }";
    let first = planner.done("meetingInputDispose", scene.to(&json!({ "idea": known })), fields).await;
    let input = json!({ "meetingInput": second, "backlog": { "idea": other } });
    let merged = planner.done("meetingInputDispose", input, fields).await;

    assert_eq!(first["meetingInput"]["outcome"]["id"], known);
    assert_eq!(merged["meetingInput"]["outcome"]["id"], known);
    let ideas = planner.query(r#"{ team(key: "PAY") { ideas { totalCount } } }"#).await;
    assert_eq!(ideas["team"]["ideas"]["totalCount"], 2);
}

#[tokio::test]
async fn an_idea_is_named_or_made_and_what_is_refused_leaves_nothing_behind() {
    let scene = Scene::set().await;
    commit_plan(&scene.server, "OPS").await;
    let planner = scene.server.planner();
    let foreign = planner.done("ideaSubmit", json!({ "team": "OPS", "title": "Theirs" }), "idea { id }").await;
    let foreign = foreign["idea"]["id"].clone();
    let ours = scene.server.caller("ours", Role::Planner, "PAY");
    let count = "{ auditLog { totalCount } ideas { totalCount } }";
    let before = scene.server.auditor().query(count).await;
    let deal = json!({ "system": "hubspot", "externalId": "1", "status": "OPEN", "amount": { "amount": "-1", "currency": "EUR" } });
    let table = [
        (json!({}), "INVALID", vec!["title"]),
        (json!({ "body": "No title." }), "INVALID", vec!["title"]),
        (json!({ "title": " " }), "INVALID", vec!["title"]),
        (json!({ "idea": "plan_01h455vb4pex5vsknk084sn02q" }), "INVALID", vec!["idea"]),
        (json!({ "idea": foreign, "title": "Both" }), "INVALID", vec!["idea"]),
        (json!({ "idea": foreign }), "NOT_FOUND", vec!["idea"]),
        (json!({ "idea": "idea_01h455vb4pex5vsknk084sn02q" }), "NOT_FOUND", vec!["idea"]),
        (
            json!({ "title": "t", "customerRequests": [{ "note": "Nobody asks." }] }),
            "INVALID",
            vec!["customerRequests", "0", "deal"],
        ),
        (
            json!({ "title": "t", "customerRequests": [{ "deal": deal }] }),
            "INVALID",
            vec!["customerRequests", "0", "deal", "amount", "amount"],
        ),
    ];
    for (backlog, code, field) in table {
        let refused = ours.mutate("meetingInputDispose", scene.to(&backlog), "meetingInput { id }").await;
        let path: Vec<_> = ["backlog"].into_iter().chain(field).collect();
        assert_eq!(
            (codes(&refused), &refused["userErrors"][0]["field"]),
            (vec![code.to_owned()], &json!(path)),
            "{backlog}"
        );
    }

    assert_eq!(scene.server.auditor().query(count).await, before);
    let host = scene.server.caller_with("host", &[Scope::Read, Scope::MeetingsWrite], "PAY");
    let without =
        host.try_mutate("meetingInputDispose", scene.to(&json!({ "title": "t" })), "meetingInput { id }").await;
    assert_eq!(without.code(), "FORBIDDEN");
    assert!(without.body.to_string().contains("ideas:write"), "{:#}", without.body);
}

#[tokio::test]
async fn a_disposal_that_chose_the_id_of_its_draft_is_known_when_it_comes_again() {
    let scene = Scene::set().await;
    let planner = scene.server.planner();
    let plan = planner.query(r#"{ plan(team: "PAY") { id } }"#).await["plan"]["id"].clone();
    let draft = json!({ "id": "reneg_01h455vb4pex5vsknk084sn02q", "plan": plan, "trigger": "Sales asked." });
    let mut input = json!({ "meetingInput": scene.input, "renegotiationDraft": draft });
    let fields = "meetingInput { disposedAt outcome { ... on Renegotiation { id } } }";
    let first = planner.done("meetingInputDispose", input.clone(), fields).await;
    planner.done("meetingClose", json!({ "meeting": scene.meeting }), "meeting { id }").await;
    let before = scene.server.auditor().query(ENTRIES).await;

    let again = planner.done("meetingInputDispose", input.clone(), fields).await;
    input["renegotiationDraft"]["trigger"] = json!("Somebody else asked.");
    let other = planner.mutate("meetingInputDispose", input, fields).await;

    assert_eq!(again, first);
    assert_eq!(
        (codes(&other), &other["userErrors"][0]["field"]),
        (vec!["CONFLICT".to_owned()], &json!(["renegotiationDraft", "id"]))
    );
    assert_eq!(scene.server.auditor().query(ENTRIES).await, before);
}

#[tokio::test]
async fn input_on_no_open_question_does_not_move_the_roadmap() {
    let scene = Scene::set().await;
    let add = json!({ "add": { "team": "PAY", "title": "Export", "horizon": "LATER" } });
    let input = json!({ "meetingInput": scene.input, "roadmap": add });

    let refused = scene.server.planner().mutate("meetingInputDispose", input, "meetingInput { id }").await;

    assert_eq!(codes(&refused), ["INPUT_OUT_OF_BOUNDS"]);
    assert_eq!(refused["userErrors"][0]["field"], json!(["roadmap"]));
    assert!(refused["userErrors"][0]["remedy"].as_str().unwrap().contains("backlog"));
    let held = r#"{ plan(team: "PAY") { drift { refusals } } team(key: "PAY") { roadmap { later { totalCount } } } }"#;
    let held = scene.server.planner().query(held).await;
    assert_eq!(
        (&held["plan"]["drift"]["refusals"], &held["team"]["roadmap"]["later"]["totalCount"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn input_on_an_open_question_adds_moves_and_states_anew_what_is_on_the_roadmap() {
    let scene = Scene::set().await;
    let planner = scene.server.planner();
    let add = json!({ "add": { "team": "PAY", "title": "Export", "horizon": "LATER" } });
    let fields = "meetingInput { disposition outcome { ... on RoadmapItem { id title horizon } } }";

    let added = planner.done("meetingInputDispose", scene.asked(add).await, fields).await["meetingInput"].clone();
    let item = &added["outcome"]["id"];
    let moved = scene.asked(json!({ "move": { "roadmapItem": item, "horizon": "NEXT" } })).await;
    let moved = planner.done("meetingInputDispose", moved, fields).await["meetingInput"].clone();
    let stated = scene.asked(json!({ "update": { "roadmapItem": item, "title": "Exports" } })).await;
    let stated = planner.done("meetingInputDispose", stated, fields).await["meetingInput"].clone();

    assert_eq!(
        added,
        json!({ "disposition": "ROADMAP", "outcome": { "id": item, "title": "Export", "horizon": "LATER" } })
    );
    assert_eq!(moved["outcome"], json!({ "id": item, "title": "Export", "horizon": "NEXT" }));
    assert_eq!(stated["outcome"], json!({ "id": item, "title": "Exports", "horizon": "NEXT" }));
    let log = "{ auditLog(orderBy: SEQ_DESC, first: 2) { nodes { action meeting { id } } } }";
    let entries = scene.server.auditor().query(log).await["auditLog"]["nodes"].clone();
    let of = |action: &str| json!({ "action": action, "meeting": { "id": scene.meeting } });
    assert_eq!(entries, json!([of("MEETING_INPUT_DISPOSED"), of("ROADMAP_ITEM_UPDATED")]));
    let brief = "query($id: ID!) { node(id: $id) { ... on Meeting { brief } } }";
    let page = planner.ask(brief, json!({ "id": scene.meeting })).await.data()["node"]["brief"].clone();
    assert!(page.as_str().unwrap().contains("→ made a change of the roadmap: Exports"), "{page}");
}

#[tokio::test]
async fn a_roadmap_change_out_of_a_meeting_meets_the_roadmaps_own_rules() {
    let scene = Scene::set().await;
    let counts = "{ auditLog { totalCount } }";
    let item = |extra: Value| {
        let mut item = json!({ "team": "PAY", "title": "Export", "horizon": "NOW" });
        item.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "add": item })
    };
    let unknown = "item_01h455vb4pex5vsknk084sn02q";
    let table = [
        (item(json!({})), "NOW_SERVES_COMMITMENT"),
        (item(json!({ "team": "NONE" })), "NOT_FOUND"),
        (item(json!({ "title": "" })), "INVALID"),
        (json!({ "move": { "roadmapItem": unknown, "horizon": "NEXT" } }), "NOT_FOUND"),
        (json!({ "update": { "roadmapItem": "nonsense" } }), "INVALID"),
    ];
    let planner = scene.server.planner();
    for (change, code) in table {
        let input = scene.asked(change.clone()).await;
        let before = scene.server.auditor().query(counts).await;
        let refused = planner.mutate("meetingInputDispose", input, "meetingInput { id }").await;
        assert_eq!(codes(&refused), [code], "{change}");
        let path = refused["userErrors"][0]["field"].as_array().unwrap();
        assert_eq!(path[0], json!("roadmap"), "{change}");
        assert_eq!(scene.server.auditor().query(counts).await, before);
    }

    let serving = scene.asked(item(json!({ "keyResults": [scene.committed.key_results[0]] }))).await;
    let host = scene.server.caller_with("host", &[Scope::Read, Scope::MeetingsWrite], "PAY");
    let without = host.try_mutate("meetingInputDispose", serving.clone(), "meetingInput { id }").await;
    assert_eq!(without.code(), "FORBIDDEN");
    planner.done("meetingInputDispose", serving, "meetingInput { id }").await;
}
