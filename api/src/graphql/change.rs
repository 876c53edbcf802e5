//! Changes of a commitment in the API: one type for each kind, with the objects before and after.

use std::sync::Arc;

use async_graphql::{Context, Enum, Interface, Object};
use futures_util::future::try_join_all;
use holdline_domain::{
    commitment::Commitment,
    commitment_change::{self as domain, ChangeSubject, diff},
    ids::{ObjectiveId, RenegotiationId},
};

use super::{
    fault::Fault,
    key_result::KeyResult,
    key_result_change::{KeyResultAdded, KeyResultAmended, KeyResultDropped},
    objective::Objective,
    objective_change::{ObjectiveAdded, ObjectiveAmended, ObjectiveDropped},
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
    pub(super) fn aspects(&self) -> Vec<ChangeAspect> {
        self.aspects.iter().copied().map(Into::into).collect()
    }

    pub(super) async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        renegotiation::load_maybe(ctx, self.renegotiation).await
    }

    pub(super) fn objective(&self, id: ObjectiveId) -> Objective {
        Objective::new(&self.side, id)
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

/// A plan at several of its revisions, loaded together.
pub(super) async fn sides(
    ctx: &Context<'_>,
    plan: &Plan,
    numbers: impl IntoIterator<Item = u32>,
) -> Result<Vec<Side>, Fault> {
    let at = |number| {
        let plan = plan.at_revision(number);
        async move { plan.side(ctx).await }
    };
    try_join_all(numbers.into_iter().map(at)).await
}

/// Changes between two revisions of a plan, each with the renegotiation that touched its subject last.
pub(super) async fn attributed(
    ctx: &Context<'_>,
    before: &Side,
    after: &Side,
    changes: Vec<domain::CommitmentChange>,
) -> Result<Vec<CommitmentChange>, Fault> {
    let (low, high) = (before.plan.number().min(after.plan.number()), before.plan.number().max(after.plan.number()));
    let between = after.plan.stored.revisions.iter().filter(|r| r.number > low && r.number <= high);
    let (numbers, made): (Vec<_>, Vec<_>) = between.map(|r| (r.number, r.renegotiation)).unzip();
    let sides = sides(ctx, &after.plan, numbers).await?;
    let mut steps: Vec<(Vec<ChangeSubject>, Option<RenegotiationId>)> = Vec::new();
    let mut previous = if before.plan.number() <= after.plan.number() { before } else { after };
    for (next, renegotiation) in sides.iter().zip(made) {
        let touched = diff(&previous.commitment, &next.commitment);
        steps.push((touched.iter().map(domain::CommitmentChange::subject).collect(), renegotiation));
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
