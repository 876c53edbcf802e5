//! Deals: what a CRM says of a sale, posted as often as it likes.
//! Holds which of two posts is the newer, so that any order of arrival ends the same: the source's own timestamp, and
//! where that is equal or absent the greater digest of the content.

use chrono::NaiveDate;

use crate::{
    facts::{Digest, Facts},
    ids::{DealId, PersonId},
    money::Money,
    text::Line,
    time::Timestamp,
};

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DealStatus {
    /// Still being sold.
    Open,
    /// Sold.
    Won,
    /// Not sold.
    Lost,
}

impl DealStatus {
    /// The name in the log, in the database and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Won => "WON",
            Self::Lost => "LOST",
        }
    }
}

/// What makes a deal the same deal: the CRM system and the id it has there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DealKey {
    /// The CRM system, such as `hubspot`.
    pub system: Line,
    /// The id there.
    pub external_id: Line,
}

/// What a CRM says about a deal, but for whom to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words, described in the API")]
pub struct DealTerms {
    pub url: Option<Line>,
    pub account: Option<Line>,
    pub stage: Option<Line>,
    pub status: DealStatus,
    pub amount: Option<Money>,
    pub opened_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
}

/// How new a post is: compared first by the source's own timestamp, then by the digest of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// When the source says it changed; none is older than any.
    pub source_updated_at: Option<Timestamp>,
    /// Of what it says.
    pub digest: Digest,
}

/// A post about a deal: always the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealPost {
    /// Which deal.
    pub key: DealKey,
    /// What is said about it.
    pub terms: DealTerms,
    /// Whom to talk to, by name.
    pub contact: Option<Line>,
    /// When the source says it changed.
    pub source_updated_at: Option<Timestamp>,
}

/// A deal as its newest post says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Its id.
    pub id: DealId,
    /// Which deal.
    pub key: DealKey,
    /// What is said about it.
    pub terms: DealTerms,
    /// Whom to talk to.
    pub contact: Option<PersonId>,
    /// How new that is.
    pub stamp: Stamp,
}

impl DealTerms {
    fn facts(&self, contact: Facts) -> Facts {
        Facts::map([
            ("url", Facts::maybe(self.url.as_ref())),
            ("account", Facts::maybe(self.account.as_ref())),
            ("contact", contact),
            ("stage", Facts::maybe(self.stage.as_ref())),
            ("status", Facts::text(self.status.name())),
            ("amount", Facts::maybe(self.amount.map(|money| money.amount()))),
            ("currency", Facts::maybe(self.amount.map(|money| money.currency()))),
            ("openedOn", Facts::maybe(self.opened_on)),
            ("closedOn", Facts::maybe(self.closed_on)),
        ])
    }
}

impl DealPost {
    /// How new it is. The digest is over the contact's name: ids of people differ with the order of arrival.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let digest = self.terms.facts(Facts::maybe(self.contact.as_ref())).digest();
        Stamp { source_updated_at: self.source_updated_at, digest }
    }

    /// Whether it says something newer than what is known.
    #[must_use]
    pub fn news_to(&self, known: Option<&Deal>) -> bool {
        known.is_none_or(|known| self.stamp() > known.stamp)
    }

    /// The deal as this post says.
    #[must_use]
    pub(crate) fn deal(&self, id: DealId, contact: Option<PersonId>) -> Deal {
        Deal { id, key: self.key.clone(), terms: self.terms.clone(), contact, stamp: self.stamp() }
    }
}

impl Deal {
    pub(crate) fn facts(&self) -> Facts {
        Facts::map([
            ("id", Facts::text(self.id)),
            ("system", Facts::text(&self.key.system)),
            ("externalId", Facts::text(&self.key.external_id)),
            ("said", self.terms.facts(Facts::maybe(self.contact))),
            ("sourceUpdatedAt", Facts::maybe(self.stamp.source_updated_at)),
        ])
    }
}
