//! Requests that are sent under an idempotency key, and may be sent again: what each step of one made is kept for a
//! week, in the transaction that made it. Keeps ids and never an answer: a repeated request is answered with what it
//! made, read again under its caller's rights. Refusals are not kept: what changed nothing may be tried again.

use std::sync::{
    Arc,
    atomic::{AtomicI32, Ordering},
};

use holdline_domain::{ids::PersonId, time::Timestamp};
use holdline_entity::idempotency_key::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use super::{Database, row, tx::Tx};
use crate::failure::Failure;

/// How long a key is remembered, in microseconds: 7 days.
const REMEMBERED: i64 = 7 * 24 * 60 * 60 * 1_000_000;

/// A request under an idempotency key. Clones count the steps of one request together.
#[derive(Debug, Clone)]
pub struct Attempt {
    key: Vec<u8>,
    request: Vec<u8>,
    steps: Arc<AtomicI32>,
}

impl Attempt {
    /// An attempt at a request, in the bytes that tell it from every other. Of the key only a hash is kept, and the
    /// request's is taken together with the key: who reads the table cannot try out what was said.
    #[must_use]
    pub fn new(key: &str, request: &[u8]) -> Self {
        let hash = |what: &str, parts: &[&[u8]]| {
            let begun = Sha256::new().chain_update(what);
            parts.iter().fold(begun, |hash, part| hash.chain_update([0]).chain_update(part)).finalize().to_vec()
        };
        let (named, said) = (hash("key", &[key.as_bytes()]), hash("request", &[key.as_bytes(), request]));
        Self { key: named, request: said, steps: Arc::default() }
    }

    /// The place of a further write in the request, from 0.
    #[must_use]
    pub fn step(&self) -> i32 {
        self.steps.fetch_add(1, Ordering::SeqCst)
    }

    /// Refuses somebody's request where what is kept under its key was another's, or of another request.
    fn is_same(&self, rows: &[Model], actor: PersonId) -> Result<(), Failure> {
        let is_ours = |kept: &Model| kept.actor_id == actor.uuid() && kept.request == self.request;
        if rows.iter().all(is_ours) { Ok(()) } else { Err(Failure::KeyReused) }
    }

    /// The rows of this key: one for each step that made something, which need not be the first.
    async fn rows(&self, db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Model>, Failure> {
        let query = Entity::find().filter(Column::Key.eq(self.key.clone()));
        Ok(query.filter(Column::CreatedAt.gt(forgotten_before(now))).all(db).await?)
    }
}

fn forgotten_before(now: Timestamp) -> i64 {
    now.micros().saturating_sub(REMEMBERED)
}

impl Database {
    /// Refuses a request under a key that was used for another one, before anything of it runs.
    pub async fn check_key(&self, attempt: &Attempt, actor: PersonId, now: Timestamp) -> Result<(), Failure> {
        attempt.is_same(&attempt.rows(&self.reads(), now).await?, actor)
    }
}

impl Tx {
    /// What this step of the request made before, if it did.
    pub async fn kept(&self, attempt: &Attempt, step: i32) -> Result<Option<String>, Failure> {
        let rows = attempt.rows(&self.db, self.now).await?;
        attempt.is_same(&rows, self.actor.person.id)?;
        Ok(rows.into_iter().find(|kept| kept.step == step).map(|kept| kept.outcome))
    }

    /// Keeps what this step of the request made, and lets go of what is older than a week.
    pub async fn keep(&self, attempt: &Attempt, step: i32, outcome: String) -> Result<(), Failure> {
        Entity::delete_many().filter(Column::CreatedAt.lte(forgotten_before(self.now))).exec(&self.db).await?;
        let row = ActiveModel {
            key: Set(attempt.key.clone()),
            step: Set(step),
            actor_id: Set(self.actor.person.id.uuid()),
            request: Set(attempt.request.clone()),
            outcome: Set(outcome),
            created_at: Set(self.now.micros()),
        };
        Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Forgets what somebody sent under keys.
    pub(super) async fn forget_keys_of(&self, person: PersonId) -> Result<(), Failure> {
        row::run(&self.db, "DELETE FROM idempotency_key WHERE actor_id = $1", [person.uuid().into()]).await
    }
}
