//! Teams in the API, and the mutations that make, rename and archive them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::TeamId, permission::action::ManageTeams, team};

use super::{
    chosen::chosen,
    fault::Fault,
    idea::Idea,
    idea_query::{self, IdeaFilter},
    input::{Fields, expected, line, prose_maybe, shown, team_key},
    loaders::unshare,
    meeting::Meeting,
    meeting_query,
    page::{Connection, PageArgs, Total, connect},
    plan::Plan,
    plan_query,
    renegotiation::Renegotiation,
    renegotiation_query,
    roadmap::Roadmap,
    scalars::DateTime,
    session::{Session, reading, session},
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::TeamCreate,
    store::{Bound, MeetingColumn, MeetingsWanted, RenegotiationColumn, RenegotiationsWanted},
};

/// A team.
pub(super) struct Team(pub(super) Arc<team::Team>);

/// Loads a team that must be there.
pub(super) async fn load(ctx: &Context<'_>, id: TeamId) -> Result<Team, Fault> {
    let found = session(ctx).loader().load_one(id).await.map_err(unshare)?;
    found.map(Team).ok_or_else(|| Failure::internal("a plan's team is missing").into())
}

/// A team: who commits.
#[Object]
impl Team {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// Its key: short, unique, never changes; tokens and links hold it.
    async fn key(&self) -> &str {
        self.0.key.as_str()
    }
    /// Its name.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }
    /// When it was archived; null while it plans.
    async fn archived_at(&self) -> Option<DateTime> {
        self.0.archived_at.map(DateTime)
    }
    /// Its plan for a quarter, as it is or as it was committed at an instant; null where there is none. Needs the scope read.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The quarter's label; the one that runs at asOf, or now, where left out.")] quarter: Option<
            String,
        >,
        #[graphql(desc = "The instant to read it as of; not after now.")] as_of: Option<DateTime>,
    ) -> Result<Option<Plan>, Fault> {
        plan_query::of_team(reading(ctx)?, self.0.id, quarter.as_deref(), as_of).await
    }
    /// Its plans, the newest drafted first. Needs the scope read.
    async fn plans(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Plan>, Fault> {
        plan_query::page_of_team(reading(ctx)?, self.0.id, &PageArgs::forward(first, after)).await
    }
    /// Its backlog, the last submitted idea first. Needs the scope read.
    async fn ideas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for which all of this holds.")] filter: Option<IdeaFilter>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Idea>, Fault> {
        reading(ctx)?;
        idea_query::of_team(ctx, self.0.id, filter, &PageArgs::forward(first, after)).await
    }
    /// Its roadmap, as it is or as it was at an instant. Needs the scope read.
    async fn roadmap(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The instant to read it as of; not after now.")] as_of: Option<DateTime>,
    ) -> Result<Roadmap, Fault> {
        Ok(Roadmap { team: self.0.id, at: plan_query::settled(reading(ctx)?, as_of).await? })
    }
    /// Its meetings, the newest first. Needs the scope read.
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Meeting>, Fault> {
        reading(ctx)?;
        let wanted = MeetingsWanted::of(MeetingColumn::Team, Bound::any([self.0.id.uuid()]));
        meeting_query::page(ctx, wanted, &PageArgs::forward(first, after)).await
    }
    /// The renegotiations of its plans, the newest first. Needs the scope read.
    async fn renegotiations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
    ) -> Result<Connection<Renegotiation>, Fault> {
        reading(ctx)?;
        let wanted = RenegotiationsWanted::of(RenegotiationColumn::Team, Bound::any([self.0.id.uuid()]));
        renegotiation_query::page(ctx, wanted, &PageArgs::forward(first, after)).await
    }
    /// Grows by one with each change; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.0.version)
    }
}

/// Queries about teams.
#[derive(Default)]
pub(super) struct TeamQuery;

