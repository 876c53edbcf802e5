//! How settings and revoked tokens are kept.

use holdline_entity::{revoked_token, setting};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, sea_query::OnConflict};

use super::{Database, row, tx::Tx};
use crate::failure::Failure;

/// The name under which the verifier of the log's current checkpoint key is kept.
pub(super) const LOG_KEY: &str = "checkpointKey";

/// Keeps a setting.
pub(super) async fn keep(tx: &Tx, name: &str, value: &str, seq: i64) -> Result<(), Failure> {
    let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value.to_owned()), audit_seq: Set(seq) };
    let upsert = OnConflict::column(setting::Column::Name)
        .update_columns([setting::Column::Value, setting::Column::AuditSeq])
        .to_owned();
    setting::Entity::insert(row).on_conflict(upsert).exec_without_returning(&tx.db).await?;
    Ok(())
}

/// What the current checkpoint key's signatures are checked with, as the log names it.
pub(super) async fn log_key(db: &impl ConnectionTrait) -> Result<Option<String>, Failure> {
    Ok(setting::Entity::find_by_id(LOG_KEY).one(db).await?.map(|row| row.value))
}

impl Tx {
    /// What the current checkpoint key's signatures are checked with, as the log names it.
    pub async fn log_key(&self) -> Result<Option<String>, Failure> {
        log_key(&self.db).await
    }

    /// A setting as it was stored last.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, Failure> {
        Ok(setting::Entity::find_by_id(name).one(&self.db).await?.map(|row| row.value))
    }

    /// Whether a token was revoked before.
    pub async fn token_revoked(&self, token_id: &str) -> Result<bool, Failure> {
        Ok(revoked_token::Entity::find_by_id(token_id).one(&self.db).await?.is_some())
    }
}

impl Database {
    /// What the current checkpoint key's signatures are checked with, as the log names it.
    pub async fn log_key(&self) -> Result<Option<String>, Failure> {
        log_key(&self.reads()).await
    }

    /// Whether nobody but the machine's operator has used this store yet.
    pub async fn unused(&self) -> Result<bool, Failure> {
        let sql = "SELECT COUNT(*) AS found FROM person WHERE kind <> 'NAMED'
                   AND (subject IS NULL OR subject <> 'operator')";
        Ok(row::counted(&self.reads(), sql, []).await? == 0)
    }
}
