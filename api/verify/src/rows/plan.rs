//! Plans and their drafts: which rows drafting, editing and checking in become.
//! What a commit and a decision become stands in `revision`.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, uuid},
    mark::Mark,
    plan_tables::{CHECK_IN, KEY_RESULT, KEY_RESULT_DRAFT, OBJECTIVE, OBJECTIVE_DRAFT, PLAN, PLAN_DRAFT, QUARTER},
    positions::Positions,
};
use crate::{entry::Entry, json::Json};

/// What is remembered of plans.
#[derive(Debug, Default)]
pub(super) struct Plans {
    quarters: HashSet<String>,
    pub(super) positions: HashMap<Uuid, Positions>,
    /// The objective of each key result there ever was.
    pub(super) homes: HashMap<Uuid, Uuid>,
}

/// A number that the log implies.
pub(super) fn position(number: Option<u32>) -> Cell {
    number.map_or(Cell::Unreadable, Cell::number)
}

impl Rows {
    pub(super) fn of_plan(&mut self, entry: &Entry<'_>) {
        match entry.action() {
            "PLAN_DRAFTED" => self.plan_begun(entry),
            "PLAN_UPDATED" => self.draft_stepped(entry),
            "OBJECTIVE_ADDED" | "OBJECTIVE_UPDATED" | "OBJECTIVE_REMOVED" => self.objective_drafted(entry),
            "KEY_RESULT_ADDED" | "KEY_RESULT_UPDATED" | "KEY_RESULT_REMOVED" => self.key_result_drafted(entry),
            "PLAN_COMMITTED" => self.plan_committed(entry),
            "PLAN_CLOSED" => self.plan_closed(entry),
            "CHECK_IN_RECORDED" => self.checked_in(entry),
            _ => {}
        }
    }

    pub(super) fn plan_begun(&mut self, entry: &Entry<'_>) {
        if let Some(quarter) = entry.text("quarter")
            && self.plans.quarters.insert(quarter.to_owned())
        {
            self.want(&QUARTER, entry, vec![Cell::word(quarter)]);
        }
        let cells = vec![
            Cell::id(entry.get("plan"), "plan"),
            Cell::id(entry.get("team"), "team"),
            Cell::text(entry.get("quarter")),
            Cell::Bool(entry.imported),
        ];
        self.want(&PLAN, entry, cells);
        self.draft_stepped(entry);
    }

    /// The head of the draft: every edit moves it on, and two of them say the capacity.
    fn draft_stepped(&mut self, entry: &Entry<'_>) {
        let id = Cell::id(entry.get("plan"), "plan");
        let version = self.step(uuid(entry.get("plan"), "plan"));
        let stated = match entry.action() {
            "PLAN_DRAFTED" | "PLAN_UPDATED" => entry.after(),
            "PLAN_COMMITTED" => entry.after().get("commitment"),
            _ => {
                let key = [id];
                self.heads.set(&PLAN_DRAFT, &key, "version", Mark::Int(version.into()));
                return self.heads.set(&PLAN_DRAFT, &key, "audit_seq", Mark::seq(entry.seq));
            }
        };
        let cells = [
            id,
            Cell::text(stated.get("capacity")),
            Cell::text(stated.get("capacityUnit")),
            Cell::number(version),
            Cell::seq(entry),
        ];
        self.heads.put(&PLAN_DRAFT, &cells);
    }

    fn objective_drafted(&mut self, entry: &Entry<'_>) {
        self.draft_stepped(entry);
        let id = uuid(entry.get("subject").get("id"), "obj");
        let plan = uuid(entry.get("plan"), "plan");
        match entry.action() {
            "OBJECTIVE_REMOVED" => {
                let members = self.plans.positions.entry(plan).or_default().remove(id);
                self.heads.remove(&OBJECTIVE_DRAFT, &[Cell::Id(id)]);
                for member in members {
                    self.heads.remove(&KEY_RESULT_DRAFT, &[Cell::Id(member)]);
                }
            }
            action => {
                if action == "OBJECTIVE_ADDED" {
                    self.objective_made(entry, entry.after());
                }
                self.draft_objective(entry, entry.after());
            }
        }
    }

