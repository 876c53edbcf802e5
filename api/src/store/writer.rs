//! The writer: the one task of this process that commits.
//! It takes the log's lock first, runs all jobs that wait, commits them at once, then answers each. A refused or failed
//! job leaves nothing behind but, where it held the line of a committed plan, one more count.

mod batch;
mod job;
mod joint;

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use holdline_domain::time::Timestamp;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, timeout},
};
use tracing::Instrument as _;

pub(super) use self::batch::{LOG_LOCK, locked};
use self::{
    batch::{Batch, Edge},
    job::{Job, Reply, Slot, TOGETHER, Turn, Work, boxed},
    joint::Shared,
};
pub use self::{job::Call, joint::Joint};
use super::{Database, tx::Tx};
use crate::{
    clock::{Clock, Ids},
    failure::Failure,
    trace,
};

/// How many jobs may wait, beside those whose turn comes next, before callers wait for a place.
const QUEUE: usize = 1024;

/// How many savepoints share a commit at most: PostgreSQL keeps up to 64 of a transaction in shared memory.
const BATCH: usize = 64;

/// How long jobs join a commit: what is done by then waits for no other.
const JOINING: Duration = Duration::from_millis(25);

/// How long a commit may take with all that it does, where the database may fall silent.
const LONGEST: Duration = Duration::from_secs(30);

/// After how many commits the embedded database's journal begins anew, or how many entries.
const JOURNAL: (u64, u64) = (256, 4_096);

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
        tokio::spawn(
            Task { database, clock, ids, in_flight, edge: None, told, commits: 0, restarted_at: 0 }.run(queue),
        );
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
        let slot = Slot::default();
        let run = boxed(job, Arc::clone(&slot));
        self.wait(call, Work::Alone(run), slot).await
    }

    /// Runs work that may share its statements with others of its kind and actor; otherwise as `write`.
    pub async fn write_together<J: Joint>(&self, call: Call, work: J) -> Result<J::Done, Failure> {
        let slot = Slot::default();
        let shared = Shared::new(call.request_id.clone(), work, Arc::clone(&slot));
        self.wait(call, Work::Shared(shared), slot).await
    }

    async fn wait<T>(&self, call: Call, work: Work, slot: Slot<T>) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let closed = || Failure::Unavailable("the writer has stopped, or gave it up".into());
        let span = trace::write(call.mutation);
        let done = async {
            self.jobs.send(Job { call, work, reply }).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        done.instrument(span).await?;
        let value = slot.lock().ok().and_then(|mut value| value.take());
        value.ok_or_else(|| Failure::internal("a committed job left no value"))
    }
}

/// A write ends within the statement timeout; a reader that waits for one looks this often, this many times.
const SETTLE_STEP: Duration = Duration::from_millis(2);
const SETTLE_TRIES: u32 = 4_500;

struct Task {
    database: Database,
    clock: Clock,
    ids: Ids,
    /// When the writes under way began at the earliest, in microseconds.
    in_flight: Arc<AtomicI64>,
    /// The log's end after the last commit; loaded anew where another process committed.
    edge: Option<Edge>,
    told: watch::Sender<u64>,
    /// How many commits there were since the journal began anew, and how long the log was then.
    commits: u64,
    restarted_at: u64,
}

impl Task {
    async fn run(mut self, mut queue: mpsc::Receiver<Job>) {
        self.database.undo_in_memory().await;
        let longest = if self.database.is_shared() { LONGEST } else { Duration::MAX };
        let (mut arrived, mut waiting) = (Vec::with_capacity(BATCH), VecDeque::new());
        while queue.recv_many(&mut arrived, BATCH).await > 0 {
            waiting.extend(arrived.drain(..));
            while !waiting.is_empty() {
                self.in_flight.store(STARTING, Ordering::SeqCst);
                let began = self.clock.now();
                self.in_flight.store(began.micros(), Ordering::SeqCst);
                let span = trace::commit();
                let committing = timeout(longest, self.commit(began, &mut waiting, &mut queue));
                let committing = committing.instrument(span.clone()).await;
                // Whoever it was for is told that nobody knows.
                let answers = committing.unwrap_or_else(|_| {
                    tracing::error!("a commit took too long and was given up; what became of it, its keys tell");
                    self.edge = None;
                    Vec::new()
                });
                span.record("jobs", i64::try_from(answers.len()).unwrap_or(i64::MAX));
                self.in_flight.store(IDLE, Ordering::SeqCst);
                for (reply, outcome) in answers {
                    self.database.metrics().wrote(&outcome);
                    // A caller that has gone away learns nothing; what was committed stays committed.
                    let _ = reply.send(outcome);
                }
                self.commits += 1;
                let size = *self.told.borrow();
                if self.commits >= JOURNAL.0 || size.saturating_sub(self.restarted_at) >= JOURNAL.1 {
                    self.database.restart_journal().await;
                    (self.commits, self.restarted_at) = (0, size);
                }
            }
        }
    }

