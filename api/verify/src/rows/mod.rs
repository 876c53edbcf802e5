//! Rows against leaves: what each entry says must stand in the tables that point to it, no more and no less.
//! Holds the walk over the entries and the order of the nouns; each noun's file says which row an entry becomes.

mod backlog;
mod cell;
#[cfg(test)]
mod docs_tests;
mod head;
mod mark;
mod meeting;
mod meeting_tables;
mod plan;
mod plan_tables;
mod positions;
mod published_link;
mod renegotiation;
mod revision;
mod roadmap;
mod service;
mod table;
mod webhook;

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

pub(crate) use self::{
    cell::{Cell, Kind},
    head::{HEADS, Head, Heads},
    table::{Row, TABLES, Table},
};
use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
};

/// What the entries read so far say that the rows are.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// By table, what the entries of this page became.
    wanted: BTreeMap<&'static str, Vec<Row>>,
    pub(crate) heads: Heads,
    /// How many steps each thing has taken.
    versions: HashMap<Uuid, u32>,
    plans: plan::Plans,
    renegotiations: renegotiation::Renegotiations,
    meetings: meeting::Meetings,
    roadmap: roadmap::Roadmap,
    backlog: backlog::Backlog,
    webhooks: webhook::Webhooks,
    published_links: published_link::PublishedLinks,
}

impl Rows {
    /// Takes note of what an entry became.
    pub(crate) fn expect(&mut self, entry: &Entry<'_>) {
        self.of_plan(entry);
        self.of_renegotiation(entry);
        self.of_meeting(entry);
        self.of_roadmap(entry);
        self.of_backlog(entry);
        self.of_service(entry);
        self.of_webhook(entry);
        self.of_published_link(entry);
    }

    fn want(&mut self, table: &'static Table, entry: &Entry<'_>, cells: Vec<Cell>) {
        let seq = i64::try_from(entry.seq).unwrap_or(i64::MAX);
        let plan = entry.plan().map(ToOwned::to_owned);
        self.wanted.entry(table.name).or_default().push(Row { seq, cells, plan });
    }

    /// The number of this step of the entry's subject, from 1.
    fn step(&mut self, id: Uuid) -> u32 {
        let version = self.versions.entry(id).or_default();
        *version = version.saturating_add(1);
        *version
    }

    /// Compares what a table holds for a page of entries with what they say, and forgets the page.
    pub(crate) fn compare(&mut self, table: &Table, mut kept: Vec<Row>, findings: &mut Findings<'_>) {
        let mut wanted = self.wanted.remove(table.name).unwrap_or_default();
        wanted.sort_by(|one, other| table.order(one).cmp(&table.order(other)));
        kept.sort_by(|one, other| table.order(one).cmp(&table.order(other)));
        let (mut wanted, mut kept) = (wanted.into_iter().peekable(), kept.into_iter().peekable());
        loop {
            let order = match (wanted.peek(), kept.peek()) {
                (None, None) => return,
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some(wanted), Some(kept)) => table.order(wanted).cmp(&table.order(kept)),
            };
            if order.is_lt() {
                wanted.next().inspect(|wanted| missing(table, wanted, findings));
            } else if order.is_gt() {
                kept.next().inspect(|kept| unlogged(table, kept, findings));
            } else if let (Some(wanted), Some(kept)) = (wanted.next(), kept.next()) {
                differing(table, &wanted, &kept, findings);
            }
        }
    }
}

fn about(code: Code, table: &Table, row: &Row, what: String) -> Finding {
    let finding = Finding::new(code, what).of_plan(row.plan.as_deref()).of_revision(table.revision(row));
    match u64::try_from(row.seq) {
        Ok(seq) => finding.within(seq, seq),
        Err(_) => finding,
    }
}

fn missing(table: &Table, wanted: &Row, findings: &mut Findings<'_>) {
    let what = format!("the entry became a row of {} that is not there ({}).", table.name, table.shown(wanted));
    findings.tell(&about(Code::RowMissing, table, wanted, what));
}

fn unlogged(table: &Table, kept: &Row, findings: &mut Findings<'_>) {
    let what = format!("there is a row of {} that no entry says ({}).", table.name, table.shown(kept));
    findings.tell(&about(Code::RowUnlogged, table, kept, what));
}

fn differing(table: &Table, wanted: &Row, kept: &Row, findings: &mut Findings<'_>) {
    for ((name, kind), (ours, theirs)) in table.columns.iter().zip(wanted.cells.iter().zip(&kept.cells)) {
        if !ours.equals(theirs) {
            let what = format!(
                "{}.{name} is {} in the database, and the entry says {}.",
                table.name,
                theirs.shown(*kind),
                ours.shown(*kind)
            );
            findings.tell(&about(Code::RowDiffers, table, wanted, what));
        }
    }
}
