//! Teams, settings, revoked tokens and erased people.

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
    table::Table,
};
use crate::entry::Entry;

pub(super) static TEAM: Head = Head {
    name: "team",
    key: 1,
    columns: &[
        ("id", Kind::Id("team")),
        ("key", Kind::Text),
        ("name", Kind::Text),
        ("archived_at", Kind::Long),
        ("version", Kind::Int),
        ("audit_seq", Kind::Long),
    ],
};

pub(super) static SETTING: Head = Head {
    name: "setting",
    key: 1,
    columns: &[("name", Kind::Text), ("value", Kind::Text), ("audit_seq", Kind::Long)],
};

pub(super) static REVOKED_TOKEN: Table = Table {
    name: "revoked_token",
    from: "revoked_token t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[("token_id", Kind::Text)],
};

/// Of people only those that were erased: what was taken out stays out.
pub(super) static PERSON: Table = Table {
    name: "person",
    from: "(SELECT * FROM person WHERE erased_at IS NOT NULL OR audit_seq IS NOT NULL) t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("id", Kind::Id("person")),
        ("kind", Kind::Text),
        ("issuer", Kind::Text),
        ("subject", Kind::Text),
        ("name", Kind::Text),
        ("salt", Kind::Bytes),
        ("erased_at", Kind::Long),
    ],
};

impl Rows {
    pub(super) fn of_service(&mut self, entry: &Entry<'_>) {
        let after = entry.after();
        match entry.action() {
            "TEAM_CREATED" | "TEAM_UPDATED" | "TEAM_ARCHIVED" => {
                let named = entry.get("subject").get("id");
                let version = self.step(uuid(named, "team"));
                let cells = [
                    Cell::id(named, "team"),
                    Cell::text(after.get("key")),
                    Cell::text(after.get("name")),
                    Cell::instant(after.get("archivedAt")),
                    Cell::number(version),
                    Cell::seq(entry),
                ];
                self.heads.put(&TEAM, &cells);
            }
            "SETTING_CHANGED" => {
                let cells = [Cell::text(after.get("setting")), Cell::text(after.get("value")), Cell::seq(entry)];
                self.heads.put(&SETTING, &cells);
            }
            // The key that signs is kept as a setting, too.
            "CHECKPOINT_KEY_SET" => {
                let cells = [Cell::word("checkpointKey"), Cell::text(after.get("checkpointKey")), Cell::seq(entry)];
                self.heads.put(&SETTING, &cells);
            }
            "PERSON_ERASED" => {
                let cells = vec![
                    Cell::id(entry.get("subject").get("id"), "person"),
                    Cell::text(after.get("kind")),
                    Cell::Null,
                    Cell::Null,
                    Cell::word(""),
                    Cell::Null,
                    Cell::Int(entry.occurred_at),
                ];
                self.want(&PERSON, entry, cells);
            }
            "TOKEN_REVOKED" => self.want(&REVOKED_TOKEN, entry, vec![Cell::text(after.get("token"))]),
            _ => {}
        }
    }
}
