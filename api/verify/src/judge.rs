//! Checkpoints against the tree that was recomputed from the bodies: who signed them, and whether they agree.
//! Checkpoints from outside are judged first, because whoever holds the key can sign the stored ones anew; where one
//! disagrees, the range between the last that agrees and it is named.

use std::collections::BTreeMap;

use crate::{
    finding::{Code, Finding, Findings},
    keys::Keys,
    note::{Checkpoint, Outside},
    tree::{Hash, Tree},
};

/// A first disagreement, and how many more followed it.
#[derive(Debug)]
struct Disagreement {
    first: u64,
    last: u64,
    name: String,
    more: u64,
}

/// A checkpoint from outside that was found to be signed.
#[derive(Debug)]
struct Known {
    root: Hash,
    name: String,
    /// Whether it agrees with the tree.
    agrees: bool,
    /// Whether the log keeps one of that size, too.
    kept: bool,
}

/// What the checkpoints say, as far as they were looked at.
pub(crate) struct Judge<'l> {
    tree: &'l Tree,
    keys: &'l Keys,
    /// How many entries the log has, which is more than the tree holds where entries are missing.
    entries: u64,
    outside: BTreeMap<u64, Known>,
    agreed: u64,
    /// How many entries are under some checkpoint that agrees.
    signed: u64,
    covered: u64,
    stored: u64,
    disagreement: Option<Disagreement>,
}

impl<'l> Judge<'l> {
    pub(crate) fn new(tree: &'l Tree, keys: &'l Keys, entries: u64) -> Self {
        Self {
            tree,
            keys,
            entries,
            outside: BTreeMap::new(),
            agreed: 0,
            signed: 0,
            covered: 0,
            stored: 0,
            disagreement: None,
        }
    }

    /// Judges the checkpoints from outside, each with the name it was given by.
    pub(crate) fn outside(&mut self, given: &[Outside], findings: &mut Findings<'_>) {
        let mut given: Vec<_> = given.iter().collect();
        given.sort_by_key(|given| given.checkpoint.size);
        for Outside { name, checkpoint } in given {
            let name = format!("the checkpoint {name}");
            if !self.trusted(&name, checkpoint, findings) {
                continue;
            }
            self.fork(&name, checkpoint, findings);
            let agrees = self.compare(&name, checkpoint, findings);
            let known = Known { root: checkpoint.root, name, agrees, kept: false };
            self.outside.insert(checkpoint.size, known);
        }
        self.finish_group(findings);
    }

    /// Judges one that the log keeps itself; they come in order of size.
    pub(crate) fn stored(&mut self, name: &str, checkpoint: &Checkpoint, findings: &mut Findings<'_>) {
        self.stored += 1;
        if let Some(known) = self.outside.get_mut(&checkpoint.size) {
            known.kept = true;
        }
        if !self.trusted(name, checkpoint, findings) {
            return;
        }
        for old in self.keys.handing_over(self.covered, checkpoint.size) {
            if !checkpoint.vouched_by(old) {
                let what = format!(
                    "{name} is the first to cover a change of key, and the key before it, {}, did not sign it.",
                    old.name()
                );
                let (first, last) = range(self.covered, checkpoint.size);
                findings.tell(&Finding::new(Code::CheckpointUntrusted, what).within(first, last));
            }
        }
        self.covered = self.covered.max(checkpoint.size);
        self.fork(name, checkpoint, findings);
        self.compare(name, checkpoint, findings);
    }

    /// Says what remains to be said once every stored checkpoint was judged; answers with how many entries are under a
    /// checkpoint that agrees.
    pub(crate) fn finish(mut self, findings: &mut Findings<'_>) -> u64 {
        self.finish_group(findings);
        self.taken_out(findings);
        if !self.keys.any() {
            let what = "The log names no checkpoint key (no CHECKPOINT_KEY_SET), so it vouches for itself alone.";
            findings.tell(&Finding::new(Code::KeyMissing, what));
        } else if self.stored == 0 && self.outside.is_empty() {
            let what = "The log names a checkpoint key and there is no checkpoint, so it vouches for itself alone.";
            findings.tell(&Finding::new(Code::CheckpointMissing, what));
        }
        self.signed
    }

