//! The roadmap: items as heads for what is now, with append-only versions for what was, and the key results they serve.
//! A version that only moves an item keeps pointing at the content version that named its key results.

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
        let content = db.by_bytes(
            "title TEXT NOT NULL, problem TEXT, horizon TEXT NOT NULL, status TEXT NOT NULL,
             rank_key TEXT# NOT NULL, effort TEXT, reason TEXT, content_version INT NOT NULL, at MICROS NOT NULL,
             CHECK (horizon IN ('NOW', 'NEXT', 'LATER')), CHECK (status IN ('IN_PLAN', 'SHIPPED', 'DROPPED')),
             CHECK ((status = 'DROPPED') = (reason IS NOT NULL))",
        );
        db.table(
            "roadmap_item",
            &format!(
                "id UUID PRIMARY KEY, team_id UUID NOT NULL REFERENCES team (id), version INT NOT NULL,
                 created_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
                 audit_seq MICROS NOT NULL REFERENCES audit_entry (seq), {content}"
            ),
        )
        .await?;
        db.run("CREATE INDEX roadmap_item_rank ON roadmap_item (team_id, status, horizon, rank_key, id)").await?;
        // A move goes into a gap, so two items in plan never share a place.
        db.run(
            "CREATE UNIQUE INDEX roadmap_item_place ON roadmap_item (team_id, horizon, rank_key) WHERE status = 'IN_PLAN'",
        )
        .await?;
        db.table(
            "roadmap_item_version",
            &format!(
                "item_id UUID NOT NULL REFERENCES roadmap_item (id), version INT NOT NULL,
                 audit_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq), {content},
                 PRIMARY KEY (item_id, version)"
            ),
        )
        .await?;
        db.run("CREATE INDEX roadmap_item_version_at ON roadmap_item_version (item_id, at, version)").await?;
        db.append_only("roadmap_item_version", &[&["item_id", "version"], &["audit_seq"]]).await?;
        db.guard_insert(
            "roadmap_item_version_in_order",
            "roadmap_item_version",
            "NEW.version <> (SELECT COALESCE(MAX(version), 0) + 1 FROM roadmap_item_version v
                             WHERE v.item_id = NEW.item_id)",
            "roadmap_item_version is gap-free from 1",
        )
        .await?;
        db.guard_insert(
            "roadmap_item_version_in_plan",
            "roadmap_item_version",
            "EXISTS (SELECT 1 FROM roadmap_item_version v WHERE v.item_id = NEW.item_id AND v.status <> 'IN_PLAN')",
            "roadmap_item_version: what was shipped or dropped stays as it is",
        )
        .await?;
        db.table(
            "roadmap_item_key_result",
            "item_id UUID NOT NULL, version INT NOT NULL, key_result_id UUID NOT NULL REFERENCES key_result (id),
             place INT NOT NULL, PRIMARY KEY (item_id, version, key_result_id),
             FOREIGN KEY (item_id, version) REFERENCES roadmap_item_version (item_id, version)",
        )
        .await?;
        db.run("CREATE INDEX roadmap_item_key_result_served ON roadmap_item_key_result (key_result_id, item_id)")
            .await?;
        db.append_only("roadmap_item_key_result", &[&["item_id", "version", "key_result_id"]]).await?;
        db.guard_insert(
            "roadmap_item_key_result_stated",
            "roadmap_item_key_result",
            "NOT EXISTS (SELECT 1 FROM roadmap_item_version v
               WHERE v.item_id = NEW.item_id AND v.version = NEW.version AND v.content_version = NEW.version
                 AND v.version = (SELECT MAX(n.version) FROM roadmap_item_version n WHERE n.item_id = NEW.item_id))",
            "roadmap_item_key_result is stated with its version and never later",
        )
        .await?;
        for table in ["meeting_decided", "meeting_question"] {
            db.column(table, "roadmap_item_id UUID REFERENCES roadmap_item (id)").await?;
        }
        Ok(())
    }
}
