//! The boundary's second list: what is open.

use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum InputWanted {
    #[sea_orm(string_value = "REACTION")]
    Reaction,
    #[sea_orm(string_value = "SEQUENCING")]
    Sequencing,
    #[sea_orm(string_value = "OPTIONS")]
    Options,
    #[sea_orm(string_value = "RISKS")]
    Risks,
    #[sea_orm(string_value = "FACTS")]
    Facts,
}

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "meeting_question")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub meeting_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    pub id: Uuid,
    pub question: String,
    pub wanted: InputWanted,
    pub objective_id: Option<Uuid>,
    pub key_result_id: Option<Uuid>,
    pub roadmap_item_id: Option<Uuid>,
    pub text: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
