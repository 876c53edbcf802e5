//! Webhooks: where the log is told.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub team_id: Option<Uuid>,
    pub url: String,
    pub description: Option<String>,
    pub actions: String,
    pub generation: i32,
    pub overlap_until: Option<i64>,
    pub disabled_because: Option<String>,
    pub deleted_at: Option<i64>,
    pub version: i32,
    pub created_seq: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
