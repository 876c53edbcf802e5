//! Requests that may be sent again under an idempotency key: what each step of one made, kept for a week.

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
            "idempotency_key",
            "key BYTES NOT NULL, step INT NOT NULL, actor_id UUID NOT NULL REFERENCES person (id),
             request BYTES NOT NULL, outcome TEXT NOT NULL, created_at MICROS NOT NULL, PRIMARY KEY (key, step)",
        )
        .await?;
        db.run("CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at)").await?;
        db.run("CREATE INDEX idempotency_key_by_actor ON idempotency_key (actor_id)").await
    }
}
