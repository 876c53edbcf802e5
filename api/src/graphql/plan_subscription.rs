//! A team's plan as a subscription: how it stands, and each change of it with the entry that says why.

use std::sync::Arc;

use async_graphql::{Context, Object, Subscription};
use futures_util::{Stream, stream};
use holdline_domain::{
    permission::action::{ReadAudit, ReadPlans},
    refusal::Refusal,
    text::TeamKey,
    time,
};

use super::{
    audit::AuditEntry,
    fault::Fault,
    feed::Feed,
    input::team_key,
    plan::{self, Plan},
    quarter,
    session::{Session, session},
};
use crate::{
    failure::Failure,
    store::{AuditColumn, AuditQuery, Bound, PageRequest, StoredEntry},
};

/// A plan and the newest thing that happened to it.
pub(super) struct PlanChange(Arc<StoredEntry>);

/// A change of a plan.
#[Object]
impl PlanChange {
    /// The plan as it is now.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Plan, Fault> {
        let Some(id) = self.0.plan else { return Err(Failure::internal("a change of no plan").into()) };
        let stored = plan::load(ctx, id).await?;
        stored.map(Plan::live_now).ok_or_else(|| Failure::internal("a plan is missing").into())
    }
    /// The entry of the audit log that says what changed; needs the scope audit:read.
    async fn entry(&self, ctx: &Context<'_>) -> Result<AuditEntry, Fault> {
        session(ctx).require::<ReadAudit>()?;
        Ok(AuditEntry(Arc::clone(&self.0)))
    }
}

/// Plans as they change.
#[derive(Default)]
pub(super) struct PlanSubscription;

#[Subscription]
impl PlanSubscription {
    /// A team's plan: how it stands at once, where there is one, and again after each change, a check-in or a proposal
    /// among them. So whoever was cut off subscribes again and has missed nothing. Ends with UNAUTHENTICATED when the
    /// token does.
    async fn plan_changed<'c>(
        &self,
        ctx: &Context<'c>,
        #[graphql(desc = "The team's key.")] team: String,
        #[graphql(desc = "The quarter's label; the current one where left out, whichever that is by then.")]
        quarter: Option<String>,
    ) -> Result<impl Stream<Item = Result<PlanChange, Fault>> + 'c, Fault> {
        let session = session(ctx);
        session.require::<ReadPlans>()?;
        let key = team_key(&team, "team")?;
        let fixed = quarter.map(|label| quarter::parse(&label, "quarter")).transpose()?;
        if session.reader().team(&key).await?.is_none() {
            return Err(Refusal::not_found(&["team"], "team", &team).into());
        }
        let feed = Feed::begin(session, of_team(&key), None).await?;
        // From the snapshot in which the feed begins, so that nothing is between the two.
        let first = newest(session, &key, fixed).await?;
        Ok(stream::try_unfold((feed, first), move |(mut feed, mut first)| async move {
            let entry = match first.take() {
                Some(entry) => entry,
                None => next(session, &mut feed, fixed).await?,
            };
            Ok(Some((PlanChange(Arc::new(entry)), (feed, None))))
        }))
    }
}

/// Everything about a team's plans.
fn of_team(key: &TeamKey) -> AuditQuery {
    let team = AuditQuery::of(AuditColumn::Team, Bound::InTeams(vec![key.to_string()]));
    team.also(AuditColumn::Plan, Bound::Null(false))
}

async fn wanted(session: &Session, fixed: Option<time::Quarter>) -> Result<String, Fault> {
    let quarter = match fixed {
        Some(quarter) => quarter,
        None => quarter::current(session).await?.quarter,
    };
    Ok(quarter.to_string())
}

async fn newest(session: &Session, key: &TeamKey, fixed: Option<time::Quarter>) -> Result<Option<StoredEntry>, Fault> {
    let quarter = wanted(session, fixed).await?;
    let query = of_team(key).also(AuditColumn::Quarter, Bound::any([quarter]));
    let one = PageRequest { after: None, before: None, limit: 1, backward: false };
    let page = session.reader().audit_log(&query, true, &one).await?;
    Ok(page.items.into_iter().next().map(|(_, entry)| entry))
}

async fn next(session: &Session, feed: &mut Feed<'_>, fixed: Option<time::Quarter>) -> Result<StoredEntry, Fault> {
    loop {
        let entry = feed.next().await?;
        if entry.quarter == Some(wanted(session, fixed).await?) {
            return Ok(entry);
        }
    }
}
