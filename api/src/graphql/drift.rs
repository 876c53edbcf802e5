//! Drift in the API: revision 1 against the latest, with the reasons, and what the line withstood.

use async_graphql::{Context, Object, SimpleObject};
use futures_util::future::try_join_all;
use holdline_domain::{
    commitment_change::{self as domain, CommitmentChange as Changed},
    quantity::Quantity,
    refusal::Code,
    renegotiation::Status,
    rules,
    time::Timestamp,
};

use super::{
    change::{self, CommitmentChange, Side},
    fault::Fault,
    input::shown,
    loaders::{RefusalsOf, unshare},
    plan::Plan,
    plan_revision::PlanRevision,
    renegotiation::{self, Renegotiation},
    renegotiation_query,
    scalars::Decimal,
    session::session,
    user_error::UserErrorCode,
};
use crate::{failure::Failure, store::RenegotiationsWanted};

/// How far a plan has come from what was committed first.
pub(super) struct Drift {
    plan: Plan,
}

impl Drift {
    pub(super) const fn new(plan: Plan) -> Self {
        Self { plan }
    }

    async fn sides(&self, ctx: &Context<'_>) -> Result<(Side, Side), Fault> {
        Ok((self.plan.at_revision(1).side(ctx).await?, self.plan.side(ctx).await?))
    }

    async fn changes(
        &self,
        ctx: &Context<'_>,
        keep: impl Fn(&Changed) -> bool,
    ) -> Result<Vec<CommitmentChange>, Fault> {
        let (before, after) = self.sides(ctx).await?;
        let changes = domain::diff(&before.commitment, &after.commitment).into_iter().filter(|c| keep(c)).collect();
        change::attributed(ctx, &before, &after, changes).await
    }

