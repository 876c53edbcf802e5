//! The pages, through HTTP as a browser without scripts sees them. What Chromium makes of them is in `.ci/node/pages.mjs`.

mod as_of;
mod cost;
mod meeting;
mod published;
mod session;
mod sight;
mod story;
mod texts;

use serde_json::{Value, json};

use crate::{support::Server, world::World};

/// The pages about a team, by their paths.
pub(crate) fn of_team(world: &World) -> Vec<String> {
    let mut paths = vec![
        format!("/teams/{}", world.team),
        format!("/teams/{}?quarter=2027-Q1", world.team),
        format!("/teams/{}/quarters/2026-Q4/story", world.team),
    ];
    let meetings = ["meeting", "held meeting", "prepared meeting"];
    paths.extend(meetings.map(|meeting| format!("/meetings/{}", world.id(meeting))));
    paths
}

/// The positions of a team's entries in the log.
async fn entries_of(server: &Server, team: &str) -> Vec<i64> {
    let query = "query($team: String!) { auditLog(first: 250, filter: { team: { eq: $team } }) { nodes { seq } } }";
    let read = server.auditor().ask(query, json!({ "team": team })).await.data().clone();
    let nodes = read["auditLog"]["nodes"].as_array().unwrap();
    nodes.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect()
}

/// Prepares and opens a status meeting with one open question; answers with both ids.
async fn status_check(server: &Server, team: &str) -> (String, String) {
    let input = json!({
        "team": team, "kind": "STATUS", "title": "Wednesday status check",
        "attendees": [{ "person": { "subject": "planner" }, "ask": "INPUT" }],
        "boundary": { "open": [{ "question": "What could still delay settlement?", "wanted": "RISKS" }],
                      "outOfScope": ["The pricing of next year"] },
    });
    let prepared = server.planner().done("meetingPrepare", input, "meeting { id boundary { open { id } } }").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let meeting = text(&prepared["meeting"]["id"]);
    server.planner().done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
    (meeting, text(&prepared["meeting"]["boundary"]["open"][0]["id"]))
}
