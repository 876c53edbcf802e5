//! The Merkle tree over the audit log, and the checkpoints that were signed over it.
//! Leaves stand in `audit_entry.leaf_hash`; here are the complete nodes above them. Entries from before this step are
//! hashed here, once; from then on the writer adds the nodes with the entries.

use sea_orm_migration::{
    MigrationTrait, async_trait,
    prelude::{ConnectionTrait as _, DbErr, DeriveMigrationName, SchemaManager},
    sea_orm::Statement,
};
use sha2::{Digest as _, Sha256};

use crate::dialect::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

/// How many leaves are read, and nodes written, at once.
const PAGE: usize = 500;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = Dialect::new(manager).await?;
        db.table(
            "merkle_node",
            "level INT NOT NULL CHECK (level BETWEEN 1 AND 62), place MICROS NOT NULL CHECK (place >= 0),
             hash BYTES NOT NULL, PRIMARY KEY (level, place)",
        )
        .await?;
        db.append_only("merkle_node", &[&["level", "place"]]).await?;
        db.guard_insert(
            "merkle_node_complete",
            "merkle_node",
            "((NEW.place + 1) << NEW.level) > (SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_entry)",
            "a Merkle node stands above entries that are there",
        )
        .await?;
        db.table(
            "checkpoint",
            "size MICROS PRIMARY KEY CHECK (size > 0), root BYTES NOT NULL, note TEXT NOT NULL,
             signed_at MICROS NOT NULL",
        )
        .await?;
        db.append_only("checkpoint", &[&["size"]]).await?;
        db.guard_insert(
            "checkpoint_of_the_log",
            "checkpoint",
            "NEW.size > (SELECT COALESCE(MAX(seq) + 1, 0) FROM audit_entry)
             OR NEW.size <= (SELECT COALESCE(MAX(size), 0) FROM checkpoint)",
            "a checkpoint is signed over entries that are there, and over more than the one before",
        )
        .await?;
        grow(manager, &db).await
    }
}

/// Adds the nodes above the entries that are there already.
async fn grow(manager: &SchemaManager<'_>, db: &Dialect<'_>) -> Result<(), DbErr> {
    let mut peaks: Vec<Vec<u8>> = Vec::new();
    let mut size = 0_usize;
    loop {
        let sql = format!("SELECT leaf_hash FROM audit_entry WHERE seq >= {size} ORDER BY seq LIMIT {PAGE}");
        let asked = Statement::from_string(manager.get_database_backend(), sql);
        let rows = manager.get_connection().query_all_raw(asked).await?;
        let mut nodes = Vec::new();
        for row in &rows {
            let mut hash: Vec<u8> = row.try_get("", "leaf_hash")?;
            let mut covered = size;
            let mut level = 0;
            while covered % 2 == 1 {
                let left = peaks.pop().unwrap_or_default();
                hash = Sha256::new().chain_update([1]).chain_update(left).chain_update(hash).finalize().to_vec();
                (covered, level) = (covered / 2, level + 1);
                nodes.push(format!("({level}, {covered}, {})", db.bytes(&hash)));
            }
            peaks.push(hash);
            size += 1;
        }
        if !nodes.is_empty() {
            db.run(&format!("INSERT INTO merkle_node (level, place, hash) VALUES {}", nodes.join(", "))).await?;
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
}
