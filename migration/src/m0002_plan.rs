//! Teams, quarters, plans and what is drafted of them.

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
            "team",
            "id UUID PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, archived_at MICROS,
             version INT NOT NULL, audit_seq MICROS NOT NULL REFERENCES audit_entry (seq)",
        )
        .await?;
        db.table(
            "quarter",
            "label TEXT PRIMARY KEY, starts_at MICROS NOT NULL, ends_at MICROS NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq), CHECK (starts_at < ends_at)",
        )
        .await?;
        db.append_only("quarter", &[&["label"], &["audit_seq"]]).await?;
        db.guard_insert(
            "quarter_apart",
            "quarter",
            "EXISTS (SELECT 1 FROM quarter q WHERE q.starts_at < NEW.ends_at AND NEW.starts_at < q.ends_at)",
            "quarters do not overlap",
        )
        .await?;
        db.table(
            "plan",
            "id UUID PRIMARY KEY, team_id UUID NOT NULL REFERENCES team (id),
             quarter TEXT NOT NULL REFERENCES quarter (label), imported BOOL NOT NULL,
             audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq), UNIQUE (team_id, quarter)",
        )
        .await?;
        db.append_only("plan", &[&["id"], &["team_id", "quarter"], &["audit_seq"]]).await?;
        db.table(
            "plan_draft",
            "plan_id UUID PRIMARY KEY REFERENCES plan (id), capacity TEXT, capacity_unit TEXT, version INT NOT NULL,
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq)",
        )
        .await?;
        db.table(
            "objective",
            "id UUID PRIMARY KEY, plan_id UUID NOT NULL REFERENCES plan (id),
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq), UNIQUE (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX objective_plan ON objective (plan_id)").await?;
        db.append_only("objective", &[&["id"]]).await?;
        db.table(
            "key_result",
            "id UUID PRIMARY KEY, objective_id UUID NOT NULL, plan_id UUID NOT NULL,
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq), UNIQUE (id, plan_id),
             FOREIGN KEY (objective_id, plan_id) REFERENCES objective (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX key_result_plan ON key_result (plan_id)").await?;
        db.append_only("key_result", &[&["id"]]).await?;
        db.table(
            "objective_draft",
            "objective_id UUID PRIMARY KEY, plan_id UUID NOT NULL, position INT NOT NULL, title TEXT NOT NULL,
             rationale TEXT NOT NULL, owner_id UUID NOT NULL REFERENCES person (id), load TEXT,
             contributes_to UUID REFERENCES objective (id), audit_seq MICROS NOT NULL REFERENCES audit_entry (seq),
             FOREIGN KEY (objective_id, plan_id) REFERENCES objective (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX objective_draft_plan ON objective_draft (plan_id)").await?;
        db.run("CREATE INDEX objective_draft_lineage ON objective_draft (contributes_to)").await?;
        db.table(
            "key_result_draft",
            "key_result_id UUID PRIMARY KEY, plan_id UUID NOT NULL, objective_id UUID NOT NULL, position INT NOT NULL,
             title TEXT NOT NULL, owner_id UUID NOT NULL REFERENCES person (id), unit TEXT NOT NULL,
             baseline TEXT NOT NULL, target TEXT NOT NULL, audit_seq MICROS NOT NULL REFERENCES audit_entry (seq),
             CHECK (baseline <> target),
             FOREIGN KEY (key_result_id, plan_id) REFERENCES key_result (id, plan_id)",
        )
        .await?;
        db.run("CREATE INDEX key_result_draft_plan ON key_result_draft (plan_id)").await
    }
}
