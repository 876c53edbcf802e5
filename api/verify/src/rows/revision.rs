//! Revisions: which rows a commit, an approval and a closing become. A revision writes what it changed and nothing
//! else; what was dropped gets a last version.

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    plan::{key_result_terms, objective_terms, position},
    positions::Positions,
    table::Table,
};
use crate::{entry::Entry, json, json::Json, tree::hex};

pub(super) static PLAN_REVISION: Table = Table {
    name: "plan_revision",
    from: "plan_revision t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("plan_id", Kind::Id("plan")),
        ("number", Kind::Int),
        ("capacity", Kind::Text),
        ("capacity_unit", Kind::Text),
        ("digest", Kind::Text),
        ("renegotiation_id", Kind::Id("reneg")),
        ("outcome", Kind::Text),
        ("by_person", Kind::Id("person")),
        ("imported", Kind::Bool),
        ("at", Kind::Long),
        ("recorded_at", Kind::Long),
    ],
};

pub(super) static OBJECTIVE_VERSION: Table = Table {
    name: "objective_version",
    from: "objective_version t LEFT JOIN plan_revision r ON r.plan_id = t.plan_id AND r.number = t.number",
    seq: "r.audit_seq",
    key: 2,
    columns: &[
        ("objective_id", Kind::Id("obj")),
        ("number", Kind::Int),
        ("plan_id", Kind::Id("plan")),
        ("position", Kind::Int),
        ("dropped", Kind::Bool),
        ("title", Kind::Text),
        ("rationale", Kind::Text),
        ("owner_id", Kind::Id("person")),
        ("load", Kind::Text),
        ("contributes_to", Kind::Id("obj")),
    ],
};

pub(super) static KEY_RESULT_VERSION: Table = Table {
    name: "key_result_version",
    from: "key_result_version t LEFT JOIN plan_revision r ON r.plan_id = t.plan_id AND r.number = t.number",
    seq: "r.audit_seq",
    key: 2,
    columns: &[
        ("key_result_id", Kind::Id("kr")),
        ("number", Kind::Int),
        ("plan_id", Kind::Id("plan")),
        ("objective_id", Kind::Id("obj")),
        ("position", Kind::Int),
        ("dropped", Kind::Bool),
        ("title", Kind::Text),
        ("owner_id", Kind::Id("person")),
        ("unit", Kind::Text),
        ("baseline", Kind::Text),
        ("target", Kind::Text),
    ],
};

pub(super) static PLAN_CLOSURE: Table = Table {
    name: "plan_closure",
    from: "plan_closure t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[("plan_id", Kind::Id("plan")), ("by_person", Kind::Id("person")), ("at", Kind::Long)],
};

pub(super) static PLAN_WITHOUT_FINAL: Table = Table {
    name: "plan_without_final",
    from: "plan_without_final t LEFT JOIN plan_closure c ON c.plan_id = t.plan_id",
    seq: "c.audit_seq",
    key: 1,
    columns: &[("key_result_id", Kind::Id("kr")), ("plan_id", Kind::Id("plan")), ("reason", Kind::Text)],
};

impl Rows {
    pub(super) fn plan_committed(&mut self, entry: &Entry<'_>) {
        let stated = entry.after().get("commitment");
        if entry.imported {
            self.plan_begun(entry);
        }
        self.revision_made(entry, stated);
        for objective in stated.get("objectives").list() {
            let terms = objective.get("terms");
            if entry.imported {
                self.objective_made(entry, terms);
                self.draft_objective(entry, terms);
            }
            self.objective_version(entry, terms, false);
            for key_result in objective.get("keyResults").list() {
                if entry.imported {
                    self.key_result_made(entry, terms.get("objective"), key_result);
                    self.draft_key_result(entry, key_result);
                }
                self.key_result_version(entry, key_result, false);
            }
        }
    }

