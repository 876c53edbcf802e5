//! The ways into the past: from an objective or a key result to the renegotiations that name it, and to where it stood.

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
        for column in ["objective_id", "key_result_id"] {
            db.run(&format!("CREATE INDEX renegotiation_change_{column} ON renegotiation_change ({column})")).await?;
        }
        db.run("CREATE INDEX key_result_objective ON key_result (objective_id)").await?;
        for (name, condition) in [
            ("check_in_current", "kind <> 'PROJECTED'"),
            ("check_in_projected", "kind = 'PROJECTED'"),
            ("check_in_confidence", "confidence IS NOT NULL"),
        ] {
            db.run(&format!("CREATE INDEX {name} ON check_in (key_result_id, at, audit_seq) WHERE {condition}"))
                .await?;
        }
        Ok(())
    }
}
