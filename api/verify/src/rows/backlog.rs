//! The backlog: ideas, the deals and customer requests that ask for them, each as its newest entry says.
//! A merge moves requests without an entry for each; where they went follows from the entry of the merge.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, Kind, uuid},
    head::Head,
    mark::Mark,
};
use crate::{entry::Entry, json::Json};

pub(super) static IDEA: Head = Head {
    name: "idea",
    key: 1,
    columns: &[
        ("id", Kind::Id("idea")),
        ("team_id", Kind::Id("team")),
        ("title", Kind::Text),
        ("body", Kind::Text),
        ("status", Kind::Text),
        ("reason", Kind::Text),
        ("external_system", Kind::Text),
        ("external_id", Kind::Text),
        ("external_url", Kind::Text),
        ("impact", Kind::Int),
        ("effort", Kind::Int),
        ("score", Kind::Int),
        ("merged_into", Kind::Id("idea")),
        ("roadmap_item_id", Kind::Id("item")),
        ("version", Kind::Int),
        ("created_at", Kind::Long),
        ("created_seq", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

pub(super) static DEAL: Head = Head {
    name: "deal",
    key: 1,
    columns: &[
        ("id", Kind::Id("deal")),
        ("system", Kind::Text),
        ("external_id", Kind::Text),
        ("url", Kind::Text),
        ("account", Kind::Text),
        ("contact_id", Kind::Id("person")),
        ("stage", Kind::Text),
        ("status", Kind::Text),
        ("amount", Kind::Long),
        ("currency", Kind::Text),
        ("opened_on", Kind::Text),
        ("closed_on", Kind::Text),
        ("source_updated_at", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

pub(super) static CUSTOMER_REQUEST: Head = Head {
    name: "customer_request",
    key: 1,
    columns: &[
        ("id", Kind::Id("request")),
        ("idea_id", Kind::Id("idea")),
        ("deal_id", Kind::Id("deal")),
        ("account", Kind::Text),
        ("note", Kind::Text),
        ("first_seen_at", Kind::Long),
        ("withdrawn_at", Kind::Long),
        ("created_seq", Kind::Long),
        ("audit_seq", Kind::Long),
    ],
};

/// What is remembered beside the rows: which requests ask for which idea.
#[derive(Debug, Default)]
pub(super) struct Backlog(HashMap<Uuid, HashSet<Uuid>>);

/// Who asks: what stands for the deal, or for the account where there is none.
type Asker = (Option<Mark>, Option<Mark>);

impl Rows {
    pub(super) fn of_backlog(&mut self, entry: &Entry<'_>) {
        match entry.action() {
            "CUSTOMER_REQUEST_UPSERTED" | "CUSTOMER_REQUEST_WITHDRAWN" => self.requested(entry),
            action if action.starts_with("IDEA_") => {
                self.idea_changed(entry);
                if action == "IDEA_MERGED" {
                    let from = uuid(entry.get("subject").get("id"), "idea");
                    self.merged(entry, from, uuid(entry.after().get("mergedInto"), "idea"));
                }
            }
            _ => {}
        }
    }

    fn idea_changed(&mut self, entry: &Entry<'_>) {
        let (named, after) = (entry.get("subject").get("id"), entry.after());
        let key = [Cell::id(named, "idea")];
        let version = self.step(uuid(named, "idea"));
        let before = |rows: &Self, column: &str| rows.heads.mark(&IDEA, &key, column);
        let kept = [before(self, "reason"), before(self, "created_at"), before(self, "created_seq")];
        let declined = after.get("status").text() == Some("DECLINED");
        let external = after.get("external");
        let cells = [
            key[0].clone(),
            Cell::id(entry.get("team"), "team"),
            Cell::text(after.get("title")),
            Cell::text(after.get("body")),
            Cell::text(after.get("status")),
            if declined { Cell::text(entry.get("reason")) } else { Cell::Null },
            Cell::text(external.get("system")),
            Cell::text(external.get("externalId")),
            Cell::text(external.get("url")),
            rating(after.get("impact")).map_or(Cell::Null, Cell::Int),
            rating(after.get("effort")).map_or(Cell::Null, Cell::Int),
            Cell::Int(score(after)),
            Cell::id(after.get("mergedInto"), "idea"),
            Cell::id(after.get("roadmapItem"), "item"),
            Cell::number(version),
            Cell::Int(entry.occurred_at),
            Cell::seq(entry),
            Cell::seq(entry),
        ];
        self.heads.put(&IDEA, &cells);
        let [reason, created_at, created_seq] = kept;
        // An idea that was declined keeps its reason through entries that are about something else.
        let reason = reason.filter(|_| declined && entry.action() != "IDEA_DECLINED");
        for (column, mark) in [("reason", reason), ("created_at", created_at), ("created_seq", created_seq)] {
            if let Some(mark) = mark {
                self.heads.set(&IDEA, &key, column, mark);
            }
        }
    }

    fn requested(&mut self, entry: &Entry<'_>) {
        let (named, after) = (entry.get("subject").get("id"), entry.after());
        let key = [Cell::id(named, "request")];
        let created = self.heads.mark(&CUSTOMER_REQUEST, &key, "created_seq");
        let deal = after.get("deal");
        let cells = [
            key[0].clone(),
            Cell::id(after.get("idea"), "idea"),
            Cell::id(deal.get("id"), "deal"),
            Cell::text(after.get("account")),
            Cell::text(after.get("note")),
            Cell::instant(after.get("firstSeenAt")),
            Cell::instant(after.get("withdrawnAt")),
            Cell::seq(entry),
            Cell::seq(entry),
        ];
        self.heads.put(&CUSTOMER_REQUEST, &cells);
        if let Some(created) = created {
            self.heads.set(&CUSTOMER_REQUEST, &key, "created_seq", created);
        }
        self.backlog.0.entry(uuid(after.get("idea"), "idea")).or_default().insert(uuid(named, "request"));
        if !deal.is_null() {
            self.deal_known(entry, deal);
        }
    }

    /// A deal moves on only with an entry that says something else of it.
    fn deal_known(&mut self, entry: &Entry<'_>, deal: &Json<'_>) {
        let said = deal.get("said");
        let cells = [
            Cell::id(deal.get("id"), "deal"),
            Cell::text(deal.get("system")),
            Cell::text(deal.get("externalId")),
            Cell::text(said.get("url")),
            Cell::text(said.get("account")),
            Cell::id(said.get("contact"), "person"),
            Cell::text(said.get("stage")),
            Cell::text(said.get("status")),
            amount(said.get("amount")),
            Cell::text(said.get("currency")),
            Cell::text(said.get("openedOn")),
            Cell::text(said.get("closedOn")),
            Cell::instant(deal.get("sourceUpdatedAt")),
            Cell::seq(entry),
        ];
        let key = [cells[0].clone()];
        let newest = self.heads.newest_if_same(&DEAL, &cells);
        self.heads.put(&DEAL, &cells);
        if let Some(newest) = newest {
            self.heads.set(&DEAL, &key, "audit_seq", newest);
        }
    }

    /// Requests move along with a merge, in three steps: one of the other idea that was withdrawn stands again where its
    /// twin still stood; the twin is withdrawn; what has no twin moves.
    fn merged(&mut self, entry: &Entry<'_>, from: Uuid, into: Uuid) {
        let requests = |rows: &Self, idea: Uuid| -> Vec<Uuid> {
            rows.backlog.0.get(&idea).into_iter().flatten().copied().collect()
        };
        let none = Mark::Null;
        let (theirs, ours) = (requests(self, into), requests(self, from));
        let by_asker = |rows: &Self, of: &[Uuid]| -> HashMap<Asker, Uuid> {
            of.iter().map(|request| (rows.asker(*request), *request)).collect()
        };
        let (their_askers, our_askers) = (by_asker(self, &theirs), by_asker(self, &ours));
        for request in theirs {
            let twin = our_askers.get(&self.asker(request));
            let stood = twin.is_some_and(|twin| self.request_mark(*twin, "withdrawn_at") == Some(none));
            if stood && self.request_mark(request, "withdrawn_at") != Some(none) {
                self.request_set(request, "withdrawn_at", none, entry);
            }
        }
        for request in ours {
            if their_askers.contains_key(&self.asker(request)) {
                if self.request_mark(request, "withdrawn_at") == Some(none) {
                    self.request_set(request, "withdrawn_at", Mark::Int(entry.occurred_at), entry);
                }
                continue;
            }
            self.request_set(request, "idea_id", Cell::Id(into).mark(), entry);
            self.backlog.0.entry(from).or_default().remove(&request);
            self.backlog.0.entry(into).or_default().insert(request);
        }
    }

    fn request_mark(&self, request: Uuid, column: &str) -> Option<Mark> {
        self.heads.mark(&CUSTOMER_REQUEST, &[Cell::Id(request)], column)
    }

    fn request_set(&mut self, request: Uuid, column: &str, mark: Mark, entry: &Entry<'_>) {
        let key = [Cell::Id(request)];
        self.heads.set(&CUSTOMER_REQUEST, &key, column, mark);
        self.heads.set(&CUSTOMER_REQUEST, &key, "audit_seq", Mark::seq(entry.seq));
    }

    /// Who asks: the deal, or the account where there is none.
    fn asker(&self, request: Uuid) -> Asker {
        let deal = self.request_mark(request, "deal_id");
        (deal, if deal == Some(Mark::Null) { self.request_mark(request, "account") } else { None })
    }
}

/// Ratings stand in the log as texts.
fn rating(value: &Json<'_>) -> Option<i64> {
    value.text().and_then(|text| text.parse().ok()).filter(|rating| (1..=5).contains(rating))
}

/// Impact divided by effort, in sixtieths; 0 without both.
fn score(after: &Json<'_>) -> i64 {
    match (rating(after.get("impact")), rating(after.get("effort"))) {
        (Some(impact), Some(effort)) => impact * 60 / effort,
        _ => 0,
    }
}

/// An amount in ten-thousandths.
fn amount(value: &Json<'_>) -> Cell {
    let Some(text) = value.text() else { return if value.is_null() { Cell::Null } else { Cell::Unreadable } };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 4 || !digits(whole) || !digits(fraction) {
        return Cell::Unreadable;
    }
    format!("{whole}{fraction:0<4}").parse().map_or(Cell::Unreadable, Cell::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_kept_in_ten_thousandths() {
        let table = [
            ("0", Cell::Int(0)),
            ("1054.5", Cell::Int(10_545_000)),
            ("0.0001", Cell::Int(1)),
            ("1.00001", Cell::Unreadable),
            ("-1", Cell::Unreadable),
            ("", Cell::Unreadable),
            ("99999999999999999999", Cell::Unreadable),
        ];
        for (text, expected) in table {
            assert_eq!(amount(&Json::Text(text.into())), expected, "{text}");
        }
    }
}
