//! The roadmap: each step of an item one version, with the key results it serves where they were stated anew, and the
//! head row that says where it stands now.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
    table::Table,
};
use crate::{entry::Entry, json, tree::Hash};

pub(super) static VERSION: Table = Table {
    name: "roadmap_item_version",
    from: "roadmap_item_version t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("item_id", Kind::Id("item")),
        ("version", Kind::Int),
        ("title", Kind::Text),
        ("problem", Kind::Text),
        ("horizon", Kind::Text),
        ("status", Kind::Text),
        ("rank_key", Kind::Text),
        ("effort", Kind::Text),
        ("reason", Kind::Text),
        ("content_version", Kind::Int),
        ("at", Kind::Long),
    ],
};

pub(super) static SERVES: Table = Table {
    name: "roadmap_item_key_result",
    from: "roadmap_item_key_result t LEFT JOIN roadmap_item_version v ON v.item_id = t.item_id AND v.version = t.version",
    seq: "v.audit_seq",
    key: 3,
    columns: &[
        ("item_id", Kind::Id("item")),
        ("version", Kind::Int),
        ("key_result_id", Kind::Id("kr")),
        ("place", Kind::Int),
    ],
};

pub(super) static ITEM: Head = Head {
    name: "roadmap_item",
    key: 1,
    columns: &[
        ("id", Kind::Id("item")),
        ("version", Kind::Int),
        ("title", Kind::Text),
        ("problem", Kind::Text),
        ("horizon", Kind::Text),
        ("status", Kind::Text),
        ("rank_key", Kind::Text),
        ("effort", Kind::Text),
        ("reason", Kind::Text),
        ("content_version", Kind::Int),
        ("at", Kind::Long),
        ("team_id", Kind::Id("team")),
        ("created_seq", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

/// What is remembered of an item: its first entry, and with which step it stated which key results last.
#[derive(Debug)]
struct Item {
    created: Cell,
    content: u32,
    serves: Hash,
}

/// What is remembered of the items.
#[derive(Debug, Default)]
pub(super) struct Roadmap(HashMap<Uuid, Item>);

impl Rows {
    pub(super) fn of_roadmap(&mut self, entry: &Entry<'_>) {
        if !entry.action().starts_with("ROADMAP_ITEM_") {
            return;
        }
        let (named, after) = (entry.get("subject").get("id"), entry.after());
        let (id, own) = (uuid(named, "item"), Cell::id(named, "item"));
        let version = self.step(id);
        let serves = json::digest(&[("keyResults", after.get("keyResults"))]);
        let known =
            self.roadmap.0.entry(id).or_insert_with(|| Item { created: Cell::seq(entry), content: version, serves });
        if known.serves != serves {
            (known.content, known.serves) = (version, serves);
        }
        let (content, created) = (known.content, known.created.clone());
        let dropped = after.get("status").text() == Some("DROPPED");
        let mut cells = vec![
            own.clone(),
            Cell::number(version),
            Cell::text(after.get("title")),
            Cell::text(after.get("problem")),
            Cell::text(after.get("horizon")),
            Cell::text(after.get("status")),
            Cell::text(after.get("rank")),
            Cell::text(after.get("effort")),
            if dropped { Cell::text(entry.get("reason")) } else { Cell::Null },
            Cell::number(content),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&VERSION, entry, cells.clone());
        cells.extend([Cell::id(entry.get("team"), "team"), created, Cell::seq(entry)]);
        self.heads.put(&ITEM, &cells);
        if content == version {
            for (place, key_result) in (0_u32..).zip(after.get("keyResults").list()) {
                let key_result = Cell::id(key_result, "kr");
                self.want(&SERVES, entry, vec![own.clone(), Cell::number(version), key_result, Cell::number(place)]);
            }
        }
    }
}
