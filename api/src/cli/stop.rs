//! Why a command could not run, in a sentence for whoever typed it.
//! Private halves of failures go to the log; what is said here holds no statement, secret or URL.

use std::fmt;

use crate::{
    auth::Rejection,
    config::Unusable,
    failure::{Failure, KEY_REUSED, READ_ONLY},
    key_file::KeyError,
};

/// A command could not run: exit code 2.
#[derive(Debug)]
pub(super) struct Stop(String);

impl Stop {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// Adds what else there is to know.
    pub(super) fn and(mut self, sentence: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(sentence);
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusals) => {
                let said = refusals.list().iter().map(|refusal| {
                    let way = refusal.remedy.as_ref().map(|remedy| format!(" Way out: {remedy}")).unwrap_or_default();
                    format!("{}: {}{way}", refusal.code.name(), refusal.message)
                });
                Self(said.collect::<Vec<_>>().join(" "))
            }
            Failure::Forbidden(forbidden) => Self(format!("The scope {} is missing.", forbidden.missing.name())),
            Failure::Unavailable(why) => {
                tracing::error!(%why, "the database does not answer, or has no room");
                Self(format!(
                    "The database does not answer, or has no room: {why}. Check --database-url or --data-dir, that this user \
                     may write there, and the disk's free space."
                ))
            }
            Failure::Damaged(why) => {
                tracing::error!(%why, "the database's file is damaged, or is none");
                Self(format!(
                    "The database's file is damaged, or is none: {why}. Look at its disk, and put the newest whole backup in its \
                     place (holdline restore)."
                ))
            }
            Failure::ReadOnly => Self(READ_ONLY.into()),
            Failure::KeyReused => Self(KEY_REUSED.into()),
            Failure::Internal(why) => {
                tracing::error!(%why, "internal error");
                Self("Something is wrong inside; the log says what.".into())
            }
        }
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        Self(error.to_string())
    }
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.to_string())
    }
}

impl From<Unusable> for Stop {
    fn from(unusable: Unusable) -> Self {
        Self(unusable.0)
    }
}
