//! Demand in the API: what the requests behind an idea or an item of the roadmap add up to.

use async_graphql::{Context, Object, SimpleObject};

use super::{
    backlog_loaders::{AccountsOf, DemandOf},
    fault::Fault,
    loaders::unshare,
    scalars::{CurrencyCode, Decimal},
    session::session,
};
use crate::store;

/// What the requests behind something add up to.
pub(super) struct Demand {
    of: DemandOf,
    parts: store::Demand,
}

/// Loads the demand behind something.
pub(super) async fn load(ctx: &Context<'_>, of: DemandOf) -> Result<Demand, Fault> {
    let found = session(ctx).loader().load_one(of).await.map_err(unshare)?;
    Ok(Demand { of, parts: found.unwrap_or_default() })
}

/// What customers' requests add up to; withdrawn ones do not count.
#[Object]
impl Demand {
    /// How many requests.
    async fn requests(&self) -> i32 {
        shown(self.parts.requests)
    }
    /// How many accounts are behind them.
    async fn accounts(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        let found = session(ctx).loader().load_one(AccountsOf(self.of)).await.map_err(unshare)?;
        Ok(shown(found.unwrap_or_default()))
    }
    /// Those of open deals.
    async fn open(&self) -> DemandPart {
        self.parts.open.clone().into()
    }
    /// Those of won deals.
    async fn won(&self) -> DemandPart {
        self.parts.won.clone().into()
    }
    /// Those of lost deals.
    async fn lost(&self) -> DemandPart {
        self.parts.lost.clone().into()
    }
}

/// The part of a demand whose deals stand alike.
#[derive(SimpleObject)]
pub(super) struct DemandPart {
    /// How many requests.
    requests: i32,
    /// What their deals are worth, one sum for each currency, in the order of the currencies.
    amounts: Vec<Money>,
}

/// An amount of money.
#[derive(SimpleObject)]
pub(super) struct Money {
    /// How much, at most four digits after the point.
    pub(super) amount: Decimal,
    /// Of which currency.
    pub(super) currency: CurrencyCode,
}

fn shown(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl From<store::DemandPart> for DemandPart {
    fn from(part: store::DemandPart) -> Self {
        let money = |(currency, amount)| Money { amount: Decimal(amount), currency: CurrencyCode(currency) };
        Self { requests: shown(part.requests), amounts: part.amounts.into_iter().map(money).collect() }
    }
}
