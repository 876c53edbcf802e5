//! The audit log, people, settings, revoked tokens and the count of refusals.

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
            "audit_entry",
            "seq MICROS PRIMARY KEY, id UUID NOT NULL UNIQUE, action TEXT NOT NULL, actor_id UUID, team_id UUID,
             quarter TEXT, plan_id UUID, subject_kind TEXT NOT NULL, subject_id UUID, reason TEXT,
             renegotiation_id UUID, meeting_id UUID, occurred_at MICROS NOT NULL, recorded_at MICROS NOT NULL,
             imported BOOL NOT NULL, request_id TEXT, body BYTES NOT NULL, leaf_hash BYTES NOT NULL",
        )
        .await?;
        for column in ["subject_id", "plan_id", "team_id", "renegotiation_id", "meeting_id", "actor_id", "action"] {
            db.run(&format!("CREATE INDEX audit_entry_{column} ON audit_entry ({column}, seq)")).await?;
        }
        db.append_only("audit_entry", &[&["seq"], &["id"]]).await?;
        db.guard_insert(
            "audit_entry_in_order",
            "audit_entry",
            "NEW.seq <> (SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_entry)
             OR NEW.recorded_at < (SELECT COALESCE(MAX(recorded_at), 0) FROM audit_entry
                                   WHERE seq = (SELECT MAX(seq) FROM audit_entry))",
            "audit_entry is gap-free from 0 and its time never goes back",
        )
        .await?;
        db.table(
            "person",
            "id UUID PRIMARY KEY, issuer TEXT, subject TEXT, name TEXT NOT NULL, kind TEXT NOT NULL, salt BYTES,
             UNIQUE (issuer, subject)",
        )
        .await?;
        db.run("CREATE INDEX person_name ON person (name)").await?;
        db.table(
            "setting",
            "name TEXT PRIMARY KEY, value TEXT NOT NULL, audit_seq MICROS NOT NULL REFERENCES audit_entry (seq)",
        )
        .await?;
        db.table(
            "revoked_token",
            "token_id TEXT PRIMARY KEY, audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq)",
        )
        .await?;
        db.append_only("revoked_token", &[&["token_id"], &["audit_seq"]]).await?;
        db.table(
            "refusal_count",
            "day TEXT NOT NULL, team_id UUID NOT NULL, plan_id UUID NOT NULL, code TEXT NOT NULL,
             mutation TEXT NOT NULL, refusals MICROS NOT NULL, PRIMARY KEY (plan_id, day, code, mutation)",
        )
        .await
    }
}
