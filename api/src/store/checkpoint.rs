//! How checkpoints are signed and kept: the committed head only, by one signer at a time, and never two of one size.
//! Before it signs, it makes sure that the log still begins with what it signed before.

use holdline_domain::{facts::Digest, time::Timestamp};
use holdline_entity::checkpoint::{ActiveModel, Column, Entity, Model};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use super::{Database, log, row, setting, tree};
use crate::{
    failure::Failure,
    record::{LastSigned, LogKeys, SignedHead},
};

/// The advisory lock of the signers on PostgreSQL: "signhead" in ASCII.
const SIGNING_LOCK: i64 = 0x7369_676e_6865_6164;

fn read(row: Model) -> Result<SignedHead, Failure> {
    Ok(SignedHead {
        size: row.size.unsigned_abs(),
        root: tree::hash_of(&row.root)?,
        note: row.note,
        signed_at: row::timestamp(row.signed_at)?,
    })
}

/// The newest checkpoint.
pub(super) async fn newest(db: &impl ConnectionTrait) -> Result<Option<SignedHead>, Failure> {
    Entity::find().order_by_desc(Column::Size).one(db).await?.map(read).transpose()
}

/// So many checkpoints over more than some entries, the smallest first.
pub(super) async fn after(db: &impl ConnectionTrait, size: u64, count: u64) -> Result<Vec<SignedHead>, Failure> {
    let query = Entity::find().filter(Column::Size.gt(size.cast_signed())).order_by_asc(Column::Size).limit(count);
    query.all(db).await?.into_iter().map(read).collect()
}

/// Whether a log of some entries begins with those of a tree.
async fn begins_with(db: &impl ConnectionTrait, entries: u64, size: u64, root: Digest) -> Result<bool, Failure> {
    Ok(size <= entries && tree::frontier(db, size).await?.root() == root)
}

/// Whether a log of some entries goes on from the checkpoint that was signed last, where one was.
async fn follows(db: &impl ConnectionTrait, entries: u64, signed: Option<(u64, Digest)>) -> Result<(), Failure> {
    match signed {
        Some((signed, root)) if !begins_with(db, entries, signed, root).await? => {
            Err(LastSigned::other_log(signed, entries).into())
        }
        _ => Ok(()),
    }
}

impl Database {
    /// Whether what was signed last is of this log, by the name of its key.
    pub async fn is_of(&self, last: &LastSigned) -> Result<bool, Failure> {
        let named = if self.is_begun().await? { self.log_key().await? } else { None };
        let origin = last.origin()?;
        Ok(named.zip(origin).is_some_and(|(key, origin)| key.split('+').next() == Some(&origin)))
    }

    /// Refuses a log that does not begin with what was signed last: another one would be told under the same key.
    pub async fn continues(&self, last: &LastSigned) -> Result<(), Failure> {
        // First what was signed: beside a service the log goes on meanwhile.
        let signed = last.load()?;
        let head = if self.is_begun().await? { log::head(&self.reads()).await? } else { None };
        let entries = head.map_or(0, |head| head.size());
        follows(&self.reads(), entries, signed).await
    }

    /// Signs what is committed, unless that is signed already; answers with the newest checkpoint.
    pub async fn sign_head(&self, keys: &LogKeys, now: Timestamp) -> Result<Option<SignedHead>, Failure> {
        self.writable()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = self.writes().begin_with_options(options).await?;
        if self.backend == DbBackend::Postgres {
            db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({SIGNING_LOCK})")).await?;
        }
        let Some(head) = log::head(&db).await? else { return Ok(None) };
        let (newest, size) = (newest(&db).await?, head.size());
        let remembered = keys.last().map(LastSigned::load).transpose()?.flatten();
        follows(&db, size, remembered).await?;
        if let Some(newest) = newest {
            if newest.size >= size {
                if remembered.is_none_or(|(signed, _)| signed < newest.size) {
                    keys.remember(&newest.note)?;
                }
                return Ok(Some(newest));
            }
            if !begins_with(&db, size, newest.size, newest.root).await? {
                let size = newest.size;
                return Err(Failure::internal(format!("the log does not begin with its checkpoint of {size} entries")));
            }
        }
        if setting::log_key(&db).await?.as_deref() != Some(&keys.current().verifier()) {
            let why = "the log names another checkpoint key than this process has: start it anew with that key's file";
            return Err(Failure::internal(why));
        }
        let root = tree::frontier(&db, size).await?.root();
        let note = keys.sign(size, &root)?;
        let row = ActiveModel {
            size: Set(head.seq + 1),
            root: Set(root.bytes().to_vec()),
            note: Set(note.clone()),
            signed_at: Set(now.micros()),
        };
        Entity::insert(row).exec_without_returning(&db).await?;
        keys.remember(&note)?;
        db.commit().await?;
        Ok(Some(SignedHead { size, root, note, signed_at: now }))
    }
}
