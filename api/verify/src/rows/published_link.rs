//! Published links: who reads a plan without an account.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
};
use crate::entry::Entry;

pub(super) static PUBLISHED_LINK: Head = Head {
    name: "published_link",
    key: 1,
    columns: &[
        ("id", Kind::Id("link")),
        ("team_id", Kind::Id("team")),
        ("name", Kind::Text),
        ("revoked_at", Kind::Long),
        ("version", Kind::Int),
        ("created_seq", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

/// The entry that made each.
pub(super) type PublishedLinks = HashMap<Uuid, Cell>;

impl Rows {
    pub(super) fn of_published_link(&mut self, entry: &Entry<'_>) {
        if !entry.action().starts_with("PUBLISHED_LINK_") {
            return;
        }
        let (after, named) = (entry.after(), entry.get("subject").get("id"));
        let id = uuid(named, "link");
        let version = self.step(id);
        let created = self.published_links.entry(id).or_insert_with(|| Cell::seq(entry)).clone();
        let cells = [
            Cell::id(named, "link"),
            Cell::id(entry.get("team"), "team"),
            Cell::text(after.get("name")),
            Cell::instant(after.get("revokedAt")),
            Cell::number(version),
            created,
            Cell::seq(entry),
        ];
        self.heads.put(&PUBLISHED_LINK, &cells);
    }
}
