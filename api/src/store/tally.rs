//! The tally: an idea's demand as it is kept beside its requests.
//! Each change of requests adds what it changed, so that its cost does not grow with how many ask; `recount` is for
//! what moves many at once. Amounts are ten-thousandths, written with 30 digits so that their order is the texts' order.

use std::collections::{BTreeSet, HashMap};

use holdline_domain::{
    deal::Deal,
    ids::{IdeaId, TeamId},
};
use holdline_entity::{
    idea,
    idea_demand::{ActiveModel, Column, Entity},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    demand::{ALL, HALF, minor},
    row,
};
use crate::failure::Failure;

/// One part: an idea, a status and a currency; the last two empty where there is none.
type Part = (Uuid, String, String);

/// How many requests, and ten-thousandths of the currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    requests: i64,
    minor: i128,
}

/// Where ideas stand in lists by demand: their team, and the entry that submitted them.
type Places = HashMap<Uuid, (Uuid, i64)>;

#[derive(FromQueryResult)]
struct Counted {
    idea_id: Uuid,
    status: String,
    currency: String,
    requests: i64,
    high: i64,
    low: i64,
}

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
        let mut places = Places::new();
        for ideas in ideas.chunks(ROWS) {
            for row in Entity::find().filter(Column::IdeaId.is_in(ideas.iter().copied())).all(db).await? {
                places.extend(row.team_id.zip(row.created_seq).map(|place| (row.idea_id, place)));
                if let Some(change) = self.0.get_mut(&(row.idea_id, row.status.clone(), row.currency.clone())) {
                    change.requests += row.requests;
                    change.minor += minor(&row)?;
                }
            }
        }
        self.keep(db, &places).await
    }

    /// Writes each part as it is now. Only what an older build wrote has no place here, and the database looks it up.
    async fn keep(self, db: &impl ConnectionTrait, places: &Places) -> Result<(), Failure> {
        let rows = self.0.into_iter().map(|((idea, status, currency), amount)| {
            let place = places.get(&idea).copied();
            ActiveModel {
                idea_id: Set(idea),
                status: Set(status),
                currency: Set(currency),
                requests: Set(amount.requests),
                amount: Set(format!("{:030}", amount.minor)),
                team_id: Set(place.map(|(team, _)| team)),
                created_seq: Set(place.map(|(_, seq)| seq)),
            }
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

/// Nobody asks for a new idea yet.
pub(super) async fn begin(db: &impl ConnectionTrait, idea: IdeaId, team: TeamId, seq: i64) -> Result<(), Failure> {
    let all = (idea.uuid(), ALL.to_owned(), String::new());
    let places = Places::from([(idea.uuid(), (team.uuid(), seq))]);
    Tally(HashMap::from([(all, Amount::default())])).keep(db, &places).await
}

/// Counts ideas anew.
pub(super) async fn recount(db: &impl ConnectionTrait, ideas: &[IdeaId]) -> Result<(), Failure> {
    Entity::delete_many().filter(Column::IdeaId.is_in(ideas.iter().map(|id| id.uuid()))).exec(db).await?;
    let mut tally = Tally::of_ideas(db, ideas).await?;
    for idea in ideas {
        tally.0.entry((idea.uuid(), ALL.to_owned(), String::new())).or_default();
    }
    let asked = idea::Entity::find().filter(idea::Column::Id.is_in(ideas.iter().map(|id| id.uuid())));
    let rows = asked.all(db).await?;
    let places = rows.iter().map(|row| (row.id, (row.team_id, row.created_seq))).collect();
    tally.keep(db, &places).await
}
