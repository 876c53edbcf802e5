//! How anything here fails: refused by a rule, forbidden, unavailable, or broken inside.
//! Holds the public and the private half of each; the private half reaches the log and nothing else.

use std::fmt;

use holdline_domain::{
    permission::Forbidden,
    refusal::{Refusal, Refusals},
};
use sea_orm::DbErr;

/// Why an operation did not happen.
#[derive(Debug)]
pub enum Failure {
    /// Rules said no; the caller can put it right.
    Refused(Refusals),
    /// The caller lacks a scope.
    Forbidden(Forbidden),
    /// The database cannot be reached at the moment; the text is for the log.
    Unavailable(String),
    /// Something is wrong inside; the text is for the log.
    Internal(String),
}

impl Failure {
    /// Something is wrong inside.
    pub fn internal(what: impl fmt::Display) -> Self {
        Self::Internal(what.to_string())
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

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusals) => refusals.fmt(f),
            Self::Forbidden(forbidden) => write!(f, "the scope {} is missing", forbidden.missing.name()),
            Self::Unavailable(why) => write!(f, "the database cannot be reached: {why}"),
            Self::Internal(why) => write!(f, "internal error: {why}"),
        }
    }
}

impl std::error::Error for Failure {}