    pub(super) fn plan_closed(&mut self, entry: &Entry<'_>) {
        let plan = || Cell::id(entry.get("plan"), "plan");
        let person = Cell::id(entry.get("by").get("person"), "person");
        self.want(&PLAN_CLOSURE, entry, vec![plan(), person, Cell::Int(entry.occurred_at)]);
        for named in entry.after().get("withoutFinal").list() {
            let cells = vec![Cell::id(named.get("keyResult"), "kr"), plan(), Cell::text(named.get("reason"))];
            self.want(&PLAN_WITHOUT_FINAL, entry, cells);
        }
    }

    /// What an approval changed, in the order in which it changed it.
    pub(super) fn plan_revised(&mut self, entry: &Entry<'_>) {
        let after = entry.after();
        self.revision_made(entry, after.get("commitment"));
        for change in after.get("renegotiation").get("terms").get("changes").list() {
            let (was, is) = (change.get("before"), change.get("after"));
            match change.get("change").text().unwrap_or_default() {
                "OBJECTIVE_ADDED" => {
                    self.objective_made(entry, is);
                    self.objective_version(entry, is, false);
                }
                "OBJECTIVE_AMENDED" => self.objective_version(entry, is, false),
                "OBJECTIVE_DROPPED" => self.objective_version(entry, was, true),
                "KEY_RESULT_ADDED" => {
                    self.key_result_made(entry, is.get("objective"), is.get("terms"));
                    self.key_result_version(entry, is.get("terms"), false);
                }
                "KEY_RESULT_AMENDED" => self.key_result_version(entry, is, false),
                "KEY_RESULT_DROPPED" => self.key_result_version(entry, was, true),
                _ => {}
            }
        }
        self.positions(entry).remove_empty();
    }

    fn positions(&mut self, entry: &Entry<'_>) -> &mut Positions {
        self.plans.positions.entry(uuid(entry.get("plan"), "plan")).or_default()
    }

    fn revision_made(&mut self, entry: &Entry<'_>, stated: &Json<'_>) {
        let digest = json::digest(&[("commitment", stated), ("plan", entry.get("plan"))]);
        let renegotiation = entry.get("renegotiation");
        let outcome = if renegotiation.is_null() { Cell::Null } else { Cell::word("APPROVED") };
        let cells = vec![
            Cell::id(entry.get("plan"), "plan"),
            Cell::int(entry.after().get("revision")),
            Cell::text(stated.get("capacity")),
            Cell::text(stated.get("capacityUnit")),
            Cell::Text(hex(&digest)),
            Cell::id(renegotiation, "reneg"),
            outcome,
            Cell::id(entry.get("by").get("person"), "person"),
            Cell::Bool(entry.imported),
            Cell::Int(entry.occurred_at),
            Cell::Int(entry.recorded_at),
        ];
        self.want(&PLAN_REVISION, entry, cells);
    }

    fn objective_version(&mut self, entry: &Entry<'_>, terms: &Json<'_>, dropped: bool) {
        let id = uuid(terms.get("objective"), "obj");
        let number = if dropped { Some(0) } else { self.positions(entry).of(id) };
        if dropped {
            self.positions(entry).remove(id);
        }
        let mut cells = vec![
            Cell::id(terms.get("objective"), "obj"),
            Cell::int(entry.after().get("revision")),
            Cell::id(entry.get("plan"), "plan"),
            position(number),
            Cell::Bool(dropped),
        ];
        cells.extend(objective_terms(terms));
        self.want(&OBJECTIVE_VERSION, entry, cells);
    }

    fn key_result_version(&mut self, entry: &Entry<'_>, terms: &Json<'_>, dropped: bool) {
        let id = uuid(terms.get("keyResult"), "kr");
        let number = if dropped { Some(0) } else { self.positions(entry).of_member(id) };
        if dropped {
            self.positions(entry).remove_member(id);
        }
        let mut cells = vec![
            Cell::id(terms.get("keyResult"), "kr"),
            Cell::int(entry.after().get("revision")),
            Cell::id(entry.get("plan"), "plan"),
            self.plans.homes.get(&id).map_or(Cell::Unreadable, |home| Cell::Id(*home)),
            position(number),
            Cell::Bool(dropped),
        ];
        cells.extend(key_result_terms(terms));
        self.want(&KEY_RESULT_VERSION, entry, cells);
    }
}
