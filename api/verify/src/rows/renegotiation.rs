//! Renegotiations: each step one version with its exact changes and its evidence; a decision.
//! The revision that an approval makes stands in `revision`.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
    plan::{key_result_terms, objective_terms},
    table::Table,
};
use crate::{entry::Entry, json::Json};

pub(super) static RENEGOTIATION: Table = Table {
    name: "renegotiation",
    from: "renegotiation t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[("id", Kind::Id("reneg")), ("plan_id", Kind::Id("plan")), ("imported", Kind::Bool)],
};

pub(super) static VERSION: Table = Table {
    name: "renegotiation_version",
    from: "renegotiation_version t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("renegotiation_id", Kind::Id("reneg")),
        ("version", Kind::Int),
        ("status", Kind::Text),
        ("trigger_text", Kind::Text),
        ("reason", Kind::Text),
        ("trade_off", Kind::Text),
        ("decide_by", Kind::Long),
        ("base_revision", Kind::Int),
        ("digest", Kind::Text),
        ("change_count", Kind::Int),
        ("proposed_by", Kind::Id("person")),
        ("proposed_at", Kind::Long),
    ],
};

pub(super) static CHANGE: Table = Table {
    name: "renegotiation_change",
    from: "renegotiation_change t LEFT JOIN renegotiation_version v
             ON v.renegotiation_id = t.renegotiation_id AND v.version = t.version",
    seq: "v.audit_seq",
    key: 3,
    columns: &[
        ("renegotiation_id", Kind::Id("reneg")),
        ("version", Kind::Int),
        ("place", Kind::Int),
        ("kind", Kind::Text),
        ("objective_id", Kind::Id("obj")),
        ("key_result_id", Kind::Id("kr")),
        ("why", Kind::Text),
        ("capacity", Kind::Text),
        ("title", Kind::Text),
        ("rationale", Kind::Text),
        ("owner_id", Kind::Id("person")),
        ("load", Kind::Text),
        ("contributes_to", Kind::Id("obj")),
        ("unit", Kind::Text),
        ("baseline", Kind::Text),
        ("target", Kind::Text),
    ],
};

pub(super) static EVIDENCE: Table = Table {
    name: "renegotiation_evidence",
    from: "renegotiation_evidence t LEFT JOIN renegotiation_version v
             ON v.renegotiation_id = t.renegotiation_id AND v.version = t.version",
    seq: "v.audit_seq",
    key: 3,
    columns: &[
        ("renegotiation_id", Kind::Id("reneg")),
        ("version", Kind::Int),
        ("place", Kind::Int),
        ("idea_id", Kind::Id("idea")),
    ],
};

pub(super) static DECISION: Table = Table {
    name: "decision",
    from: "decision t",
    seq: "t.audit_seq",
    key: 0,
    columns: &[
        ("renegotiation_id", Kind::Id("reneg")),
        ("plan_id", Kind::Id("plan")),
        ("version", Kind::Int),
        ("outcome", Kind::Text),
        ("rationale", Kind::Text),
        ("by_person", Kind::Id("person")),
        ("meeting_id", Kind::Id("meeting")),
        ("digest", Kind::Text),
        ("at", Kind::Long),
    ],
};

/// It points to no entry; what is compared is that it names the authors that the newest entry names.
pub(super) static AUTHOR: Head = Head {
    name: "renegotiation_author",
    key: 2,
    columns: &[("renegotiation_id", Kind::Id("reneg")), ("person_id", Kind::Id("person"))],
};

/// What is remembered of renegotiations: who proposed each that is proposed, and when.
#[derive(Debug, Default)]
pub(super) struct Renegotiations(HashMap<Uuid, (Cell, i64)>);

impl Rows {
    pub(super) fn of_renegotiation(&mut self, entry: &Entry<'_>) {
        match entry.action() {
            "RENEGOTIATION_DRAFTED"
            | "RENEGOTIATION_UPDATED"
            | "RENEGOTIATION_PROPOSED"
            | "RENEGOTIATION_REBASED"
            | "RENEGOTIATION_WITHDRAWN" => self.renegotiation_stated(entry),
            "RENEGOTIATION_DECIDED" => self.renegotiation_decided(entry),
            _ => {}
        }
    }