    async fn count(&self, ctx: &Context<'_>, keep: impl Fn(&Changed) -> bool) -> Result<i32, Fault> {
        let (before, after) = self.sides(ctx).await?;
        let count = domain::diff(&before.commitment, &after.commitment).iter().filter(|c| keep(c)).count();
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    fn revision(&self, number: u32) -> Result<PlanRevision, Fault> {
        let found = self.plan.stored.revisions.iter().find(|revision| revision.number == number);
        let revision = found.ok_or_else(|| Failure::internal("a revision is missing"))?;
        Ok(PlanRevision { plan: self.plan.clone(), revision: *revision })
    }

    /// How often each rule held the line.
    async fn held(&self, ctx: &Context<'_>) -> Result<Vec<(Code, i32)>, Fault> {
        let key = RefusalsOf(self.plan.stored.head.id);
        let counted = session(ctx).loader().load_one(key).await.map_err(unshare)?.unwrap_or_default();
        let of = |code: Code| counted.iter().find(|(name, _)| name == code.name()).map(|(_, counted)| *counted);
        let held = rules::ALL.iter().filter_map(|rule| Some((rule.code, of(rule.code)?)));
        Ok(held.map(|(code, counted)| (code, i32::try_from(counted).unwrap_or(i32::MAX))).collect())
    }

    async fn in_states(&self, ctx: &Context<'_>, statuses: Vec<Status>) -> Result<Vec<Renegotiation>, Fault> {
        let wanted = RenegotiationsWanted::of_plan(self.plan.stored.head.id).in_states(statuses);
        let until = self.plan.until();
        let found = renegotiation_query::all(session(ctx), wanted).await?;
        Ok(found.into_iter().filter(|found| found.began_by(until)).collect())
    }
}

/// What entered NOW after the plan was committed, by the end of its quarter.
#[derive(SimpleObject)]
pub(super) struct Crowding {
    /// How many roadmap items, added there or moved there, each once.
    items_entered_now: i32,
    /// The sum of their effort when they entered first, an item without one counting 0.
    effort_entered_now: Decimal,
}

/// How often one rule held a plan's line.
#[derive(SimpleObject)]
pub(super) struct RuleRefusals {
    /// The rule.
    code: UserErrorCode,
    /// How often, all time.
    refusals: i32,
}

/// What was committed first against what holds now, and why.
#[Object]
impl Drift {
    /// What was committed.
    async fn original(&self) -> Result<PlanRevision, Fault> {
        self.revision(1)
    }
    /// What holds.
    async fn latest(&self) -> Result<PlanRevision, Fault> {
        self.revision(self.plan.number())
    }
    /// What came in.
    async fn added(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        self.changes(ctx, |c| matches!(c, Changed::ObjectiveAdded { .. } | Changed::KeyResultAdded { .. })).await
    }
    /// What went out.
    async fn dropped(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        self.changes(ctx, |c| matches!(c, Changed::ObjectiveDropped { .. } | Changed::KeyResultDropped { .. })).await
    }
    /// What stayed and reads, measures or weighs otherwise.
    async fn amended(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        let amended = |c: &Changed| {
            let objective = matches!(c, Changed::ObjectiveAmended { .. });
            objective || matches!(c, Changed::KeyResultAmended { .. } | Changed::CapacityChanged { .. })
        };
        self.changes(ctx, amended).await
    }
    /// How many key results came in.
    async fn key_results_added(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        self.count(ctx, |c| matches!(c, Changed::KeyResultAdded { .. })).await
    }
    /// How many key results went out.
    async fn key_results_dropped(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        self.count(ctx, |c| matches!(c, Changed::KeyResultDropped { .. })).await
    }
    /// How many key results stayed and read or measure otherwise.
    async fn key_results_amended(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        self.count(ctx, |c| matches!(c, Changed::KeyResultAmended { .. })).await
    }
    /// The sum of loads as committed.
    async fn load_before(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.sides(ctx).await?.0.commitment.load().map(Decimal))
    }
    /// The sum of loads as it is.
    async fn load_after(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.sides(ctx).await?.1.commitment.load().map(Decimal))
    }
    /// The approved renegotiations that led from one to the other, oldest first.
    async fn renegotiations(&self, ctx: &Context<'_>) -> Result<Vec<Renegotiation>, Fault> {
        let number = self.plan.number();
        let revisions = self.plan.stored.revisions.iter().filter(|revision| revision.number <= number);
        let led = revisions.map(|revision| renegotiation::load_maybe(ctx, revision.renegotiation));
        Ok(try_join_all(led).await?.into_iter().flatten().collect())
    }
    /// The proposals that were never concluded: expired, withdrawn or still open.
    async fn undecided(&self, ctx: &Context<'_>) -> Result<Vec<Renegotiation>, Fault> {
        self.in_states(ctx, vec![Status::Expired, Status::Withdrawn, Status::Proposed]).await
    }
    /// How often a rule held the line of this plan, all time; statistics, not part of the record.
    async fn refusals(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        Ok(self
            .held(ctx)
            .await?
            .iter()
            .map(|(_, counted)| counted)
            .fold(0, |sum, counted| sum.saturating_add(*counted)))
    }
    /// The same by rule, in the order of the rules; those that never did are left out.
    async fn refusals_by_rule(&self, ctx: &Context<'_>) -> Result<Vec<RuleRefusals>, Fault> {
        let held = self.held(ctx).await?;
        Ok(held.into_iter().map(|(code, refusals)| RuleRefusals { code: code.into(), refusals }).collect())
    }
    /// The roadmap items that entered NOW since the commit: why a busy team can miss what it set out to do.
    async fn crowding(&self, ctx: &Context<'_>) -> Result<Crowding, Fault> {
        let (head, first) = (&self.plan.stored.head, self.revision(1)?.revision);
        let last = Timestamp::from_micros(head.span.ends_at.micros() - 1).unwrap_or(head.span.ends_at);
        let until = self.plan.until().min(last);
        let entered = session(ctx).reader().crowding(head.team, first.at, until).await?;
        let effort = Decimal(entered.effort.unwrap_or(Quantity::ZERO));
        Ok(Crowding { items_entered_now: shown(entered.items), effort_entered_now: effort })
    }
}
