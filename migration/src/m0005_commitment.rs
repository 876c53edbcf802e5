//! Decisions and commitments: what only ever grows, with the keys that carry the rule.

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
            "decision",
            "renegotiation_id UUID PRIMARY KEY, id UUID NOT NULL UNIQUE, plan_id UUID NOT NULL, version INT NOT NULL,
             outcome TEXT NOT NULL CHECK (outcome IN ('APPROVED', 'REJECTED')), rationale TEXT NOT NULL,
             by_person UUID REFERENCES person (id), meeting_id UUID NOT NULL REFERENCES meeting (id),
             digest TEXT NOT NULL, at MICROS NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             UNIQUE (renegotiation_id, plan_id, outcome),
             FOREIGN KEY (renegotiation_id, version) REFERENCES renegotiation_version (renegotiation_id, version),
             FOREIGN KEY (renegotiation_id, plan_id) REFERENCES renegotiation (id, plan_id)",
        )
        .await?;
        db.append_only("decision", &[&["renegotiation_id"], &["id"], &["audit_seq"]]).await?;
        db.table(
            "plan_revision",
            "plan_id UUID NOT NULL REFERENCES plan (id), number INT NOT NULL, id UUID NOT NULL UNIQUE, capacity TEXT,
             capacity_unit TEXT, digest TEXT NOT NULL, renegotiation_id UUID UNIQUE, outcome TEXT,
             by_person UUID REFERENCES person (id), imported BOOL NOT NULL, at MICROS NOT NULL,
             recorded_at MICROS NOT NULL, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             CHECK ((number = 1 AND renegotiation_id IS NULL AND outcome IS NULL)
                    OR (number > 1 AND renegotiation_id IS NOT NULL AND outcome IS NOT NULL AND outcome = 'APPROVED')),
             PRIMARY KEY (plan_id, number),
             FOREIGN KEY (renegotiation_id, plan_id, outcome) REFERENCES decision (renegotiation_id, plan_id, outcome)",
        )
        .await?;
        db.run("CREATE INDEX plan_revision_at ON plan_revision (plan_id, at, number)").await?;
        db.append_only("plan_revision", &[&["plan_id", "number"], &["id"], &["renegotiation_id"], &["audit_seq"]])
            .await?;
        db.table(
            "objective_version",
            "objective_id UUID NOT NULL, number INT NOT NULL, plan_id UUID NOT NULL, position INT NOT NULL,
             dropped BOOL NOT NULL, title TEXT NOT NULL, rationale TEXT NOT NULL,
             owner_id UUID NOT NULL REFERENCES person (id), load TEXT, contributes_to UUID REFERENCES objective (id),
             PRIMARY KEY (objective_id, number),
             FOREIGN KEY (plan_id, number) REFERENCES plan_revision (plan_id, number),
             FOREIGN KEY (objective_id, plan_id) REFERENCES objective (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX objective_version_plan ON objective_version (plan_id, number)").await?;
        db.run("CREATE INDEX objective_version_lineage ON objective_version (contributes_to)").await?;
        db.append_only("objective_version", &[&["objective_id", "number"]]).await?;
        db.table(
            "key_result_version",
            "key_result_id UUID NOT NULL, number INT NOT NULL, plan_id UUID NOT NULL, objective_id UUID NOT NULL,
             position INT NOT NULL, dropped BOOL NOT NULL, title TEXT NOT NULL,
             owner_id UUID NOT NULL REFERENCES person (id), unit TEXT NOT NULL, baseline TEXT NOT NULL,
             target TEXT NOT NULL, CHECK (baseline <> target), PRIMARY KEY (key_result_id, number),
             FOREIGN KEY (plan_id, number) REFERENCES plan_revision (plan_id, number),
             FOREIGN KEY (key_result_id, plan_id) REFERENCES key_result (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX key_result_version_plan ON key_result_version (plan_id, number)").await?;
        db.append_only("key_result_version", &[&["key_result_id", "number"]]).await?;
        db.table(
            "plan_closure",
            "plan_id UUID PRIMARY KEY REFERENCES plan (id), by_person UUID NOT NULL REFERENCES person (id),
             at MICROS NOT NULL, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq)",
        )
        .await?;
        db.append_only("plan_closure", &[&["plan_id"], &["audit_seq"]]).await?;
        db.table(
            "plan_without_final",
            "plan_id UUID NOT NULL REFERENCES plan_closure (plan_id),
             key_result_id UUID NOT NULL REFERENCES key_result (id), reason TEXT NOT NULL,
             PRIMARY KEY (plan_id, key_result_id)",
        )
        .await?;
        db.append_only("plan_without_final", &[&["plan_id", "key_result_id"]]).await?;
        db.table(
            "check_in",
            "id UUID PRIMARY KEY, key_result_id UUID NOT NULL, plan_id UUID NOT NULL, kind TEXT NOT NULL,
             value TEXT NOT NULL, confidence TEXT, note TEXT, reason TEXT, by_person UUID REFERENCES person (id),
             at MICROS NOT NULL, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             FOREIGN KEY (key_result_id, plan_id) REFERENCES key_result (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX check_in_key_result ON check_in (key_result_id, at, audit_seq)").await?;
        db.append_only("check_in", &[&["id"], &["audit_seq"]]).await?;
        db.table(
            "acknowledgement",
            "id UUID PRIMARY KEY, meeting_id UUID NOT NULL REFERENCES meeting (id), plan_id UUID NOT NULL,
             revision INT NOT NULL, person_id UUID NOT NULL REFERENCES person (id), dissent TEXT, at MICROS NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             FOREIGN KEY (plan_id, revision) REFERENCES plan_revision (plan_id, number)",
        )
        .await?;
        db.run("CREATE INDEX acknowledgement_plan ON acknowledgement (plan_id, person_id)").await?;
        db.append_only("acknowledgement", &[&["id"], &["audit_seq"]]).await
    }
}
