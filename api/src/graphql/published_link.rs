//! Published links in the API: who reads a team's plan without an account. The page behind the address is the front
//! door's; here is who may open and close it.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::PublishedLinkId, permission::action::PublishPlans, published_link as domain};

use super::{
    chosen::chosen,
    fault::Fault,
    ids::parse,
    input::{Fields, expected, line, prose_maybe, shown, team_key},
    page::{Connection, PageArgs, Total, connect},
    session::session,
    team::{self, Team},
    user_error::UserError,
};
use crate::{failure::Failure, service::PublishedLinkCreate};

/// A link under which a team's plan is read.
pub(super) struct PublishedLink(pub(super) domain::PublishedLink);

/// A published link that may be seen.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<PublishedLinkId>) -> Result<Option<PublishedLink>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let session = session(ctx);
    session.require::<PublishPlans>()?;
    Ok(session.reader().published_link(id).await?.map(PublishedLink))
}

/// An address under which anybody who knows it reads one team's current plan and roadmap, without an account, until it is
/// revoked: no meetings, no proposals, nobody's understanding, no other team. Needs the scope admin.
#[Object]
impl PublishedLink {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// Whose plan is read.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.0.team).await
    }
    /// Whom or what it is for.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }
    /// The path of the page on this server. Whoever knows it reads the page: treat it as a secret.
    async fn path(&self, ctx: &Context<'_>) -> String {
        format!("/published/{}/{}", self.0.id, session(ctx).app().keys().link_key(self.0.id))
    }
    /// Grows by one with each change.
    async fn version(&self) -> i32 {
        shown(self.0.version)
    }
}

/// What `publishedLinkCreate` takes.
#[derive(InputObject)]
struct PublishedLinkCreateInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The key of the team whose plan is read.
    team: String,
    /// Whom or what it is for, so that somebody later knows whether it is still needed.
    name: String,
}

/// What `publishedLinkRevoke` takes.
#[derive(InputObject)]
struct PublishedLinkRevokeInput {
    /// The link.
    published_link: ID,
    /// Why.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `publishedLinkCreate` answers.
#[derive(SimpleObject)]
struct PublishedLinkCreatePayload {
    /// The link; null where it was refused.
    published_link: Option<PublishedLink>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `publishedLinkRevoke` answers.
#[derive(SimpleObject)]
struct PublishedLinkRevokePayload {
    /// The id of the link that is read no more; null where it was refused.
    revoked: Option<ID>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl PublishedLinkCreateInput {
    fn parse(self) -> Result<PublishedLinkCreate, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(team_key(&self.team, "team"));
        let name = fields.keep(line(&self.name, "name"));
        fields.finish(|| Some(PublishedLinkCreate { id: id?, team: team?, name: name? }))
    }
}

/// Queries about published links.
#[derive(Default)]
pub(super) struct PublishedLinkQuery;

#[Object]
impl PublishedLinkQuery {
    /// The open published links of the teams that the token holds, the oldest first. Needs the scope admin.
    async fn published_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<PublishedLink>, Fault> {
        let session = session(ctx);
        session.require::<PublishPlans>()?;
        let request = PageArgs { first, after, last, before }.request("publishedLinks")?;
        let page = session.reader().published_links(&request).await?;
        Ok(connect("publishedLinks", page, Total::PublishedLinks, PublishedLink))
    }
}

/// Mutations about published links.
#[derive(Default)]
pub(super) struct PublishedLinkMutation;

#[Object]
impl PublishedLinkMutation {
    /// Publishes a team's current plan and roadmap, read-only, to whoever knows the link's path.
    async fn published_link_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team, and what the link is for.")] input: PublishedLinkCreateInput,
    ) -> Result<PublishedLinkCreatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().published_link_create(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<PublishPlans, _>(job).await?;
        Ok(PublishedLinkCreatePayload { published_link: load_maybe(ctx, id).await?, user_errors })
    }

    /// Revokes a published link: from now on nothing is read under it, for good.
    async fn published_link_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link and why.")] input: PublishedLinkRevokeInput,
    ) -> Result<PublishedLinkRevokePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.published_link, &["publishedLink"]));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let version = fields.keep(expected(input.expected_version));
            let (id, reason, version) = fields.finish(|| Some((id?, reason?, version?)))?;
            session.service().published_link_revoke(session.caller(), id, reason, version).await
        };
        let (id, user_errors) = session.mutate::<PublishPlans, _>(job).await?;
        Ok(PublishedLinkRevokePayload { revoked: id.map(|id| ID(id.to_string())), user_errors })
    }
}