#[Object]
impl TeamQuery {
    /// A team by its key; null where the token does not hold it or there is none.
    async fn team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team's key.")] key: String,
    ) -> Result<Option<Team>, Fault> {
        let session = reading(ctx)?;
        let key = team_key(&key, "key")?;
        Ok(session.reader().team(&key).await?.map(|team| Team(Arc::new(team))))
    }

    /// The teams that the token holds, in the order of their keys.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
        #[graphql(desc = "Whether archived teams are listed too; false where left out.")] include_archived: Option<
            bool,
        >,
    ) -> Result<Connection<Team>, Fault> {
        let session = reading(ctx)?;
        let archived = include_archived.unwrap_or(false);
        let query = format!("teams {archived}");
        let request = PageArgs { first, after, last, before }.request(&query)?;
        let page = session.reader().teams(archived, &request).await?;
        Ok(connect(&query, page, Total::Teams(archived), |team| Team(Arc::new(team))))
    }
}

/// What `teamCreate` takes.
#[derive(InputObject)]
struct TeamCreateInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// Its key, for ever: 1 to 32 letters, digits, `-` or `_`.
    key: String,
    /// Its name.
    name: String,
}

/// What `teamUpdate` takes.
#[derive(InputObject)]
struct TeamUpdateInput {
    /// The team's key.
    team: String,
    /// Its new name.
    name: String,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `teamArchive` takes.
#[derive(InputObject)]
struct TeamArchiveInput {
    /// The team's key.
    team: String,
    /// Why it is archived.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What a mutation about a team answers.
#[derive(SimpleObject)]
struct TeamCreatePayload {
    /// The team; null where it was refused.
    team: Option<Team>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `teamUpdate` answers.
#[derive(SimpleObject)]
struct TeamUpdatePayload {
    /// The team; null where it was refused.
    team: Option<Team>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `teamArchive` answers.
#[derive(SimpleObject)]
struct TeamArchivePayload {
    /// The team; null where it was refused.
    team: Option<Team>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl TeamCreateInput {
    fn parse(self) -> Result<TeamCreate, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let key = fields.keep(team_key(&self.key, "key"));
        let name = fields.keep(line(&self.name, "name"));
        fields.finish(|| Some(TeamCreate { id: id?, key: key?, name: name? }))
    }
}

async fn shown_team(session: &Session, id: Option<TeamId>) -> Result<Option<Team>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session.reader().teams_by_id(&[id]).await?.pop().map(|team| Team(Arc::new(team))))
}

/// Mutations about teams.
#[derive(Default)]
pub(super) struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team.
    async fn team_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team to make.")] input: TeamCreateInput,
    ) -> Result<TeamCreatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().team_create(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<ManageTeams, _>(job).await?;
        Ok(TeamCreatePayload { team: shown_team(session, id).await?, user_errors })
    }

    /// Renames a team.
    async fn team_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team and its new name.")] input: TeamUpdateInput,
    ) -> Result<TeamUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let key = fields.keep(team_key(&input.team, "team"));
            let name = fields.keep(line(&input.name, "name"));
            let version = fields.keep(expected(input.expected_version));
            let (key, name, version) = fields.finish(|| Some((key?, name?, version?)))?;
            session.service().team_update(session.caller(), key, name, version).await
        };
        let (id, user_errors) = session.mutate::<ManageTeams, _>(job).await?;
        Ok(TeamUpdatePayload { team: shown_team(session, id).await?, user_errors })
    }

    /// Archives a team that holds no current commitment; it plans no further quarter.
    async fn team_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team and why.")] input: TeamArchiveInput,
    ) -> Result<TeamArchivePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let key = fields.keep(team_key(&input.team, "team"));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let version = fields.keep(expected(input.expected_version));
            let (key, reason, version) = fields.finish(|| Some((key?, reason?, version?)))?;
            session.service().team_archive(session.caller(), key, reason, version).await
        };
        let (id, user_errors) = session.mutate::<ManageTeams, _>(job).await?;
        Ok(TeamArchivePayload { team: shown_team(session, id).await?, user_errors })
    }
}
