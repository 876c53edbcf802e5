//! How settings and revoked tokens are kept.

use holdline_entity::{revoked_token, setting};
use sea_orm::EntityTrait as _;

use super::{Database, row, tx::Tx};
use crate::failure::Failure;

impl Tx {
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
    /// Whether a token is no longer accepted.
    pub async fn token_revoked(&self, token_id: &str) -> Result<bool, Failure> {
        Ok(revoked_token::Entity::find_by_id(token_id).one(&self.reads).await?.is_some())
    }

    /// Whether nobody but the machine's operator has used this store yet.
    pub async fn unused(&self) -> Result<bool, Failure> {
        let sql = "SELECT COUNT(*) AS found FROM person WHERE kind <> 'NAMED' AND subject <> 'operator'";
        Ok(row::counted(&self.reads, sql, []).await? == 0)
    }
}
