//! How anything here fails: refused by a rule, forbidden, unavailable, or broken inside.
//! Holds the public and the private half of each; the private half reaches the log and nothing else.

use std::fmt;

use holdline_domain::{
    permission::Forbidden,
    refusal::{Code, Refusal, Refusals},
};
use sea_orm::DbErr;

use crate::key_file::KeyError;
/// What a write is told while the service is read-only.
pub const READ_ONLY: &str = "The service is read-only, because what guards the record in its database is not as it must \
     be. Ask whoever runs the service: its log and /readyz say what differs.";

/// What is said of an idempotency key that stands for something else already.
pub const KEY_REUSED: &str = "This Idempotency-Key was used before, for another request or by somebody else. Nothing of \
     this one was done: send it under a fresh key; what it says under an old one is only ever what it said first.";

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Failure {
    /// Rules said no; the caller can put it right.
    Refused(Refusals),
    /// The caller lacks a scope.
    Forbidden(Forbidden),
    /// The database cannot be reached at the moment; the text is for the log.
    Unavailable(String),
    /// What guards the record is missing or altered, so nothing is written; see [`READ_ONLY`].
    ReadOnly,
    /// The idempotency key was used for another request, or by somebody else.
    KeyReused,
    /// Something is wrong inside; the text is for the log.
    Internal(String),
}

impl Failure {
    /// Something is wrong inside.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::Internal(what.to_string())
    }

    /// The same failure, for somebody else whom it met.
    #[must_use]
    pub fn again(&self) -> Self {
        match self {
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            Self::ReadOnly => Self::ReadOnly,
            other => Self::internal(other),
        }
    }

    /// The same failure of a part of a larger input: the fields of its refusals are under a path.
    #[must_use]
    pub fn under(self, path: &[&str]) -> Self {
        match self {
            Self::Refused(refusals) => Self::Refused(refusals.under(path)),
            other => other,
        }
    }
}

impl From<Refusals> for Failure {
    fn from(refusals: Refusals) -> Self {
        Self::Refused(refusals)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl From<Forbidden> for Failure {
    fn from(forbidden: Forbidden) -> Self {
        Self::Forbidden(forbidden)
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Unavailable(error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        // Met only by whoever starts a process, who can put it right.
        Refusal::new(Code::Conflict, error.to_string()).into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => refusals.fmt(f),
            Self::Forbidden(forbidden) => write!(f, "the scope {} is missing", forbidden.missing.name()),
            Self::Unavailable(why) => write!(f, "the database cannot be reached: {why}"),
            Self::ReadOnly => f.write_str(READ_ONLY),
            Self::KeyReused => f.write_str(KEY_REUSED),
            Self::Internal(why) => write!(f, "internal error: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
