//! The backlog: ideas, deals, the customer requests between them, the demand that these add up to, and the ideas that
//! a renegotiation names as evidence. Heads, whose history is the log's; evidence is append-only.

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
            "idea",
            "id UUID PRIMARY KEY, team_id UUID NOT NULL REFERENCES team (id), title TEXT NOT NULL, body TEXT,
             status TEXT NOT NULL, reason TEXT, external_system TEXT, external_id TEXT, external_url TEXT, impact INT,
             effort INT, score INT NOT NULL, merged_into UUID REFERENCES idea (id),
             roadmap_item_id UUID REFERENCES roadmap_item (id),
             created_at MICROS NOT NULL, created_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             version INT NOT NULL, audit_seq MICROS NOT NULL REFERENCES audit_entry (seq),
             UNIQUE (team_id, external_system, external_id), CHECK ((status = 'MERGED') = (merged_into IS NOT NULL)),
             CHECK (status IN ('NEW', 'UNDER_REVIEW', 'PLANNED', 'DECLINED', 'MERGED', 'SHIPPED')),
             CHECK ((status IN ('PLANNED', 'SHIPPED')) = (roadmap_item_id IS NOT NULL)),
             CHECK ((external_system IS NULL) = (external_id IS NULL))",
        )
        .await?;
        for (name, columns) in [
            ("team", "team_id, created_seq"),
            ("score", "team_id, score, created_seq"),
            ("roadmap_item", "roadmap_item_id"),
            ("merged_into", "merged_into"),
        ] {
            db.run(&format!("CREATE INDEX idea_{name} ON idea ({columns})")).await?;
        }
        db.table(
            "deal",
            "id UUID PRIMARY KEY, system TEXT NOT NULL, external_id TEXT NOT NULL, url TEXT, account TEXT,
             contact_id UUID REFERENCES person (id), stage TEXT, status TEXT NOT NULL, amount MICROS, currency TEXT,
             opened_on TEXT, closed_on TEXT, source_updated_at MICROS, digest TEXT NOT NULL,
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq), UNIQUE (system, external_id),
             CHECK (status IN ('OPEN', 'WON', 'LOST')), CHECK ((amount IS NULL) = (currency IS NULL))",
        )
        .await?;
        db.table(
            "customer_request",
            "id UUID PRIMARY KEY, idea_id UUID NOT NULL REFERENCES idea (id), deal_id UUID REFERENCES deal (id),
             account TEXT, note TEXT, first_seen_at MICROS NOT NULL, withdrawn_at MICROS, source_updated_at MICROS,
             digest TEXT NOT NULL, created_seq MICROS NOT NULL UNIQUE REFERENCES audit_entry (seq),
             audit_seq MICROS NOT NULL REFERENCES audit_entry (seq), UNIQUE (deal_id, idea_id),
             CHECK (deal_id IS NOT NULL OR account IS NOT NULL)",
        )
        .await?;
        db.run("CREATE INDEX customer_request_idea ON customer_request (idea_id, created_seq)").await?;
        db.run(
            "CREATE UNIQUE INDEX customer_request_account ON customer_request (idea_id, account) WHERE deal_id IS NULL",
        )
        .await?;
        // What requests add up to, kept beside them: a part per status and currency, and ALL for how many in all.
        db.table(
            "idea_demand",
            "idea_id UUID NOT NULL REFERENCES idea (id), status TEXT NOT NULL, currency TEXT NOT NULL,
             requests MICROS NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (idea_id, status, currency)",
        )
        .await?;
        db.run("CREATE INDEX idea_demand_requests ON idea_demand (status, currency, requests, idea_id)").await?;
        db.run("CREATE INDEX idea_demand_amount ON idea_demand (status, currency, amount, idea_id)").await?;
        db.table(
            "renegotiation_evidence",
            "renegotiation_id UUID NOT NULL, version INT NOT NULL, place INT NOT NULL,
             idea_id UUID NOT NULL REFERENCES idea (id), PRIMARY KEY (renegotiation_id, version, place),
             FOREIGN KEY (renegotiation_id, version) REFERENCES renegotiation_version (renegotiation_id, version)",
        )
        .await?;
        db.run("CREATE INDEX renegotiation_evidence_idea ON renegotiation_evidence (idea_id)").await?;
        db.append_only("renegotiation_evidence", &[&["renegotiation_id", "version", "place"]]).await?;
        db.guard_insert(
            "renegotiation_evidence_sealed",
            "renegotiation_evidence",
            "NEW.version <> (SELECT MAX(version) FROM renegotiation_version v
                             WHERE v.renegotiation_id = NEW.renegotiation_id)
             OR EXISTS (SELECT 1 FROM decision d WHERE d.renegotiation_id = NEW.renegotiation_id)",
            "STALE_BASE: a renegotiation names its evidence once",
        )
        .await
    }
}
