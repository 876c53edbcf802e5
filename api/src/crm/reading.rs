//! What a CRM says of a deal, by the names that it has for things: read into the post of a customer request, or refused
//! with the name whose value is wrong. Which name says what, and in which form, is the command's or the settings' to say;
//! a row of an export and a message of a hook are read alike.

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

use crate::service::{IdeaRef, RequestUpsert};

/// What a name can stand for.
pub const MEANINGS: [&str; 11] = [
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

/// How what a CRM says is read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The CRM system.
    pub system: Line,
    /// In whose backlog the ideas are.
    pub team: TeamKey,
    /// What the CRM calls each meaning that it has a name for.
    pub names: Vec<(&'static str, String)>,
    /// How dates are written, in the letters of strftime; an instant (RFC 3339) will do as well.
    pub date_format: String,
    /// The currency of the amounts; without one there are none.
    pub currency: Option<Currency>,
    /// The stages of deals that were won, whatever their case.
    pub won: Vec<String>,
    /// The stages of deals that were lost, whatever their case.
    pub lost: Vec<String>,
    /// The organization's calendar.
    pub calendar: FiscalCalendar,
}

/// The text that a CRM has under a name; an empty one where it has none.
pub(super) type Said<'s> = &'s dyn Fn(&str) -> String;

impl Reading {
    /// The post that what is said comes to.
    pub fn post(&self, row: Said<'_>) -> Result<RequestUpsert, Refusals> {
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

    /// What the CRM calls a meaning.
    #[must_use]
    pub fn name(&self, meaning: &str) -> Option<&str> {
        self.names.iter().find(|(known, _)| *known == meaning).map(|(_, name)| name.as_str())
    }

    fn needed(&self, row: Said<'_>, meaning: &str) -> Result<Line, Refusals> {
        let name = self.name(meaning).unwrap_or_default();
        Line::parse(&row(name)).map_err(|why| wrong(name, &why))
    }

    fn maybe<T, E: ToString>(
        &self,
        row: Said<'_>,
        meaning: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusals> {
        let Some(name) = self.name(meaning) else { return Ok(None) };
        let text = row(name);
        if text.trim().is_empty() {
            return Ok(None);
        }
        parse(&text).map(Some).map_err(|why| wrong(name, &why.to_string()))
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

    fn amount(&self, row: Said<'_>) -> Result<Option<Money>, Refusals> {
        let Some(currency) = self.currency else { return Ok(None) };
        self.maybe(row, "amount", |text| Money::new(Quantity::parse(text)?, currency))
    }

    fn date(&self, text: &str) -> Result<NaiveDate, String> {
        let form = &self.date_format;
        if let Ok(date) = NaiveDate::parse_from_str(text, form) {
            return Ok(date);
        }
        let instant = chrono::DateTime::parse_from_rfc3339(text);
        instant.map(|instant| instant.date_naive()).map_err(|_| format!("is no date of the form {form}: \"{text}\""))
    }

    fn instant(&self, text: &str) -> Result<Timestamp, String> {
        if let Ok(instant) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(Timestamp::new(instant.to_utc()));
        }
        let date = self.date(text).map_err(|why| format!("{why}, nor an instant like 2026-11-22T16:50:15Z"))?;
        Ok(self.calendar.midnight(date))
    }
}

fn wrong(name: &str, why: &str) -> Refusals {
    Refusal::invalid(&[], format!("The value of {name} {why}.")).into()
}
