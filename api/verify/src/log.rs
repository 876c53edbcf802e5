//! The log by itself: each body against its leaf hash, positions without gaps, time that never goes back.
//! Holds the tree over the bodies; refuses to know what an entry means.

use std::collections::HashMap;

use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
    tree::{Hash, Tree, leaf},
};

/// An entry as it is kept, in a database or in an export.
pub(crate) struct Kept<'b> {
    /// The position that it is kept at.
    pub(crate) seq: u64,
    /// The leaf hash that is kept with it; none where what is kept is no hash.
    pub(crate) leaf: Option<Hash>,
    /// Its body.
    pub(crate) body: &'b [u8],
}

/// What is known of the log so far.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) tree: Tree,
    /// The position after the last entry.
    pub(crate) next: u64,
    /// How many bodies were read.
    pub(crate) read: u64,
    recorded_at: Option<i64>,
    plans: HashMap<String, i64>,
}

impl Log {
    /// Checks an entry and answers with what its body says, where that can be read.
    pub(crate) fn take<'b>(&mut self, kept: &Kept<'b>, findings: &mut Findings<'_>) -> Option<Entry<'b>> {
        if !self.in_sequence(kept.seq, findings) {
            return None;
        }
        self.read += 1;
        let hash = leaf(kept.body);
        // Behind a gap no leaf stands where it stood, so the tree ends there.
        if self.tree.size() == kept.seq {
            self.tree.push(hash);
        }
        let entry = match Entry::read(kept.body) {
            Ok(entry) => entry,
            Err(why) => {
                findings.tell(&Finding::at(Code::BodyMalformed, kept.seq, format!("the body {why}.")));
                if kept.leaf != Some(hash) {
                    findings.tell(&Finding::at(Code::LeafAltered, kept.seq, ALTERED));
                }
                return None;
            }
        };
        if kept.leaf != Some(hash) {
            findings.tell(&Finding::on(Code::LeafAltered, &entry, ALTERED));
        }
        if entry.seq != kept.seq {
            let what = format!("the entry is kept at {} and its body says {}.", kept.seq, entry.seq);
            findings.tell(&Finding::at(Code::SequenceBroken, kept.seq, what));
            return None;
        }
        self.in_time(&entry, findings);
        Some(entry)
    }

    fn in_sequence(&mut self, seq: u64, findings: &mut Findings<'_>) -> bool {
        if seq < self.next {
            let what = "the entry stands behind one of the same or a later position.";
            findings.tell(&Finding::at(Code::SequenceBroken, seq, what));
            return false;
        }
        if seq > self.next {
            let what = "there is no such entry, though there are later ones.";
            findings.tell(&Finding::new(Code::SequenceBroken, what).within(self.next, seq - 1));
        }
        self.next = seq.saturating_add(1);
        true
    }

    fn in_time(&mut self, entry: &Entry<'_>, findings: &mut Findings<'_>) {
        let mut say = |what: &str| findings.tell(&Finding::on(Code::TimeBackwards, entry, what));
        if self.recorded_at.is_some_and(|last| entry.recorded_at < last) {
            say("the entry was recorded before the one in front of it.");
        }
        self.recorded_at = self.recorded_at.max(Some(entry.recorded_at));
        if entry.occurred_at > entry.recorded_at {
            say("the entry takes effect after it was recorded.");
        }
        if entry.occurred_at != entry.recorded_at && !entry.imported {
            say("the entry takes effect at another time than it was recorded, and is not imported.");
        }
        if let Some(plan) = entry.plan() {
            match self.plans.get_mut(plan) {
                Some(last) => {
                    if entry.occurred_at < *last {
                        say("the entry takes effect before an earlier one of the same plan.");
                    }
                    *last = entry.occurred_at.max(*last);
                }
                None => {
                    self.plans.insert(plan.to_owned(), entry.occurred_at);
                }
            }
        }
    }
}

const ALTERED: &str = "the body does not hash to the leaf that is kept with it.";
