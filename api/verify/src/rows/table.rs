//! The tables whose rows point to the entry that made them, by themselves or by the row that they belong to.
//! Holds which columns are compared; what is not listed here is listed in `api/docs/log.md` as not compared.

use super::{
    cell::{Cell, Kind},
    meeting_tables as meeting, plan_tables as plan, renegotiation, revision, roadmap, service,
};

/// A table with what of it is compared.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name.
    pub(crate) name: &'static str,
    /// What stands behind FROM, the table being `t`.
    pub(crate) from: &'static str,
    /// The column that points to the entry.
    pub(crate) seq: &'static str,
    /// How many of the columns, from the first on, tell the rows of one entry apart.
    pub(crate) key: usize,
    /// The columns.
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// A row, or what one should be.
#[derive(Debug)]
pub(crate) struct Row {
    /// The entry.
    pub(crate) seq: i64,
    /// In the order of the table's columns.
    pub(crate) cells: Vec<Cell>,
    /// The plan that the entry names.
    pub(crate) plan: Option<String>,
}

impl Table {
    /// What rows are sorted by.
    pub(crate) fn order<'r>(&self, row: &'r Row) -> (i64, &'r [Cell]) {
        (row.seq, row.cells.get(..self.key).unwrap_or_default())
    }

    /// A row in words.
    pub(crate) fn shown(&self, row: &Row) -> String {
        let pairs = self.columns.iter().zip(&row.cells).take(self.key.max(2));
        pairs.map(|((name, kind), cell)| format!("{name} {}", cell.shown(*kind))).collect::<Vec<_>>().join(", ")
    }

    /// The plan's revision that a row belongs to, where it belongs to one.
    pub(crate) fn revision(&self, row: &Row) -> Option<u32> {
        let place = self.columns.iter().position(|(name, _)| matches!(*name, "number" | "revision"))?;
        match row.cells.get(place) {
            Some(Cell::Int(number)) => u32::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// Every table.
pub(crate) static TABLES: [&Table; 29] = [
    &plan::QUARTER,
    &plan::PLAN,
    &plan::OBJECTIVE,
    &plan::KEY_RESULT,
    &revision::PLAN_REVISION,
    &revision::OBJECTIVE_VERSION,
    &revision::KEY_RESULT_VERSION,
    &revision::PLAN_CLOSURE,
    &revision::PLAN_WITHOUT_FINAL,
    &plan::CHECK_IN,
    &renegotiation::RENEGOTIATION,
    &renegotiation::VERSION,
    &renegotiation::CHANGE,
    &renegotiation::EVIDENCE,
    &renegotiation::DECISION,
    &meeting::MEETING,
    &meeting::EVENT,
    &meeting::ATTENDEE,
    &meeting::DECIDED,
    &meeting::QUESTION,
    &meeting::OUT_OF_SCOPE,
    &meeting::AGENDA,
    &meeting::ACKNOWLEDGEMENT,
    &meeting::INPUT,
    &meeting::DISPOSITION,
    &roadmap::VERSION,
    &roadmap::SERVES,
    &service::REVOKED_TOKEN,
    &service::PERSON,
];
