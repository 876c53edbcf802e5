//! Following a log from outside by its checkpoints alone: each newer one must be signed by the known key, and its log
//! must begin with the one before. A key hands over to the next only by its own signature. Holds what was seen last;
//! refuses to fetch anything.

use crate::{
    entry::Entry,
    note::{Checkpoint, Key},
    proof::{consistent, hashes, root_over},
    tree::{hex, leaf},
};

/// What is known of a log.
#[derive(Debug, Clone)]
pub struct Followed {
    key: Key,
    checkpoint: Checkpoint,
}

/// What a newer checkpoint needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is the same log.
    Same,
    /// The proof that the log of `to` entries begins with that of `from` (RFC 6962, 2.1.2).
    Proof {
        /// The log that was seen.
        from: u64,
        /// The log that is there now.
        to: u64,
    },
    /// That the known key handed over: it did not sign this one.
    HandOver,
}

/// How the known key hands over to the next: by its signature on a log that names the next one.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// The first checkpoint that covers the entry that names the next key; both keys sign it.
    pub note: String,
    /// The entry's position.
    pub seq: u64,
    /// The entry's body.
    pub body: String,
    /// The proof that the checkpoint's log holds the entry (RFC 6962, 2.1.1), in hexadecimal digits.
    pub inclusion: Vec<String>,
    /// The proof that the checkpoint's log begins with the one that was seen; empty where it is that one.
    pub consistency: Vec<String>,
}

impl HandOver {
    /// How many entries its checkpoint covers; none where it is no checkpoint.
    #[must_use]
    pub fn size(note: &str) -> Option<u64> {
        Checkpoint::parse(note).ok().map(|checkpoint| checkpoint.size)
    }
}

impl Followed {
    /// Begins with a checkpoint; the error is a sentence.
    pub fn begin(note: &str, key: Key) -> Result<Self, String> {
        let checkpoint = read(note)?;
        if checkpoint.signed_by(&key) {
            return Ok(Self { key, checkpoint });
        }
        Err(unsigned(&checkpoint, &key))
    }

    /// How many entries the log had that was seen last.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// The key that is known.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }

    /// What a newer checkpoint needs to be believed; the error is a finding, in a sentence.
    pub fn next(&self, note: &str) -> Result<Next, String> {
        let newer = read(note)?;
        if !newer.signed_by(&self.key) {
            return Ok(Next::HandOver);
        }
        let (from, to) = (self.checkpoint.size, newer.size);
        if to < from {
            return Err(format!("The log had {from} entries and has {to} now: it has been cut."));
        }
        if to > from {
            return Ok(Next::Proof { from, to });
        }
        if newer.root == self.checkpoint.root {
            return Ok(Next::Same);
        }
        let roots = (hex(&self.checkpoint.root), hex(&newer.root));
        Err(format!(
            "Two checkpoints over {from} entries have different roots, {} and {}: two logs are shown.",
            roots.0, roots.1
        ))
    }

    /// The finding where the known key did not sign a checkpoint, and the log names no key in its place.
    #[must_use]
    pub fn unsigned(&self, note: &str) -> String {
        read(note).map_or_else(|why| why, |checkpoint| unsigned(&checkpoint, &self.key))
    }

    /// Takes a newer checkpoint with its proof, hashes in hexadecimal digits; the error is a finding, in a sentence.
    pub fn grow(&mut self, note: &str, proof: &[String]) -> Result<(), String> {
        let newer = read(note)?;
        if !newer.signed_by(&self.key) {
            return Err(unsigned(&newer, &self.key));
        }
        self.begins(&newer, proof)?;
        self.checkpoint = newer;
        Ok(())
    }

    /// Takes the next key, which the known one vouches for; the error is a finding, in a sentence.
    pub fn hand_over(&mut self, over: &HandOver) -> Result<(), String> {
        let (first, seq) = (read(&over.note)?, over.seq);
        // Who did not sign the log that names the next key did not hand over to it, whoever else signed.
        if !first.vouched_by(&self.key) {
            return Err(format!(
                "The log names a new checkpoint key at entry {seq}, and the first checkpoint over it, of {} entries, is \
                 not signed by the key before, that of {}: whoever changed the key did not hold the old one.",
                first.size,
                self.key.name()
            ));
        }
        let path = hashes(&over.inclusion);
        let root = path.and_then(|path| root_over(seq, first.size, &leaf(over.body.as_bytes()), &path));
        if root != Some(first.root) {
            return Err(format!("The entry {seq} that names a new checkpoint key is not proved to be in the log."));
        }
        let next = self.named_next(over).filter(|next| first.signed_by(next)).ok_or_else(|| {
            format!(
                "The entry {seq} does not put the key that signed next in the place of the known one, that of {}.",
                self.key.name()
            )
        })?;
        if first.size != self.checkpoint.size || first.root != self.checkpoint.root {
            self.begins(&first, &over.consistency)?;
        }
        *self = Self { key: next, checkpoint: first };
        Ok(())
    }

    /// The key that an entry puts in the place of the known one.
    fn named_next(&self, over: &HandOver) -> Option<Key> {
        let entry = Entry::read(over.body.as_bytes()).ok()?;
        let key = |state: &str| Key::parse(entry.get(state).get("checkpointKey").text()?).ok();
        let replaces = entry.action() == "CHECKPOINT_KEY_SET" && entry.seq == over.seq;
        key("after").filter(|_| replaces && key("before").as_ref() == Some(&self.key))
    }

    fn begins(&self, newer: &Checkpoint, proof: &[String]) -> Result<(), String> {
        let (from, to) = (self.checkpoint.size, newer.size);
        let roots = ((from, &self.checkpoint.root), (to, &newer.root));
        if hashes(proof).is_some_and(|proof| consistent(roots.0, roots.1, &proof)) {
            return Ok(());
        }
        Err(format!(
            "The log of {to} entries does not begin with the log of {from} entries that was seen before: an entry below \
             {from} was changed."
        ))
    }
}

fn read(note: &str) -> Result<Checkpoint, String> {
    Checkpoint::parse(note).map_err(|why| format!("What is shown as a checkpoint {why}."))
}

fn unsigned(checkpoint: &Checkpoint, key: &Key) -> String {
    format!(
        "The checkpoint over {} entries is not signed by the key of {} that is known, and the log names no other in its \
         place.",
        checkpoint.size,
        key.name()
    )
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
