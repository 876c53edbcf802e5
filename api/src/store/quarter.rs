//! How quarters are kept: their instants, stored when the first plan is drafted and never changed.

use holdline_domain::time::{Quarter, QuarterSpan};
use holdline_entity::quarter::{Entity, Model};
use sea_orm::{ConnectionTrait, EntityTrait as _, QueryOrder as _};

use super::{row, tx::Tx};
use crate::failure::Failure;

fn read(row: &Model) -> Result<QuarterSpan, Failure> {
    Ok(QuarterSpan {
        quarter: row::quarter(&row.label)?,
        starts_at: row::timestamp(row.starts_at)?,
        ends_at: row::timestamp(row.ends_at)?,
    })
}

/// Every stored quarter, in order of time.
pub(super) async fn all(db: &impl ConnectionTrait) -> Result<Vec<QuarterSpan>, Failure> {
    let rows = Entity::find().order_by_asc(holdline_entity::quarter::Column::StartsAt).all(db).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn by_label(db: &impl ConnectionTrait, quarter: Quarter) -> Result<Option<QuarterSpan>, Failure> {
    Entity::find_by_id(quarter.to_string()).one(db).await?.as_ref().map(read).transpose()
}

impl Tx {
    /// Every stored quarter, in order of time.
    pub async fn quarters(&self) -> Result<Vec<QuarterSpan>, Failure> {
        all(&self.db).await
    }
}
