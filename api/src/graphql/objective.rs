//! Objectives in the API: what a team sets out to reach, now or as of another time.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use futures_util::future::try_join_all;
use holdline_domain::{ids::ObjectiveId, objective::ObjectiveTerms};
use uuid::Uuid;

use super::{
    audit::AuditEntry,
    change::{Side, sides},
    fault::Fault,
    history,
    ids::Pin,
    key_result::KeyResult,
    loaders::{HomeOfObjective, StandingAt, unshare},
    page::{Connection, PageArgs, Total, connect},
    person::{self, Person},
    plan::{self, Plan},
    plan_revision::PlanRevision,
    scalars::Decimal,
    session::session,
};
use crate::failure::Failure;

/// An objective as of a moment of its plan.
#[derive(Clone)]
pub(super) struct Objective {
    side: Side,
    id: ObjectiveId,
}

impl Objective {
    pub(super) fn new(side: &Side, id: ObjectiveId) -> Self {
        Self { side: side.clone(), id }
    }

    fn whole(&self) -> Result<&holdline_domain::objective::Objective, Fault> {
        let found = self.side.commitment.objective(self.id);
        found.ok_or_else(|| Failure::internal("an objective is missing from its commitment").into())
    }

    pub(super) fn terms(&self) -> Result<&ObjectiveTerms, Fault> {
        Ok(&self.whole()?.terms)
    }
}

/// The objective of an id as of a moment. A live id of one that was dropped answers with what it was last.
pub(super) async fn lookup(ctx: &Context<'_>, id: ObjectiveId, pin: Pin) -> Result<Option<Objective>, Fault> {
    let session = session(ctx);
    let Some(home) = session.loader().load_one(HomeOfObjective(id)).await.map_err(unshare)? else { return Ok(None) };
    let Some(stored) = plan::load(ctx, home).await? else { return Ok(None) };
    let Some(plan) = Plan::pinned(stored, pin) else { return Ok(None) };
    let side = plan.side(ctx).await?;
    if side.commitment.objective(id).is_some() {
        return Ok(Some(Objective { side, id }));
    }
    if pin != Pin::Live {
        return Ok(None);
    }
    let last = last_with(ctx, &plan, |side| side.commitment.objective(id).is_some()).await?;
    Ok(last.map(|side| Objective { side, id }))
}

/// A plan as it stood last while a condition held: just before the revision that ended it.
pub(super) async fn last_with(
    ctx: &Context<'_>,
    plan: &Plan,
    holds: impl Fn(&Side) -> bool,
) -> Result<Option<Side>, Fault> {
    let sides = sides(ctx, plan, 1..=plan.stored.latest()).await?;
    let last = sides.into_iter().rev().find(|side| holds(side));
    Ok(last.map(|side| Side { plan: side.plan.at_its_end(), ..side }))
}

/// The revision, after the one that is read, from which on a condition no longer holds.
pub(super) async fn dropped_in(
    ctx: &Context<'_>,
    plan: &Plan,
    holds: impl Fn(&Side) -> bool,
) -> Result<Option<PlanRevision>, Fault> {
    let later: Vec<_> = plan.stored.revisions.iter().filter(|revision| revision.number > plan.number()).collect();
    let sides = sides(ctx, plan, later.iter().map(|revision| revision.number)).await?;
    let dropped = later.into_iter().zip(&sides).find(|(_, side)| !holds(side));
    let live = || Plan::live_now(Arc::clone(&plan.stored));
    Ok(dropped.map(|(revision, _)| PlanRevision { plan: live(), revision: *revision }))
}

/// What a team sets out to reach in a quarter.
#[Object]
impl Objective {
    /// Its id; read as of another time it has an id of its own.
    pub(super) async fn id(&self) -> ID {
        self.side.plan.pin.id(self.id)
    }
    /// The objective as it is now; null where a renegotiation dropped it.
    async fn live(&self, ctx: &Context<'_>) -> Result<Option<Self>, Fault> {
        let plan = Plan::live_now(Arc::clone(&self.side.plan.stored));
        let side = plan.side(ctx).await?;
        Ok(side.commitment.objective(self.id).map(|_| Self::new(&side, self.id)))
    }
    /// The plan that it is part of, as of the same moment.
    async fn plan(&self) -> Plan {
        self.side.plan.clone()
    }
    /// What will be reached.
    async fn title(&self) -> Result<String, Fault> {
        Ok(self.terms()?.title.to_string())
    }
    /// Why it matters.
    async fn rationale(&self) -> Result<String, Fault> {
        Ok(self.terms()?.rationale.to_string())
    }
    /// Who answers for it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.terms()?.owner).await
    }
    /// What it weighs, in the plan's capacity unit.
    async fn load(&self) -> Result<Option<Decimal>, Fault> {
        Ok(self.terms()?.load.map(Decimal))
    }
    /// The objective that it helps; null where there is none, or where it is of a team that the token does not hold.
    async fn contributes_to(&self, ctx: &Context<'_>) -> Result<Option<Self>, Fault> {
        match self.terms()?.contributes_to {
            Some(target) => lookup(ctx, target, Pin::Live).await,
            None => Ok(None),
        }
    }
    /// The objectives that help this one now.
    async fn contributors(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Self>, Fault> {
        let query = format!("contributors {}", self.id);
        let request = PageArgs::forward(first, after).request::<Uuid>(&query)?;
        let page = session(ctx).reader().contributors(self.id, &request).await?;
        let one = async |(key, id)| Ok::<_, Fault>(lookup(ctx, id, Pin::Live).await?.map(|objective| (key, objective)));
        let items = try_join_all(page.items.into_iter().map(one)).await?.into_iter().flatten().collect();
        let page = crate::store::Page { items, has_previous: page.has_previous, has_next: page.has_next };
        Ok(connect(&query, page, Total::Contributors(self.id), |objective| objective))
    }
    /// Its key results, in order.
    async fn key_results(&self) -> Result<Vec<KeyResult>, Fault> {
        let members = &self.whole()?.key_results;
        Ok(members.iter().map(|member| KeyResult::new(&self.side, self.id, member.id)).collect())
    }
    /// The mean of its key results' progress, 0 to 1, those without any counting 0.
    async fn progress(&self, ctx: &Context<'_>) -> Result<Option<f64>, Fault> {
        let (members, at) = (&self.whole()?.key_results, self.side.plan.until());
        if members.is_empty() {
            return Ok(None);
        }
        let keys = members.iter().map(|member| StandingAt(member.id, at));
        let standings = session(ctx).loader().load_many(keys).await.map_err(unshare)?;
        let progress = members.iter().map(|member| {
            let current = standings.get(&StandingAt(member.id, at)).and_then(|standing| standing.current);
            let measure = &member.terms.measure;
            current.and_then(|current| current.progress(measure.baseline, measure.target)).unwrap_or(0.0)
        });
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        Ok(Some(progress.sum::<f64>() / f64::from(count)))
    }
    /// Its story, the oldest entry first: what happened to it, and every renegotiation that was about it, with reason,
    /// meeting and decision; as of another time, what was told by then. Needs the scope audit:read.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>, Fault> {
        let until = self.side.plan.as_of_instant();
        history::page(ctx, self.id.uuid(), until, PageArgs::forward(first, after)).await
    }
    /// The revision that dropped it; null while it is part of the plan.
    async fn dropped_in(&self, ctx: &Context<'_>) -> Result<Option<PlanRevision>, Fault> {
        dropped_in(ctx, &self.side.plan, |side| side.commitment.objective(self.id).is_some()).await
    }
}
