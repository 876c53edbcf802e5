//! The writer: the one task of this process that commits.
//! It takes the log's lock first, runs the job, commits, then answers. A refused or failed job leaves nothing behind
//! but, where it held the line of a committed plan, one more count.

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt as _, future::BoxFuture};
use holdline_domain::{actor::Actor, facts::Digest, refusal::Refusals, time::Timestamp};
use sea_orm::{
    ConnectionTrait as _, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Access, Database, feed, log, refusals, row, tree,
    tx::{Growth, Tx},
};
use crate::{
    clock::{Clock, Ids},
    failure::Failure,
    record::Frontier,
};

/// How many jobs may wait before callers wait for a place.
const QUEUE: usize = 1024;

/// The advisory lock of the log on PostgreSQL: "holdline" in ASCII.
const LOG_LOCK: i64 = 0x686f_6c64_6c69_6e65;

type Run = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(), Failure>> + Send>;

struct Job {
    call: Call,
    run: Run,
    reply: oneshot::Sender<Result<(), Failure>>,
}

/// Who writes, through what.
#[derive(Clone)]
pub struct Call {
    /// Who asks.
    pub actor: Actor,
    /// The mutation's name, or the command's.
    pub mutation: &'static str,
    /// The request that it came with.
    pub request_id: Option<String>,
}

/// Hands jobs to the one task that writes.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    clock: Clock,
    in_flight: Arc<AtomicI64>,
    committed: watch::Receiver<u64>,
}

/// No write is under way.
const IDLE: i64 = i64::MAX;
/// A write is about to read the clock.
const STARTING: i64 = 0;

impl Writer {
    /// Starts the task.
    #[must_use]
    pub fn start(database: Database, clock: Clock, ids: Ids) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let in_flight = Arc::new(AtomicI64::new(IDLE));
        let (told, committed) = watch::channel(0);
        let writer = Self { jobs, clock: clock.clone(), in_flight: Arc::clone(&in_flight), committed };
        tokio::spawn(Task { database, clock, ids, in_flight, frontier: None, told }.run(queue));
        writer
    }

    /// How many entries there are after the newest commit of this process; tells of each further one.
    #[must_use]
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.committed.clone()
    }

    /// The instant before which a snapshot opened from now on holds everything that this process will ever write.
    #[must_use]
    pub fn floor(&self) -> Timestamp {
        // The clock first: a write that begins after both readings is stamped later than the first.
        let now = self.clock.now();
        Timestamp::from_micros(self.in_flight.load(Ordering::SeqCst)).map_or(now, |began| began.min(now))
    }

    /// Waits until no write that could be stamped at or before an instant is under way; false if that takes too long.
    pub async fn settled(&self, at: Timestamp) -> bool {
        for _ in 0..SETTLE_TRIES {
            if self.in_flight.load(Ordering::SeqCst) > at.micros() {
                return true;
            }
            tokio::time::sleep(SETTLE_STEP).await;
        }
        false
    }

    /// Runs a job in a transaction that holds the lock. Once this answers, what it did is durable, or nothing of it
    /// happened.
    pub async fn write<T, F>(&self, call: Call, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        let slot = Arc::new(Mutex::new(None));
        let (reply, answer) = oneshot::channel();
        let run = boxed(job, Arc::clone(&slot));
        let closed = || Failure::Unavailable("the writer has stopped".into());
        self.jobs.send(Job { call, run, reply }).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())??;
        let value = slot.lock().ok().and_then(|mut value| value.take());
        value.ok_or_else(|| Failure::internal("a committed job left no value"))
    }
}

fn boxed<T, F>(job: F, slot: Arc<Mutex<Option<T>>>) -> Run
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
{
    Box::new(move |tx| {
        Box::pin(async move {
            let value = job(tx).await?;
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(value);
            }
            Ok(())
        })
    })
}

/// A write ends within the statement timeout; a reader that waits for one looks this often, this many times.
const SETTLE_STEP: Duration = Duration::from_millis(2);
const SETTLE_TRIES: u32 = 4_500;

