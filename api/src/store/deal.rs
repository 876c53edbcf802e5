//! How deals are kept and found: a head row each, by the CRM system's own id, as its newest post says.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use holdline_domain::{
    deal::{Deal, DealKey, DealStatus, DealTerms, Stamp},
    ids::{DealId, Id},
    money::{Currency, Money},
    text::Line,
    time::Timestamp,
};
use holdline_entity::deal::{self, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, Iterable as _, QueryFilter as _,
    sea_query::OnConflict,
};

use super::{row, tx::Tx};
use crate::failure::Failure;

fn read(row: &Model) -> Result<Deal, Failure> {
    let date = |text: &str| text.parse::<NaiveDate>().map_err(|_| row::altered("date", "is not a date"));
    let amount = match (row.amount, &row.currency) {
        (Some(minor), Some(currency)) => {
            let currency = Currency::parse(currency).map_err(|why| row::altered("currency", why))?;
            Some(Money::from_minor(minor, currency))
        }
        _ => None,
    };
    Ok(Deal {
        id: row.id.into(),
        key: DealKey { system: row::line(&row.system)?, external_id: row::line(&row.external_id)? },
        terms: DealTerms {
            url: row::maybe(row.url.as_ref(), row::line)?,
            account: row::maybe(row.account.as_ref(), row::line)?,
            stage: row::maybe(row.stage.as_ref(), row::line)?,
            status: match row.status {
                deal::DealStatus::Open => DealStatus::Open,
                deal::DealStatus::Won => DealStatus::Won,
                deal::DealStatus::Lost => DealStatus::Lost,
            },
            amount,
            opened_on: row::maybe(row.opened_on.as_ref(), date)?,
            closed_on: row::maybe(row.closed_on.as_ref(), date)?,
        },
        contact: row.contact_id.map(Into::into),
        stamp: Stamp {
            source_updated_at: row.source_updated_at.map(row::timestamp).transpose()?,
            digest: row::digest(&row.digest)?,
        },
    })
}

/// Deals by id. Who may see a request may see its deal.
pub(super) async fn load(db: &impl ConnectionTrait, ids: &[DealId]) -> Result<HashMap<DealId, Deal>, Failure> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    rows.iter().map(|row| Ok((row.id.into(), read(row)?))).collect()
}

fn row_of(deal: &Deal, seq: i64) -> deal::ActiveModel {
    let terms = &deal.terms;
    let text = |line: Option<&Line>| line.map(ToString::to_string);
    deal::ActiveModel {
        id: Set(deal.id.uuid()),
        system: Set(deal.key.system.to_string()),
        external_id: Set(deal.key.external_id.to_string()),
        url: Set(text(terms.url.as_ref())),
        account: Set(text(terms.account.as_ref())),
        contact_id: Set(deal.contact.map(Id::uuid)),
        stage: Set(text(terms.stage.as_ref())),
        status: Set(match terms.status {
            DealStatus::Open => deal::DealStatus::Open,
            DealStatus::Won => deal::DealStatus::Won,
            DealStatus::Lost => deal::DealStatus::Lost,
        }),
        amount: Set(terms.amount.map(|money| money.minor())),
        currency: Set(terms.amount.map(|money| money.currency().to_string())),
        opened_on: Set(terms.opened_on.map(|date| date.to_string())),
        closed_on: Set(terms.closed_on.map(|date| date.to_string())),
        source_updated_at: Set(deal.stamp.source_updated_at.map(Timestamp::micros)),
        digest: Set(deal.stamp.digest.to_string()),
        audit_seq: Set(seq),
    }
}

/// Keeps deals as they are now, each with the entry that last changed it.
pub(super) async fn keep(db: &impl ConnectionTrait, deals: BTreeMap<DealId, (&Deal, i64)>) -> Result<(), Failure> {
    if deals.is_empty() {
        return Ok(());
    }
    let said = Column::iter().filter(|column| !matches!(column, Column::Id | Column::System | Column::ExternalId));
    let update = OnConflict::column(Column::Id).update_columns(said).to_owned();
    let rows = deals.into_values().map(|(deal, seq)| row_of(deal, seq));
    Entity::insert_many(rows).on_conflict(update).exec_without_returning(db).await?;
    Ok(())
}

/// Deals of a system by its ids. Each id is looked for by itself, by the key of both: a PostgreSQL that has not analyzed its
/// table yet expects little of one system, and would read all of it to compare each row with a list.
async fn of_system(db: &impl ConnectionTrait, system: &Line, ids: Vec<&str>) -> Result<Vec<Model>, Failure> {
    let places: Vec<_> = (2..ids.len() + 2).map(|place| format!("(${place})")).collect();
    let sql = format!(
        "SELECT * FROM deal WHERE id IN (
           SELECT (SELECT d.id FROM deal d WHERE d.system = $1 AND d.external_id = v.column1) FROM (VALUES {}) v)",
        places.join(", ")
    );
    row::rows(db, &sql, std::iter::once(system.as_str()).chain(ids).map(Into::into)).await
}

impl Tx {
    /// Deals by their keys; one statement for each system.
    pub async fn deals(&self, keys: &BTreeSet<DealKey>) -> Result<HashMap<DealKey, Deal>, Failure> {
        let mut systems: BTreeMap<&Line, Vec<&str>> = BTreeMap::new();
        for key in keys {
            systems.entry(&key.system).or_default().push(key.external_id.as_str());
        }
        let mut found = HashMap::new();
        for (system, ids) in systems {
            for row in of_system(&self.db, system, ids).await? {
                let deal = read(&row)?;
                found.insert(deal.key.clone(), deal);
            }
        }
        Ok(found)
    }

    /// A deal by id.
    pub async fn deal(&self, id: DealId) -> Result<Option<Deal>, Failure> {
        Ok(load(&self.db, &[id]).await?.remove(&id))
    }
}
