//! Webhooks: where the log is told, whose history is the log's; and, beside the record, how far each has come, what is
//! still to be told and how that went.

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
        // The actions are names with a space between them; none are all.
        db.table(
            "webhook",
            "id UUID PRIMARY KEY, team_id UUID REFERENCES team (id), url TEXT NOT NULL, description TEXT,
             actions TEXT NOT NULL, generation INT NOT NULL, overlap_until MICROS, disabled_because TEXT,
             deleted_at MICROS, version INT NOT NULL,
             created_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq)",
        )
        .await?;
        // The next entry to look at.
        db.table("webhook_cursor", "webhook_id UUID PRIMARY KEY REFERENCES webhook (id), seq MICROS NOT NULL").await?;
        db.table(
            "webhook_delivery",
            "id UUID PRIMARY KEY, webhook_id UUID NOT NULL REFERENCES webhook (id), seq MICROS NOT NULL,
             plan_id UUID, status TEXT NOT NULL, attempts INT NOT NULL, next_at MICROS NOT NULL, leased_until MICROS,
             finished_at MICROS, UNIQUE (webhook_id, seq), CHECK (status IN ('PENDING', 'DELIVERED', 'DEAD'))",
        )
        .await?;
        db.run("CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE status = 'PENDING'")
            .await?;
        db.run(
            "CREATE INDEX webhook_delivery_plan ON webhook_delivery (webhook_id, plan_id, seq) WHERE status = 'PENDING'",
        )
        .await?;
        db.run("CREATE INDEX webhook_delivery_age ON webhook_delivery (finished_at) WHERE status = 'DELIVERED'")
            .await?;
        db.table(
            "webhook_attempt",
            "delivery_id UUID NOT NULL REFERENCES webhook_delivery (id), at MICROS NOT NULL, status_code INT,
             error TEXT, millis INT NOT NULL, PRIMARY KEY (delivery_id, at)",
        )
        .await
    }
}
