//! Demand: what the requests behind an idea add up to, by status and currency, kept beside them.
//! Each change of requests adds what it changed, so that its cost does not grow with how many ask; `recount` is for
//! what moves many at once. Amounts are ten-thousandths, written with 30 digits so that their order is the texts' order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use holdline_domain::{
    deal::{Deal, DealStatus},
    ids::{IdeaId, RoadmapItemId},
    money::{Currency, Money},
    quantity::Quantity,
};
use holdline_entity::idea_demand::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    sea_query::OnConflict,
};
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

/// One part: an idea, a status and a currency; the last two empty where there is none.
type Part = (Uuid, String, String);

/// How many requests, and ten-thousandths of the currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    requests: i64,
    minor: i128,
}

#[derive(FromQueryResult)]
struct Counted {
    idea_id: Uuid,
    status: String,
    currency: String,
    requests: i64,
    high: i64,
    low: i64,
}

/// The sums of each half stay far below 2^63, whatever the amounts.
const HALF: i64 = 1_000_000_000;

/// How many rows one statement takes: a deal may ask for any number of ideas, a statement has so many parameters.
const ROWS: usize = 1_000;

/// What some requests add up to now.
#[derive(Debug, Default)]
pub(super) struct Tally(HashMap<Part, Amount>);

impl Tally {
    /// Of requests, and of every request of some deals.
    pub(super) async fn of(db: &impl ConnectionTrait, requests: &[Uuid], deals: &[Uuid]) -> Result<Self, Failure> {
        if requests.is_empty() && deals.is_empty() {
            return Ok(Self::default());
        }
        let mut values: Vec<sea_orm::Value> = requests.iter().map(|id| (*id).into()).collect();
        values.extend(deals.iter().map(|id| sea_orm::Value::from(*id)));
        let requests_in = row::marks(1, requests.len());
        let deals_in = row::marks(1 + requests.len(), deals.len());
        let of = format!(
            "SELECT id FROM customer_request WHERE id IN ({requests_in})
             UNION SELECT id FROM customer_request WHERE deal_id IN ({deals_in})"
        );
        Self::count(db, &format!("r.id IN ({of})"), values).await
    }

    async fn of_ideas(db: &impl ConnectionTrait, ideas: &[IdeaId]) -> Result<Self, Failure> {
        let condition = format!("r.idea_id IN ({})", row::marks(1, ideas.len()));
        Self::count(db, &condition, ideas.iter().map(|id| id.uuid().into()).collect()).await
    }

    async fn count(db: &impl ConnectionTrait, which: &str, values: Vec<sea_orm::Value>) -> Result<Self, Failure> {
        let sql = format!(
            "SELECT r.idea_id, COALESCE(d.status, '') AS status, COALESCE(d.currency, '') AS currency,
               COUNT(*) AS requests, CAST(COALESCE(SUM(d.amount / {HALF}), 0) AS BIGINT) AS high,
               CAST(COALESCE(SUM(d.amount % {HALF}), 0) AS BIGINT) AS low
             FROM customer_request r LEFT JOIN deal d ON d.id = r.deal_id
             WHERE r.withdrawn_at IS NULL AND {which} GROUP BY r.idea_id, d.status, d.currency"
        );
        let mut tally = Self::default();
        for row in row::rows::<Counted>(db, &sql, values).await? {
            let minor = i128::from(row.high) * i128::from(HALF) + i128::from(row.low);
            let amount = Amount { requests: row.requests, minor };
            let all = tally.0.entry((row.idea_id, ALL.to_owned(), String::new())).or_default();
            all.requests += row.requests;
            tally.0.insert((row.idea_id, row.status, row.currency), amount);
        }
        Ok(tally)
    }

    /// Adds a request that stands, and what its deal is worth.
    pub(super) fn add(&mut self, idea: IdeaId, deal: Option<&Deal>) {
        let status = deal.map_or("", |deal| deal.terms.status.name()).to_owned();
        let money = deal.and_then(|deal| deal.terms.amount);
        let currency = money.map(|money| money.currency().to_string()).unwrap_or_default();
        self.0.entry((idea.uuid(), ALL.to_owned(), String::new())).or_default().requests += 1;
        let part = self.0.entry((idea.uuid(), status, currency)).or_default();
        part.requests += 1;
        part.minor += money.map_or(0, |money| i128::from(money.minor()));
    }

    /// Adds to what is kept how this tally differs from an earlier one of the same requests.
    pub(super) async fn add_since(mut self, db: &impl ConnectionTrait, before: &Self) -> Result<(), Failure> {
        for (part, old) in &before.0 {
            let now = self.0.entry(part.clone()).or_default();
            now.requests -= old.requests;
            now.minor -= old.minor;
        }
        self.0.retain(|_, change| *change != Amount::default());
        if self.0.is_empty() {
            return Ok(());
        }
        let ideas: Vec<_> = self.0.keys().map(|part| part.0).collect::<BTreeSet<_>>().into_iter().collect();
        for ideas in ideas.chunks(ROWS) {
            for row in Entity::find().filter(Column::IdeaId.is_in(ideas.iter().copied())).all(db).await? {
                if let Some(change) = self.0.get_mut(&(row.idea_id, row.status.clone(), row.currency.clone())) {
                    change.requests += row.requests;
                    change.minor += minor(&row)?;
                }
            }
        }
        self.keep(db).await
    }

    async fn keep(self, db: &impl ConnectionTrait) -> Result<(), Failure> {
        let rows = self.0.into_iter().map(|((idea, status, currency), amount)| ActiveModel {
            idea_id: Set(idea),
            status: Set(status),
            currency: Set(currency),
            requests: Set(amount.requests),
            amount: Set(format!("{:030}", amount.minor)),
        });
        let update = OnConflict::columns([Column::IdeaId, Column::Status, Column::Currency])
            .update_columns([Column::Requests, Column::Amount])
            .to_owned();
        for rows in rows.collect::<Vec<_>>().chunks(ROWS) {
            let insert = Entity::insert_many(rows.iter().cloned()).on_conflict(update.clone());
            insert.exec_without_returning(db).await?;
        }
        Ok(())
    }
}

fn minor(row: &Model) -> Result<i128, Failure> {
    row.amount.parse().map_err(|_| row::altered("demand", "is not a number"))
}

/// Nobody asks for a new idea yet.
pub(super) async fn begin(db: &impl ConnectionTrait, idea: IdeaId) -> Result<(), Failure> {
    let all = (idea.uuid(), ALL.to_owned(), String::new());
    Tally(HashMap::from([(all, Amount::default())])).keep(db).await
}

/// Counts ideas anew.
pub(super) async fn recount(db: &impl ConnectionTrait, ideas: &[IdeaId]) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::IdeaId.is_in(ideas.iter().map(|id| id.uuid()))).exec(db).await?;
    let mut tally = Tally::of_ideas(db, ideas).await?;
    for idea in ideas {
        tally.0.entry((idea.uuid(), ALL.to_owned(), String::new())).or_default();
    }
    tally.keep(db).await
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
