//! One pass over a log: every entry goes through the checks that need nothing but the log.
//! Holds what they share; refuses to know where the entries come from.

use crate::{
    Ask, Report,
    entry::Entry,
    finding::Findings,
    judge::Judge,
    keys::Keys,
    log::{Kept, Log},
    people::People,
    promise::Promise,
    tree::hex,
};

/// The checks, and what they know so far.
pub(crate) struct Checker {
    pub(crate) log: Log,
    keys: Keys,
    promise: Promise,
    people: People,
}

impl Checker {
    pub(crate) fn new(ask: &Ask) -> Self {
        Self {
            log: Log::default(),
            keys: Keys::new(ask.key.clone()),
            promise: Promise::default(),
            people: People::default(),
        }
    }

    /// Checks the next entry; answers with it where it can be read.
    pub(crate) fn take<'b>(&mut self, kept: &Kept<'b>, findings: &mut Findings<'_>) -> Option<Entry<'b>> {
        let entry = self.log.take(kept, findings)?;
        self.keys.observe(&entry, findings);
        self.promise.observe(&entry, findings);
        self.people.observe(&entry, findings);
        Some(entry)
    }

    /// Who acted; the rows of people are held against it once.
    pub(crate) fn take_people(&mut self) -> People {
        std::mem::take(&mut self.people)
    }

    /// Whether the log names a key that signs it.
    pub(crate) fn names_a_key(&self) -> bool {
        self.keys.any()
    }

    /// The judge of the checkpoints, once every entry was taken.
    pub(crate) fn judge(&self) -> Judge<'_> {
        Judge::new(&self.log.tree, &self.keys, self.log.next)
    }

    /// What was seen, once everything was; `signed` is how many entries are under a checkpoint that agrees.
    pub(crate) fn report(&self, signed: u64, findings: &Findings<'_>) -> Report {
        let (revisions, imported) = self.promise.revisions();
        Report {
            entries: self.log.read,
            head: self.log.tree.root(self.log.tree.size()).map(|root| hex(&root)).unwrap_or_default(),
            plans: self.promise.plans(),
            revisions,
            imported,
            unsigned: (signed < self.log.next).then(|| (signed, self.log.next - 1)),
            findings: findings.found,
        }
    }
}
