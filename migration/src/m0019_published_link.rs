//! Published links, whose history is the log's; and the way from a meeting to what the log tells of it.

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
            "published_link",
            "id UUID PRIMARY KEY, team_id UUID NOT NULL REFERENCES team (id), name TEXT NOT NULL, revoked_at MICROS,
             version INT NOT NULL, created_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq)",
        )
        .await?;
        db.run("CREATE INDEX published_link_team ON published_link (team_id, created_seq)").await?;
        db.run("CREATE INDEX audit_entry_meeting ON audit_entry (meeting_id, seq) WHERE meeting_id IS NOT NULL").await
    }
}
