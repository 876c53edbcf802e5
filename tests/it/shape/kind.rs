//! Which kind of thing an id stands for where an argument takes one. The schema only says that it is an id, so this
//! table does; an id that it does not know fails the tests that ask.

use super::Step;

/// Places (`Type.field`, or a field of any type) and the kind of thing that is named there. The whole name counts before the field.
const PLACES: [(&str, &str); 58] = [
    ("Query.node.id", "anything"),
    ("Query.nodes.ids", "anything"),
    ("AuditFilter.subject", "anything"),
    ("AuditFilter.actor", "person"),
    ("PersonRef.id", "person"),
    ("PersonEraseInput.person", "person"),
    ("IdeaRef.id", "idea"),
    ("CheckInRecordInput.id", "chosen checkin"),
    ("CustomerRequestUpsertInput.id", "chosen request"),
    ("IdeaSubmitInput.id", "chosen idea"),
    ("KeyResultAddInput.id", "chosen kr"),
    ("MeetingInputRecordInput.id", "chosen input"),
    ("MeetingPrepareInput.id", "chosen meeting"),
    ("ObjectiveAddInput.id", "chosen obj"),
    ("PlanDraftInput.id", "chosen plan"),
    ("RenegotiationDraftInput.id", "chosen reneg"),
    ("RoadmapAdditionInput.id", "chosen item"),
    ("RoadmapItemAddInput.id", "chosen item"),
    ("TeamCreateInput.id", "chosen team"),
    ("TeamCreateInput.key", "chosen key"),
    ("Query.team.key", "key"),
    ("team", "key"),
    ("PlanUpdateInput.plan", "draft plan"),
    ("PlanCommitInput.plan", "draft plan"),
    ("ObjectiveAddInput.plan", "draft plan"),
    ("ObjectiveUpdateInput.objective", "draft obj"),
    ("ObjectiveRemoveInput.objective", "draft obj"),
    ("KeyResultAddInput.objective", "draft obj"),
    ("KeyResultUpdateInput.keyResult", "draft kr"),
    ("KeyResultRemoveInput.keyResult", "draft kr"),
    ("RenegotiationUpdateInput.renegotiation", "draft reneg"),
    ("RenegotiationProposeInput.renegotiation", "draft reneg"),
    ("MeetingUpdateInput.meeting", "prepared meeting"),
    ("MeetingOpenInput.meeting", "prepared meeting"),
    ("plan", "plan"),
    ("objective", "obj"),
    ("contributesTo", "obj"),
    ("keyResult", "kr"),
    ("keyResults", "kr"),
    ("roadmapItem", "item"),
    ("RoadmapItemMoveInput.after", "other item"),
    ("RoadmapItemMoveInput.before", "other item"),
    ("customerRequest", "request"),
    ("meetingInput", "input"),
    ("question", "question"),
    ("meeting", "meeting"),
    ("idea", "idea"),
    ("IdeaMergeInput.into", "other idea"),
    ("WebhookCreateInput.id", "chosen webhook"),
    ("webhook", "webhook"),
    ("PublishedLinkCreateInput.id", "chosen link"),
    ("publishedLink", "link"),
    ("deliveries", "delivery"),
    ("hookEvent", "hook"),
    ("evidence", "idea"),
    ("renegotiation", "reneg"),
    ("RenegotiationDraftInput.from", "reneg"),
    ("agenda", "reneg"),
];

/// The kind of thing that a path's end names, from the nearest step that says it; none where no row does.
pub(crate) fn kind_at(path: &[Step]) -> Option<&'static str> {
    path.iter().rev().find_map(|step| {
        let whole = format!("{}.{}", step.of, step.field);
        let exact = PLACES.iter().find(|(place, _)| *place == whole);
        exact.or_else(|| PLACES.iter().find(|(place, _)| *place == step.field)).map(|(_, kind)| *kind)
    })
}

/// What the ids of a kind begin with.
pub(crate) fn prefix(kind: &str) -> &str {
    kind.rsplit(' ').next().unwrap_or(kind)
}