    fn key_result_drafted(&mut self, entry: &Entry<'_>) {
        self.draft_stepped(entry);
        let id = uuid(entry.get("subject").get("id"), "kr");
        match entry.action() {
            "KEY_RESULT_REMOVED" => {
                let plan = uuid(entry.get("plan"), "plan");
                self.plans.positions.entry(plan).or_default().remove_member(id);
                self.heads.remove(&KEY_RESULT_DRAFT, &[Cell::Id(id)]);
            }
            "KEY_RESULT_ADDED" => {
                let terms = entry.after().get("terms");
                self.key_result_made(entry, entry.after().get("objective"), terms);
                self.draft_key_result(entry, terms);
            }
            _ => self.draft_key_result(entry, entry.after()),
        }
    }

    /// An objective that is new, with its identity and its place.
    pub(super) fn objective_made(&mut self, entry: &Entry<'_>, terms: &Json<'_>) {
        let plan = uuid(entry.get("plan"), "plan");
        self.plans.positions.entry(plan).or_default().add(uuid(terms.get("objective"), "obj"));
        let cells = vec![Cell::id(terms.get("objective"), "obj"), Cell::id(entry.get("plan"), "plan")];
        self.want(&OBJECTIVE, entry, cells);
    }

    /// A key result that is new, with its identity and its place.
    pub(super) fn key_result_made(&mut self, entry: &Entry<'_>, objective: &Json<'_>, terms: &Json<'_>) {
        let (plan, home, id) =
            (uuid(entry.get("plan"), "plan"), uuid(objective, "obj"), uuid(terms.get("keyResult"), "kr"));
        self.plans.positions.entry(plan).or_default().add_member(home, id);
        self.plans.homes.insert(id, home);
        let cells = vec![
            Cell::id(terms.get("keyResult"), "kr"),
            Cell::id(objective, "obj"),
            Cell::id(entry.get("plan"), "plan"),
        ];
        self.want(&KEY_RESULT, entry, cells);
    }

    pub(super) fn draft_objective(&mut self, entry: &Entry<'_>, terms: &Json<'_>) {
        let plan = uuid(entry.get("plan"), "plan");
        let number = self.plans.positions.entry(plan).or_default().of(uuid(terms.get("objective"), "obj"));
        let mut cells =
            vec![Cell::id(terms.get("objective"), "obj"), Cell::id(entry.get("plan"), "plan"), position(number)];
        cells.extend(objective_terms(terms));
        cells.push(Cell::seq(entry));
        self.heads.put(&OBJECTIVE_DRAFT, &cells);
    }

    pub(super) fn draft_key_result(&mut self, entry: &Entry<'_>, terms: &Json<'_>) {
        let (plan, id) = (uuid(entry.get("plan"), "plan"), uuid(terms.get("keyResult"), "kr"));
        let number = self.plans.positions.entry(plan).or_default().of_member(id);
        let home = self.plans.homes.get(&id).map_or(Cell::Unreadable, |home| Cell::Id(*home));
        let key_result = Cell::id(terms.get("keyResult"), "kr");
        let mut cells = vec![key_result, Cell::id(entry.get("plan"), "plan"), home, position(number)];
        cells.extend(key_result_terms(terms));
        cells.push(Cell::seq(entry));
        self.heads.put(&KEY_RESULT_DRAFT, &cells);
    }

    fn checked_in(&mut self, entry: &Entry<'_>) {
        let after = entry.after();
        let cells = vec![
            Cell::id(entry.get("subject").get("id"), "checkin"),
            Cell::id(after.get("keyResult"), "kr"),
            Cell::id(entry.get("plan"), "plan"),
            Cell::text(after.get("kind")),
            Cell::text(after.get("value")),
            Cell::text(after.get("confidence")),
            Cell::text(after.get("note")),
            Cell::text(entry.get("reason")),
            Cell::id(entry.get("by").get("person"), "person"),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&CHECK_IN, entry, cells);
    }
}

/// Title, rationale, owner, load and lineage.
pub(super) fn objective_terms(terms: &Json<'_>) -> [Cell; 5] {
    [
        Cell::text(terms.get("title")),
        Cell::text(terms.get("rationale")),
        Cell::id(terms.get("owner"), "person"),
        Cell::text(terms.get("load")),
        Cell::id(terms.get("contributesTo"), "obj"),
    ]
}

/// Title, owner, unit, baseline and target.
pub(super) fn key_result_terms(terms: &Json<'_>) -> [Cell; 5] {
    [
        Cell::text(terms.get("title")),
        Cell::id(terms.get("owner"), "person"),
        Cell::text(terms.get("unit")),
        Cell::text(terms.get("baseline")),
        Cell::text(terms.get("target")),
    ]
}
