//! A transaction of the writer: loads under the lock, and applies changes.
//! Holds the order that the promise rests on (the entry first, then the rows that point to it); a service never sees
//! begin or commit.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicI64, Ordering},
};

use holdline_domain::{
    actor::Actor,
    change::Change,
    customer_request::Posted,
    facts::Digest,
    ids::{PlanId, TeamId},
    time::Timestamp,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{Access, Apply, customer_request, log, settled::Settled};
use crate::{
    clock::Ids,
    failure::Failure,
    record::{Frontier, Place},
};

/// Where an entry stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Its position, from 0.
    pub seq: i64,
    /// The hash of its leaf.
    pub leaf_hash: Digest,
}

/// An open transaction that holds the log's lock.
pub struct Tx {
    pub(super) db: DatabaseTransaction,
    pub(super) now: Timestamp,
    pub(super) next_seq: AtomicI64,
    pub(super) ids: Ids,
    pub(super) settled: Settled,
    pub(super) actor: Actor,
    pub(super) access: Mutex<Access>,
    pub(super) mutation: &'static str,
    pub(super) request_id: Mutex<Option<String>>,
    pub(super) concern: Mutex<Option<(TeamId, PlanId)>>,
    pub(super) growth: Mutex<Growth>,
}

/// What the entries of a transaction add to the Merkle tree.
#[derive(Debug, Default)]
pub(super) struct Growth {
    pub(super) frontier: Frontier,
    /// The last leaf, by which a frontier is known again.
    pub(super) last: Option<Digest>,
    pub(super) made: Vec<(Place, Digest)>,
}

impl Tx {
    /// The time of this transaction: never before the last entry's.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Who asks.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// A further id.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.ids.next()
    }

    /// The teams that may be seen.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access.lock().map_or(Access::Only(std::collections::BTreeSet::new()), |access| access.clone())
    }

    /// Says which request what is applied from now on came with, where several share this transaction.
    pub fn on_behalf_of(&self, request_id: Option<String>) {
        *self.request_id.lock().unwrap_or_else(PoisonError::into_inner) = request_id;
    }

    /// The id of the request that what is applied came with.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        self.request_id.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Names the committed plan that this is about, so that a refusal is counted as one that held the line.
    pub fn concerns(&self, team: TeamId, plan: PlanId) {
        if let Ok(mut concern) = self.concern.lock() {
            *concern = Some((team, plan));
        }
    }

    /// Applies a change: its entry into the log, then its rows. Answers with the new state.
    pub async fn apply<T: Apply>(&self, change: Change<T>) -> Result<(T, Receipt), Failure> {
        let seq = self.next_seq.fetch_add(1, Ordering::SeqCst);
        let leaf_hash = log::append(self, seq, change.entry()).await?;
        let at = change.entry().took_effect.unwrap_or(self.now);
        let state = change.into_state();
        state.apply(self, seq, at).await?;
        Ok((state, Receipt { seq, leaf_hash }))
    }

    /// Applies what posts of customer requests changed, each with the request that it came with: their entries into the
    /// log, then the rows, hundreds at once.
    pub async fn apply_posts(&self, changes: Vec<(Option<String>, Change<Posted>)>) -> Result<(), Failure> {
        if changes.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(changes.len()).map_err(|_| Failure::internal("too many changes at once"))?;
        let first = self.next_seq.fetch_add(count, Ordering::SeqCst);
        log::append_all(
            self,
            first,
            changes.iter().map(|(request_id, change)| (request_id.as_deref(), change.entry())),
        )
        .await?;
        let posted: Vec<_> = (first..).zip(changes.into_iter().map(|(_, change)| change.into_state())).collect();
        customer_request::keep(self, &posted).await
    }

    /// Adds a leaf to the tree; the nodes that it completes are kept before the commit.
    pub(super) fn grow(&self, leaf: Digest) {
        let mut growth = self.growth.lock().unwrap_or_else(PoisonError::into_inner);
        let made = growth.frontier.push(leaf);
        growth.last = Some(leaf);
        growth.made.extend(made);
    }

    pub(super) fn admit(&self, team: TeamId) {
        if let Ok(mut access) = self.access.lock() {
            access.admit(team);
        }
    }
}
