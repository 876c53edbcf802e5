//! Faults: what a resolver answers at the top level, with a code. Refusals of mutations travel in `userErrors`.
//! `Fault` has no `Display` on purpose: nothing that merely prints can become a client's message through `?`.

use async_graphql::{Error, ErrorExtensions as _};
use holdline_domain::{permission::Forbidden, refusal::Refusal};

use crate::failure::{Failure, KEY_REUSED, READ_ONLY};

/// A top-level error.
#[derive(Debug, Clone)]
pub(super) struct Fault(Error);

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.0
    }
}

fn coded(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

impl Fault {
    /// Whoever was let in would not be any more.
    pub(super) fn unauthenticated(message: &str) -> Self {
        Self(coded("UNAUTHENTICATED", message))
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let error = coded(refusal.code.name(), refusal.message);
        let (field, remedy) = (refusal.field.join("."), refusal.remedy);
        Self(error.extend_with(|_, extensions| {
            if !field.is_empty() {
                extensions.set("field", field);
            }
            if let Some(remedy) = remedy {
                extensions.set("remedy", remedy);
            }
        }))
    }
}

impl From<Forbidden> for Fault {
    fn from(forbidden: Forbidden) -> Self {
        let scope = forbidden.missing.name();
        let message = format!("This token lacks the scope {scope}; ask an administrator for one that carries it.");
        Self(coded("FORBIDDEN", message).extend_with(|_, extensions| extensions.set("scope", scope)))
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusals) => match refusals.into_list().into_iter().next() {
                Some(refusal) => refusal.into(),
                None => Self(Error::new("a refusal without a rule")),
            },
            Failure::Forbidden(forbidden) => forbidden.into(),
            Failure::Unavailable(why) => {
                tracing::error!(%why, "the database does not answer, or has no room");
                let message = "The service's database does not answer at the moment, or has no room; try again shortly. A \
                               mutation sent again under the same Idempotency-Key has one effect.";
                Self(coded("UNAVAILABLE", message))
            }
            Failure::ReadOnly => Self(coded("UNAVAILABLE", READ_ONLY)),
            Failure::KeyReused => Self(coded("IDEMPOTENCY_KEY_REUSED", KEY_REUSED)),
            // Uncoded: the front door logs the text with the request's id and answers INTERNAL.
            Failure::Damaged(why) | Failure::Internal(why) => Self(Error::new(why)),
        }
    }
}
