//! One entry on its way to a signed root, step by step, so that each can be shown to whoever asks.
//! Refuses to say whether the log was the same for everybody: that is what keeping checkpoints is for.

use crate::{
    note::{Checkpoint, Key},
    proof::{hashes, root_over},
    tree::{hex, leaf},
};

/// What an entry's bytes, its proof and a checkpoint come to, in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The hash of the entry's leaf.
    pub leaf: String,
    /// The root that the proof leads to; none where it leads nowhere.
    pub root: Option<String>,
    /// How many entries the checkpoint covers, and the root that it states; none where it is no checkpoint.
    pub stated: Option<(u64, String)>,
    /// Whether the key signed the checkpoint.
    pub signed: bool,
}

impl Inclusion {
    /// Follows an entry at a position through its proof, the hashes of its path, to what a signed note says.
    #[must_use]
    pub fn follow(body: &str, seq: u64, path: &[String], note: &str, key: Option<&Key>) -> Self {
        let (leaf, checkpoint) = (leaf(body.as_bytes()), Checkpoint::parse(note).ok());
        let size = checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let root = hashes(path).and_then(|path| root_over(seq, size, &leaf, &path));
        Self {
            leaf: hex(&leaf),
            root: root.map(|root| hex(&root)),
            signed: checkpoint.as_ref().zip(key).is_some_and(|(checkpoint, key)| checkpoint.signed_by(key)),
            stated: checkpoint.map(|checkpoint| (checkpoint.size, hex(&checkpoint.root))),
        }
    }

    /// Whether the proof leads to the root that the checkpoint states.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.root.as_ref().zip(self.stated.as_ref()).is_some_and(|(root, (_, stated))| root == stated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        note::tests::{checkpoint, key},
        proof::tests::path,
        tree::{Hash, Tree},
    };

    const BODY: &str = "{\"seq\":\"1\"}";

    fn log() -> (Vec<Hash>, Tree) {
        let leaves: Vec<_> = ["{}", BODY, "{\"seq\":\"2\"}"].iter().map(|body| leaf(body.as_bytes())).collect();
        let mut tree = Tree::default();
        for leaf in &leaves {
            tree.push(*leaf);
        }
        (leaves, tree)
    }

    #[test]
    fn an_entry_leads_to_the_root_that_was_signed_and_another_text_does_not() {
        let (leaves, tree) = log();
        let path: Vec<_> = path(&leaves, 1).iter().map(|hash| hex(hash)).collect();
        let note = checkpoint("log", 3, &tree.root(3).unwrap(), &[1]);
        let key = Key::parse(&key("log", 1)).unwrap();

        let found = Inclusion::follow(BODY, 1, &path, &note, Some(&key));
        assert!(found.holds() && found.signed, "{found:?}");
        assert_eq!(found.leaf, hex(&leaves[1]));

        let altered = Inclusion::follow("{\"seq\":\"1\" }", 1, &path, &note, Some(&key));
        assert!(!altered.holds() && altered.signed, "{altered:?}");
        let moved = Inclusion::follow(BODY, 2, &path, &note, Some(&key));
        assert!(!moved.holds(), "{moved:?}");
    }

    #[test]
    fn what_nobody_known_signed_is_not_signed() {
        let (leaves, tree) = log();
        let path: Vec<_> = path(&leaves, 1).iter().map(|hash| hex(hash)).collect();
        let note = checkpoint("log", 3, &tree.root(3).unwrap(), &[1]);
        let other = Key::parse(&key("log", 2)).unwrap();

        assert!(!Inclusion::follow(BODY, 1, &path, &note, Some(&other)).signed);
        assert!(!Inclusion::follow(BODY, 1, &path, &note, None).signed);
        let unread = Inclusion::follow(BODY, 1, &path, "no note", None);
        assert_eq!((unread.stated.clone(), unread.holds()), (None, false));
    }
}