    /// Runs jobs that wait, and those that come meanwhile, in one durable transaction; answers what to tell whom.
    async fn commit(
        &mut self,
        began: Timestamp,
        waiting: &mut VecDeque<Job>,
        queue: &mut mpsc::Receiver<Job>,
    ) -> Vec<Answer> {
        let mut batch = match self.begin(began).await {
            Ok(batch) => batch,
            // Whatever it is, it would meet each of them.
            Err(failure) => return waiting.drain(..).map(|job| (job.reply, Err(failure.again()))).collect(),
        };
        let mut answers = Vec::new();
        let until = Instant::now() + JOINING;
        while batch.savepoints() < BATCH && Instant::now() < until {
            while waiting.len() < TOGETHER
                && let Ok(job) = queue.try_recv()
            {
                waiting.push_back(job);
            }
            let Some(turn) = Turn::next(waiting) else { break };
            let (told, failure) = take(turn, &mut batch, waiting).await;
            answers.extend(told);
            if let Some(failure) = failure {
                self.edge = None;
                batch.abandon().await;
                return all_failed(answers, &failure);
            }
        }
        match batch.commit().await {
            Ok(edge) => {
                let size = edge.size();
                self.edge = Some(edge);
                self.database.metrics().committed(answers.iter().filter(|(_, outcome)| outcome.is_ok()).count());
                self.told.send_if_modified(|told| std::mem::replace(told, size) != size);
                answers
            }
            Err(failure) => {
                self.edge = None;
                all_failed(answers, &failure)
            }
        }
    }

    async fn begin(&self, began: Timestamp) -> Result<Batch, Failure> {
        self.database.writable()?;
        Batch::begin(&self.database, (&self.clock, &self.ids), self.edge.as_ref(), began).await
    }
}

/// Runs what is next, or puts it back where it cannot be done together; answers what to tell whom, and what ended the
/// transaction.
async fn take(turn: Turn, batch: &mut Batch, waiting: &mut VecDeque<Job>) -> (Vec<Answer>, Option<Failure>) {
    let Turn { call, work, replies } = turn;
    let outcomes = match work {
        Work::Alone(run) => batch.run(&call, run).await.map(|outcome| vec![outcome]),
        Work::Shared(shared) if replies.len() == 1 => batch.run(&call, shared.run()).await.map(|outcome| vec![outcome]),
        Work::Shared(shared) => match batch.run_together(&call, shared.run()).await {
            Ok(true) => Ok(replies.iter().map(|_| Ok(())).collect()),
            Ok(false) => {
                Turn::apart(&call, shared, replies, waiting);
                return (Vec::new(), None);
            }
            Err(failure) => Err(failure),
        },
    };
    match outcomes {
        Ok(outcomes) => (replies.into_iter().zip(outcomes).collect(), None),
        Err(failure) => (replies.into_iter().map(|reply| (reply, Err(failure.again()))).collect(), Some(failure)),
    }
}

type Answer = (Reply, Result<(), Failure>);

/// What did not become durable did not happen. What was refused stays refused only where nothing was done before it: a
/// later job was judged by what never came to be.
fn all_failed(answers: Vec<Answer>, failure: &Failure) -> Vec<Answer> {
    let first_done = answers.iter().position(|(_, outcome)| outcome.is_ok()).unwrap_or(answers.len());
    let told = |(place, (reply, outcome)): (usize, Answer)| {
        (reply, if place < first_done { outcome } else { Err(failure.again()) })
    };
    answers.into_iter().enumerate().map(told).collect()
}

#[cfg(test)]
mod tests {
    use holdline_domain::refusal::{Code, Refusal};

    use super::*;

    #[test]
    fn where_a_commit_fails_nobody_is_told_of_a_state_that_never_came_to_be() {
        let refused = || Err(Refusal::new(Code::Conflict, "It was changed meanwhile.").into());
        let outcomes = [refused(), Ok(()), refused(), Err(Failure::KeyReused), Ok(())];
        let answers = outcomes.map(|outcome| (oneshot::channel().0, outcome)).into();

        let told = all_failed(answers, &Failure::Unavailable("no room".into()));

        let away: Vec<_> = told.iter().map(|(_, outcome)| matches!(outcome, Err(Failure::Unavailable(_)))).collect();
        assert_eq!(away, [false, true, true, true, true]);
        assert!(matches!(told[0].1, Err(Failure::Refused(_))));
    }
}
