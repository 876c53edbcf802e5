//! How a key result changed in the API: it came, it left, it reads or measures otherwise.

use async_graphql::{Context, Object};
use holdline_domain::key_result::KeyResultTerms;

use super::{
    change::{ChangeAspect, Whole},
    fault::Fault,
    key_result::{KeyResult, Measure},
    person::{self, Person},
    renegotiation::Renegotiation,
};

/// A key result that was not there before.
pub(super) struct KeyResultAdded(pub(super) Whole, pub(super) KeyResult);

/// A key result came into the commitment.
#[Object]
impl KeyResultAdded {
    /// The key result, as it came.
    async fn key_result(&self) -> KeyResult {
        self.1.clone()
    }
    /// Which aspects it changes.
    pub(super) async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    pub(super) async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// A key result that is not there any more.
pub(super) struct KeyResultDropped(pub(super) Whole, pub(super) KeyResult, pub(super) Option<String>);

/// A key result left the commitment.
#[Object]
impl KeyResultDropped {
    /// The key result, as it was last.
    async fn key_result(&self) -> KeyResult {
        self.1.clone()
    }
    /// Why it was dropped, as the renegotiation said; null where it went with its objective.
    async fn why(&self) -> Option<&str> {
        self.2.as_deref()
    }
    /// Which aspects it changes.
    pub(super) async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    pub(super) async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// A key result that reads otherwise.
pub(super) struct KeyResultAmended(
    pub(super) Whole,
    pub(super) KeyResult,
    pub(super) KeyResultTerms,
    pub(super) KeyResultTerms,
);

/// A key result reads or measures otherwise than before.
#[Object]
impl KeyResultAmended {
    /// The key result, as it is after.
    async fn key_result(&self) -> KeyResult {
        self.1.clone()
    }
    /// Its title before.
    async fn from_title(&self) -> String {
        self.2.title.to_string()
    }
    /// Its title after.
    async fn to_title(&self) -> String {
        self.3.title.to_string()
    }
    /// Its owner before.
    #[graphql(name = "fromOwner")]
    async fn owner_before(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.2.owner).await
    }
    /// Its owner after.
    async fn to_owner(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.3.owner).await
    }
    /// Its measure before.
    async fn from_measure(&self) -> Measure {
        Measure::new(&self.2.measure)
    }
    /// Its measure after.
    async fn to_measure(&self) -> Measure {
        Measure::new(&self.3.measure)
    }
    /// Which aspects it changes.
    pub(super) async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    pub(super) async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}
