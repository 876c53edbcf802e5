//! Renegotiations: identity, versions, the exact changes, the authors.

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
            "renegotiation",
            "id UUID PRIMARY KEY, plan_id UUID NOT NULL REFERENCES plan (id), imported BOOL NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq), UNIQUE (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX renegotiation_plan ON renegotiation (plan_id, id)").await?;
        db.append_only("renegotiation", &[&["id"], &["audit_seq"]]).await?;
        db.table(
            "renegotiation_version",
            "renegotiation_id UUID NOT NULL REFERENCES renegotiation (id), version INT NOT NULL, status TEXT NOT NULL,
             trigger_text TEXT, reason TEXT, trade_off TEXT, decide_by MICROS NOT NULL, base_revision INT NOT NULL,
             digest TEXT NOT NULL, change_count INT NOT NULL, proposed_by UUID REFERENCES person (id),
             proposed_at MICROS, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             CHECK (status IN ('DRAFT', 'PROPOSED', 'WITHDRAWN')),
             PRIMARY KEY (renegotiation_id, version)",
        )
        .await?;
        db.append_only("renegotiation_version", &[&["renegotiation_id", "version"], &["audit_seq"]]).await?;
        db.table(
            "renegotiation_change",
            "renegotiation_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL, kind TEXT NOT NULL,
             objective_id UUID, key_result_id UUID, title TEXT, rationale TEXT, owner_id UUID REFERENCES person (id),
             load TEXT, contributes_to UUID, unit TEXT, baseline TEXT, target TEXT,
             capacity TEXT, why TEXT, PRIMARY KEY (renegotiation_id, version, place),
             FOREIGN KEY (renegotiation_id, version) REFERENCES renegotiation_version (renegotiation_id, version)",
        )
        .await?;
        db.append_only("renegotiation_change", &[&["renegotiation_id", "version", "place"]]).await?;
        db.table(
            "renegotiation_author",
            "renegotiation_id UUID NOT NULL REFERENCES renegotiation (id),
             person_id UUID NOT NULL REFERENCES person (id), PRIMARY KEY (renegotiation_id, person_id)",
        )
        .await?;
        db.append_only("renegotiation_author", &[&["renegotiation_id", "person_id"]]).await
    }
}
