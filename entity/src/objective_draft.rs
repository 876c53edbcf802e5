//! An objective while its plan is drafted; frozen with the commit.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "objective_draft")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub objective_id: Uuid,
    pub plan_id: Uuid,
    pub position: i32,
    pub title: String,
    pub rationale: String,
    pub owner_id: Uuid,
    pub load: Option<String>,
    pub contributes_to: Option<Uuid>,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
