//! Which plans are asked for: a team's plan for a quarter, now or as of an instant, and a team's plans.

use std::sync::Arc;

use async_graphql::{Context, Object};
use holdline_domain::{ids::TeamId, refusal::Refusal, time::Timestamp};

use super::{
    fault::Fault,
    ids::Pin,
    input::team_key,
    page::{Connection, PageArgs, Total, connect},
    plan::Plan,
    quarter,
    scalars::DateTime,
    session::{Session, reading},
};

/// Queries about plans.
#[derive(Default)]
pub(super) struct PlanQuery;

#[Object]
impl PlanQuery {
    /// A team's plan for a quarter, as it is or as it was committed at an instant; null where there is none.
    async fn plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team's key.")] team: String,
        #[graphql(desc = "The quarter's label; the one that runs at asOf, or now, where left out.")] quarter: Option<
            String,
        >,
        #[graphql(desc = "The instant to read it as of; not after now.")] as_of: Option<DateTime>,
    ) -> Result<Option<Plan>, Fault> {
        let session = reading(ctx)?;
        let key = team_key(&team, "team")?;
        let Some(team) = session.reader().team(&key).await? else { return Ok(None) };
        of_team(session, team.id, quarter.as_deref(), as_of).await
    }
}

/// A team's plan for a quarter, as of an instant.
pub(super) async fn of_team(
    session: &Session,
    team: TeamId,
    quarter: Option<&str>,
    as_of: Option<DateTime>,
) -> Result<Option<Plan>, Fault> {
    let at = settled(session, as_of).await?;
    let quarter = match quarter {
        Some(label) => quarter::parse(label, "quarter")?,
        None => quarter::running(session, at.unwrap_or_else(|| session.now())).await?.quarter,
    };
    let pin = at.map_or(Pin::Live, Pin::At);
    let stored = session.reader().plan_of(team, quarter).await?;
    Ok(stored.and_then(|stored| Plan::pinned(Arc::new(stored), pin)))
}

/// The instant of an argument `asOf`, once nothing can be written at it any more; INVALID where it is after now.
pub(super) async fn settled(session: &Session, as_of: Option<DateTime>) -> Result<Option<Timestamp>, Fault> {
    let Some(DateTime(at)) = as_of else { return Ok(None) };
    if session.is_future(at) {
        return Err(Refusal::invalid(&["asOf"], "asOf is not after now: the future is not recorded yet.").into());
    }
    session.settle(at).await?;
    Ok(Some(at))
}

/// A team's plans, the newest drafted first.
pub(super) async fn page_of_team(session: &Session, team: TeamId, args: &PageArgs) -> Result<Connection<Plan>, Fault> {
    let query = format!("plans {team}");
    let page = session.reader().plans_of(team, &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Plans(team), |stored| Plan::live_now(Arc::new(stored))))
}
