//! The roadmap: add, update, move, ship, drop. `add`, `update` and `move_item` also run inside the jobs of other nouns,
//! so that what an idea or a meeting's input becomes goes through the same rules.

use std::collections::BTreeSet;

use holdline_domain::{
    change::Change,
    ids::{KeyResultId, MeetingId, RoadmapItemId, TeamId},
    permission::{Permit, action::MoveRoadmap},
    plan::Plan,
    quantity::Quantity,
    rank::Rank,
    refusal::Refusal,
    roadmap::{Horizon, RoadmapContent, RoadmapItem},
    roadmap_change::{Addition, Course, Place, RoadmapItemChanged},
    text::{Line, Prose, TeamKey},
    time::FiscalCalendar,
};

use super::{Caller, Service, current_quarter, found};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

/// A roadmap item to be added.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct RoadmapItemAdd {
    pub id: Option<Chosen<RoadmapItemId>>,
    pub team: TeamKey,
    pub horizon: Horizon,
    pub content: RoadmapContent,
}

/// A roadmap item to be stated anew; what is none stays, the inner option clears.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct RoadmapItemEdit {
    pub roadmap_item: RoadmapItemId,
    pub title: Option<Line>,
    pub problem: Option<Option<Prose>>,
    pub effort: Option<Option<Quantity>>,
    pub key_results: Option<Vec<KeyResultId>>,
    pub expected: Option<u32>,
}

/// A roadmap item to be moved; without a horizon within its own, without neighbours to the end.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct RoadmapItemMove {
    pub roadmap_item: RoadmapItemId,
    pub horizon: Option<Horizon>,
    pub after: Option<RoadmapItemId>,
    pub before: Option<RoadmapItemId>,
    pub expected: Option<u32>,
}

impl Service {
    /// Adds a roadmap item.
    pub async fn roadmap_item_add(&self, caller: &Caller, input: RoadmapItemAdd) -> Result<RoadmapItemId, Failure> {
        let permit = caller.actor.require::<MoveRoadmap>()?;
        let calendar = self.calendar;
        self.write(caller, "roadmapItemAdd", move |tx| {
            Box::pin(async move { Ok(add(tx, &permit, calendar, input, None).await?.id) })
        })
        .await
    }

    /// States a roadmap item anew.
    pub async fn roadmap_item_update(&self, caller: &Caller, input: RoadmapItemEdit) -> Result<RoadmapItemId, Failure> {
        let permit = caller.actor.require::<MoveRoadmap>()?;
        let calendar = self.calendar;
        self.write(caller, "roadmapItemUpdate", move |tx| {
            Box::pin(async move { Ok(update(tx, &permit, calendar, input, None).await?.id) })
        })
        .await
    }

    /// Moves a roadmap item.
    pub async fn roadmap_item_move(&self, caller: &Caller, input: RoadmapItemMove) -> Result<RoadmapItemId, Failure> {
        let permit = caller.actor.require::<MoveRoadmap>()?;
        let calendar = self.calendar;
        self.write(caller, "roadmapItemMove", move |tx| {
            Box::pin(async move { Ok(move_item(tx, &permit, calendar, input, None).await?.id) })
        })
        .await
    }

    /// Records that a roadmap item is done.
    pub async fn roadmap_item_ship(
        &self,
        caller: &Caller,
        id: RoadmapItemId,
        expected: Option<u32>,
    ) -> Result<RoadmapItemId, Failure> {
        let permit = caller.actor.require::<MoveRoadmap>()?;
        self.write(caller, "roadmapItemShip", move |tx| {
            Box::pin(async move { end(tx, &permit, one(tx, id, expected).await?.ship(&permit)?).await })
        })
        .await
    }

