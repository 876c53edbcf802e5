//! Requests whose id the caller chose: what each said and which entry it made, so that a retry is known as one.

use sea_orm_migration::{
    MigrationTrait, async_trait,
    prelude::{DbErr, DeriveMigrationName, SchemaManager},
};

use crate::dialect::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = Dialect::new(manager).await?;
        db.table(
            "client_request",
            "id UUID PRIMARY KEY, mutation TEXT NOT NULL, digest TEXT NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq)",
        )
        .await?;
        db.append_only("client_request", &[&["id"], &["audit_seq"]]).await?;
        db.guard_insert(
            "client_request_made",
            "client_request",
            "NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.seq = NEW.audit_seq AND e.subject_id = NEW.id)",
            "a request points at the entry of what it made",
        )
        .await
    }
}
