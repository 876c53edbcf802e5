//! Customer requests and deals in the API: who asks for an idea.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use holdline_domain::{
    customer_request as asked, deal as domain,
    ids::CustomerRequestId,
    text::{Line, Prose},
};

use super::{
    demand::Money,
    fault::Fault,
    idea::{self, Idea},
    loaders::unshare,
    person::{self, Person},
    scalars::{CurrencyCode, Date, DateTime, Decimal},
    session::session,
};
use crate::service::Written;

/// A customer request.
#[derive(Clone)]
pub(super) struct CustomerRequest(pub(super) Arc<asked::CustomerRequest>);

/// A deal.
#[derive(Clone)]
pub(super) struct Deal(pub(super) Arc<domain::Deal>);

/// Where a sale stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::DealStatus")]
pub(super) enum DealStatus {
    /// Still being sold.
    Open,
    /// Sold.
    Won,
    /// Not sold.
    Lost,
}

/// A request that was written: as it was left, or as it is now where that is not known any more.
pub(super) async fn written(ctx: &Context<'_>, written: Option<Written>) -> Result<Option<CustomerRequest>, Fault> {
    match written {
        Some(Written { request: Some(request), .. }) => Ok(Some(CustomerRequest(Arc::new(request)))),
        written => load_maybe(ctx, written.map(|written| written.id)).await,
    }
}

/// Loads a request where there is one.
pub(super) async fn load_maybe(
    ctx: &Context<'_>,
    id: Option<CustomerRequestId>,
) -> Result<Option<CustomerRequest>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?.map(CustomerRequest))
}

/// A deal, or an account without one, asking for an idea.
#[Object]
impl CustomerRequest {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// What is asked for; after a merge, the idea that has the request now.
    async fn idea(&self, ctx: &Context<'_>) -> Result<Idea, Fault> {
        idea::load(ctx, self.0.idea).await
    }
    /// The deal that asks; null where an account asks without one.
    async fn deal(&self, ctx: &Context<'_>) -> Result<Option<Deal>, Fault> {
        let Some(id) = self.0.deal else { return Ok(None) };
        Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?.map(Deal))
    }
    /// The account that asks: as the request says, or else as its deal does.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<String>, Fault> {
        if let Some(account) = &self.0.account {
            return Ok(Some(account.to_string()));
        }
        let deal = self.deal(ctx).await?;
        Ok(deal.and_then(|deal| deal.0.terms.account.as_ref().map(ToString::to_string)))
    }
    /// What they said.
    async fn note(&self) -> Option<&str> {
        self.0.note.as_ref().map(Prose::as_str)
    }
    /// When it was posted first.
    async fn first_seen_at(&self) -> DateTime {
        DateTime(self.0.first_seen_at)
    }
    /// When it was withdrawn; it counts no more.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(DateTime)
    }
}

/// A sale, as the newest post of its CRM says.
#[Object]
impl Deal {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// The CRM system.
    async fn system(&self) -> &str {
        self.0.key.system.as_str()
    }
    /// The id there.
    async fn external_id(&self) -> &str {
        self.0.key.external_id.as_str()
    }
    /// Where to read it there.
    async fn url(&self) -> Option<&str> {
        self.0.terms.url.as_ref().map(Line::as_str)
    }
    /// The account.
    async fn account(&self) -> Option<&str> {
        self.0.terms.account.as_ref().map(Line::as_str)
    }
    /// Whom to talk to.
    async fn contact(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.0.contact).await
    }
    /// The stage, in the CRM's own word.
    async fn stage(&self) -> Option<&str> {
        self.0.terms.stage.as_ref().map(Line::as_str)
    }
    /// Where it stands.
    async fn status(&self) -> DealStatus {
        self.0.terms.status.into()
    }
    /// What it is worth.
    async fn amount(&self) -> Option<Money> {
        let money = self.0.terms.amount?;
        Some(Money { amount: Decimal(money.amount()), currency: CurrencyCode(money.currency()) })
    }
    /// When it was opened.
    async fn opened_on(&self) -> Option<Date> {
        self.0.terms.opened_on.map(Date)
    }
    /// When it was closed, or is to be.
    async fn closed_on(&self) -> Option<Date> {
        self.0.terms.closed_on.map(Date)
    }
    /// When the CRM says it changed last; what is older than this never overwrites it.
    async fn source_updated_at(&self) -> Option<DateTime> {
        self.0.stamp.source_updated_at.map(DateTime)
    }
}
