//! What a plan promised from one moment on.

use sea_orm::entity::prelude::*;

use crate::decision::DecisionOutcome;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_revision")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub id: Uuid,
    pub capacity: Option<String>,
    pub capacity_unit: Option<String>,
    pub digest: String,
    pub renegotiation_id: Option<Uuid>,
    pub outcome: Option<DecisionOutcome>,
    pub by_person: Option<Uuid>,
    pub imported: bool,
    pub at: i64,
    pub recorded_at: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
