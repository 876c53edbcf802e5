//! A renegotiation as it was after one edit, proposal, rebase or withdrawal.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum RenegotiationStatus {
    #[sea_orm(string_value = "DRAFT")]
    Draft,
    #[sea_orm(string_value = "PROPOSED")]
    Proposed,
    #[sea_orm(string_value = "WITHDRAWN")]
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renegotiation_version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub renegotiation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub status: RenegotiationStatus,
    pub trigger_text: Option<String>,
    pub reason: Option<String>,
    pub trade_off: Option<String>,
    pub decide_by: i64,
    pub base_revision: i32,
    pub digest: String,
    pub change_count: i32,
    pub proposed_by: Option<Uuid>,
    pub proposed_at: Option<i64>,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