struct Task {
    database: Database,
    clock: Clock,
    ids: Ids,
    /// When the write under way began at the earliest, in microseconds.
    in_flight: Arc<AtomicI64>,
    /// The tree's right edge after the last commit, with the last leaf; loaded anew where another process committed.
    frontier: Option<(Frontier, Option<Digest>)>,
    told: watch::Sender<u64>,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(job) = queue.recv().await {
            self.in_flight.store(STARTING, Ordering::SeqCst);
            self.in_flight.store(self.clock.now().micros(), Ordering::SeqCst);
            let outcome = self.transact(&job.call, job.run).await;
            self.in_flight.store(IDLE, Ordering::SeqCst);
            // A caller that has gone away learns nothing; what was committed stays committed.
            let _ = job.reply.send(outcome);
        }
    }

    async fn transact(&mut self, call: &Call, run: Run) -> Result<(), Failure> {
        self.database.writable()?;
        let (tx, held) = self.begin(call).await?;
        // A panic in a job must not take the writer with it.
        let done = AssertUnwindSafe(run(&tx)).catch_unwind().await;
        let outcome = done.unwrap_or_else(|_| Err(Failure::internal("a write job panicked")));
        let concern = tx.concern.lock().ok().and_then(|concern| *concern);
        match outcome {
            Ok(()) => self.commit(tx).await,
            Err(failure) => {
                tx.db.rollback().await?;
                if let (Failure::Refused(refused), Some(concern)) = (&failure, concern) {
                    self.count(refused, concern, call.mutation, held).await;
                }
                Err(failure)
            }
        }
    }

    /// Keeps what the entries add to the tree, then commits; a frontier is remembered only after that.
    async fn commit(&mut self, tx: Tx) -> Result<(), Failure> {
        let Growth { frontier, last, made } = tx.growth.into_inner().unwrap_or_else(PoisonError::into_inner);
        tree::keep(&tx.db, made).await?;
        let size = frontier.size();
        if self.database.backend == DbBackend::Postgres && *self.told.borrow() != size {
            // Heard by the other processes once this is committed, and not otherwise.
            tx.db.execute_unprepared(&format!("NOTIFY {}", feed::CHANNEL)).await?;
        }
        tx.db.commit().await?;
        self.frontier = Some((frontier, last));
        self.told.send_if_modified(|told| std::mem::replace(told, size) != size);
        Ok(())
    }

    /// The tree's right edge under the lock, with its last leaf.
    async fn growth(&self, db: &DatabaseTransaction, head: Option<&log::Head>) -> Result<Growth, Failure> {
        let Some(head) = head else { return Ok(Growth::default()) };
        let last = Some(head.leaf_hash()?);
        let frontier = match &self.frontier {
            Some((known, leaf)) if known.size() == head.size() && *leaf == last => known.clone(),
            _ => tree::frontier(db, head.size()).await?,
        };
        Ok(Growth { frontier, last, made: Vec::new() })
    }

    async fn begin(&self, call: &Call) -> Result<(Tx, Timestamp), Failure> {
        let db = self.lock().await?;
        let head = log::head(&db).await?;
        let last = head.as_ref().map_or(Ok(Timestamp::EPOCH), |head| row::timestamp(head.recorded_at))?;
        // Later than whatever instant a reader may have asked about in this same microsecond.
        let now = self.clock.now().next().max(last);
        let access = Access::load(&db, &call.actor.teams).await?;
        let growth = self.growth(&db, head.as_ref()).await?;
        let tx = Tx {
            db,
            now,
            next_seq: head.map_or(0, |head| head.seq + 1).into(),
            ids: self.ids.clone(),
            actor: call.actor.clone(),
            access: access.into(),
            mutation: call.mutation,
            request_id: call.request_id.clone(),
            concern: Mutex::new(None),
            growth: growth.into(),
        };
        Ok((tx, now))
    }

    async fn lock(&self) -> Result<DatabaseTransaction, Failure> {
        let postgres = self.database.backend == DbBackend::Postgres;
        let options = TransactionOptions {
            // Under a stricter level the snapshot would be older than the lock.
            isolation_level: postgres.then_some(IsolationLevel::ReadCommitted),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = self.database.writes.begin_with_options(options).await?;
        if postgres {
            db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOG_LOCK})")).await?;
        }
        Ok(db)
    }

    /// Statistics, best effort: a refusal is told to its caller whether or not it could be counted.
    async fn count(&self, refused: &Refusals, concern: refusals::Concern, mutation: &'static str, now: Timestamp) {
        let counted = async {
            let db = self.lock().await?;
            refusals::count(&db, refused, concern, mutation, now).await?;
            db.commit().await.map_err(Failure::from)
        };
        if let Err(failure) = counted.await {
            tracing::warn!(%failure, "a refusal was not counted");
        }
    }
}
