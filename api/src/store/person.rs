//! How people are kept and found: by id, by what their token says, or by the name an input gave.
//! A person is made on first sight, inside the transaction that needs them; only erasure (`erasure`) ever empties the row.

use holdline_domain::{
    ids::PersonId,
    person::{Person, PersonKind},
    text::Line,
};
use holdline_entity::person::{self, Column, Entity};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};

use super::{Database, row, tx::Tx};
use crate::{clock::random_bytes, failure::Failure};

const fn stored_kind(kind: PersonKind) -> person::PersonKind {
    match kind {
        PersonKind::Person => person::PersonKind::Person,
        PersonKind::Service => person::PersonKind::Service,
        PersonKind::Named => person::PersonKind::Named,
    }
}

pub(super) fn read(row: person::Model) -> Result<Person, Failure> {
    let name = if row.erased_at.is_some() { Person::NAMELESS } else { &row.name };
    Ok(Person {
        id: row.id.into(),
        issuer: row.issuer,
        subject: row.subject,
        name: row::line(name)?,
        kind: match row.kind {
            person::PersonKind::Person => PersonKind::Person,
            person::PersonKind::Service => PersonKind::Service,
            person::PersonKind::Named => PersonKind::Named,
        },
        salt: row.salt.and_then(|salt| salt.try_into().ok()).unwrap_or_default(),
        erased_at: row.erased_at.map(row::timestamp).transpose()?,
    })
}

pub(super) async fn load(db: &impl ConnectionTrait, ids: &[PersonId]) -> Result<Vec<Person>, Failure> {
    let rows = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.uuid()))).all(db).await?;
    rows.into_iter().map(read).collect()
}

pub(super) async fn by_subject(
    db: &impl ConnectionTrait,
    issuer: &str,
    subject: &str,
) -> Result<Option<Person>, Failure> {
    let found = Entity::find().filter(Column::Issuer.eq(issuer)).filter(Column::Subject.eq(subject)).one(db).await?;
    found.map(read).transpose()
}

/// Everybody whose tokens carry a subject, whoever issued them.
pub(super) async fn all_by_subject(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<Person>, Failure> {
    let found = Entity::find().filter(Column::Subject.eq(subject)).order_by_asc(Column::Id).all(db).await?;
    found.into_iter().map(read).collect()
}

impl Database {
    /// The person of an issuer's subject, if they were seen and not erased since.
    pub async fn person(&self, issuer: &str, subject: &str) -> Result<Option<Person>, Failure> {
        by_subject(&self.reads(), issuer, subject).await
    }
}

impl Tx {
    /// A person by id.
    pub async fn person(&self, id: PersonId) -> Result<Option<Person>, Failure> {
        Ok(load(&self.db, &[id]).await?.pop())
    }

    /// The person of an issuer's subject, made where new; a name that the token says anew replaces the old one.
    pub async fn person_by_subject(
        &self,
        issuer: &str,
        subject: &str,
        name: Option<&Line>,
        kind: PersonKind,
    ) -> Result<Person, Failure> {
        let Some(mut found) = by_subject(&self.db, issuer, subject).await? else {
            let fallback = Line::parse(subject).or_else(|_| Line::parse("unnamed")).map_err(Failure::internal)?;
            let name = name.cloned().unwrap_or(fallback);
            return self.person_new(Some(issuer.to_owned()), Some(subject.to_owned()), name, kind).await;
        };
        if let Some(name) = name.filter(|name| **name != found.name) {
            found.name = name.clone();
            let renamed =
                person::ActiveModel { id: Set(found.id.uuid()), name: Set(name.to_string()), ..Default::default() };
            Entity::update(renamed).exec(&self.db).await?;
        }
        Ok(found)
    }

    /// The person whom an input calls by this name, made where new.
    pub async fn person_by_name(&self, name: &Line) -> Result<Person, Failure> {
        let named = Entity::find()
            .filter(Column::Name.eq(name.as_str()))
            .filter(Column::Kind.eq(person::PersonKind::Named))
            .order_by_asc(Column::Id)
            .one(&self.db)
            .await?;
        match named {
            Some(row) => read(row),
            None => self.person_new(None, None, name.clone(), PersonKind::Named).await,
        }
    }

    async fn person_new(
        &self,
        issuer: Option<String>,
        subject: Option<String>,
        name: Line,
        kind: PersonKind,
    ) -> Result<Person, Failure> {
        let salt = random_bytes().map_err(Failure::internal)?;
        let person = Person { id: self.id(), issuer, subject, name, kind, salt, erased_at: None };
        Entity::insert(person::ActiveModel {
            id: Set(person.id.uuid()),
            issuer: Set(person.issuer.clone()),
            subject: Set(person.subject.clone()),
            name: Set(person.name.to_string()),
            kind: Set(stored_kind(kind)),
            salt: Set(Some(salt.to_vec())),
            erased_at: Set(None),
            audit_seq: Set(None),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(person)
    }
}
