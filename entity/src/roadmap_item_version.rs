//! Roadmap items as they were, one row for each step.

use sea_orm::entity::prelude::*;

use crate::roadmap_item::{Horizon, RoadmapStatus};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roadmap_item_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub audit_seq: i64,
    pub title: String,
    pub problem: Option<String>,
    pub horizon: Horizon,
    pub status: RoadmapStatus,
    pub rank_key: String,
    pub effort: Option<String>,
    pub reason: Option<String>,
    pub content_version: i32,
    pub at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
