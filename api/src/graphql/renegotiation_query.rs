//! Which renegotiations are asked for: the filter, the list and its pages.

use async_graphql::{Context, ID, InputObject, Object};
use holdline_domain::{ids::PlanId, refusal::Refusal, renegotiation::Status};

use super::{
    comparator::{Asks, Conditions, DateTimeFilter, Nested, StringFilter, WordFilter, asked},
    fault::Fault,
    ids::parse,
    page::{Connection, PageArgs, Total, connect},
    quarter,
    renegotiation::{Renegotiation, RenegotiationStatus},
    session::{Session, reading, session},
};
use crate::store::{PageRequest, RenegotiationColumn as Column, RenegotiationsWanted};

/// Which renegotiations are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
struct RenegotiationFilter {
    /// Of the team with this key.
    team: Option<String>,
    /// Of this plan.
    plan: Option<ID>,
    /// Of the quarter with this label.
    quarter: Option<String>,
    /// By where it stands.
    status: Option<WordFilter<RenegotiationStatus>>,
    /// By when it was proposed; null for one that never was.
    proposed_at: Option<DateTimeFilter>,
    /// By when it is to be decided.
    decide_by: Option<DateTimeFilter>,
    /// By the words of what happened.
    trigger: Option<StringFilter>,
    /// By the words of why the commitment should change.
    reason: Option<StringFilter>,
    /// Further conditions that must all hold.
    and: Option<Vec<RenegotiationFilter>>,
    /// Conditions of which one must hold.
    or: Option<Vec<RenegotiationFilter>>,
}

impl Asks for RenegotiationFilter {
    type Column = Column;

    fn put(self, all: &mut Conditions<Column>) -> Result<Nested<Self>, Refusal> {
        let plan = self.plan.map(|id| parse(&id, &["filter", "plan"])).transpose()?;
        let quarter = self.quarter.map(|label| quarter::parse(&label, "quarter")).transpose()?;
        all.team(Column::Team, self.team)?;
        all.is(Column::Plan, plan.map(PlanId::uuid));
        all.is(Column::Quarter, quarter.map(|quarter| quarter.to_string()));
        all.words(Column::Status, self.status, |status| Status::from(status).name());
        all.instants(Column::ProposedAt, self.proposed_at);
        all.instants(Column::DecideBy, self.decide_by);
        all.texts(Column::Trigger, "trigger", self.trigger)?;
        all.texts(Column::Reason, "reason", self.reason)?;
        Ok(Nested { and: self.and, or: self.or })
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
        reading(ctx)?;
        page(ctx, asked(filter)?, &PageArgs { first, after, last, before }).await
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
    Ok(connect(&query, page, Total::Renegotiations(wanted), Renegotiation))
}

/// Every renegotiation that is wanted, the newest first.
pub(super) async fn all(session: &Session, wanted: RenegotiationsWanted) -> Result<Vec<Renegotiation>, Fault> {
    let request = PageRequest { after: None, before: None, limit: 10_000, backward: false };
    let page = session.reader().renegotiations(&wanted, session.now(), &request).await?;
    Ok(page.items.into_iter().map(|(_, stored)| Renegotiation(stored)).collect())
}
