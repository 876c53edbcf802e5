//! Tokens: how the service's own are signed, and what is believed of one that comes in, its own or a provider's.
//! Holds keys, claims and checks; refuses to know people, revocations and rights, which the store and the domain keep.

mod claims;
mod keys;
mod provider;
mod token;
mod verifier;

use std::collections::BTreeSet;

use holdline_domain::{actor::Teams, permission::Scope, person::PersonKind, text::Line, time::Timestamp};
use uuid::Uuid;

pub use keys::{KeySource, Keys};
pub use provider::{Mapping, Pace, Refused, Source, TeamsFrom, Trust};
pub use token::Rejection;
pub use verifier::{Denied, Verifier};

/// Who issues the service's own tokens.
pub const ISSUER: &str = "holdline";

/// Whom they are meant for.
pub const AUDIENCE: &str = "holdline";

/// The longest life of a token, in seconds: 90 days.
pub const LONGEST_LIFE: i64 = 90 * 24 * 60 * 60;

/// What a token is to say.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The issuer's name for its holder.
    pub subject: Line,
    /// What to call its holder.
    pub name: Option<Line>,
    /// What its holder is.
    pub kind: PersonKind,
    /// What it permits.
    pub scopes: BTreeSet<Scope>,
    /// For which teams.
    pub teams: Teams,
    /// The one CRM system that an integration is bound to.
    pub system: Option<Line>,
    /// Its own id, a random `UUIDv7`.
    pub token_id: Uuid,
    /// How long it lives, in seconds, at most [`LONGEST_LIFE`].
    pub life: i64,
}

/// A signed token.
#[derive(Clone)]
pub struct Issued {
    /// The token itself: a secret.
    pub token: String,
    /// Its id, by which it is revoked.
    pub token_id: String,
}

/// What a token that was found good says about its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who issued it.
    pub issuer: String,
    /// The issuer's name for its holder.
    pub subject: String,
    /// What to call its holder.
    pub name: Option<Line>,
    /// What its holder is.
    pub kind: PersonKind,
    /// What it permits.
    pub scopes: BTreeSet<Scope>,
    /// For which teams.
    pub teams: Teams,
    /// The one CRM system that an integration is bound to.
    pub system: Option<String>,
    /// Its own id, by which it is revoked.
    pub token_id: String,
    /// The id of the key that signed it.
    pub key_id: String,
    /// When it ends.
    pub expires_at: Timestamp,
}
