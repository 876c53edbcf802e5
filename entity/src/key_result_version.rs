//! A key result as a revision changed it.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_result_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_result_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub plan_id: Uuid,
    pub objective_id: Uuid,
    pub position: i32,
    pub dropped: bool,
    pub title: String,
    pub owner_id: Uuid,
    pub unit: String,
    pub baseline: String,
    pub target: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
