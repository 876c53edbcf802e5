//! Where each input of a meeting went.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Disposition {
    #[sea_orm(string_value = "NOTED")]
    Noted,
    #[sea_orm(string_value = "BACKLOG")]
    Backlog,
    #[sea_orm(string_value = "RENEGOTIATION_DRAFT")]
    RenegotiationDraft,
    #[sea_orm(string_value = "ROADMAP")]
    Roadmap,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting_input_disposition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub input_id: Uuid,
    pub disposition: Disposition,
    pub idea_id: Option<Uuid>,
    pub renegotiation_id: Option<Uuid>,
    pub roadmap_item_id: Option<Uuid>,
    pub at: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
