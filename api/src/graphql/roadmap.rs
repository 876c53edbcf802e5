//! The roadmap in the API: what a team means to do in NOW, NEXT and LATER, now or as of another time.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use futures_util::future::try_join_all;
use holdline_domain::{
    ids::{RoadmapItemId, TeamId},
    roadmap as domain,
    time::Timestamp,
};

use super::{
    audit::AuditEntry,
    backlog_loaders::{DemandOf, IdeasOf},
    demand::{self, Demand},
    fault::Fault,
    history,
    idea::Idea,
    ids::Pin,
    input::shown,
    key_result::{self, KeyResult},
    loaders::unshare,
    page::{Connection, PageArgs, Total, connect, connect_all},
    quarter,
    roadmap_loaders::{LiveUntil, RoadmapItemAt},
    scalars::{DateTime, Decimal},
    session::session,
    team::{self, Team},
};
use crate::store::{RoadmapList, RoadmapWanted};

/// How soon an item is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Horizon")]
pub(super) enum Horizon {
    /// It is being worked on; once the quarter's plan is committed, it serves a live key result of it.
    Now,
    /// It comes after that.
    Next,
    /// It comes some time.
    Later,
}

/// Where a roadmap item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum RoadmapStatus {
    /// It is to be done.
    InPlan,
    /// It is done.
    Shipped,
    /// It will not be done.
    Dropped,
}

/// A team's roadmap as of a moment; none is now.
pub(super) struct Roadmap {
    pub(super) team: TeamId,
    pub(super) at: Option<Timestamp>,
}

impl Roadmap {
    async fn list(
        &self,
        ctx: &Context<'_>,
        list: RoadmapList,
        (first, after): (Option<i32>, Option<String>),
    ) -> Result<Connection<RoadmapItem>, Fault> {
        let at = self.at;
        let wanted = RoadmapWanted { team: self.team, list, at };
        let query = format!("roadmap {wanted:?}");
        let request = PageArgs::forward(first, after).request(&query)?;
        let page = session(ctx).reader().roadmap_items(&wanted, &request).await?;
        Ok(connect(&query, page, Total::Roadmap(wanted), |item| RoadmapItem { item: Arc::new(item), at }))
    }
}

/// What a team means to do, in three horizons. It flexes freely; only NOW is bound to what was committed.
#[Object]
impl Roadmap {
    /// Whose roadmap it is.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.team).await
    }
    /// Whether NOW is bound: the team's plan for the quarter that runs at this moment is committed.
    async fn bounded(&self, ctx: &Context<'_>) -> Result<bool, Fault> {
        let session = session(ctx);
        let running = quarter::running(session, self.at.unwrap_or_else(|| session.now())).await?;
        let plan = session.reader().plan_of(self.team, running.quarter).await?;
        Ok(plan.is_some_and(|plan| self.at.map_or(plan.latest(), |at| plan.revision_at(at)) > 0))
    }
    /// The instant it is read as of; null for the roadmap as it is now.
    async fn as_of(&self) -> Option<DateTime> {
        self.at.map(DateTime)
    }
    /// What is being worked on, in order.
    async fn now(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        self.list(ctx, RoadmapList::InPlan(domain::Horizon::Now), (first, after)).await
    }
    /// What comes after that, in order.
    async fn next(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        self.list(ctx, RoadmapList::InPlan(domain::Horizon::Next), (first, after)).await
    }
    /// What comes some time, in order.
    async fn later(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        self.list(ctx, RoadmapList::InPlan(domain::Horizon::Later), (first, after)).await
    }
    /// What is done, in the order in which it stood last.
    async fn shipped(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        self.list(ctx, RoadmapList::Shipped, (first, after)).await
    }
    /// What will not be done, in the order in which it stood last.
    async fn dropped(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RoadmapItem>, Fault> {
        self.list(ctx, RoadmapList::Dropped, (first, after)).await
    }
}

/// A roadmap item as of a moment; none is now.
#[derive(Clone)]
pub(super) struct RoadmapItem {
    pub(super) item: Arc<domain::RoadmapItem>,
    pub(super) at: Option<Timestamp>,
}

