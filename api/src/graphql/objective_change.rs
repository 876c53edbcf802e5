//! How an objective changed in the API: it came, it left, it reads otherwise.

use async_graphql::{Context, Object};
use holdline_domain::{ids::ObjectiveId, objective::ObjectiveTerms};

use super::{
    change::{ChangeAspect, Whole},
    fault::Fault,
    ids::Pin,
    objective::{self, Objective},
    person::{self, Person},
    renegotiation::Renegotiation,
    scalars::Decimal,
};

/// An objective that was not there before.
pub(super) struct ObjectiveAdded(pub(super) Whole, pub(super) ObjectiveId);

/// An objective came into the commitment.
#[Object]
impl ObjectiveAdded {
    /// The objective, as it came.
    async fn objective(&self) -> Objective {
        self.0.objective(self.1)
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

/// An objective that is not there any more.
pub(super) struct ObjectiveDropped(pub(super) Whole, pub(super) ObjectiveId, pub(super) Option<String>);

/// An objective left the commitment.
#[Object]
impl ObjectiveDropped {
    /// The objective, as it was last.
    async fn objective(&self) -> Objective {
        self.0.objective(self.1)
    }
    /// Why it was dropped, as the renegotiation said; null where it went with its last key result.
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

/// An objective that reads otherwise.
pub(super) struct ObjectiveAmended(
    pub(super) Whole,
    pub(super) ObjectiveId,
    pub(super) ObjectiveTerms,
    pub(super) ObjectiveTerms,
);

/// An objective reads otherwise than before.
#[Object]
impl ObjectiveAmended {
    /// The objective, as it is after.
    async fn objective(&self) -> Objective {
        self.0.objective(self.1)
    }
    /// Its title before.
    async fn from_title(&self) -> String {
        self.2.title.to_string()
    }
    /// Its title after.
    async fn to_title(&self) -> String {
        self.3.title.to_string()
    }
    /// Its rationale before.
    async fn from_rationale(&self) -> String {
        self.2.rationale.to_string()
    }
    /// Its rationale after.
    async fn to_rationale(&self) -> String {
        self.3.rationale.to_string()
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
    /// Its load before.
    async fn from_load(&self) -> Option<Decimal> {
        self.2.load.map(Decimal)
    }
    /// Its load after.
    async fn to_load(&self) -> Option<Decimal> {
        self.3.load.map(Decimal)
    }
    /// What it contributed to before.
    #[graphql(name = "fromContributesTo")]
    async fn contributes_to_before(&self, ctx: &Context<'_>) -> Result<Option<Objective>, Fault> {
        lineage(ctx, self.2.contributes_to).await
    }
    /// What it contributes to after.
    async fn to_contributes_to(&self, ctx: &Context<'_>) -> Result<Option<Objective>, Fault> {
        lineage(ctx, self.3.contributes_to).await
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

async fn lineage(ctx: &Context<'_>, target: Option<ObjectiveId>) -> Result<Option<Objective>, Fault> {
    match target {
        Some(target) => objective::lookup(ctx, target, Pin::Live).await,
        None => Ok(None),
    }
}
