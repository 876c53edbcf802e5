//! Jobs that can be done together: several callers' work of one kind and one actor shares a savepoint and its statements.
//! All of it is done or none; where it cannot be done together, a quarter as many are tried, and at last each by itself.

use std::{
    any::{Any, TypeId},
    sync::{Arc, PoisonError},
};

use futures_util::future::BoxFuture;

use super::{
    Tx,
    job::{Run, Slot, TOGETHER, boxed},
};
use crate::failure::Failure;

/// Work that may be done for several requests of one actor at once.
pub trait Joint: Clone + Send + Sync + 'static {
    /// What each is answered.
    type Done: Send + 'static;

    /// Does all of it, each with the request that it came with; answers in the same order. A failure undoes all of it.
    fn all(tx: &Tx, together: Vec<(Option<String>, Self)>) -> BoxFuture<'_, Result<Vec<Self::Done>, Failure>>;
}

/// One caller's work, and where what it comes to is put.
struct Member<J: Joint> {
    work: J,
    slot: Slot<J::Done>,
}

/// One caller's work with the request that it came with, whatever its kind.
type Part = (Option<String>, Arc<dyn Any + Send + Sync>);

type All = for<'t> fn(&'t Tx, Vec<Part>) -> BoxFuture<'t, Result<(), Failure>>;

/// Work of one kind: of one caller, or of several that is done together.
pub(super) struct Shared {
    kind: TypeId,
    members: Vec<Part>,
    all: All,
    /// How many it may be one of: a quarter as many each time that it could not be done with others.
    most: usize,
}

impl Shared {
    pub(super) fn new<J: Joint>(request_id: Option<String>, work: J, slot: Slot<J::Done>) -> Self {
        let member = Member { work, slot };
        Self { kind: TypeId::of::<J>(), members: vec![(request_id, Arc::new(member))], all: all::<J>, most: TOGETHER }
    }

    /// Whether another is of the same kind, and there is room for it.
    pub(super) fn goes_with(&self, other: &Self) -> bool {
        self.kind == other.kind && self.members.len() < self.most.min(other.most)
    }

    /// Takes in another's members, that is of the same kind.
    pub(super) fn join(&mut self, other: Self) {
        self.members.extend(other.members);
    }

    /// Its members as one job.
    pub(super) fn run(&self) -> Run {
        let (all, members) = (self.all, self.members.clone());
        boxed(move |tx: &Tx| all(tx, members), Slot::default())
    }

    /// Its members, to be done by a quarter as many together.
    pub(super) fn apart(self) -> impl Iterator<Item = Self> {
        let Self { kind, all, members, .. } = self;
        let most = (members.len() / 4).max(1);
        members.into_iter().map(move |member| Self { kind, members: vec![member], all, most })
    }
}

fn all<J: Joint>(tx: &Tx, parts: Vec<Part>) -> BoxFuture<'_, Result<(), Failure>> {
    Box::pin(async move {
        let lost = || Failure::internal("work was joined with work of another kind");
        let member = |(request_id, part): Part| Some((request_id, part.downcast::<Member<J>>().ok()?));
        let members: Vec<_> = parts.into_iter().map(member).collect::<Option<_>>().ok_or_else(lost)?;
        let together = members.iter().map(|(request_id, member)| (request_id.clone(), member.work.clone())).collect();
        let done = J::all(tx, together).await?;
        if done.len() != members.len() {
            return Err(Failure::internal("work that was done together lost an answer"));
        }
        for ((_, member), done) in members.iter().zip(done) {
            *member.slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
        }
        Ok(())
    })
}
