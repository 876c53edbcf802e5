//! How anything here fails: refused by a rule, forbidden, unavailable, or broken inside.
//! Holds the public and the private half of each; the private half reaches the log and nothing else.

use std::fmt;

use holdline_domain::{
    permission::Forbidden,
    refusal::{Code, Refusal, Refusals},
};
use holdline_verify::DAMAGED;
use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{self, error::DatabaseError},
};

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
    /// The database's file is damaged, or is none; the text is for the log.
    Damaged(String),
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
            Self::Damaged(why) => Self::Damaged(why.clone()),
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
        match &error {
            error if is_damaged(error) => Self::Damaged(error.to_string()),
            error if is_away(error) => Self::Unavailable(error.to_string()),
            error => Self::Internal(error.to_string()),
        }
    }
}

/// What the driver says.
fn cause(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => Some(cause),
        _ => None,
    }
}

/// Whether SQLite says that its file is damaged or none: its primary codes CORRUPT and NOTADB, which are the low byte.
fn is_damaged(error: &DbErr) -> bool {
    if let DbErr::Custom(said) = error {
        return said.starts_with(DAMAGED);
    }
    let code = cause(error).and_then(sqlx::Error::as_database_error).and_then(DatabaseError::code);
    code.and_then(|code| sqlite_code(&code)).is_some_and(|code| [11, 26].contains(&code))
}

/// A primary code of SQLite's; what PostgreSQL says has five characters.
fn sqlite_code(code: &str) -> Option<u32> {
    code.parse::<u32>().ok().filter(|code| *code < 10_000).map(|code| code & 0xff)
}

/// Whether the database was not there, or could not write, rather than said no.
fn is_away(error: &DbErr) -> bool {
    if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
        return true;
    }
    let Some(cause) = cause(error) else { return false };
    match cause {
        sqlx::Error::Database(said) => said.code().is_some_and(|code| is_away_by(&code)),
        cause => matches!(
            cause,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolClosed
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::WorkerCrashed
        ),
    }
}

/// Codes of PostgreSQL's classes 08 (connection), 53 (resources) and 57P (told to stop); of SQLite's primary codes BUSY,
/// READONLY, IOERR, FULL and CANTOPEN.
fn is_away_by(code: &str) -> bool {
    let postgres = code.len() == 5 && ["08", "53", "57P"].iter().any(|class| code.starts_with(class));
    postgres || sqlite_code(code).is_some_and(|code| [5, 8, 10, 13, 14].contains(&code))
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
            Self::Damaged(why) => write!(f, "the database's file is damaged, or is none: {why}"),
            Self::ReadOnly => f.write_str(READ_ONLY),
            Self::KeyReused => f.write_str(KEY_REUSED),
            Self::Internal(why) => write!(f, "internal error: {why}"),
        }
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_away_or_full_is_told_from_one_that_says_no() {
        let away = ["08006", "53100", "53300", "57P01", "57P03", "5", "8", "1544", "10", "778", "13", "14"];
        let no = ["23505", "23514", "40001", "57014", "P0001", "19", "787", "1555", "2067", "1"];

        assert!(away.iter().all(|code| is_away_by(code)), "{away:?}");
        assert!(!no.iter().any(|code| is_away_by(code)), "{no:?}");
    }
}
