//! A job: what a caller wants done, as whom, and where the answer goes; and the turn that jobs take, alone or together.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use futures_util::future::BoxFuture;
use holdline_domain::actor::Actor;
use tokio::sync::oneshot;

use super::{Tx, joint::Shared};
use crate::failure::Failure;

/// How many jobs share a savepoint at most.
pub(super) const TOGETHER: usize = 256;

pub(super) type Reply = oneshot::Sender<Result<(), Failure>>;

pub(super) type Run = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<(), Failure>> + Send>;

/// Where what a job comes to is put, to be taken once it is durable.
pub(super) type Slot<T> = Arc<Mutex<Option<T>>>;

pub(super) enum Work {
    Alone(Run),
    Shared(Shared),
}

pub(super) struct Job {
    pub(super) call: Call,
    pub(super) work: Work,
    pub(super) reply: Reply,
}

/// What runs in one savepoint, and who waits for it.
pub(super) struct Turn {
    pub(super) call: Call,
    pub(super) work: Work,
    pub(super) replies: Vec<Reply>,
}

impl Turn {
    /// The job that has waited longest, with those that can be done with it: of the same kind, and of the same actor in
    /// everything that a rule may ask about.
    pub(super) fn next(waiting: &mut VecDeque<Job>) -> Option<Self> {
        let Job { call, mut work, reply } = waiting.pop_front()?;
        let mut replies = vec![reply];
        if let Work::Shared(shared) = &mut work {
            for job in std::mem::take(waiting) {
                match job.work {
                    Work::Shared(other) if shared.goes_with(&other) && call.actor == job.call.actor => {
                        shared.join(other);
                        replies.push(job.reply);
                    }
                    work => waiting.push_back(Job { work, ..job }),
                }
            }
        }
        Some(Self { call, work, replies })
    }

    /// The jobs of a turn that could not be done together, by a quarter as many from now on, before those that wait.
    pub(super) fn apart(call: &Call, shared: Shared, replies: Vec<Reply>, waiting: &mut VecDeque<Job>) {
        let jobs: Vec<_> = shared.apart().map(Work::Shared).zip(replies).collect();
        for (work, reply) in jobs.into_iter().rev() {
            waiting.push_front(Job { call: call.clone(), work, reply });
        }
    }
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

pub(super) fn boxed<T, F>(job: F, slot: Slot<T>) -> Run
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
