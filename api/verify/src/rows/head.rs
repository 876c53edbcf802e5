//! The tables whose rows change in place: each is what the newest entry about it says.
//! What a row should be is remembered as a mark a column, so that a log of any length is compared in little memory.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};

use super::{
    backlog,
    cell::{Cell, Kind},
    mark::Mark,
    plan_tables as plan, published_link, renegotiation, roadmap, service, webhook,
};
use crate::finding::{Code, Finding, Findings};

/// A table; the last of its columns is `audit_seq`, the newest entry.
#[derive(Debug)]
pub(crate) struct Head {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many of the columns, from the first on, are the key.
    pub(crate) key: usize,
    /// The columns.
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// Every such table.
pub(crate) static HEADS: [&Head; 12] = [
    &service::TEAM,
    &service::SETTING,
    &webhook::WEBHOOK,
    &published_link::PUBLISHED_LINK,
    &plan::PLAN_DRAFT,
    &plan::OBJECTIVE_DRAFT,
    &plan::KEY_RESULT_DRAFT,
    &renegotiation::AUTHOR,
    &roadmap::ITEM,
    &backlog::IDEA,
    &backlog::DEAL,
    &backlog::CUSTOMER_REQUEST,
];

type Marks = Box<[Mark]>;

/// What the rows of every such table should be.
#[derive(Debug, Default)]
pub(crate) struct Heads(BTreeMap<&'static str, HashMap<u128, Marks>>);

fn key(cells: &[Cell]) -> u128 {
    match cells {
        [Cell::Id(id)] => id.as_u128(),
        more => {
            let mut hash = Sha256::new();
            for cell in more {
                hash.update(cell.mark().bytes());
            }
            let hash: [u8; 32] = hash.finalize().into();
            hash.first_chunk::<16>().map_or(0, |first| u128::from_be_bytes(*first))
        }
    }
}

impl Heads {
    /// Remembers what a row should be now.
    pub(crate) fn put(&mut self, head: &Head, cells: &[Cell]) {
        let marks = cells.iter().map(Cell::mark).collect();
        self.0.entry(head.name).or_default().insert(key(cells.get(..head.key).unwrap_or_default()), marks);
    }

    /// Forgets a row that should be gone.
    pub(crate) fn remove(&mut self, head: &Head, of: &[Cell]) {
        self.0.entry(head.name).or_default().remove(&key(of));
    }

    /// What is remembered of a column.
    pub(crate) fn mark(&self, head: &Head, of: &[Cell], column: &str) -> Option<Mark> {
        let place = head.place(column)?;
        self.0.get(head.name)?.get(&key(of))?.get(place).copied()
    }

    /// The newest entry of a row, where it says the same as these cells but for that.
    pub(crate) fn newest_if_same(&self, head: &Head, cells: &[Cell]) -> Option<Mark> {
        let known = self.0.get(head.name)?.get(&key(cells.get(..head.key).unwrap_or_default()))?;
        let (newest, known) = known.split_last()?;
        known.iter().zip(cells).all(|(mark, cell)| *mark == cell.mark()).then_some(*newest)
    }

    /// Remembers a column anew, by what stands for it.
    pub(crate) fn set(&mut self, head: &Head, of: &[Cell], column: &str, mark: Mark) {
        let marks = self.0.entry(head.name).or_default().get_mut(&key(of));
        if let Some(slot) = marks.zip(head.place(column)).and_then(|(marks, place)| marks.get_mut(place)) {
            *slot = mark;
        }
    }

    /// Compares a row that is there.
    pub(crate) fn compare(&mut self, head: &Head, cells: &[Cell], findings: &mut Findings<'_>) {
        let shown = head.shown(cells);
        let Some(wanted) = self.0.entry(head.name).or_default().remove(&key(cells.get(..head.key).unwrap_or_default()))
        else {
            let what = format!("There is a row of {} that no entry says ({shown}).", head.name);
            return findings.tell(&Finding::new(Code::RowUnlogged, what));
        };
        for ((name, kind), (mark, cell)) in head.columns.iter().zip(wanted.iter().zip(cells)) {
            if *mark != cell.mark() || *cell == Cell::Unreadable {
                let what = format!(
                    "{}.{name} is {} in the database, which is not what the entries say ({shown}).",
                    head.name,
                    cell.shown(*kind)
                );
                findings.tell(&head.finding(Code::RowDiffers, &wanted, what));
            }
        }
    }

    /// Says what should have been there and was not met.
    pub(crate) fn finish(&mut self, head: &Head, findings: &mut Findings<'_>) {
        for wanted in self.0.remove(head.name).unwrap_or_default().into_values() {
            let what =
                format!("the newest entry about a row of {} says what it is, and the row is not there.", head.name);
            findings.tell(&head.finding(Code::RowMissing, &wanted, what));
        }
    }
}

impl Head {
    fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _)| *name == column)
    }

    fn shown(&self, cells: &[Cell]) -> String {
        let pairs = self.columns.iter().zip(cells).take(self.key);
        pairs.map(|((name, kind), cell)| format!("{name} {}", cell.shown(*kind))).collect::<Vec<_>>().join(", ")
    }

    /// Names the newest entry, where the table points to it.
    fn finding(&self, code: Code, wanted: &[Mark], what: String) -> Finding {
        let finding = Finding::new(code, what);
        match self.place("audit_seq").and_then(|place| wanted.get(place)).and_then(|mark| mark.as_seq()) {
            Some(seq) => finding.within(seq, seq),
            None => finding,
        }
    }
}
