//! Check-ins: what key results stood at.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum CheckInKind {
    #[sea_orm(string_value = "PROGRESS")]
    Progress,
    #[sea_orm(string_value = "MID_QUARTER")]
    MidQuarter,
    #[sea_orm(string_value = "PROJECTED")]
    Projected,
    #[sea_orm(string_value = "FINAL")]
    Final,
    #[sea_orm(string_value = "CORRECTION")]
    Correction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Confidence {
    #[sea_orm(string_value = "ON_TRACK")]
    OnTrack,
    #[sea_orm(string_value = "AT_RISK")]
    AtRisk,
    #[sea_orm(string_value = "OFF_TRACK")]
    OffTrack,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "check_in")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub key_result_id: Uuid,
    pub plan_id: Uuid,
    pub kind: CheckInKind,
    pub value: String,
    pub confidence: Option<Confidence>,
    pub note: Option<String>,
    pub reason: Option<String>,
    pub by_person: Option<Uuid>,
    pub at: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
