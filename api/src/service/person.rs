//! Who an input means: an id, a subject of the caller's issuer, or a name.

use holdline_domain::{
    ids::PersonId,
    person::{Person, PersonKind},
    refusal::Refusal,
    text::Line,
};

use super::{Caller, Service};
use crate::{failure::Failure, store::Tx};

/// A person as an input names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonRef {
    /// By id.
    Id(PersonId),
    /// By the subject of their token, of the same issuer as the caller's.
    Subject(Line),
    /// By name; made where new, and may then own, attend and speak, but never decide.
    Name(Line),
}

impl PersonRef {
    pub(super) async fn resolve(&self, tx: &Tx, field: &str) -> Result<PersonId, Failure> {
        Ok(match self {
            Self::Id(id) => match tx.person(*id).await? {
                Some(person) => person.named(&[field, "id"])?,
                None => return Err(Refusal::not_found(&[field, "id"], "person", &id.to_string()).into()),
            },
            Self::Subject(subject) => {
                let issuer = tx.actor().person.issuer.clone().unwrap_or_default();
                tx.person_by_subject(&issuer, subject.as_str(), None, PersonKind::Person).await?.id
            }
            Self::Name(name) => tx.person_by_name(name).await?.id,
        })
    }
}

impl Service {
    /// The person of a token, made on first sight; a name that the token of somebody who changes something
    /// says anew replaces the old one.
    pub async fn person_seen(&self, caller: &Caller, name: Option<Line>) -> Result<Person, Failure> {
        let seen = caller.actor.person.clone();
        self.write_once(caller, "sight", move |tx| {
            Box::pin(async move {
                let issuer = seen.issuer.unwrap_or_default();
                let subject = seen.subject.unwrap_or_default();
                tx.person_by_subject(&issuer, &subject, name.as_ref(), seen.kind).await
            })
        })
        .await
    }
}
