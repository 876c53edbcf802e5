//! A batch: jobs that share one transaction under the log's lock, a savepoint each, and so one durable commit.
//! Holds what carries over from job to job: the log's end, which a job that fails leaves as it found it. Who is answered
//! what, and when, is the writer's.

use std::{
    panic::AssertUnwindSafe,
    sync::{Mutex, PoisonError},
};

use futures_util::FutureExt as _;
use holdline_domain::{facts::Digest, refusal::Refusals, time::Timestamp};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};

use super::{
    super::{
        Access, Database, feed, instant, log, refusals, row,
        settled::Settled,
        tree,
        tx::{Growth, Tx},
    },
    job::{Call, Run},
};
use crate::{
    clock::{Clock, Ids},
    failure::Failure,
    record::{Frontier, Place},
};

/// The advisory lock of the log on PostgreSQL: "holdline" in ASCII.
pub(in crate::store) const LOG_LOCK: i64 = 0x686f_6c64_6c69_6e65;

/// The tree's right edge, with the last leaf, by which it is known again.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    frontier: Frontier,
    last: Option<Digest>,
}

impl Edge {
    /// How many entries there are.
    pub(super) fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The log's end as it stands under the lock.
    async fn of(db: &DatabaseTransaction, head: &log::Head, known: Option<&Self>) -> Result<Self, Failure> {
        let last = Some(head.leaf_hash()?);
        match known {
            Some(known) if known.size() == head.size() && known.last == last => Ok(known.clone()),
            _ => Ok(Self { frontier: tree::frontier(db, head.size()).await?, last }),
        }
    }
}

/// What became of a job, which committed plan it was about, and its time.
type Attempt = (Result<(), Failure>, Option<refusals::Concern>, Timestamp);

/// An open transaction that holds the log's lock, and what its jobs did so far.
pub(super) struct Batch {
    db: DatabaseTransaction,
    clock: Clock,
    ids: Ids,
    backend: DbBackend,
    settled: Settled,
    /// When the last entry was made or this was begun, or the lock was taken by the clock of a database that others write,
    /// too: nothing is stamped before.
    last: Timestamp,
    edge: Edge,
    /// The tree's nodes that the entries so far complete.
    made: Vec<(Place, Digest)>,
    /// How long the log was.
    began_with: u64,
    savepoints: usize,
}

impl Batch {
    /// Takes the lock, then reads the log's end. Nothing is stamped before an instant, which readers wait for.
    pub(super) async fn begin(
        database: &Database,
        (clock, ids): (&Clock, &Ids),
        known: Option<&Edge>,
        began: Timestamp,
    ) -> Result<Self, Failure> {
        let db = locked(database).await?;
        let head = log::head(&db).await?;
        let mut last = head.as_ref().map_or(Ok(Timestamp::EPOCH), |head| row::timestamp(head.recorded_at))?;
        last = last.max(began);
        if database.is_shared() && clock.is_machines() {
            last = last.max(instant::now(&db).await?.next());
        }
        let edge = match &head {
            Some(head) => Edge::of(&db, head, known).await?,
            None => Edge::default(),
        };
        let (clock, ids, backend, began_with) = (clock.clone(), ids.clone(), database.backend, edge.size());
        let settled = database.settled.clone();
        Ok(Self { db, clock, ids, backend, settled, last, edge, made: Vec::new(), began_with, savepoints: 0 })
    }

    /// How many savepoints there were so far.
    pub(super) const fn savepoints(&self) -> usize {
        self.savepoints
    }

    /// Runs a job in a savepoint of its own. Its own outcome is the inner one; the outer failure is the transaction's,
    /// which nothing can be added to any more. A refusal on a committed plan is counted.
    pub(super) async fn run(&mut self, call: &Call, run: Run) -> Result<Result<(), Failure>, Failure> {
        let (outcome, concern, now) = self.attempt(call, run).await?;
        if let (Err(Failure::Refused(refused)), Some(concern)) = (&outcome, concern) {
            self.count(refused, concern, call.mutation, now).await?;
        }
        Ok(outcome)
    }

