//! What was read before of what never changes: what a revision promised, which revisions a plan has up to one, and what was
//! decided. Each is decoded once and known again by its digest, or by an id that only it has; what does not come to its
//! digest is decoded each time. Rows that somebody altered are therefore not shown where they are known from before;
//! `holdline audit verify` reads them all. What is kept is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdline_domain::{commitment::Commitment, facts::Digest};
use uuid::Uuid;

use super::{StoredRenegotiation, commitment::At, revisions::StoredRevision};

/// How many bytes are kept in all, about.
const ROOM: usize = 8 * 1024 * 1024;

/// What an objective or a key result takes beside its texts, in bytes, about.
const MEMBER: usize = 256;

/// What is settled, as long as there is room.
#[derive(Clone, Default)]
pub(super) struct Settled(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    revisions: HashMap<(At, Digest), Arc<Commitment>>,
    /// The revisions of a plan up to one, by its id.
    histories: HashMap<Uuid, Arc<Vec<StoredRevision>>>,
    /// Renegotiations that were decided, by the ids of their decisions.
    decided: HashMap<(Uuid, Digest), Arc<StoredRenegotiation>>,
    bytes: usize,
}

fn size_of_decided(stored: &StoredRenegotiation) -> usize {
    let record = stored.state.record();
    let terms = &record.terms;
    let said = [&terms.trigger, &terms.reason, &terms.trade_off].into_iter().flatten().map(|text| text.as_str().len());
    let rationale = stored.state.decision().map_or(0, |decision| decision.rationale.as_str().len());
    // A change holds what was and what is.
    let members = 1 + 4 * terms.changes.len() + terms.evidence.len() + record.authors.len();
    MEMBER * members + said.sum::<usize>() + rationale
}

fn size(commitment: &Commitment) -> usize {
    let objectives = commitment.objectives.iter().map(|objective| &objective.terms);
    let objectives = objectives.map(|terms| MEMBER + terms.title.as_str().len() + terms.rationale.as_str().len());
    let key_results = commitment.key_results().map(|(_, key_result)| &key_result.terms);
    let key_results = key_results.map(|terms| MEMBER + terms.title.as_str().len() + terms.measure.unit.as_str().len());
    MEMBER + objectives.sum::<usize>() + key_results.sum::<usize>()
}

impl Settled {
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

    /// A renegotiation that was decided, by its decision and the digest in its row.
    pub(super) fn decided(&self, decision: Uuid, digest: Digest) -> Option<Arc<StoredRenegotiation>> {
        self.held().decided.get(&(decision, digest)).cloned()
    }

    /// Keeps a renegotiation that was decided; it was read, so it comes to its digest.
    pub(super) fn keep_decided(&self, decision: Uuid, digest: Digest, stored: &Arc<StoredRenegotiation>) {
        let more = size_of_decided(stored);
        if more > ROOM {
            return;
        }
        let mut held = self.room(more);
        if held.decided.insert((decision, digest), Arc::clone(stored)).is_none() {
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
    use std::collections::BTreeSet;

    use holdline_domain::{
        ids::PlanId,
        renegotiation::{Decision, Outcome, Proposal, Proposed, Record, Renegotiation, Terms},
        text::Prose,
        time::{Quarter, QuarterSpan, Timestamp},
    };

    use super::*;

    fn at(number: u32) -> At {
        (PlanId::from(Uuid::from_u128(7)), number)
    }

    fn decided(decision: Uuid) -> StoredRenegotiation {
        let (instant, quarter) = (Timestamp::EPOCH, Quarter::parse("2026-Q3").unwrap());
        let record = Record {
            id: Uuid::from_u128(1).into(),
            plan: at(1).0,
            team: Uuid::from_u128(2).into(),
            span: QuarterSpan { quarter, starts_at: instant, ends_at: instant },
            terms: Terms {
                trigger: None,
                reason: Some(Prose::parse("The supplier left.").unwrap()),
                trade_off: None,
                evidence: Vec::new(),
                changes: Vec::new(),
                decide_by: instant,
                base_revision: 1,
            },
            authors: BTreeSet::new(),
            version: 2,
            imported: false,
        };
        let decision = Decision {
            id: decision.into(),
            outcome: Outcome::Rejected,
            rationale: Prose::parse("The promise holds.").unwrap(),
            by: None,
            meeting: Uuid::from_u128(3).into(),
            digest: record.digest(),
        };
        let proposed = Proposed { record, proposal: Proposal { by: None, at: instant } };
        StoredRenegotiation { state: Renegotiation::Decided(proposed, decision), decided_at: Some(instant) }
    }

    #[test]
    fn what_was_committed_is_known_again_by_its_digest_and_where_it_stands() {
        let (kept, commitment) = (Settled::default(), Arc::new(Commitment::default()));
        let digest = commitment.digest(at(1).0);

        kept.keep(at(1), digest, &commitment);

        assert_eq!(kept.find(at(1), digest), Some(commitment));
        assert_eq!(kept.find(at(2), digest), None);
        assert_eq!(kept.find(at(1), Digest::from([3; 32])), None);
    }

    #[test]
    fn what_does_not_come_to_its_digest_is_not_kept() {
        let kept = Settled::default();

        kept.keep(at(1), Digest::from([3; 32]), &Arc::default());

        assert_eq!(kept.find(at(1), Digest::from([3; 32])), None);
    }

    #[test]
    fn what_was_decided_is_known_again_by_its_decision_and_its_digest() {
        let (kept, decision) = (Settled::default(), Uuid::from_u128(8));
        let stored = Arc::new(decided(decision));
        let digest = stored.state.record().digest();

        kept.keep_decided(decision, digest, &stored);

        assert_eq!(kept.decided(decision, digest), Some(stored));
        assert_eq!(kept.decided(Uuid::from_u128(9), digest), None);
        assert_eq!(kept.decided(decision, Digest::from([3; 32])), None);
    }

    #[test]
    fn what_is_kept_has_its_bound_and_the_newest_is_always_kept() {
        let (kept, commitment) = (Settled::default(), Arc::new(Commitment::default()));
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
