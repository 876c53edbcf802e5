//! Which ideas are asked for, and in which order: the filter, the list and its pages.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object};
use holdline_domain::refusal::Refusal;

use super::{
    comparator::{Asks, Conditions, DateTimeFilter, IntFilter, Nested, StringFilter, WordFilter, asked},
    fault::Fault,
    idea::{Idea, IdeaStatus},
    page::{Connection, PageArgs, Total, connect},
    scalars::CurrencyCode,
    session::{reading, session},
};
use crate::store::{self, Bound, IdeaColumn as Column, IdeasWanted};

/// Which ideas are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
pub(super) struct IdeaFilter {
    /// By the team's key.
    team: Option<StringFilter>,
    /// By where it stands.
    status: Option<WordFilter<IdeaStatus>>,
    /// By its title.
    title: Option<StringFilter>,
    /// By the other system that has a name for it.
    external_system: Option<StringFilter>,
    /// By what the other system calls it.
    external_id: Option<StringFilter>,
    /// By how many requests ask for it.
    requests: Option<IntFilter>,
    /// By when it was submitted.
    created_at: Option<DateTimeFilter>,
    /// The currency that `DEMAND_OPEN_AMOUNT_DESC` orders by; only in the outermost filter.
    currency: Option<CurrencyCode>,
    /// Further conditions that must all hold.
    and: Option<Vec<IdeaFilter>>,
    /// Conditions of which one must hold.
    or: Option<Vec<IdeaFilter>>,
}

/// In which order ideas are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum IdeaOrder {
    /// The last submitted first.
    CreatedDesc,
    /// The first submitted first.
    CreatedAsc,
    /// The highest score first, those without one last.
    ScoreDesc,
    /// The most requested first.
    DemandRequestsDesc,
    /// The most worth in open deals first; needs `filter.currency`.
    DemandOpenAmountDesc,
}

impl Asks for IdeaFilter {
    type Column = Column;

    fn put(self, all: &mut Conditions<Column>) -> Result<Nested<Self>, Refusal> {
        all.teams(Column::Team, self.team)?;
        all.words(Column::Status, self.status, IdeaStatus::stored);
        all.texts(Column::Title, "title", self.title)?;
        all.texts(Column::ExternalSystem, "externalSystem", self.external_system)?;
        all.texts(Column::ExternalId, "externalId", self.external_id)?;
        all.numbers(Column::Requests, self.requests);
        all.instants(Column::CreatedAt, self.created_at);
        Ok(Nested { and: self.and, or: self.or })
    }
}

fn order(order: Option<IdeaOrder>, currency: Option<CurrencyCode>) -> Result<store::IdeaOrder, Refusal> {
    Ok(match order.unwrap_or(IdeaOrder::CreatedDesc) {
        IdeaOrder::CreatedDesc => store::IdeaOrder::CreatedDesc,
        IdeaOrder::CreatedAsc => store::IdeaOrder::CreatedAsc,
        IdeaOrder::ScoreDesc => store::IdeaOrder::ScoreDesc,
        IdeaOrder::DemandRequestsDesc => store::IdeaOrder::RequestsDesc,
        IdeaOrder::DemandOpenAmountDesc => {
            let message = "Amounts are compared in one currency: name it in filter.currency.";
            let currency = currency.ok_or_else(|| Refusal::invalid(&["filter", "currency"], message))?;
            store::IdeaOrder::OpenAmountDesc(currency.0)
        }
    })
}

/// Queries about ideas.
#[derive(Default)]
pub(super) struct IdeaQuery;

#[Object]
impl IdeaQuery {
    /// Ideas of the teams that the token holds, the last submitted first unless asked otherwise.
    #[expect(clippy::too_many_arguments, reason = "a connection's four arguments, a filter and an order")]
    async fn ideas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for which all of this holds.")] filter: Option<IdeaFilter>,
        #[graphql(desc = "In which order.")] order_by: Option<IdeaOrder>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Idea>, Fault> {
        reading(ctx)?;
        let order = order(order_by, filter.as_ref().and_then(|filter| filter.currency))?;
        page(ctx, asked(filter)?, order, &PageArgs { first, after, last, before }).await
    }
}

/// A page of a team's ideas.
pub(super) async fn of_team(
    ctx: &Context<'_>,
    team: holdline_domain::ids::TeamId,
    filter: Option<IdeaFilter>,
    args: &PageArgs,
) -> Result<Connection<Idea>, Fault> {
    let wanted = asked(filter)?.also(Column::Team, Bound::any([team.uuid()]));
    page(ctx, wanted, store::IdeaOrder::CreatedDesc, args).await
}

async fn page(
    ctx: &Context<'_>,
    wanted: IdeasWanted,
    order: store::IdeaOrder,
    args: &PageArgs,
) -> Result<Connection<Idea>, Fault> {
    let query = format!("ideas {wanted:?} {order:?}");
    let page = session(ctx).reader().ideas(&wanted, order, &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Ideas(wanted), |stored| Idea(Arc::new(stored))))
}
