//! Changes of a commitment in the API: one type for each kind, with the objects before and after.

use std::sync::Arc;

use async_graphql::{Context, Enum, Interface, Object};
use holdline_domain::{
    commitment::Commitment,
    commitment_change::{self as domain, ChangeSubject, diff},
    ids::{ObjectiveId, RenegotiationId},
    key_result::KeyResultTerms,
    objective::ObjectiveTerms,
};

use super::{
    fault::Fault,
    ids::Pin,
    key_result::{KeyResult, Measure},
    objective::{self, Objective},
    person::{self, Person},
    plan::Plan,
    renegotiation::{self, Renegotiation},
    scalars::Decimal,
};

/// A plan as of a moment, with what it promised then.
#[derive(Clone)]
pub(super) struct Side {
    pub(super) plan: Plan,
    pub(super) commitment: Arc<Commitment>,
}

/// What kind of thing changed about a subject, so that a typo is not a broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ChangeAspect")]
pub(super) enum ChangeAspect {
    /// The words.
    Wording,
    /// Who owns it.
    Owner,
    /// Unit, baseline or target.
    Measure,
    /// Load or capacity.
    Load,
    /// Whether it is part of the commitment at all.
    Scope,
    /// What it contributes to.
    Lineage,
}

/// A change of a commitment.
#[derive(Interface)]
#[graphql(
    field(name = "aspects", ty = "Vec<ChangeAspect>", desc = "Which aspects it changes."),
    field(name = "renegotiation", ty = "Option<Renegotiation>", desc = "The renegotiation that it came from.")
)]
pub(super) enum CommitmentChange {
    ObjectiveAdded(ObjectiveAdded),
    ObjectiveAmended(ObjectiveAmended),
    ObjectiveDropped(ObjectiveDropped),
    KeyResultAdded(KeyResultAdded),
    KeyResultAmended(KeyResultAmended),
    KeyResultDropped(KeyResultDropped),
    CapacityChanged(CapacityChanged),
}

/// What every kind of change holds.
#[derive(Clone)]
pub(super) struct Whole {
    side: Side,
    aspects: Vec<domain::ChangeAspect>,
    renegotiation: Option<RenegotiationId>,
}

impl Whole {
    fn aspects(&self) -> Vec<ChangeAspect> {
        self.aspects.iter().copied().map(Into::into).collect()
    }

    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        renegotiation::load_maybe(ctx, self.renegotiation).await
    }

    fn objective(&self, id: ObjectiveId) -> Objective {
        Objective::new(&self.side, id)
    }
}

/// An objective that was not there before.
pub(super) struct ObjectiveAdded(Whole, ObjectiveId);