    /// Whatever is signed is kept before it is shown, so what was kept elsewhere is among the stored ones.
    fn taken_out(&self, findings: &mut Findings<'_>) {
        for (size, known) in self.outside.iter().filter(|(_, known)| known.agrees && !known.kept) {
            let what = format!(
                "{} of size {size} is not among the stored ones, which keep every one that was signed: it was taken out, \
                 or this is a copy from before it was kept.",
                known.name
            );
            findings.tell(&Finding::new(Code::CheckpointMissing, capital(&what)));
        }
    }

    fn trusted(&self, name: &str, checkpoint: &Checkpoint, findings: &mut Findings<'_>) -> bool {
        let size = checkpoint.size;
        let signed = self.keys.current(size.min(self.entries)).is_some_and(|key| checkpoint.signed_by(key));
        // A log that was cut may have lost the entry that names the key; the one that is left is no excuse.
        let vouched = size > self.entries && self.keys.current(size).is_some_and(|key| checkpoint.vouched_by(key));
        if !signed && !vouched {
            let what = match self.keys.current(size.min(self.entries)) {
                Some(key) => {
                    format!("{name} of size {size} has no valid signature of the current key, {}.", key.name())
                }
                None => {
                    format!("{name} of size {size} covers no entry that names a key, so nobody can have signed it.")
                }
            };
            findings.tell(&Finding::new(Code::CheckpointUntrusted, capital(&what)));
        }
        signed || vouched
    }

    /// Two signed roots of one size are proof that somebody with the key signed two histories.
    fn fork(&self, name: &str, checkpoint: &Checkpoint, findings: &mut Findings<'_>) {
        if self.outside.get(&checkpoint.size).is_some_and(|known| known.root != checkpoint.root) {
            let what = format!(
                "{name} and one from outside are both signed for size {} and have different roots: whoever holds the \
                 key signed two histories.",
                checkpoint.size
            );
            findings.tell(&Finding::new(Code::CheckpointForked, capital(&what)));
        }
    }

    /// Whether it agrees with the tree.
    fn compare(&mut self, name: &str, checkpoint: &Checkpoint, findings: &mut Findings<'_>) -> bool {
        let size = checkpoint.size;
        if size > self.entries {
            let what = format!(
                "the log has been cut: {name} was signed over {size} entries, and the log has {} of them.",
                self.entries
            );
            findings.tell(&Finding::new(Code::LogCut, what).within(self.entries, size - 1));
            return false;
        }
        if self.tree.root(size) == Some(checkpoint.root) {
            // Once one disagrees, a later one that agrees narrows nothing.
            if self.disagreement.is_none() {
                self.agreed = self.agreed.max(size);
            }
            self.signed = self.signed.max(size);
            return true;
        }
        if let Some(known) = &mut self.disagreement {
            known.more += 1;
        } else {
            let (first, last) = range(self.agreed, size);
            self.disagreement = Some(Disagreement { first, last, name: name.to_owned(), more: 0 });
        }
        false
    }

    fn finish_group(&mut self, findings: &mut Findings<'_>) {
        let Some(Disagreement { first, last, name, more }) = self.disagreement.take() else { return };
        let others = match more {
            0 => String::new(),
            1 => "; neither does a later one".into(),
            more => format!("; neither do {more} later ones"),
        };
        let since = if first == 0 { String::new() } else { format!(" The checkpoint of size {first} still agrees.") };
        let what = format!(
            "{name}, of size {}, does not agree with the tree over the entries as they are{others}.{since}",
            last + 1
        );
        findings.tell(&Finding::new(Code::CheckpointInconsistent, what).within(first, last));
    }
}

/// The entries that a checkpoint covers beyond another; an empty one stands at the first.
const fn range(covered: u64, size: u64) -> (u64, u64) {
    let last = size.saturating_sub(1);
    (if covered > last { last } else { covered }, last)
}

fn capital(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
