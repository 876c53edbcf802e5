//! The audit log: one row per change, with the bytes that its leaf hash covers.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: Uuid,
    pub action: String,
    pub actor_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub quarter: Option<String>,
    pub plan_id: Option<Uuid>,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub reason: Option<String>,
    pub renegotiation_id: Option<Uuid>,
    pub meeting_id: Option<Uuid>,
    pub occurred_at: i64,
    pub recorded_at: i64,
    pub imported: bool,
    pub request_id: Option<String>,
    pub body: Vec<u8>,
    pub leaf_hash: Vec<u8>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
