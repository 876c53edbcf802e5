//! Ideas in the API: the backlog's entries, with who asks for them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use holdline_domain::{
    idea::{self as domain, IdeaStatus as Stands, Rating},
    ids::IdeaId,
    text::{Line, Prose},
};

use super::{
    audit::AuditEntry,
    backlog_loaders::{DemandOf, RequestsOf},
    customer_request::CustomerRequest,
    demand::{self, Demand},
    fault::Fault,
    history,
    input::shown,
    loaders::unshare,
    page::{Connection, PageArgs, Total, connect},
    roadmap::{self, RoadmapItem},
    scalars::DateTime,
    session::{reading, session},
    team::{self, Team},
};
use crate::{
    failure::Failure,
    store::{SearchKind, SearchQuery, StoredIdea},
};

/// An idea.
#[derive(Clone)]
pub(super) struct Idea(pub(super) Arc<StoredIdea>);

/// Where an idea stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum IdeaStatus {
    /// Nobody has looked at it yet.
    New,
    /// Somebody looks at it.
    UnderReview,
    /// It is on the roadmap.
    Planned,
    /// It will not be done; it still counts demand.
    Declined,
    /// It is the same as another, which has its requests now.
    Merged,
    /// It was shipped.
    Shipped,
}

impl IdeaStatus {
    /// The name in the database.
    pub(super) const fn stored(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Planned => "PLANNED",
            Self::Declined => "DECLINED",
            Self::Merged => "MERGED",
            Self::Shipped => "SHIPPED",
        }
    }
}

/// What an idea is called in another system.
#[derive(SimpleObject)]
pub(super) struct ExternalIdentity {
    /// The other system.
    system: String,
    /// The id there, unique in the system and the team's backlog.
    external_id: String,
    /// Where to read it there.
    url: Option<String>,
}

/// Loads an idea that must be there.
pub(super) async fn load(ctx: &Context<'_>, id: IdeaId) -> Result<Idea, Fault> {
    let found = load_maybe(ctx, Some(id)).await?;
    found.ok_or_else(|| Failure::internal("an idea of the record is missing").into())
}

/// Loads an idea where there is one.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<IdeaId>) -> Result<Option<Idea>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?.map(Idea))
}

impl Idea {
    fn idea(&self) -> &domain::Idea {
        &self.0.idea
    }
}

/// An entry of a team's backlog.
#[Object]
impl Idea {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.idea().id.to_string())
    }
    /// In whose backlog it is.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.idea().team).await
    }
    /// What it is, in a line.
    async fn title(&self) -> &str {
        self.idea().terms.title.as_str()
    }
    /// What it is about.
    async fn body(&self) -> Option<&str> {
        self.idea().terms.body.as_ref().map(Prose::as_str)
    }
    /// Where it stands.
    async fn status(&self) -> IdeaStatus {
        match self.idea().status {
            Stands::New => IdeaStatus::New,
            Stands::UnderReview => IdeaStatus::UnderReview,
            Stands::Planned(_) => IdeaStatus::Planned,
            Stands::Declined(_) => IdeaStatus::Declined,
            Stands::Merged(_) => IdeaStatus::Merged,
            Stands::Shipped(_) => IdeaStatus::Shipped,
        }
    }
    /// What it is called in another system.
    async fn external(&self) -> Option<ExternalIdentity> {
        let external = self.idea().terms.external.as_ref()?;
        Some(ExternalIdentity {
            system: external.system.to_string(),
            external_id: external.external_id.to_string(),
            url: external.url.as_ref().map(ToString::to_string),
        })
    }
    /// How much it would bring, from 1 to 5.
    async fn impact(&self) -> Option<i32> {
        self.idea().terms.impact.map(|rating| rating.get().into())
    }
    /// How much it would take, from 1 to 5.
    async fn effort(&self) -> Option<i32> {
        self.idea().terms.effort.map(|rating| rating.get().into())
    }
    /// Impact divided by effort; null without both.
    async fn score(&self) -> Option<f64> {
        let of = |rating: Option<Rating>| rating.map(|rating| f64::from(rating.get()));
        Some(of(self.idea().terms.impact)? / of(self.idea().terms.effort)?)
    }
    /// What the requests behind it add up to.
    async fn demand(&self, ctx: &Context<'_>) -> Result<Demand, Fault> {
        demand::load(ctx, DemandOf::Idea(self.idea().id)).await
    }
    /// Who asks for it, in the order of arrival; withdrawn requests are among them.
    async fn customer_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<CustomerRequest>, Fault> {
        let id = self.idea().id;
        let query = format!("requests {id}");
        let page = PageArgs::forward(first, after).request(&query)?;
        let found = session(ctx).loader().load_one(RequestsOf { idea: id, page }).await.map_err(unshare)?;
        let found = found.ok_or_else(|| Failure::internal("an idea's requests were not loaded"))?;
        Ok(connect(&query, found, Total::Requests(id), |request| CustomerRequest(Arc::new(request))))
    }
    /// The roadmap's item that it is, or was shipped as. Needs the scope read.
    async fn roadmap_item(&self, ctx: &Context<'_>) -> Result<Option<RoadmapItem>, Fault> {
        reading(ctx)?;
        match self.idea().item() {
            Some(item) => roadmap::load(ctx, item, None).await,
            None => Ok(None),
        }
    }
    /// The idea that it was merged into, which has its requests now. Needs the scope read.
    async fn merged_into(&self, ctx: &Context<'_>) -> Result<Option<Idea>, Fault> {
        reading(ctx)?;
        match self.idea().status {
            Stands::Merged(into) => load_maybe(ctx, Some(into)).await,
            _ => Ok(None),
        }
    }
    /// Why it was declined.
    async fn declined_because(&self) -> Option<&str> {
        match &self.idea().status {
            Stands::Declined(why) => Some(why.as_str()),
            _ => None,
        }
    }
    /// Ideas of the same backlog whose words are like its title's, the likest first; merged ones left out. Needs the
    /// scope read.
    async fn similar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many; 5 where left out, at most 25.")] first: Option<i32>,
    ) -> Result<Vec<Idea>, Fault> {
        reading(ctx)?;
        let most = usize::try_from(first.unwrap_or(5)).ok().filter(|most| *most <= 25);
        let message = "Similar ideas are 0 to 25.";
        let most = most.ok_or_else(|| holdline_domain::refusal::Refusal::invalid(&["first"], message))?;
        let query = SearchQuery {
            text: Line::as_str(&self.idea().terms.title).to_owned(),
            team: Some(self.idea().team),
            kinds: vec![SearchKind::Idea],
            any: true,
        };
        let hits = session(ctx).reader().search(&query).await?;
        let ids: Vec<IdeaId> =
            hits.into_iter().map(|hit| hit.subject.into()).filter(|id| *id != self.idea().id).collect();
        let found = session(ctx).loader().load_many(ids.iter().copied()).await.map_err(unshare)?;
        let ideas = ids.iter().filter_map(|id| found.get(id).cloned()).map(Idea);
        Ok(ideas.filter(|idea| !matches!(idea.idea().status, Stands::Merged(_))).take(most).collect())
    }
    /// Its story, the oldest entry first: what happened to it, when, by whom and why. Needs the scope
    /// audit:read.
    async fn history(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<AuditEntry>, Fault> {
        history::page(ctx, self.idea().id.uuid(), None, PageArgs::forward(first, after)).await
    }
    /// When it was submitted.
    async fn created_at(&self) -> DateTime {
        DateTime(self.idea().created_at)
    }
    /// Grows by one with each change; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.idea().version)
    }
}
