//! The columns of `audit_entry` that repeat parts of the body, for filters: each must say what the body says.
//! The body and its leaf hash are `log`'s matter.

use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
    rows::{Cell, Kind},
    typed_id,
};

/// The columns, without `seq`, `body` and `leaf_hash`.
pub(crate) static COLUMNS: [(&str, Kind); 15] = [
    ("id", Kind::Id("audit")),
    ("action", Kind::Text),
    ("actor_id", Kind::Id("person")),
    ("team_id", Kind::Id("team")),
    ("quarter", Kind::Text),
    ("plan_id", Kind::Id("plan")),
    ("subject_kind", Kind::Text),
    ("subject_id", Kind::Id("")),
    ("reason", Kind::Text),
    ("renegotiation_id", Kind::Id("reneg")),
    ("meeting_id", Kind::Id("meeting")),
    ("occurred_at", Kind::Long),
    ("recorded_at", Kind::Long),
    ("imported", Kind::Bool),
    ("request_id", Kind::Text),
];

/// Compares the columns of a row, in the order of `COLUMNS`, with the body.
pub(crate) fn compare(entry: &Entry<'_>, kept: &[Cell], findings: &mut Findings<'_>) {
    for ((name, kind), (said, kept)) in COLUMNS.iter().zip(said(entry).iter().zip(kept)) {
        if !said.equals(kept) {
            let what = format!(
                "audit_entry.{name} is {} in the database, and the body says {}.",
                kept.shown(*kind),
                said.shown(*kind)
            );
            findings.tell(&Finding::on(Code::ColumnDiffers, entry, what));
        }
    }
}

fn said(entry: &Entry<'_>) -> [Cell; 15] {
    let subject = entry.get("subject");
    let subject_id = match entry.subject() {
        Some(id) => typed_id::read_any(id).map_or(Cell::Unreadable, Cell::Id),
        None => Cell::Null,
    };
    [
        Cell::id(entry.get("id"), "audit"),
        Cell::text(entry.get("action")),
        Cell::id(entry.get("by").get("person"), "person"),
        Cell::id(entry.get("team"), "team"),
        Cell::text(entry.get("quarter")),
        Cell::id(entry.get("plan"), "plan"),
        Cell::text(subject.get("kind")),
        subject_id,
        Cell::text(entry.get("reason")),
        Cell::id(entry.get("renegotiation"), "reneg"),
        Cell::id(entry.get("meeting"), "meeting"),
        Cell::Int(entry.occurred_at),
        Cell::Int(entry.recorded_at),
        Cell::Bool(entry.imported),
        Cell::text(entry.get("requestId")),
    ]
}
