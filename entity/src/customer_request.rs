//! Who asks for which idea.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub idea_id: Uuid,
    pub deal_id: Option<Uuid>,
    pub account: Option<String>,
    pub note: Option<String>,
    pub first_seen_at: i64,
    pub withdrawn_at: Option<i64>,
    pub source_updated_at: Option<i64>,
    pub digest: String,
    pub created_seq: i64,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
