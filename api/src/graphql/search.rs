//! Search in the API: words, found by their beginnings, the best hits first.

use async_graphql::{Context, Enum, ID, Object};
use holdline_domain::{
    ids::{IdeaId, RoadmapItemId},
    refusal::Refusal,
};

use super::{
    fault::Fault,
    input::team_key,
    node::{self, Node},
    page::{Connection, PageArgs, Total, connect},
    session::reading,
};
use crate::{
    failure::Failure,
    store::{self, Hit, Page, PageRequest, SearchQuery},
};

/// What kind of thing to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "store::SearchKind")]
pub(super) enum SearchKind {
    /// An idea of the backlog, by its title and body.
    Idea,
    /// An item of the roadmap, by its title and problem.
    RoadmapItem,
}

/// Something that was found.
pub(super) struct SearchHit(Hit);

/// Something that a search found.
#[Object]
impl SearchHit {
    /// The id of what was found.
    async fn id(&self) -> ID {
        match self.0.kind {
            store::SearchKind::Idea => ID(IdeaId::from(self.0.subject).to_string()),
            store::SearchKind::RoadmapItem => ID(RoadmapItemId::from(self.0.subject).to_string()),
        }
    }
    /// What kind of thing it is.
    async fn kind(&self) -> SearchKind {
        self.0.kind.into()
    }
    /// What was found.
    async fn node(&self, ctx: &Context<'_>) -> Result<Node, Fault> {
        let found = node::of_subject(ctx, self.0.kind.name(), Some(self.0.subject)).await?;
        found.ok_or_else(|| Failure::internal("a hit of the search is not there").into())
    }
}

/// Searching.
#[derive(Default)]
pub(super) struct SearchQueries;

#[Object]
impl SearchQueries {
    /// What holds every word of a text, by the beginnings of words; the best 250 hits, those in titles first. Case,
    /// accents and signs make no difference.
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The words, at most 300 characters; the first 12 words count.")] text: String,
        #[graphql(desc = "Only in the team with this key.")] team: Option<String>,
        #[graphql(desc = "Only these kinds; every kind where left out.")] kinds: Option<Vec<SearchKind>>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<SearchHit>, Fault> {
        let session = reading(ctx)?;
        if text.chars().count() > 300 {
            return Err(Refusal::invalid(&["text"], "A search has at most 300 characters.").into());
        }
        let team = match team {
            Some(key) => match session.reader().team(&team_key(&key, "team")?).await? {
                Some(team) => Some(team.id),
                // Nothing is found for a team that is not there for this token.
                None => return Ok(connect("search", page(Vec::new(), &any()), Total::Known(0), SearchHit)),
            },
            None => None,
        };
        let kinds = kinds.unwrap_or_default().into_iter().map(Into::into).collect();
        let query = format!("search {text} {team:?} {kinds:?}");
        let request: PageRequest<uuid::Uuid> = PageArgs::forward(first, after).request(&query)?;
        let hits = session.reader().search(&SearchQuery { text, team, kinds, any: false }).await?;
        let total = Total::Known(hits.len() as u64);
        Ok(connect(&query, page(hits, &request), total, SearchHit))
    }
}

fn any() -> PageRequest<uuid::Uuid> {
    PageRequest { after: None, before: None, limit: 0, backward: false }
}

/// A part of the ranked hits: what comes after the one that the cursor names.
fn page(hits: Vec<Hit>, request: &PageRequest<uuid::Uuid>) -> Page<Hit, uuid::Uuid> {
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let passed = match request.after {
        Some(after) => hits.iter().position(|hit| hit.subject == after).map_or(hits.len(), |place| place + 1),
        None => 0,
    };
    let has_next = hits.len() > passed + limit;
    let items = hits.into_iter().skip(passed).take(limit).map(|hit| (hit.subject, hit)).collect();
    Page { items, has_previous: passed > 0, has_next }
}
