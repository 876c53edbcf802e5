//! How settings and revoked tokens are kept.

use std::collections::HashSet;

use holdline_entity::{revoked_token, setting};
use sea_orm::EntityTrait as _;

use super::{Database, tx::Tx};
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
    /// Every token that is no longer accepted.
    pub async fn revoked_tokens(&self) -> Result<HashSet<String>, Failure> {
        let rows = revoked_token::Entity::find().all(&self.reads).await?;
        Ok(rows.into_iter().map(|row| row.token_id).collect())
    }
}
