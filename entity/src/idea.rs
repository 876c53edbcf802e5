//! Ideas of the backlog.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum IdeaStatus {
    #[sea_orm(string_value = "NEW")]
    New,
    #[sea_orm(string_value = "UNDER_REVIEW")]
    UnderReview,
    #[sea_orm(string_value = "PLANNED")]
    Planned,
    #[sea_orm(string_value = "DECLINED")]
    Declined,
    #[sea_orm(string_value = "MERGED")]
    Merged,
    #[sea_orm(string_value = "SHIPPED")]
    Shipped,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idea")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub team_id: Uuid,
    pub title: String,
    pub body: Option<String>,
    pub status: IdeaStatus,
    pub reason: Option<String>,
    pub external_system: Option<String>,
    pub external_id: Option<String>,
    pub external_url: Option<String>,
    pub impact: Option<i32>,
    pub effort: Option<i32>,
    pub score: i32,
    pub merged_into: Option<Uuid>,
    pub roadmap_item_id: Option<Uuid>,
    pub created_at: i64,
    pub created_seq: i64,
    pub version: i32,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
