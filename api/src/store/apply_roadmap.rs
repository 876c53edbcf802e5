//! How a roadmap item is written: one head row and one version row for each step; key results only when they are
//! stated, so that a move writes no more than those two.

use holdline_domain::{
    ids::Id,
    roadmap::{Horizon, RoadmapItem, RoadmapStatus},
    roadmap_change::RoadmapItemChanged,
    time::Timestamp,
};
use holdline_entity::{roadmap_item, roadmap_item_key_result, roadmap_item_version};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};

use super::{Apply, row, search, tx::Tx};
use crate::failure::Failure;

impl Apply for RoadmapItemChanged {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let item = &self.item;
        let before = roadmap_item::Entity::find_by_id(item.id.uuid()).one(&tx.db).await?;
        let version = row::stored(item.version)?;
        let content_version = match &before {
            Some(before) if !self.key_results_stated => before.content_version,
            _ => version,
        };
        let created_seq = before.as_ref().map_or(seq, |before| before.created_seq);
        let head = head(item, seq, at, (created_seq, content_version))?;
        // A move changes no word, so it leaves the index alone.
        if before.is_none_or(|before| (before.title, before.problem) != (head.title.clone(), head.problem.clone())) {
            search::put(tx, &search::Document::of_item(item)).await?;
        }
        insert_or_update(tx, &head).await?;
        insert_version(tx, head).await?;
        if self.key_results_stated {
            insert_key_results(tx, item, version).await?;
        }
        Ok(())
    }
}

fn head(
    item: &RoadmapItem,
    seq: i64,
    at: Timestamp,
    (created_seq, content_version): (i64, i32),
) -> Result<roadmap_item::Model, Failure> {
    let (status, reason) = match &item.status {
        RoadmapStatus::InPlan => (roadmap_item::RoadmapStatus::InPlan, None),
        RoadmapStatus::Shipped => (roadmap_item::RoadmapStatus::Shipped, None),
        RoadmapStatus::Dropped(why) => (roadmap_item::RoadmapStatus::Dropped, Some(why.to_string())),
    };
    Ok(roadmap_item::Model {
        id: item.id.uuid(),
        team_id: item.team.uuid(),
        version: row::stored(item.version)?,
        created_seq,
        audit_seq: seq,
        title: item.content.title.to_string(),
        problem: item.content.problem.as_ref().map(ToString::to_string),
        horizon: match item.horizon {
            Horizon::Now => roadmap_item::Horizon::Now,
            Horizon::Next => roadmap_item::Horizon::Next,
            Horizon::Later => roadmap_item::Horizon::Later,
        },
        status,
        rank_key: item.rank.to_string(),
        effort: item.content.effort.map(|effort| effort.to_string()),
        reason,
        content_version,
        at: at.micros(),
    })
}

async fn insert_or_update(tx: &Tx, head: &roadmap_item::Model) -> Result<(), Failure> {
    let row = head.clone().into_active_model().reset_all();
    if head.version == 1 {
        roadmap_item::Entity::insert(row).exec_without_returning(&tx.db).await?;
        return Ok(());
    }
    let update = roadmap_item::Entity::update_many().set(row).filter(roadmap_item::Column::Id.eq(head.id));
    let done = update.filter(roadmap_item::Column::Version.eq(head.version - 1)).exec(&tx.db).await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(Failure::internal("a roadmap item moved under the lock")) }
}

async fn insert_version(tx: &Tx, head: roadmap_item::Model) -> Result<(), Failure> {
    roadmap_item_version::Entity::insert(roadmap_item_version::ActiveModel {
        item_id: Set(head.id),
        version: Set(head.version),
        audit_seq: Set(head.audit_seq),
        title: Set(head.title),
        problem: Set(head.problem),
        horizon: Set(head.horizon),
        status: Set(head.status),
        rank_key: Set(head.rank_key),
        effort: Set(head.effort),
        reason: Set(head.reason),
        content_version: Set(head.content_version),
        at: Set(head.at),
    })
    .exec_without_returning(&tx.db)
    .await?;
    Ok(())
}

async fn insert_key_results(tx: &Tx, item: &RoadmapItem, version: i32) -> Result<(), Failure> {
    let rows = (0..).zip(item.content.key_results.iter().copied().map(Id::uuid)).map(|(place, key_result)| {
        roadmap_item_key_result::ActiveModel {
            item_id: Set(item.id.uuid()),
            version: Set(version),
            key_result_id: Set(key_result),
            place: Set(place),
        }
    });
    for row in rows {
        roadmap_item_key_result::Entity::insert(row).exec_without_returning(&tx.db).await?;
    }
    Ok(())
}
