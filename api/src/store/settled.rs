//! What was read before of what never changes: what a revision promised, which revisions a plan has up to one, and
//! renegotiations that were decided or withdrawn. Each is decoded once and known again: a promise by the digest that its
//! revision has, the revisions by the id of the newest one, a renegotiation by the rows of its head. Further rows that
//! somebody alters (objectives and key results of a promise, older revisions, changes, evidence and authors) are therefore
//! not noticed where they are known from before, and not shown either; `holdline audit verify` reads them all. What is kept
//! is bounded.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use holdline_domain::{commitment::Commitment, facts::Digest};
use uuid::Uuid;

use super::{StoredRenegotiation, commitment::At, renegotiation::HeadRow, revisions::StoredRevision};

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
    /// Renegotiations that are over, by their ids, with the rows that they were read from.
    over: HashMap<Uuid, (HeadRow, Arc<StoredRenegotiation>)>,
    bytes: usize,
}

/// Its texts are in its row, too; a change holds what was and what is.
fn size_of_over(head: &HeadRow, stored: &StoredRenegotiation) -> usize {
    let record = stored.state.record();
    let changes = record.terms.changes.iter().map(|change| 4 * MEMBER + change.facts().canonical().len());
    let members = 2 + record.terms.evidence.len() + record.authors.len();
    MEMBER * members + 2 * head.size() + changes.sum::<usize>()
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

    /// Keeps something of a size: all else is let go of where there is no room, after others may go on.
    fn keep_in(&self, more: usize, keep: impl FnOnce(&mut Held) -> bool) {
        if more > ROOM {
            return;
        }
        let mut held = self.held();
        let full = held.bytes + more > ROOM;
        let former = full.then(|| mem::take(&mut *held));
        if keep(&mut held) {
            held.bytes += more;
        }
        drop(held);
        drop(former);
    }

    /// The revisions of a plan up to the one of an id.
    pub(super) fn history(&self, newest: Uuid) -> Option<Arc<Vec<StoredRevision>>> {
        self.held().histories.get(&newest).cloned()
    }

    /// Keeps all revisions of a plan, from the first.
    pub(super) fn keep_history(&self, history: &Arc<Vec<StoredRevision>>) {
        let Some(newest) = history.last() else { return };
        let more = MEMBER + history.len() * size_of::<StoredRevision>();
        self.keep_in(more, |held| held.histories.insert(newest.id.uuid(), Arc::clone(history)).is_none());
    }

    /// A renegotiation that is over, if its rows still say what was read.
    pub(super) fn over(&self, head: &HeadRow) -> Option<Arc<StoredRenegotiation>> {
        let kept = self.held();
        kept.over.get(&head.id()).filter(|(read, _)| read == head).map(|(_, stored)| Arc::clone(stored))
    }

    /// Keeps a renegotiation that is over, with the rows it was read from.
    pub(super) fn keep_over(&self, head: &HeadRow, stored: &Arc<StoredRenegotiation>) {
        let more = size_of_over(head, stored);
        self.keep_in(more, |held| {
            let former = held.over.insert(head.id(), (head.clone(), Arc::clone(stored)));
            if let Some((head, stored)) = &former {
                held.bytes -= size_of_over(head, stored);
            }
            true
        });
    }

    /// What a plan promised at a revision of this digest.
    pub(super) fn find(&self, at: At, digest: Digest) -> Option<Arc<Commitment>> {
        self.held().revisions.get(&(at, digest)).cloned()
    }

    /// Keeps what was read, if it comes to the digest in its row.
    pub(super) fn keep(&self, at: At, digest: Digest, commitment: &Arc<Commitment>) {
        if commitment.digest(at.0) == digest {
            self.keep_in(size(commitment), |held| {
                held.revisions.insert((at, digest), Arc::clone(commitment)).is_none()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use holdline_domain::{
        commitment_change::CommitmentChange,
        ids::PlanId,
        objective::ObjectiveTerms,
        renegotiation::{Decision, Outcome, Proposal, Proposed, Record, Renegotiation, Terms},
        text::{Line, Prose},
        time::{Quarter, QuarterSpan, Timestamp},
    };

    use super::*;

    fn at(number: u32) -> At {
        (PlanId::from(Uuid::from_u128(7)), number)
    }

    /// A decided renegotiation that amended eight objectives, with its row.
    fn decided(number: u128, rationale: &Prose) -> (HeadRow, Arc<StoredRenegotiation>) {
        let (instant, quarter) = (Timestamp::EPOCH, Quarter::parse("2026-Q3").unwrap());
        let objective = |title| ObjectiveTerms {
            title: Line::parse(title).unwrap(),
            rationale: rationale.clone(),
            owner: Uuid::from_u128(5).into(),
            load: None,
            contributes_to: None,
        };
        let amended = |number| CommitmentChange::ObjectiveAmended {
            id: Uuid::from_u128(number).into(),
            from: objective("Win the city"),
            to: objective("Win the country"),
        };
        let record = Record {
            id: Uuid::from_u128(number).into(),
            plan: at(1).0,
            team: Uuid::from_u128(2).into(),
            span: QuarterSpan { quarter, starts_at: instant, ends_at: instant },
            terms: Terms {
                trigger: None,
                reason: Some(Prose::parse("The supplier left.").unwrap()),
                trade_off: None,
                evidence: Vec::new(),
                changes: (1..=8).map(amended).collect(),
                decide_by: instant,
                base_revision: 1,
            },
            authors: BTreeSet::new(),
            version: 2,
            imported: false,
        };
        let decision = Decision {
            id: Uuid::from_u128(8).into(),
            outcome: Outcome::Rejected,
            rationale: Prose::parse("The promise holds.").unwrap(),
            by: None,
            meeting: Uuid::from_u128(3).into(),
            digest: Digest::from([9; 32]),
        };
        let head = HeadRow::saying(record.id.uuid(), "The supplier left.", decision.rationale.as_str());
        let proposed = Proposed { record, proposal: Proposal { by: None, at: instant } };
        let state = Renegotiation::Decided(proposed, decision);
        (head, Arc::new(StoredRenegotiation { state, decided_at: Some(instant) }))
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
    fn what_was_decided_is_known_again_as_long_as_its_rows_say_the_same() {
        let (kept, rationale) = (Settled::default(), Prose::parse("It matters.").unwrap());
        let (head, stored) = decided(1, &rationale);

        kept.keep_over(&head, &stored);

        assert_eq!(kept.over(&head), Some(stored));
        assert_eq!(kept.over(&decided(2, &rationale).0), None);
        assert_eq!(kept.over(&HeadRow::saying(head.id(), "The supplier left.", "Nobody asked.")), None);
    }

    #[test]
    fn what_was_decided_counts_with_every_word_of_its_changes() {
        let (kept, long) = (Settled::default(), Prose::parse(&"x".repeat(8_000)).unwrap());

        for number in 1..=100 {
            let (head, stored) = decided(number, &long);
            kept.keep_over(&head, &stored);
            kept.keep_over(&head, &stored);
            assert_eq!(kept.over(&head), Some(stored));
            let now = kept.held();
            assert!(now.over.len() * 16 * 8_000 <= now.bytes && now.bytes <= ROOM);
        }
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