    /// Runs several jobs as one, in one savepoint; false where they cannot be done together, and nothing of them was.
    pub(super) async fn run_together(&mut self, call: &Call, run: Run) -> Result<bool, Failure> {
        Ok(self.attempt(call, run).await?.0.is_ok())
    }

    async fn attempt(&mut self, call: &Call, run: Run) -> Result<Attempt, Failure> {
        self.savepoints += 1;
        let tx = self.savepoint(call).await?;
        let now = tx.now;
        // A panic in a job must not take the writer with it.
        let done = AssertUnwindSafe(run(&tx)).catch_unwind().await;
        let outcome = done.unwrap_or_else(|_| Err(Failure::internal("a write job panicked")));
        let concern = tx.concern.lock().ok().and_then(|concern| *concern);
        match &outcome {
            Ok(()) => self.keep(tx).await?,
            Err(_) => tx.db.rollback().await?,
        }
        Ok((outcome, concern, now))
    }

    async fn savepoint(&self, call: &Call) -> Result<Tx, Failure> {
        // Later than whatever instant a reader may have asked about in this same microsecond.
        let now = self.clock.now().next().max(self.last);
        let access = Access::load(&self.db, &call.actor.teams).await?;
        let growth = Growth { frontier: self.edge.frontier.clone(), last: self.edge.last, made: Vec::new() };
        Ok(Tx {
            db: self.db.begin().await?,
            now,
            next_seq: i64::try_from(self.edge.size()).map_err(Failure::internal)?.into(),
            ids: self.ids.clone(),
            settled: self.settled.clone(),
            actor: call.actor.clone(),
            access: access.into(),
            mutation: call.mutation,
            request_id: Mutex::new(call.request_id.clone()),
            concern: Mutex::new(None),
            growth: growth.into(),
        })
    }

    async fn keep(&mut self, tx: Tx) -> Result<(), Failure> {
        tx.db.commit().await?;
        let Growth { frontier, last, made } = tx.growth.into_inner().unwrap_or_else(PoisonError::into_inner);
        if frontier.size() > self.edge.size() {
            self.last = tx.now;
        }
        self.edge = Edge { frontier, last };
        self.made.extend(made);
        Ok(())
    }

    /// Statistics, best effort: a refusal is told to its caller whether or not it could be counted.
    async fn count(
        &mut self,
        refused: &Refusals,
        concern: refusals::Concern,
        mutation: &'static str,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.savepoints += 1;
        let db = self.db.begin().await?;
        match refusals::count(&db, refused, concern, mutation, now).await {
            Ok(()) => Ok(db.commit().await?),
            Err(failure) => {
                tracing::warn!(%failure, "a refusal was not counted");
                Ok(db.rollback().await?)
            }
        }
    }

    /// Keeps what the entries add to the tree, then commits; answers the log's end, which is remembered only after that.
    pub(super) async fn commit(self) -> Result<Edge, Failure> {
        tree::keep(&self.db, &self.made).await?;
        if self.backend == DbBackend::Postgres && self.began_with != self.edge.size() {
            // Heard by the other processes once this is committed, and not otherwise.
            self.db.execute_unprepared(&format!("NOTIFY {}", feed::CHANNEL)).await?;
        }
        self.db.commit().await?;
        Ok(self.edge)
    }

    /// Lets go of all of it.
    pub(super) async fn abandon(self) {
        if let Err(error) = self.db.rollback().await {
            tracing::warn!(%error, "a transaction could not be rolled back");
        }
    }
}

/// A transaction that holds the log's lock.
pub(in crate::store) async fn locked(database: &Database) -> Result<DatabaseTransaction, Failure> {
    let postgres = database.backend == DbBackend::Postgres;
    let options = TransactionOptions {
        // Under a stricter level the snapshot would be older than the lock.
        isolation_level: postgres.then_some(IsolationLevel::ReadCommitted),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let db = database.writes().begin_with_options(options).await?;
    if postgres {
        let locked = db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOG_LOCK})")).await;
        // Whoever holds it for longer than a statement may take is busy, and nothing of ours was done.
        locked.map_err(|error| Failure::Unavailable(format!("the log's lock: {error}")))?;
    }
    Ok(db)
}
