//! Erasure: when a person was erased, and by which entry. A row once emptied stays as it is, and none is emptied
//! without its entry.

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
        db.column("person", "erased_at MICROS").await?;
        db.column("person", "audit_seq MICROS REFERENCES audit_entry (seq)").await?;
        let stays = "an erased person stays erased";
        db.guard_update("person_stays_erased", "person", "OLD.erased_at IS NOT NULL", stays).await?;
        db.guard_delete("person_stays_there", "person", "OLD.erased_at IS NOT NULL", stays).await?;
        db.guard_insert(
            "person_not_replaced",
            "person",
            "NEW.erased_at IS NOT NULL
             OR EXISTS (SELECT 1 FROM person p WHERE p.id = NEW.id AND p.erased_at IS NOT NULL)",
            stays,
        )
        .await?;
        db.guard_update(
            "person_erased_whole",
            "person",
            "NEW.erased_at IS NOT NULL AND (
               NEW.issuer IS NOT NULL OR NEW.subject IS NOT NULL OR NEW.name <> '' OR NEW.salt IS NOT NULL
               OR NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.seq = NEW.audit_seq AND e.action = 'PERSON_ERASED'
                              AND e.subject_id = NEW.id))",
            "an erased person has no name, identity or salt left, and an entry that says so",
        )
        .await
    }
}