    /// Records that a roadmap item will not be done, and why.
    pub async fn roadmap_item_drop(
        &self,
        caller: &Caller,
        id: RoadmapItemId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<RoadmapItemId, Failure> {
        let permit = caller.actor.require::<MoveRoadmap>()?;
        self.write(caller, "roadmapItemDrop", move |tx| {
            Box::pin(async move { end(tx, &permit, one(tx, id, expected).await?.drop_for(&permit, reason)?).await })
        })
        .await
    }
}

/// Adds an item to the end of a horizon, inside a job.
pub(super) async fn add(
    tx: &Tx,
    permit: &Permit<MoveRoadmap>,
    calendar: FiscalCalendar,
    input: RoadmapItemAdd,
    meeting: Option<MeetingId>,
) -> Result<RoadmapItem, Failure> {
    let RoadmapItemAdd { id: chosen, team, horizon, content } = input;
    let id = match tx.claim(chosen).await? {
        Claim::Free(id) => id,
        Claim::Made(id, _) => return one(tx, id, None).await,
    };
    let team = found(tx.team(&team).await?, "team", "team", &team)?;
    named(tx, &content.key_results).await?;
    let current = current_plan(tx, calendar, team.id).await?;
    let rank = Rank::behind(tx.gap(team.id, horizon, None, (None, None)).await?.lower.as_ref());
    let course = Course { current: current.as_ref(), meeting };
    let change = RoadmapItem::add(permit, &team, Addition { id, content, horizon, rank }, course)?;
    Ok(tx.create(change, chosen).await?.0.item)
}

/// States an item anew, inside a job.
pub(super) async fn update(
    tx: &Tx,
    permit: &Permit<MoveRoadmap>,
    calendar: FiscalCalendar,
    input: RoadmapItemEdit,
    meeting: Option<MeetingId>,
) -> Result<RoadmapItem, Failure> {
    let item = one(tx, input.roadmap_item, input.expected).await?;
    named(tx, input.key_results.as_deref().unwrap_or_default()).await?;
    let current = current_plan(tx, calendar, item.team).await?;
    let old = item.content.clone();
    let content = RoadmapContent {
        title: input.title.unwrap_or(old.title),
        problem: input.problem.unwrap_or(old.problem),
        effort: input.effort.unwrap_or(old.effort),
        key_results: input.key_results.unwrap_or(old.key_results),
    };
    let change = item.update(permit, content, Course { current: current.as_ref(), meeting })?;
    Ok(tx.apply(change).await?.0.item)
}

/// Moves an item, inside a job.
pub(super) async fn move_item(
    tx: &Tx,
    permit: &Permit<MoveRoadmap>,
    calendar: FiscalCalendar,
    input: RoadmapItemMove,
    meeting: Option<MeetingId>,
) -> Result<RoadmapItem, Failure> {
    let item = one(tx, input.roadmap_item, input.expected).await?;
    let horizon = input.horizon.unwrap_or(item.horizon);
    let (after, before) = (neighbour(tx, input.after, "after").await?, neighbour(tx, input.before, "before").await?);
    let ranks = (after.as_ref().map(|after| &after.rank), before.as_ref().map(|before| &before.rank));
    let gap = tx.gap(item.team, horizon, Some(item.id), ranks).await?;
    let current = current_plan(tx, calendar, item.team).await?;
    let place = Place { horizon, after, before, gap };
    let change = item.move_to(permit, &place, Course { current: current.as_ref(), meeting })?;
    Ok(tx.apply(change).await?.0.item)
}

/// Applies the end of an item, shipped or dropped, and what it means for the ideas that it stands for.
async fn end(
    tx: &Tx,
    permit: &Permit<MoveRoadmap>,
    change: Change<RoadmapItemChanged>,
) -> Result<RoadmapItemId, Failure> {
    let item = tx.apply(change).await?.0.item;
    for idea in tx.ideas_of_item(item.id).await? {
        if let Some(change) = idea.with_item(permit, &item) {
            tx.apply(change).await?;
        }
    }
    Ok(item.id)
}

async fn one(tx: &Tx, id: RoadmapItemId, expected: Option<u32>) -> Result<RoadmapItem, Failure> {
    let item = found(tx.roadmap_item(id).await?, "roadmapItem", "roadmap item", id)?;
    item.expect_version(expected)?;
    Ok(item)
}

async fn neighbour(tx: &Tx, id: Option<RoadmapItemId>, field: &str) -> Result<Option<RoadmapItem>, Failure> {
    let Some(id) = id else { return Ok(None) };
    Ok(Some(found(tx.roadmap_item(id).await?, field, "roadmap item", id)?))
}

/// The team's plan for the quarter that runs now; a refusal from here on counts as one that held its line, once it is
/// committed.
async fn current_plan(tx: &Tx, calendar: FiscalCalendar, team: TeamId) -> Result<Option<Plan>, Failure> {
    let quarter = current_quarter(&tx.quarters().await?, calendar, tx.now()).quarter;
    let plan = tx.plan_of(team, quarter).await?;
    if let Some(committed) = plan.as_ref().filter(|plan| plan.revision() > 0) {
        tx.concerns(team, committed.head().id);
    }
    Ok(plan)
}

/// `NOT_FOUND` for each key result that is not there for this caller.
async fn named(tx: &Tx, key_results: &[KeyResultId]) -> Result<(), Failure> {
    let known = tx.key_results_named(key_results).await?;
    let mut broken = holdline_domain::refusal::Broken::none();
    let unknown: BTreeSet<_> = key_results.iter().filter(|id| !known.contains(id)).collect();
    broken.extend(unknown.iter().map(|id| Refusal::not_found(&["keyResults"], "key result", &id.to_string())));
    Ok(broken.finish()?)
}
