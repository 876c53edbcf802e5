//! Key results in the API: what is measured, where it stands, and what was said about it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use holdline_domain::{
    ids::{KeyResultId, ObjectiveId},
    key_result::KeyResultTerms,
};

use super::{
    audit::AuditEntry,
    change::{Side, sides},
    check_in::{CheckIn, Confidence},
    fault::Fault,
    history,
    ids::Pin,
    loaders::{CheckInsOf, HomeOfKeyResult, StandingAt, unshare},
    objective::{Objective, dropped_in, last_with},
    page::{Connection, PageArgs, Total, connect},
    person::{self, Person},
    plan::{self, Plan},
    plan_revision::PlanRevision,
    roadmap::RoadmapItem,
    roadmap_loaders::ServingOf,
    scalars::Decimal,
    session::session,
};
use crate::{failure::Failure, store::Standing};

/// A key result as of a moment of its plan.
#[derive(Clone)]
pub(super) struct KeyResult {
    side: Side,
    objective: ObjectiveId,
    id: KeyResultId,
}

/// What is measured. The direction follows from baseline and target; a yes-or-no measure is 0 → 1.
#[derive(SimpleObject)]
pub(super) struct Measure {
    /// What is counted, such as `%` or `score`.
    unit: String,
    /// Where it stood.
    baseline: Decimal,
    /// Where it should stand.
    target: Decimal,
}

impl Measure {
    pub(super) fn new(measure: &holdline_domain::key_result::Measure) -> Self {
        let unit = measure.unit.to_string();
        Self { unit, baseline: Decimal(measure.baseline), target: Decimal(measure.target) }
    }
}

impl KeyResult {
    pub(super) fn new(side: &Side, objective: ObjectiveId, id: KeyResultId) -> Self {
        Self { side: side.clone(), objective, id }
    }

    pub(super) fn terms(&self) -> Result<&KeyResultTerms, Fault> {
        let found = self.side.commitment.key_result(self.id).map(|(_, key_result)| &key_result.terms);
        found.ok_or_else(|| Failure::internal("a key result is missing from its commitment").into())
    }

    async fn standing(&self, ctx: &Context<'_>) -> Result<Standing, Fault> {
        let key = StandingAt(self.id, self.side.plan.until());
        Ok(session(ctx).loader().load_one(key).await.map_err(unshare)?.unwrap_or_default())
    }
}

/// The key result of an id as of a moment. A live id of one that was dropped answers with what it was last.
pub(super) async fn lookup(ctx: &Context<'_>, id: KeyResultId, pin: Pin) -> Result<Option<KeyResult>, Fault> {
    let session = session(ctx);
    let home = session.loader().load_one(HomeOfKeyResult(id)).await.map_err(unshare)?;
    let Some((objective, home)) = home else { return Ok(None) };
    let Some(stored) = plan::load(ctx, home).await? else { return Ok(None) };
    let Some(plan) = Plan::pinned(stored, pin) else { return Ok(None) };
    let side = plan.side(ctx).await?;
    if side.commitment.key_result(id).is_some() {
        return Ok(Some(KeyResult { side, objective, id }));
    }
    if pin != Pin::Live {
        return Ok(None);
    }
    let last = last_with(ctx, &plan, |side| side.commitment.key_result(id).is_some()).await?;
    Ok(last.map(|side| KeyResult { side, objective, id }))
}

/// The key result that a roadmap item serves, as of a moment; one that was dropped by then as it was last.
pub(super) async fn served(ctx: &Context<'_>, id: KeyResultId, pin: Pin) -> Result<Option<KeyResult>, Fault> {
    if let Some(found) = lookup(ctx, id, pin).await? {
        return Ok(Some(found));
    }
    let Pin::At(at) = pin else { return Ok(None) };
    let home = session(ctx).loader().load_one(HomeOfKeyResult(id)).await.map_err(unshare)?;
    let Some((objective, home)) = home else { return Ok(None) };
    let Some(stored) = plan::load(ctx, home).await? else { return Ok(None) };
    let until = stored.revision_at(at);
    let sides = sides(ctx, &Plan::live_now(stored), 1..=until).await?;
    let last = sides.into_iter().rev().find(|side| side.commitment.key_result(id).is_some());
    Ok(last.map(|side| KeyResult { side, objective, id }))
}

/// What an objective is measured by.
#[Object]
impl KeyResult {
    /// Its id; read as of another time it has an id of its own.
    pub(super) async fn id(&self) -> ID {
        self.side.plan.pin.id(self.id)
    }
    /// The key result as it is now; null where a renegotiation dropped it.
    async fn live(&self, ctx: &Context<'_>) -> Result<Option<Self>, Fault> {
        let side = Plan::live_now(Arc::clone(&self.side.plan.stored)).side(ctx).await?;
        Ok(side.commitment.key_result(self.id).map(|(objective, _)| Self::new(&side, objective.id, self.id)))
    }
    /// The objective that it measures, as of the same moment.
    async fn objective(&self) -> Objective {
        Objective::new(&self.side, self.objective)
    }
    /// What will be true.
    async fn title(&self) -> Result<String, Fault> {
        Ok(self.terms()?.title.to_string())
    }
    /// Who answers for it.
    async fn owner(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.terms()?.owner).await
    }
    /// How it is measured.
    async fn measure(&self) -> Result<Measure, Fault> {
        Ok(Measure::new(&self.terms()?.measure))
    }
    /// Its newest value that is no forecast; null without a check-in.
    async fn current(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.standing(ctx).await?.current.map(Decimal))
    }
    /// Its newest forecast.
    async fn projected(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.standing(ctx).await?.projected.map(Decimal))
    }
    /// (current − baseline) / (target − baseline), cut to 0 to 1; null without a check-in.
    async fn progress(&self, ctx: &Context<'_>) -> Result<Option<f64>, Fault> {
        let measure = &self.terms()?.measure;
        let current = self.standing(ctx).await?.current;
        Ok(current.and_then(|current| current.progress(measure.baseline, measure.target)))
    }
    /// The newest confidence that anybody stated.
    async fn confidence(&self, ctx: &Context<'_>) -> Result<Option<Confidence>, Fault> {
        Ok(self.standing(ctx).await?.confidence.map(Into::into))
    }
    /// Its check-ins, oldest first.
    async fn check_ins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<CheckIn>, Fault> {
        let until = self.side.plan.as_of_instant();
        let query = format!("checkIns {} {until:?}", self.id);
        let page = PageArgs { first, after, last, before }.request(&query)?;
        let key = CheckInsOf { key_result: self.id, until, page };
        let found = session(ctx).loader().load_one(key).await.map_err(unshare)?;
        let page = found.ok_or_else(|| Failure::internal("a page of check-ins is missing"))?;
        Ok(connect(&query, page, Total::CheckIns(self.id, until), CheckIn))
    }
    /// The roadmap items that serve it, shipped ones included and dropped ones left out, in the order of their ids.
    async fn roadmap_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        let at = self.side.plan.as_of_instant();
        let query = format!("roadmapItems {} {at:?}", self.id);
        let page = PageArgs::forward(first, after).request(&query)?;
        let found = session(ctx).loader().load_one(ServingOf { key_result: self.id, at, page }).await;
        let page = found.map_err(unshare)?.ok_or_else(|| Failure::internal("a page of roadmap items is missing"))?;
        Ok(connect(&query, page, Total::Serving(self.id, at), |item| RoadmapItem { item, at }))
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
        dropped_in(ctx, &self.side.plan, |side| side.commitment.key_result(self.id).is_some()).await
    }
}