/// An objective came into the commitment.
#[Object]
impl ObjectiveAdded {
    /// The objective, as it came.
    async fn objective(&self) -> Objective {
        self.0.objective(self.1)
    }
    /// Which aspects it changes.
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// An objective that is not there any more.
pub(super) struct ObjectiveDropped(Whole, ObjectiveId, Option<String>);

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
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// An objective that reads otherwise.
pub(super) struct ObjectiveAmended(Whole, ObjectiveId, ObjectiveTerms, ObjectiveTerms);

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
    async fn from_owner(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
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
    async fn from_contributes_to(&self, ctx: &Context<'_>) -> Result<Option<Objective>, Fault> {
        lineage(ctx, self.2.contributes_to).await
    }
    /// What it contributes to after.
    async fn to_contributes_to(&self, ctx: &Context<'_>) -> Result<Option<Objective>, Fault> {
        lineage(ctx, self.3.contributes_to).await
    }
    /// Which aspects it changes.
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

async fn lineage(ctx: &Context<'_>, target: Option<ObjectiveId>) -> Result<Option<Objective>, Fault> {
    match target {
        Some(target) => objective::lookup(ctx, target, Pin::Live).await,
        None => Ok(None),
    }
}

/// A key result that was not there before.
pub(super) struct KeyResultAdded(Whole, KeyResult);

/// A key result came into the commitment.
#[Object]
impl KeyResultAdded {
    /// The key result, as it came.
    async fn key_result(&self) -> KeyResult {
        self.1.clone()
    }
    /// Which aspects it changes.
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// A key result that is not there any more.
pub(super) struct KeyResultDropped(Whole, KeyResult, Option<String>);

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
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// A key result that reads otherwise.
pub(super) struct KeyResultAmended(Whole, KeyResult, KeyResultTerms, KeyResultTerms);

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
    async fn from_owner(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
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
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

/// Another capacity.
pub(super) struct CapacityChanged(Whole, Option<Decimal>, Option<Decimal>);

/// The plan's capacity is another than before.
#[Object]
impl CapacityChanged {
    /// The capacity before.
    async fn from_capacity(&self) -> Option<Decimal> {
        self.1
    }
    /// The capacity after.
    async fn to_capacity(&self) -> Option<Decimal> {
        self.2
    }
    /// Which aspects it changes.
    async fn aspects(&self) -> Vec<ChangeAspect> {
        self.0.aspects()
    }
    /// The renegotiation that it came from.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        self.0.renegotiation(ctx).await
    }
}

impl CommitmentChange {
    /// A change with the objects on both of its sides.
    pub(super) fn new(
        before: &Side,
        after: &Side,
        change: domain::CommitmentChange,
        renegotiation: Option<RenegotiationId>,
    ) -> Self {
        let aspects = change.aspects();
        let was = Whole { side: before.clone(), aspects: aspects.clone(), renegotiation };
        let is = Whole { side: after.clone(), aspects, renegotiation };
        let text = |why: Option<holdline_domain::text::Prose>| why.map(|why| why.to_string());
        match change {
            domain::CommitmentChange::ObjectiveAdded { id, .. } => Self::ObjectiveAdded(ObjectiveAdded(is, id)),
            domain::CommitmentChange::ObjectiveAmended { id, from, to } => {
                Self::ObjectiveAmended(ObjectiveAmended(is, id, from, to))
            }
            domain::CommitmentChange::ObjectiveDropped { id, why, .. } => {
                Self::ObjectiveDropped(ObjectiveDropped(was, id, text(why)))
            }
            domain::CommitmentChange::KeyResultAdded { objective, id, .. } => {
                Self::KeyResultAdded(KeyResultAdded(is, KeyResult::new(after, objective, id)))
            }
            domain::CommitmentChange::KeyResultAmended { objective, id, from, to } => {
                Self::KeyResultAmended(KeyResultAmended(is, KeyResult::new(after, objective, id), from, to))
            }
            domain::CommitmentChange::KeyResultDropped { objective, id, why, .. } => {
                Self::KeyResultDropped(KeyResultDropped(was, KeyResult::new(before, objective, id), text(why)))
            }
            domain::CommitmentChange::CapacityChanged { from, to } => {
                Self::CapacityChanged(CapacityChanged(is, from.map(Decimal), to.map(Decimal)))
            }
        }
    }
}

/// Changes between two revisions of a plan, each with the renegotiation that touched its subject last.
pub(super) async fn attributed(
    ctx: &Context<'_>,
    before: &Side,
    after: &Side,
    changes: Vec<domain::CommitmentChange>,
) -> Result<Vec<CommitmentChange>, Fault> {
    let (low, high) = (before.plan.number().min(after.plan.number()), before.plan.number().max(after.plan.number()));
    let mut steps: Vec<(Vec<ChangeSubject>, Option<RenegotiationId>)> = Vec::new();
    let mut previous = if before.plan.number() <= after.plan.number() { before.clone() } else { after.clone() };
    for revision in after.plan.stored.revisions.iter().filter(|r| r.number > low && r.number <= high) {
        let next = after.plan.at_revision(revision.number).side(ctx).await?;
        let touched = diff(&previous.commitment, &next.commitment);
        steps.push((touched.iter().map(domain::CommitmentChange::subject).collect(), revision.renegotiation));
        previous = next;
    }
    let of = |subject: ChangeSubject| {
        steps.iter().rev().find(|(touched, _)| touched.contains(&subject)).and_then(|(_, renegotiation)| *renegotiation)
    };
    Ok(changes
        .into_iter()
        .map(|change| {
            let renegotiation = of(change.subject());
            CommitmentChange::new(before, after, change, renegotiation)
        })
        .collect())
}
