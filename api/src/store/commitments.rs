//! Commitments that were read before. What was committed never changes, so a revision is decoded once and known again by
//! the digest in its row; what does not come to its digest is decoded each time. Rows of members that somebody altered are
//! therefore not shown where the revision is known; `holdline audit verify` reads them all. Which revisions a plan has up to
//! one never changes either. What is kept is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdline_domain::{commitment::Commitment, facts::Digest};
use uuid::Uuid;

use super::{commitment::At, revisions::StoredRevision};

/// How many bytes are kept in all, about.
const ROOM: usize = 8 * 1024 * 1024;

/// What an objective or a key result takes beside its texts, in bytes, about.
const MEMBER: usize = 256;

/// The commitments of revisions, as long as there is room.
#[derive(Clone, Default)]
pub(super) struct Commitments(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    revisions: HashMap<(At, Digest), Arc<Commitment>>,
    /// The revisions of a plan up to one, by its id.
    histories: HashMap<Uuid, Arc<Vec<StoredRevision>>>,
    bytes: usize,
}

fn size(commitment: &Commitment) -> usize {
    let objectives = commitment.objectives.iter().map(|objective| &objective.terms);
    let objectives = objectives.map(|terms| MEMBER + terms.title.as_str().len() + terms.rationale.as_str().len());
    let key_results = commitment.key_results().map(|(_, key_result)| &key_result.terms);
    let key_results = key_results.map(|terms| MEMBER + terms.title.as_str().len() + terms.measure.unit.as_str().len());
    MEMBER + objectives.sum::<usize>() + key_results.sum::<usize>()
}

impl Commitments {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is held, with room for more bytes.
    fn room(&self, more: usize) -> MutexGuard<'_, Held> {
        let mut held = self.held();
        if held.bytes + more > ROOM {
            *held = Held::default();
        }
        held
    }

    /// The revisions of a plan up to the one of an id.
    pub(super) fn history(&self, newest: Uuid) -> Option<Arc<Vec<StoredRevision>>> {
        self.held().histories.get(&newest).cloned()
    }

    /// Keeps all revisions of a plan, from the first.
    pub(super) fn keep_history(&self, history: &Arc<Vec<StoredRevision>>) {
        let Some(newest) = history.last() else { return };
        let more = MEMBER + history.len() * size_of::<StoredRevision>();
        if more > ROOM {
            return;
        }
        let mut held = self.room(more);
        if held.histories.insert(newest.id.uuid(), Arc::clone(history)).is_none() {
            held.bytes += more;
        }
    }

    /// What a plan promised at a revision whose row has this digest.
    pub(super) fn find(&self, at: At, digest: Digest) -> Option<Arc<Commitment>> {
        self.held().revisions.get(&(at, digest)).cloned()
    }

    /// Keeps what was read, if it comes to the digest in its row.
    pub(super) fn keep(&self, at: At, digest: Digest, commitment: &Arc<Commitment>) {
        let more = size(commitment);
        if more > ROOM || commitment.digest(at.0) != digest {
            return;
        }
        let mut held = self.room(more);
        if held.revisions.insert((at, digest), Arc::clone(commitment)).is_none() {
            held.bytes += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use holdline_domain::ids::PlanId;

    use super::*;

    fn at(number: u32) -> At {
        (PlanId::from(Uuid::from_u128(7)), number)
    }

    #[test]
    fn what_was_committed_is_known_again_by_its_digest_and_where_it_stands() {
        let (kept, commitment) = (Commitments::default(), Arc::new(Commitment::default()));
        let digest = commitment.digest(at(1).0);

        kept.keep(at(1), digest, &commitment);

        assert_eq!(kept.find(at(1), digest), Some(commitment));
        assert_eq!(kept.find(at(2), digest), None);
        assert_eq!(kept.find(at(1), Digest::from([3; 32])), None);
    }

    #[test]
    fn what_does_not_come_to_its_digest_is_not_kept() {
        let kept = Commitments::default();

        kept.keep(at(1), Digest::from([3; 32]), &Arc::default());

        assert_eq!(kept.find(at(1), Digest::from([3; 32])), None);
    }

    #[test]
    fn what_is_kept_has_its_bound_and_the_newest_is_always_kept() {
        let (kept, commitment) = (Commitments::default(), Arc::new(Commitment::default()));
        let digest = commitment.digest(at(1).0);

        for number in 1..=40_000 {
            kept.keep(at(number), digest, &commitment);
            assert!(kept.find(at(number), digest).is_some());
            let held = kept.held();
            assert_eq!(held.bytes, held.revisions.len() * MEMBER);
            assert!(held.bytes <= ROOM);
        }
    }
}
