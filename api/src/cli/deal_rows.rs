//! The values of a CRM's export: each row parsed into the post of a customer request, or refused with the column that
//! is wrong. Which column says what, and in which form, is the command's to say.

use chrono::NaiveDate;
use holdline_domain::{
    customer_request::RequestPost,
    deal::{DealKey, DealPost, DealStatus, DealTerms},
    money::{Currency, Money},
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    text::{Line, Prose, TeamKey},
    time::{FiscalCalendar, Timestamp},
};

use super::table::Row;
use crate::service::{IdeaRef, RequestUpsert};

/// What a column can say, by the names of `--map`.
pub(super) const MEANINGS: [&str; 11] = [
    "external_id",
    "idea",
    "account",
    "amount",
    "stage",
    "opened_on",
    "closed_on",
    "updated_at",
    "contact",
    "url",
    "note",
];

/// How the rows of an export are read.
pub(super) struct Reading {
    pub(super) system: Line,
    pub(super) team: TeamKey,
    /// The column of each meaning that the file has.
    pub(super) columns: Vec<(&'static str, String)>,
    pub(super) date_format: String,
    pub(super) currency: Option<Currency>,
    pub(super) won: Vec<String>,
    pub(super) lost: Vec<String>,
    pub(super) calendar: FiscalCalendar,
}

impl Reading {
    /// The post that a row comes to.
    pub(super) fn post(&self, row: &Row) -> Result<RequestUpsert, Refusals> {
        if let Some((has, should)) = row.uneven {
            let message = format!("The row has {has} values, and the first line names {should} columns.");
            return Err(Refusal::invalid(&[], message).into());
        }
        let key = DealKey { system: self.system.clone(), external_id: self.needed(row, "external_id")? };
        let title = self.needed(row, "idea")?;
        let stage = self.maybe(row, "stage", Line::parse)?;
        let terms = DealTerms {
            url: self.maybe(row, "url", Line::parse)?,
            account: self.maybe(row, "account", Line::parse)?,
            status: self.status(stage.as_ref()),
            stage,
            amount: self.amount(row)?,
            opened_on: self.maybe(row, "opened_on", |text| self.date(text))?,
            closed_on: self.maybe(row, "closed_on", |text| self.date(text))?,
        };
        let source_updated_at = self.maybe(row, "updated_at", |text| self.instant(text))?;
        let deal = DealPost { key, terms, contact: self.maybe(row, "contact", Line::parse)?, source_updated_at };
        let post = RequestPost { deal: Some(deal), account: None, note: self.maybe(row, "note", Prose::parse)? };
        let idea = IdeaRef::External {
            team: self.team.clone(),
            system: self.system.clone(),
            external_id: title.clone(),
            title,
        };
        Ok(RequestUpsert { id: None, idea, post })
    }

    fn column(&self, meaning: &str) -> Option<&str> {
        self.columns.iter().find(|(known, _)| *known == meaning).map(|(_, column)| column.as_str())
    }

    fn needed(&self, row: &Row, meaning: &str) -> Result<Line, Refusals> {
        let column = self.column(meaning).unwrap_or_default();
        Line::parse(row.get(column)).map_err(|why| wrong(column, &why))
    }

    fn maybe<T, E: ToString>(
        &self,
        row: &Row,
        meaning: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusals> {
        let Some(column) = self.column(meaning) else { return Ok(None) };
        let text = row.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).map_err(|why| wrong(column, &why.to_string()))
    }

    fn status(&self, stage: Option<&Line>) -> DealStatus {
        let among = |stages: &[String]| {
            stage.is_some_and(|stage| stages.iter().any(|known| known.to_lowercase() == stage.as_str().to_lowercase()))
        };
        if among(&self.won) {
            DealStatus::Won
        } else if among(&self.lost) {
            DealStatus::Lost
        } else {
            DealStatus::Open
        }
    }

    fn amount(&self, row: &Row) -> Result<Option<Money>, Refusals> {
        let Some(currency) = self.currency else { return Ok(None) };
        self.maybe(row, "amount", |text| Money::new(Quantity::parse(text)?, currency))
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        let form = &self.date_format;
        NaiveDate::parse_from_str(text, form).map_err(|_| format!("is no date of the form {form}: \"{text}\""))
    }

    fn instant(&self, text: &str) -> Result<Timestamp, String> {
        if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(Timestamp::new(instant.to_utc()));
        }
        let date = self.date(text).map_err(|why| format!("{why}, nor an instant like 2026-11-22T16:50:15Z"))?;
        Ok(self.calendar.midnight(date))
    }
}

fn wrong(column: &str, why: &str) -> Refusals {
    Refusal::invalid(&[], format!("The column {column} {why}.")).into()
}
