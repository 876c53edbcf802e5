//! People and services as the record knows them: an id everywhere, the name in one erasable place.
//! Holds identity, its salted commitment and what somebody erased can still do; refuses rights, which belong to `actor`.

use sha2::{Digest as _, Sha256};

use crate::{
    facts::{Digest, Facts},
    ids::PersonId,
    refusal::{Code, Refusal},
    text::Line,
    time::Timestamp,
};

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

impl PersonKind {
    /// The name in the log and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Service => "SERVICE",
            Self::Named => "NAMED",
        }
    }
}

/// A person, service or named participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id that everything else points at.
    pub id: PersonId,
    /// Who issued the identity; none for a named person and once erased.
    pub issuer: Option<String>,
    /// The issuer's name for the person; none for a named person and once erased.
    pub subject: Option<String>,
    /// What to call them; [`Person::NAMELESS`] once erased.
    pub name: Line,
    /// Which kind.
    pub kind: PersonKind,
    /// 32 random bytes that blind the commitment.
    pub salt: [u8; 32],
    /// When they were erased.
    pub erased_at: Option<Timestamp>,
}

impl Person {
    /// What somebody is called whose name is gone.
    pub const NAMELESS: &'static str = "Erased person";

    /// CONFLICT for somebody who was erased while a request of theirs was under way: what an actor writes carries the
    /// commitment to an identity, and there is none any more.
    pub fn still_acts(&self) -> Result<(), Refusal> {
        if self.erased_at.is_none() {
            return Ok(());
        }
        let message = format!("The person {} was erased before this part of the request could run.", self.id);
        Err(Refusal::new(Code::Conflict, message)
            .remedy("Send what was not done again: the token then stands for a new person."))
    }

    /// The id, for somebody whom an input names at a field; CONFLICT for somebody erased, who takes on nothing new.
    pub fn named(&self, field: &[&str]) -> Result<PersonId, Refusal> {
        if self.erased_at.is_none() {
            return Ok(self.id);
        }
        let message = format!("The person {} was erased and takes on nothing new.", self.id);
        Err(Refusal::new(Code::Conflict, message).at(field).remedy("Name somebody else: by id, subject or name."))
    }

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
