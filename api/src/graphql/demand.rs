//! Demand in the API: what the requests behind an idea or an item of the roadmap add up to.

use async_graphql::SimpleObject;

use super::scalars::{CurrencyCode, Decimal};
use crate::store;

/// What customers' requests add up to; withdrawn ones do not count.
#[derive(SimpleObject)]
pub(super) struct Demand {
    /// How many requests.
    requests: i32,
    /// How many accounts are behind them.
    accounts: i32,
    /// Those of open deals.
    open: DemandPart,
    /// Those of won deals.
    won: DemandPart,
    /// Those of lost deals.
    lost: DemandPart,
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

impl From<store::Demand> for Demand {
    fn from(demand: store::Demand) -> Self {
        Self {
            requests: shown(demand.requests),
            accounts: shown(demand.accounts),
            open: demand.open.into(),
            won: demand.won.into(),
            lost: demand.lost.into(),
        }
    }
}

impl From<store::DemandPart> for DemandPart {
    fn from(part: store::DemandPart) -> Self {
        let money = |(currency, amount)| Money { amount: Decimal(amount), currency: CurrencyCode(currency) };
        Self { requests: shown(part.requests), amounts: part.amounts.into_iter().map(money).collect() }
    }
}
