//! What leads from one team to another: everything that somebody who holds both may tie together.

use serde_json::{Value, json};

use super::Scene;
use crate::world::{World, everything};

/// The mutations that tie something of one team to something of another.
fn ties(from: &World, to: &World) -> Vec<(&'static str, Value)> {
    let item = from.id("item");
    let subject = |kind: &str, id: &str| json!({ "subject": { kind: id }, "why": from.says("why") });
    let decided = [subject("objective", to.id("obj")), subject("keyResult", to.id("other kr"))];
    let open = json!([{ "question": from.says("question"), "wanted": "RISKS", "subject": { "roadmapItem": to.id("item") } }]);
    let amended = json!([{ "amendObjective": { "objective": from.id("obj"), "contributesTo": to.id("obj") } }]);
    vec![
        ("objectiveUpdate", json!({ "objective": from.id("draft obj"), "contributesTo": to.id("obj") })),
        ("roadmapItemUpdate", json!({ "roadmapItem": item, "keyResults": [from.id("kr"), to.id("kr")] })),
        ("renegotiationUpdate", json!({ "renegotiation": from.id("draft reneg"), "evidence": [to.id("idea")], "changes": amended })),
        ("meetingUpdate", json!({ "meeting": from.id("prepared meeting"), "boundary": { "decided": decided, "open": open } })),
        ("meetingInputDispose", json!({ "meetingInput": from.id("input"), "backlog": { "idea": to.id("idea") } })),
    ]
}

/// Ties ours to theirs and theirs to ours.
pub(super) async fn both_ways(scene: &Scene) {
    for (mutation, input) in ties(&scene.ours, &scene.theirs).into_iter().chain(ties(&scene.theirs, &scene.ours)) {
        everything(&scene.server).done(mutation, input, "__typename").await;
    }
}

/// Ties theirs to ours, which writes nothing of ours.
pub(super) async fn to_ours(scene: &Scene) {
    // Whoever asks for something of a team shows it their deal, so this tie is no secret the other way round.
    let deal = json!({ "idea": { "id": scene.theirs.id("idea") }, "deal": scene.ours.deal() });
    for (mutation, input) in ties(&scene.theirs, &scene.ours).into_iter().chain([("customerRequestUpsert", deal)]) {
        everything(&scene.server).done(mutation, input, "__typename").await;
    }
}
