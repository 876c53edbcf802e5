//! Demand: what the requests behind ideas, and behind items of the roadmap, add up to by status and currency.
//! How an idea's is kept beside its requests is in `tally`; an item's is added up when it is asked for.

use std::collections::{BTreeMap, HashMap};

use holdline_domain::{
    deal::DealStatus,
    ids::{IdeaId, RoadmapItemId},
    money::{Currency, Money},
    quantity::Quantity,
};
use holdline_entity::idea_demand::{Column, Entity, Model};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _};
use uuid::Uuid;

use super::row;
use crate::failure::Failure;

/// The part that says how many requests there are in all.
pub(super) const ALL: &str = "ALL";

/// Requests and amounts of one status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DemandPart {
    /// How many requests.
    pub requests: i64,
    /// What their deals are worth, by currency.
    pub amounts: BTreeMap<Currency, Quantity>,
}

/// What the requests behind something add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words, described in the API")]
pub struct Demand {
    pub requests: i64,
    pub open: DemandPart,
    pub won: DemandPart,
    pub lost: DemandPart,
}

/// The sums of each half stay far below 2^63, whatever the amounts.
pub(super) const HALF: i64 = 1_000_000_000;

pub(super) fn minor(row: &Model) -> Result<i128, Failure> {
    row.amount.parse().map_err(|_| row::altered("demand", "is not a number"))
}

#[derive(FromQueryResult)]
struct Accounts {
    of_id: Uuid,
    found: i64,
}

/// The demand behind ideas.
pub(super) async fn load(db: &impl ConnectionTrait, ideas: &[IdeaId]) -> Result<HashMap<IdeaId, Demand>, Failure> {
    let ids = || ideas.iter().map(|id| id.uuid());
    let mut found: HashMap<IdeaId, Demand> = ideas.iter().map(|id| (*id, Demand::default())).collect();
    for row in Entity::find().filter(Column::IdeaId.is_in(ids())).all(db).await? {
        let demand = found.entry(row.idea_id.into()).or_default();
        match row.status.as_str() {
            ALL => demand.requests = row.requests,
            status => {
                if let Some(part) = part(demand, status) {
                    part.add(row.requests, &row.currency, minor(&row)?)?;
                }
            }
        }
    }
    Ok(found)
}

/// How many accounts are behind the demand for ideas.
pub(super) async fn accounts(db: &impl ConnectionTrait, ideas: &[IdeaId]) -> Result<HashMap<IdeaId, i64>, Failure> {
    let sql = format!(
        "SELECT r.idea_id AS of_id, COUNT(DISTINCT COALESCE(r.account, d.account)) AS found FROM customer_request r
         LEFT JOIN deal d ON d.id = r.deal_id
         WHERE r.withdrawn_at IS NULL AND r.idea_id IN ({}) GROUP BY r.idea_id",
        row::marks(1, ideas.len())
    );
    let rows = row::rows::<Accounts>(db, &sql, ideas.iter().map(|id| id.uuid().into())).await?;
    Ok(rows.into_iter().map(|row| (row.of_id.into(), row.found)).collect())
}

fn part<'d>(demand: &'d mut Demand, status: &str) -> Option<&'d mut DemandPart> {
    [(DealStatus::Open, &mut demand.open), (DealStatus::Won, &mut demand.won), (DealStatus::Lost, &mut demand.lost)]
        .into_iter()
        .find_map(|(of, part)| (of.name() == status).then_some(part))
}

impl DemandPart {
    fn add(&mut self, requests: i64, currency: &str, minor: i128) -> Result<(), Failure> {
        self.requests += requests;
        if requests > 0 && !currency.is_empty() {
            let currency = Currency::parse(currency).map_err(|why| row::altered("currency", why))?;
            self.amounts.insert(currency, Money::sum(minor));
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct OfItem {
    item: Uuid,
    status: String,
    currency: String,
    requests: i64,
    high: i64,
    low: i64,
}

/// The requests behind so many items of the roadmap, with their deals.
fn asked(items: usize) -> String {
    format!(
        "FROM customer_request r JOIN idea i ON i.id = r.idea_id LEFT JOIN deal d ON d.id = r.deal_id
         WHERE r.withdrawn_at IS NULL AND i.roadmap_item_id IN ({})",
        row::marks(1, items)
    )
}

/// The demand behind items of the roadmap: a deal that asks for several of an item's ideas is worth what it is worth
/// once.
pub(super) async fn of_items(
    db: &impl ConnectionTrait,
    items: &[RoadmapItemId],
) -> Result<HashMap<RoadmapItemId, Demand>, Failure> {
    let asked = asked(items.len());
    let sql = format!(
        "SELECT item, status, currency, CAST(SUM(asks) AS BIGINT) AS requests,
           CAST(COALESCE(SUM(amount / {HALF}), 0) AS BIGINT) AS high,
           CAST(COALESCE(SUM(amount % {HALF}), 0) AS BIGINT) AS low
         FROM (SELECT i.roadmap_item_id AS item, COALESCE(d.status, '') AS status,
                 COALESCE(d.currency, '') AS currency, d.id, d.amount, COUNT(*) AS asks {asked}
               GROUP BY i.roadmap_item_id, d.id, d.status, d.currency, d.amount) deals GROUP BY item, status, currency"
    );
    let mut found: HashMap<RoadmapItemId, Demand> = items.iter().map(|id| (*id, Demand::default())).collect();
    for row in row::rows::<OfItem>(db, &sql, items.iter().map(|id| id.uuid().into())).await? {
        let demand = found.entry(row.item.into()).or_default();
        demand.requests += row.requests;
        let minor = i128::from(row.high) * i128::from(HALF) + i128::from(row.low);
        if let Some(part) = part(demand, &row.status) {
            part.add(row.requests, &row.currency, minor)?;
        }
    }
    Ok(found)
}

/// How many accounts are behind the demand for items of the roadmap.
pub(super) async fn accounts_of_items(
    db: &impl ConnectionTrait,
    items: &[RoadmapItemId],
) -> Result<HashMap<RoadmapItemId, i64>, Failure> {
    let sql = format!(
        "SELECT i.roadmap_item_id AS of_id, COUNT(DISTINCT COALESCE(r.account, d.account)) AS found {}
         GROUP BY i.roadmap_item_id",
        asked(items.len())
    );
    let rows = row::rows::<Accounts>(db, &sql, items.iter().map(|id| id.uuid().into())).await?;
    Ok(rows.into_iter().map(|row| (row.of_id.into(), row.found)).collect())
}
