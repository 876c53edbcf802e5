//! Which key signs checkpoints from which entry on, as the log itself says (CHECKPOINT_KEY_SET), or as the caller pins.
//! Refuses to look at a checkpoint.

use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
    note::Key,
};

/// The keys that the log names, in its order.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pinned: Option<Key>,
    named: Vec<(u64, Key)>,
}

impl Keys {
    pub(crate) fn new(pinned: Option<Key>) -> Self {
        Self { pinned, named: Vec::new() }
    }

    /// Takes note of an entry that names a key.
    pub(crate) fn observe(&mut self, entry: &Entry<'_>, findings: &mut Findings<'_>) {
        if entry.action() != "CHECKPOINT_KEY_SET" {
            return;
        }
        let named = entry.after().get("checkpointKey").text().unwrap_or_default();
        let key = match Key::parse(named) {
            Ok(key) => key,
            Err(why) => {
                let what = format!("the entry names a checkpoint key that {why}.");
                return findings.tell(&Finding::on(Code::KeyUnexpected, entry, what));
            }
        };
        let before = entry.get("before").get("checkpointKey").text().map(Key::parse);
        if before.as_ref().and_then(|before| before.as_ref().ok()) != self.named.last().map(|(_, last)| last) {
            let what = "the entry sets a checkpoint key in place of another than the one that was current.";
            findings.tell(&Finding::on(Code::KeyUnexpected, entry, what));
        }
        if let (Some(pinned), true) = (&self.pinned, self.named.is_empty())
            && *pinned != key
        {
            let what = format!("the log's first checkpoint key is that of {}, and not the pinned one.", key.name());
            findings.tell(&Finding::on(Code::KeyUnexpected, entry, what));
            // From here on the pinned key counts: what the log says of itself is not believed against it.
            self.named.push((entry.seq, pinned.clone()));
            return;
        }
        self.named.push((entry.seq, key));
    }

    /// Whether the log names any key.
    pub(crate) fn any(&self) -> bool {
        !self.named.is_empty()
    }

    /// The key that is current among the first so many entries.
    pub(crate) fn current(&self, size: u64) -> Option<&Key> {
        let named = self.named.iter().rev().find(|(seq, _)| *seq < size).map(|(_, key)| key);
        named.or(self.pinned.as_ref().filter(|_| self.named.is_empty()))
    }

    /// The key before a rotation that a checkpoint of some size is the first to cover, `covered` being the size of the
    /// checkpoint before it.
    pub(crate) fn handing_over(&self, covered: u64, size: u64) -> impl Iterator<Item = &Key> {
        let rotations = self.named.windows(2).filter_map(|pair| match pair {
            [(_, old), (seq, _)] => Some((*seq, old)),
            _ => None,
        });
        rotations.filter(move |(seq, _)| (covered..size).contains(seq)).map(|(_, old)| old)
    }
}