/// Loads an item where the caller may see it.
pub(super) async fn load(
    ctx: &Context<'_>,
    id: RoadmapItemId,
    at: Option<Timestamp>,
) -> Result<Option<RoadmapItem>, Fault> {
    let found = session(ctx).loader().load_one(RoadmapItemAt(id, at)).await.map_err(unshare)?;
    Ok(found.map(|item| RoadmapItem { item, at }))
}

impl RoadmapItem {
    fn pin(&self) -> Pin {
        self.at.map_or(Pin::Live, Pin::At)
    }
}

/// A problem worth solving, ranked in its horizon.
#[Object]
impl RoadmapItem {
    /// Its id; read as of another time it has an id of its own.
    pub(super) async fn id(&self) -> ID {
        self.pin().id(self.item.id)
    }
    /// The item as it is now.
    async fn live(&self, ctx: &Context<'_>) -> Result<Option<Self>, Fault> {
        load(ctx, self.item.id, None).await
    }
    /// On whose roadmap it stands.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.item.team).await
    }
    /// What it is called.
    async fn title(&self) -> &str {
        self.item.content.title.as_str()
    }
    /// The problem that it solves.
    async fn problem(&self) -> Option<&str> {
        self.item.content.problem.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// How soon it is to be done, or was to be when it was shipped or dropped.
    async fn horizon(&self) -> Horizon {
        self.item.horizon.into()
    }
    /// Where it stands.
    async fn status(&self) -> RoadmapStatus {
        match self.item.status {
            domain::RoadmapStatus::InPlan => RoadmapStatus::InPlan,
            domain::RoadmapStatus::Shipped => RoadmapStatus::Shipped,
            domain::RoadmapStatus::Dropped(_) => RoadmapStatus::Dropped,
        }
    }
    /// Why it was dropped.
    async fn dropped_because(&self) -> Option<&str> {
        match &self.item.status {
            domain::RoadmapStatus::Dropped(why) => Some(why.as_str()),
            domain::RoadmapStatus::InPlan | domain::RoadmapStatus::Shipped => None,
        }
    }
    /// What it takes, in the team's own unit; null where nobody said.
    async fn effort(&self) -> Option<Decimal> {
        self.item.content.effort.map(Decimal)
    }
    /// The key results that it serves, those that a renegotiation dropped included; of teams that the token holds.
    async fn key_results(&self, ctx: &Context<'_>) -> Result<Vec<KeyResult>, Fault> {
        let served = self.item.content.key_results.iter().map(|id| key_result::served(ctx, *id, self.pin()));
        Ok(try_join_all(served).await?.into_iter().flatten().collect())
    }
    /// Whether it is in plan and serves no live key result of a committed plan whose quarter has not ended. Shown at
    /// once when a renegotiation drops the last one; never refused.
    async fn orphaned(&self, ctx: &Context<'_>) -> Result<bool, Fault> {
        let session = session(ctx);
        if !self.item.is_in_plan() {
            return Ok(false);
        }
        let keys = self.item.content.key_results.iter().map(|id| LiveUntil(*id, self.at));
        let live = session.loader().load_many(keys).await.map_err(unshare)?;
        let at = self.at.unwrap_or_else(|| session.now());
        Ok(live.values().all(|ends_at| *ends_at <= at))
    }
    /// The ideas that it stands for, as they are now, in the order of their submission.
    async fn ideas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Idea>, Fault> {
        let found = session(ctx).loader().load_one(IdeasOf(self.item.id)).await.map_err(unshare)?;
        let ideas = found.unwrap_or_default().into_iter().map(Idea).collect();
        connect_all(&format!("ideas {}", self.item.id), &PageArgs::forward(first, after), ideas)
    }
    /// What the requests behind its ideas add up to now; a deal that asks for several of them is worth its amount once.
    async fn demand(&self, ctx: &Context<'_>) -> Result<Demand, Fault> {
        demand::load(ctx, DemandOf::Item(self.item.id)).await
    }
    /// Its story, the oldest entry first: what happened to it, when, by whom and why; as of another time, what was told by then. Needs the scope
    /// audit:read.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>, Fault> {
        history::page(ctx, self.item.id.uuid(), self.at, PageArgs::forward(first, after)).await
    }
    /// Grows by one with each step; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.item.version)
    }
}
