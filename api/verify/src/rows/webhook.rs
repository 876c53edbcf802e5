//! Webhooks: where the log is told.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
};
use crate::{entry::Entry, json::Json};

pub(super) static WEBHOOK: Head = Head {
    name: "webhook",
    key: 1,
    columns: &[
        ("id", Kind::Id("webhook")),
        ("team_id", Kind::Id("team")),
        ("url", Kind::Text),
        ("description", Kind::Text),
        ("actions", Kind::Text),
        ("generation", Kind::Int),
        ("overlap_until", Kind::Long),
        ("disabled_because", Kind::Text),
        ("deleted_at", Kind::Long),
        ("version", Kind::Int),
        ("created_seq", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

/// The entry that made each.
pub(super) type Webhooks = HashMap<Uuid, Cell>;

/// The list's names with a space between them.
fn actions(list: &Json<'_>) -> Cell {
    let names: Option<Vec<_>> = list.list().iter().map(|name| name.text()).collect();
    names.map_or(Cell::Unreadable, |names| Cell::word(&names.join(" ")))
}

impl Rows {
    pub(super) fn of_webhook(&mut self, entry: &Entry<'_>) {
        if !entry.action().starts_with("WEBHOOK_") {
            return;
        }
        let (after, named) = (entry.after(), entry.get("subject").get("id"));
        let id = uuid(named, "webhook");
        let version = self.step(id);
        let created = self.webhooks.entry(id).or_insert_with(|| Cell::seq(entry)).clone();
        let cells = [
            Cell::id(named, "webhook"),
            Cell::id(entry.get("team"), "team"),
            Cell::text(after.get("url")),
            Cell::text(after.get("description")),
            actions(after.get("actions")),
            Cell::int(after.get("generation")),
            Cell::instant(after.get("overlapUntil")),
            Cell::text(after.get("disabledBecause")),
            Cell::instant(after.get("deletedAt")),
            Cell::number(version),
            created,
            Cell::seq(entry),
        ];
        self.heads.put(&WEBHOOK, &cells);
    }
}
