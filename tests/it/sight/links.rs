//! What leads from one team to another: everything that somebody who holds both may tie together.

use serde_json::{Value, json};

use super::Scene;
use crate::world::{World, everything};

/// The mutations that tie something of one team to something of another.
fn ties(from: &World, to: &World) -> Vec<(&'static str, Value)> {
    let item = from.id("item");
    let subject = |kind: &str, id: &str| json!({ "subject": { kind: id }, "why": from.says("why") });
    let decided = [subject("objective", to.id("obj")), subject("keyResult", to.id("other kr"))];
    let open =
        json!([{ "question": from.says("question"), "wanted": "RISKS", "subject": { "roadmapItem": to.id("item") } }]);
    let amended = json!([{ "amendObjective": { "objective": from.id("other obj"), "title": from.says("words"), "contributesTo": to.id("obj") } }]);
    vec![
        ("objectiveUpdate", json!({ "objective": from.id("draft obj"), "contributesTo": to.id("obj") })),
        ("roadmapItemUpdate", json!({ "roadmapItem": item, "keyResults": [from.id("kr"), to.id("kr")] })),
        (
            "renegotiationUpdate",
            json!({ "renegotiation": from.id("draft reneg"), "evidence": [to.id("idea")], "changes": amended }),
        ),
        (
            "meetingUpdate",
            json!({ "meeting": from.id("prepared meeting"), "boundary": { "decided": decided, "open": open } }),
        ),
        (
            "meetingInputDispose",
            json!({ "meetingInput": from.id("noted input"), "backlog": { "idea": to.id("idea") } }),
        ),
    ]
}

/// What was said in a meeting of one team becomes a draft for the other's plan.
async fn drafted(scene: &Scene, from: &World, to: &World) -> String {
    let draft = json!({ "plan": to.id("plan"), "reason": to.says("reason") });
    let input = json!({ "meetingInput": from.id("drafted input"), "renegotiationDraft": draft });
    let fields = "meetingInput { outcome { ... on Renegotiation { id } } }";
    let disposed = everything(&scene.server).done("meetingInputDispose", input, fields).await;
    disposed["meetingInput"]["outcome"]["id"].as_str().unwrap().to_owned()
}

/// Ties ours to theirs and theirs to ours.
pub(super) async fn both_ways(scene: &mut Scene) {
    for (from, to) in [(&scene.ours, &scene.theirs), (&scene.theirs, &scene.ours)] {
        for (mutation, input) in ties(from, to) {
            everything(&scene.server).done(mutation, input, "__typename").await;
        }
    }
    let theirs = drafted(scene, &scene.ours, &scene.theirs).await;
    let ours = drafted(scene, &scene.theirs, &scene.ours).await;
    scene.theirs.ids.insert("drafted reneg", theirs);
    scene.ours.ids.insert("drafted reneg", ours);
}

/// Ties theirs to ours, which writes nothing of ours.
pub(super) async fn to_ours(scene: &Scene) {
    // Whoever asks for something of a team shows it their deal, so this tie is no secret the other way round.
    let deal = json!({ "idea": { "id": scene.theirs.id("idea") }, "deal": scene.ours.deal() });
    for (mutation, input) in ties(&scene.theirs, &scene.ours).into_iter().chain([("customerRequestUpsert", deal)]) {
        everything(&scene.server).done(mutation, input, "__typename").await;
    }
}
