//! People in the API: who owns, attends, decides; and how an input names one.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, OneofObject};
use holdline_domain::{ids::PersonId, person, refusal::Refusal, text::Line};

use super::{fault::Fault, ids::parse, loaders::unshare, scalars::DateTime, session::session};
use crate::{failure::Failure, service};

/// A person, a service, or somebody named by an input.
pub(super) struct Person(pub(super) Arc<person::Person>);

/// What a person is to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "person::PersonKind")]
pub(super) enum PersonKind {
    /// Somebody with a token.
    Person,
    /// A program with a token.
    Service,
    /// Somebody named by an input: may own, attend and speak, never decide.
    Named,
}

/// A person, service or named participant. Everything else in the record points here; names live nowhere else.
#[Object]
impl Person {
    /// The id that the record knows this person by.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// What the identity's issuer calls them; null for a named person, and once erased.
    async fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }
    /// Who issued the identity; null for a named person, and once erased.
    async fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }
    /// What to call them; `Erased person` for everybody who was erased.
    async fn name(&self) -> &str {
        self.0.name.as_str()
    }
    /// Whether this is a person, a service or a name only.
    async fn kind(&self) -> PersonKind {
        self.0.kind.into()
    }
    /// When their name and identity were erased; null for everybody else. What the id did stays in the record.
    async fn erased_at(&self) -> Option<DateTime> {
        self.0.erased_at.map(DateTime)
    }
}

/// Loads a person who must be there.
pub(super) async fn load(ctx: &Context<'_>, id: PersonId) -> Result<Person, Fault> {
    let found = session(ctx).loader().load_one(id).await.map_err(unshare)?;
    found.map(Person).ok_or_else(|| Failure::internal("a person of the record is missing").into())
}

/// Loads a person where there is one.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<PersonId>) -> Result<Option<Person>, Fault> {
    match id {
        Some(id) => load(ctx, id).await.map(Some),
        None => Ok(None),
    }
}

/// A person, named in one of three ways.
#[derive(Debug, Clone, OneofObject)]
pub(super) enum PersonRef {
    /// By id.
    Id(ID),
    /// By the subject of their token, of the same issuer as yours.
    Subject(String),
    /// By name, made where new: may own, attend and speak, never decide.
    Name(String),
}

impl PersonRef {
    pub(super) fn parse(self, field: &str) -> Result<service::PersonRef, Refusal> {
        let line = |text: &str, way: &str| {
            Line::parse(text).map_err(|why| Refusal::invalid(&[field, way], format!("The {way} {why}.")))
        };
        Ok(match self {
            Self::Id(id) => service::PersonRef::Id(parse(&id, &[field, "id"])?),
            Self::Subject(subject) => service::PersonRef::Subject(line(&subject, "subject")?),
            Self::Name(name) => service::PersonRef::Name(line(&name, "name")?),
        })
    }
}
