//! How somebody is erased: their row is emptied, and with it goes what else in the database knows their name.
//! That is the digest of deals whose contact they are, and what a CRM told of those bit by bit. The search index holds the words of ideas and roadmap items and
//! never a person's name; what people write is not searched for names.

use std::collections::BTreeSet;

use holdline_domain::{erasure::Erased, facts::Digest, ids::PersonId, time::Timestamp};
use holdline_entity::{deal, person};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _};

use super::{Apply, Database, row, tx::Tx};
use crate::failure::Failure;

impl Apply for Erased {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let row = person::ActiveModel {
            issuer: Set(None),
            subject: Set(None),
            name: Set(String::new()),
            salt: Set(None),
            erased_at: Set(Some(at.micros())),
            audit_seq: Set(Some(seq)),
            ..Default::default()
        };
        let person = self.person.uuid();
        if let Some(known) = person::Entity::find_by_id(person).one(&tx.db).await? {
            tx.forget_in_hooks(&known.name).await?;
        }
        let done = person::Entity::update_many().set(row).filter(person::Column::Id.eq(person)).exec(&tx.db).await?;
        if done.rows_affected != 1 {
            return Err(Failure::internal("a person moved under the lock"));
        }
        // It is over the contact's name among other things, so it would confirm a guess. Zeros are older than any post
        // of the same instant: the CRM's next one is news, and names whomever it names.
        let unknown = deal::ActiveModel { digest: Set(Digest::from([0; 32]).to_string()), ..Default::default() };
        tx.forget_keys_of(self.person).await?;
        deal::Entity::update_many().set(unknown).filter(deal::Column::ContactId.eq(person)).exec(&tx.db).await?;
        Ok(())
    }
}

impl Tx {
    /// Somebody among these who was erased.
    pub async fn erased_among(&self, people: &BTreeSet<PersonId>) -> Result<Option<PersonId>, Failure> {
        let query = person::Entity::find().filter(person::Column::Id.is_in(people.iter().map(|id| id.uuid())));
        let found = query.filter(person::Column::ErasedAt.is_not_null()).one(&self.db).await?;
        Ok(found.map(|row| row.id.into()))
    }
}

#[derive(FromQueryResult)]
struct Checkpointed {
    busy: i64,
}

impl Database {
    /// Has SQLite's journal begin anew once what it holds is in the file: while somebody always reads, it would grow
    /// without end. It waits a moment for those who read what is only in the journal; where one takes longer, such as a
    /// backup, the next time does.
    pub(super) async fn restart_journal(&self) {
        let Some(journal) = self.journal.as_ref().filter(|_| !self.connections.lost()) else { return };
        let said = row::rows::<Checkpointed>(journal, "PRAGMA wal_checkpoint(RESTART)", []).await;
        if let Err(failure) = said {
            tracing::debug!(%failure, "the journal goes on growing until the next time");
        }
    }

    /// Moves SQLite's journal into the file and empties it, so that no page as it was before an erasure stays in it.
    /// False where somebody who is reading or writing was in the way for longer than a moment. PostgreSQL looks after its own.
    pub async fn empty_journal(&self) -> Result<bool, Failure> {
        let Some(journal) = &self.journal else { return Ok(true) };
        if self.connections.lost() {
            return Ok(false);
        }
        let said = row::rows::<Checkpointed>(journal, "PRAGMA wal_checkpoint(TRUNCATE)", []).await?;
        Ok(said.iter().all(|checkpoint| checkpoint.busy == 0))
    }
}
