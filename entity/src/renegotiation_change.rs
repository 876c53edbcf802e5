//! One exact change that a version of a renegotiation names: the subject and its new values.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum ChangeKind {
    #[sea_orm(string_value = "OBJECTIVE_ADDED")]
    ObjectiveAdded,
    #[sea_orm(string_value = "OBJECTIVE_AMENDED")]
    ObjectiveAmended,
    #[sea_orm(string_value = "OBJECTIVE_DROPPED")]
    ObjectiveDropped,
    #[sea_orm(string_value = "KEY_RESULT_ADDED")]
    KeyResultAdded,
    #[sea_orm(string_value = "KEY_RESULT_AMENDED")]
    KeyResultAmended,
    #[sea_orm(string_value = "KEY_RESULT_DROPPED")]
    KeyResultDropped,
    #[sea_orm(string_value = "CAPACITY_CHANGED")]
    CapacityChanged,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "renegotiation_change")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub renegotiation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub kind: ChangeKind,
    pub objective_id: Option<Uuid>,
    pub key_result_id: Option<Uuid>,
    pub title: Option<String>,
    pub rationale: Option<String>,
    pub owner_id: Option<Uuid>,
    pub load: Option<String>,
    pub contributes_to: Option<Uuid>,
    pub unit: Option<String>,
    pub baseline: Option<String>,
    pub target: Option<String>,
    pub capacity: Option<String>,
    pub why: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
