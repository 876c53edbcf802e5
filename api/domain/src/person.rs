//! People and services as the record knows them: an id everywhere, the name in one erasable place.
//! Holds identity and its salted commitment; refuses rights, which belong to `actor`.

use sha2::{Digest as _, Sha256};

use crate::{facts::Digest, facts::Facts, ids::PersonId, text::Line};

/// What a person is to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonKind {
    /// Somebody with a token.
    Person,
    /// A program with a token.
    Service,
    /// Somebody named by an input: may own, attend and speak, never decide.
    Named,
}

/// A person, service or named participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id that everything else points at.
    pub id: PersonId,
    /// Who issued the identity; none for a named person.
    pub issuer: Option<String>,
    /// The issuer's name for the person; none for a named person.
    pub subject: Option<String>,
    /// What to call them.
    pub name: Line,
    /// Which kind.
    pub kind: PersonKind,
    /// 32 random bytes that blind the commitment.
    pub salt: [u8; 32],
}

impl Person {
    /// The salted commitment to the identity: SHA-256(salt ‖ canonical identity). It stays checkable while the row is
    /// kept, and says nothing once the row is erased.
    #[must_use]
    pub fn commitment(&self) -> Digest {
        let identity = match (&self.issuer, &self.subject) {
            (Some(issuer), Some(subject)) => {
                Facts::map([("issuer", Facts::text(issuer)), ("subject", Facts::text(subject))])
            }
            _ => Facts::map([("name", Facts::text(&self.name))]),
        };
        let hash: [u8; 32] = Sha256::new().chain_update(self.salt).chain_update(identity.canonical()).finalize().into();
        hash.into()
    }
}
