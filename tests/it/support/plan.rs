//! A committed plan, an open meeting and a proposal: where most stories begin.

use serde_json::{Value, json};

use super::Server;

/// A committed plan: two objectives with two key results each, 8 of 10 points.
pub(crate) struct Committed {
    pub(crate) plan: String,
    pub(crate) objectives: Vec<String>,
    pub(crate) key_results: Vec<String>,
}

/// Makes a team, drafts its plan for 2026-Q4 and commits it.
pub(crate) async fn commit_plan(server: &Server, team: &str) -> Committed {
    let (admin, planner) = (server.admin(), server.planner());
    admin.done("teamCreate", json!({ "key": team, "name": team }), "team { id }").await;
    let input = json!({ "team": team, "quarter": "2026-Q4", "capacity": "10", "capacityUnit": "points" });
    let drafted = planner.done("planDraft", input, "plan { id }").await;
    let plan = text(&drafted["plan"]["id"]);
    let (mut objectives, mut key_results) = (Vec::new(), Vec::new());
    for objective in ["Payments settle", "Reports are trusted"] {
        let input = json!({ "plan": plan, "title": objective, "rationale": "Customers ask for it.",
                            "owner": { "name": "lead" }, "load": "4" });
        let added = planner.done("objectiveAdd", input, "objective { id }").await;
        let objective = text(&added["objective"]["id"]);
        for key_result in ["Share of settled payments", "Complaints a week"] {
            let input = json!({ "objective": objective, "title": key_result, "owner": { "name": "lead" },
                                "unit": "%", "baseline": "0", "target": "100" });
            let added = planner.done("keyResultAdd", input, "keyResult { id }").await;
            key_results.push(text(&added["keyResult"]["id"]));
        }
        objectives.push(objective);
    }
    let digest = digest(server, &plan).await;
    let committed = planner.done("planCommit", json!({ "plan": plan, "digest": digest }), "plan { revision }").await;
    assert_eq!(committed["plan"]["revision"], 1);
    Committed { plan, objectives, key_results }
}

/// The digest of a plan or of a renegotiation.
pub(crate) async fn digest(server: &Server, id: &str) -> String {
    let query = "query($id: ID!) { node(id: $id) { ... on Plan { digest } ... on Renegotiation { digest } } }";
    let answer = server.planner().ask(query, json!({ "id": id })).await;
    text(&answer.data()["node"]["digest"])
}

/// Drafts and proposes a renegotiation; answers with its id and digest.
pub(crate) async fn propose(server: &Server, plan: &str, changes: Value) -> (String, String) {
    let planner = server.planner();
    let input = json!({ "plan": plan, "changes": changes, "trigger": "Two deals ask for reporting.",
                        "reason": "They decide this quarter.", "tradeOff": "Complaints wait until January." });
    let drafted = planner.done("renegotiationDraft", input, "renegotiation { id }").await;
    let id = text(&drafted["renegotiation"]["id"]);
    let proposed =
        planner.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { digest }").await;
    (id, text(&proposed["renegotiation"]["digest"]))
}

/// Prepares and opens the meeting that decides some renegotiations, with the approver at the table.
pub(crate) async fn open_meeting(server: &Server, team: &str, agenda: &[&str]) -> String {
    let planner = server.planner();
    let input = json!({
        "team": team, "kind": "RENEGOTIATION", "title": "Decide", "agenda": agenda,
        "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }],
        "boundary": { "decided": [{ "subject": { "text": "The quarter's goal" }, "why": "Decided in October." }] },
    });
    let prepared = planner.done("meetingPrepare", input, "meeting { id }").await;
    let id = text(&prepared["meeting"]["id"]);
    planner.done("meetingOpen", json!({ "meeting": id }), "meeting { status }").await;
    id
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
