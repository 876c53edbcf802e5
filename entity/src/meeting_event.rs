//! A meeting as it was after one event.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MeetingStatus {
    #[sea_orm(string_value = "PREPARED")]
    Prepared,
    #[sea_orm(string_value = "OPEN")]
    Open,
    #[sea_orm(string_value = "CLOSED")]
    Closed,
    #[sea_orm(string_value = "CANCELLED")]
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MeetingKind {
    #[sea_orm(string_value = "STATUS")]
    Status,
    #[sea_orm(string_value = "RENEGOTIATION")]
    Renegotiation,
    #[sea_orm(string_value = "PLANNING")]
    Planning,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum MeetingFormat {
    #[sea_orm(string_value = "LIVE")]
    Live,
    #[sea_orm(string_value = "ASYNC")]
    Async,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub meeting_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    pub status: MeetingStatus,
    pub kind: MeetingKind,
    pub format: MeetingFormat,
    pub title: String,
    pub scheduled_for: Option<i64>,
    pub duration_minutes: Option<i32>,
    pub information_only: bool,
    pub content_version: i32,
    pub reason: Option<String>,
    pub at: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
