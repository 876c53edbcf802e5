//! What CRMs send: messages until they are read, those that were refused with their reason, and what is known of deals that
//! are told of bit by bit. Beside the record: what comes of them is in it.

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
            "hook_event",
            "id UUID PRIMARY KEY, hook TEXT NOT NULL, team TEXT NOT NULL, xml BOOL NOT NULL, body BYTES NOT NULL,
             status TEXT NOT NULL, reason TEXT, received_at MICROS NOT NULL, leased_until MICROS,
             CHECK (status IN ('RECEIVED', 'REFUSED')), CHECK ((status = 'REFUSED') = (reason IS NOT NULL))",
        )
        .await?;
        db.run("CREATE INDEX hook_event_status ON hook_event (status, received_at)").await?;
        db.table(
            "hook_deal",
            "system TEXT NOT NULL, external_id TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (system, external_id)",
        )
        .await
    }
}
