//! Deals of a CRM, as their newest posts say.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum DealStatus {
    #[sea_orm(string_value = "OPEN")]
    Open,
    #[sea_orm(string_value = "WON")]
    Won,
    #[sea_orm(string_value = "LOST")]
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub system: String,
    pub external_id: String,
    pub url: Option<String>,
    pub account: Option<String>,
    pub contact_id: Option<Uuid>,
    pub stage: Option<String>,
    pub status: DealStatus,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub opened_on: Option<String>,
    pub closed_on: Option<String>,
    pub source_updated_at: Option<i64>,
    pub digest: String,
    pub audit_seq: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
