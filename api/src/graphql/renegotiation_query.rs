//! Which renegotiations are asked for: the filter, the list and its pages.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object};
use holdline_domain::renegotiation::Status;

use super::{
    fault::Fault,
    ids::parse,
    input::team_key,
    page::{Connection, PageArgs, Total, connect},
    quarter,
    renegotiation::{Renegotiation, RenegotiationStatus},
    session::{Session, reading, session},
};
use crate::store::{PageRequest, RenegotiationsWanted};

/// Which renegotiations are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
struct RenegotiationFilter {
    /// Of the team with this key.
    team: Option<String>,
    /// Of this plan.
    plan: Option<ID>,
    /// Of the quarter with this label.
    quarter: Option<String>,
    /// In one of these states.
    status: Option<RenegotiationStatusFilter>,
}

/// A condition on a renegotiation's state.
#[derive(Debug, InputObject)]
struct RenegotiationStatusFilter {
    /// Exactly this state.
    eq: Option<RenegotiationStatus>,
    /// One of these states.
    r#in: Option<Vec<RenegotiationStatus>>,
}

impl RenegotiationFilter {
    /// None where the team is not there for this token, so that nothing is found.
    async fn parse(self, session: &Session) -> Result<Option<RenegotiationsWanted>, Fault> {
        let mut wanted = RenegotiationsWanted::default();
        if let Some(key) = self.team {
            let Some(team) = session.reader().team(&team_key(&key, "team")?).await? else { return Ok(None) };
            wanted.team = Some(team.id);
        }
        if let Some(id) = self.plan {
            wanted.plan = Some(parse(&id, &["filter", "plan"])?);
        }
        if let Some(label) = self.quarter {
            wanted.quarter = Some(quarter::parse(&label, "quarter")?.to_string());
        }
        if let Some(status) = self.status {
            let all: Vec<Status> =
                status.eq.into_iter().chain(status.r#in.into_iter().flatten()).map(Into::into).collect();
            wanted.statuses = Some(all);
        }
        Ok(Some(wanted))
    }
}

/// Queries about renegotiations.
#[derive(Default)]
pub(super) struct RenegotiationQuery;

#[Object]
impl RenegotiationQuery {
    /// Renegotiations of the teams that the token holds, the newest first.
    async fn renegotiations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for which all of this holds.")] filter: Option<RenegotiationFilter>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Renegotiation>, Fault> {
        let session = reading(ctx)?;
        let wanted = match filter {
            Some(filter) => filter.parse(session).await?,
            None => Some(RenegotiationsWanted::default()),
        };
        let nothing = || RenegotiationsWanted { statuses: Some(Vec::new()), ..RenegotiationsWanted::default() };
        page(ctx, wanted.unwrap_or_else(nothing), &PageArgs { first, after, last, before }).await
    }
}

/// A page of renegotiations, the newest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    wanted: RenegotiationsWanted,
    args: &PageArgs,
) -> Result<Connection<Renegotiation>, Fault> {
    let session = session(ctx);
    let query = format!("renegotiations {wanted:?}");
    let page = session.reader().renegotiations(&wanted, session.now(), &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Renegotiations(wanted), |stored| Renegotiation(Arc::new(stored))))
}

/// Every renegotiation that is wanted, the newest first.
pub(super) async fn all(session: &Session, wanted: RenegotiationsWanted) -> Result<Vec<Renegotiation>, Fault> {
    let request = PageRequest { after: None, before: None, limit: 10_000, backward: false };
    let page = session.reader().renegotiations(&wanted, session.now(), &request).await?;
    Ok(page.items.into_iter().map(|(_, stored)| Renegotiation(Arc::new(stored))).collect())
}
