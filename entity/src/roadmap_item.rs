//! Roadmap items as they are now.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Horizon {
    #[sea_orm(string_value = "NOW")]
    Now,
    #[sea_orm(string_value = "NEXT")]
    Next,
    #[sea_orm(string_value = "LATER")]
    Later,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum RoadmapStatus {
    #[sea_orm(string_value = "IN_PLAN")]
    InPlan,
    #[sea_orm(string_value = "SHIPPED")]
    Shipped,
    #[sea_orm(string_value = "DROPPED")]
    Dropped,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "roadmap_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub team_id: Uuid,
    pub version: i32,
    pub created_seq: i64,
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