    fn renegotiation_stated(&mut self, entry: &Entry<'_>) {
        let named = entry.get("subject").get("id");
        let (id, own) = (uuid(named, "reneg"), Cell::id(named, "reneg"));
        let version = self.step(id);
        if version == 1 {
            let cells = vec![own.clone(), Cell::id(entry.get("plan"), "plan"), Cell::Bool(entry.imported)];
            self.want(&RENEGOTIATION, entry, cells);
        }
        let stated = entry.after();
        let (by, at) = self.proposal(id, entry);
        let terms = stated.get("terms");
        let changes = terms.get("changes").list();
        let cells = vec![
            own.clone(),
            Cell::number(version),
            Cell::text(stated.get("status")),
            Cell::text(terms.get("trigger")),
            Cell::text(terms.get("reason")),
            Cell::text(terms.get("tradeOff")),
            Cell::instant(terms.get("decideBy")),
            Cell::int(terms.get("baseRevision")),
            Cell::text(stated.get("digest")),
            i64::try_from(changes.len()).map_or(Cell::Unreadable, Cell::Int),
            by,
            at,
        ];
        self.want(&VERSION, entry, cells);
        for author in stated.get("authors").list() {
            self.heads.put(&AUTHOR, &[own.clone(), Cell::id(author, "person")]);
        }
        self.renegotiation_parts(entry, &[own, Cell::number(version)]);
    }

    /// Who proposed it and when, where it is proposed.
    fn proposal(&mut self, id: Uuid, entry: &Entry<'_>) -> (Cell, Cell) {
        match (entry.action(), entry.after().get("status").text()) {
            ("RENEGOTIATION_PROPOSED", _) => {
                let person = Cell::id(entry.get("by").get("person"), "person");
                self.renegotiations.0.insert(id, (person, entry.occurred_at));
            }
            (_, Some("PROPOSED")) => {}
            _ => {
                self.renegotiations.0.remove(&id);
            }
        }
        let proposal = self.renegotiations.0.get(&id).cloned();
        proposal.map_or((Cell::Null, Cell::Null), |(by, at)| (by, Cell::Int(at)))
    }

    fn renegotiation_parts(&mut self, entry: &Entry<'_>, version: &[Cell; 2]) {
        let terms = entry.after().get("terms");
        for (place, change) in (0_u32..).zip(terms.get("changes").list()) {
            let mut cells = version.to_vec();
            cells.push(Cell::number(place));
            cells.extend(self.change(change));
            self.want(&CHANGE, entry, cells);
        }
        for (place, idea) in (0_u32..).zip(terms.get("evidence").list()) {
            let cells = [&version[..], &[Cell::number(place), Cell::id(idea, "idea")]].concat();
            self.want(&EVIDENCE, entry, cells);
        }
    }

    /// The columns of a change behind its place; what it changes from is not kept in the row.
    fn change(&self, change: &Json<'_>) -> Vec<Cell> {
        let (was, is) = (change.get("before"), change.get("after"));
        let kind = change.get("change").text().unwrap_or_default();
        let (mut capacity, mut title, mut owner) = (Cell::Null, Cell::Null, Cell::Null);
        let [mut rationale, mut load, mut lineage] = [const { Cell::Null }; 3];
        let [mut unit, mut baseline, mut target] = [const { Cell::Null }; 3];
        let either = if is.is_null() { was } else { is };
        let terms = if kind == "KEY_RESULT_ADDED" { is.get("terms") } else { either };
        let (mut objective, mut key_result) = (Cell::id(terms.get("objective"), "obj"), Cell::Null);
        if kind.starts_with("KEY_RESULT") {
            let home = self.plans.homes.get(&uuid(terms.get("keyResult"), "kr")).map(|home| Cell::Id(*home));
            let named = if kind == "KEY_RESULT_ADDED" { Some(Cell::id(is.get("objective"), "obj")) } else { home };
            objective = named.unwrap_or(Cell::Unreadable);
            key_result = Cell::id(terms.get("keyResult"), "kr");
        }
        match kind {
            "OBJECTIVE_ADDED" | "OBJECTIVE_AMENDED" => {
                [title, rationale, owner, load, lineage] = objective_terms(terms);
            }
            "KEY_RESULT_ADDED" | "KEY_RESULT_AMENDED" => {
                [title, owner, unit, baseline, target] = key_result_terms(terms);
            }
            "CAPACITY_CHANGED" => {
                objective = Cell::Null;
                capacity = Cell::text(is);
            }
            _ => {}
        }
        let why = Cell::text(change.get("why"));
        let kind = Cell::word(kind);
        vec![kind, objective, key_result, why, capacity, title, rationale, owner, load, lineage, unit, baseline, target]
    }

    fn renegotiation_decided(&mut self, entry: &Entry<'_>) {
        let (named, after) = (entry.get("subject").get("id"), entry.after());
        let version = self.versions.get(&uuid(named, "reneg")).copied().unwrap_or_default();
        let cells = vec![
            Cell::id(named, "reneg"),
            Cell::id(entry.get("plan"), "plan"),
            Cell::number(version),
            Cell::text(after.get("outcome")),
            Cell::text(after.get("rationale")),
            Cell::id(entry.get("by").get("person"), "person"),
            Cell::id(entry.get("meeting"), "meeting"),
            Cell::text(entry.get("digest")),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&DECISION, entry, cells);
        if after.get("outcome").text() == Some("APPROVED") {
            self.plan_revised(entry);
        }
    }
}
