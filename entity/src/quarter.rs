//! Quarters with a plan: their instants, stored once.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "quarter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub label: String,
    pub starts_at: i64,
    pub ends_at: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
