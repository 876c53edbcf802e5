//! Settings and tokens as far as the record cares: what changed about how the service reads time, and which token
//! was revoked. Refuses everything that the record need not explain later.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    permission::{Permit, action::Administer},
    text::{Line, Prose},
};

/// A setting whose changes the record keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

impl Setting {
    /// The setting has another value than the stored one, or is stored for the first time.
    #[must_use]
    pub fn change(self, permit: &Permit<Administer>, stored: Option<String>) -> Option<Change<Self>> {
        if stored.as_ref() == Some(&self.value) {
            return None;
        }
        let facts = |value: Facts| Facts::map([("setting", Facts::text(self.name)), ("value", value)]);
        let before = stored.map_or(Facts::Null, |value| facts(Facts::text(value)));
        let after = facts(Facts::text(&self.value));
        let by = Recording::by(permit, AuditAction::SettingChanged, Subject::Service);
        Some(by.before(before).after(after, self))
    }
}

/// The key that signs the log's checkpoints from its entry on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKey {
    /// What its signatures are checked with, as c2sp.org/signed-note writes it.
    pub verifier: Line,
}

impl LogKey {
    /// Names a key, the first or one that takes over from the stored one.
    pub fn set(permit: &Permit<Administer>, verifier: Line, stored: Option<String>) -> Change<Self> {
        let facts = |key: Option<String>| Facts::map([("checkpointKey", Facts::maybe(key))]);
        let before = facts(stored);
        let after = facts(Some(verifier.to_string()));
        let by = Recording::by(permit, AuditAction::CheckpointKeySet, Subject::Service);
        by.before(before).after(after, Self { verifier })
    }
}

/// A token that is no longer accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// The token's id (`jti`).
    pub token_id: Line,
}

impl RevokedToken {
    /// Revokes a token by its id.
    pub fn revoke(permit: &Permit<Administer>, token_id: Line, reason: Option<Prose>) -> Change<Self> {
        let after = Facts::map([("token", Facts::text(&token_id))]);
        let by = Recording::by(permit, AuditAction::TokenRevoked, Subject::Service);
        by.reason(reason.map(|reason| reason.to_string())).after(after, Self { token_id })
    }
}
