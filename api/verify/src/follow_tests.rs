//! Following a log by its checkpoints: growth is believed with its proof, a new key with the old one's signature.

use serde_json::json;

use super::*;
use crate::{
    entry::tests::body,
    note::tests::{checkpoint, key},
    proof::tests::{path, subproof, tree},
    tree::{Hash, Tree},
};

fn shown(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

#[test]
fn a_log_that_grows_is_followed_and_one_that_was_cut_or_rewritten_is_told() {
    let known = Key::parse(&key("log", 1)).unwrap();
    let note = |size: u64, seed: u8| checkpoint("log", size, &tree(size).root(size).unwrap(), &[seed]);
    let mut followed = Followed::begin(&note(3, 1), known).unwrap();

    assert_eq!(followed.next(&note(3, 1)), Ok(Next::Same));
    assert_eq!(followed.next(&note(7, 1)), Ok(Next::Proof { from: 3, to: 7 }));
    let proof = shown(&subproof(&(0..7).collect::<Vec<_>>(), 3, true));
    followed.grow(&note(7, 1), &proof).unwrap();
    assert_eq!(followed.size(), 7);

    let told = |finding: Result<Next, String>| finding.unwrap_err();
    assert!(told(followed.next(&note(3, 1))).contains("it has been cut"));
    assert_eq!(followed.next(&note(8, 2)), Ok(Next::HandOver));
    assert!(followed.unsigned(&note(8, 2)).contains("is not signed by the key"));
    assert!(told(followed.next(&checkpoint("log", 7, &[7; 32], &[1]))).contains("two logs are shown"));
    assert!(told(followed.next("nonsense")).contains("is no signed note"));
    assert!(followed.clone().grow(&note(9, 1), &proof).unwrap_err().contains("was changed"));
    assert!(followed.clone().grow(&note(9, 2), &proof).unwrap_err().contains("is not signed by the key"));
}

/// Eight entries; the sixth puts one key in the place of another.
struct Rotated {
    tree: Tree,
    body: String,
}

impl Rotated {
    fn from(before: &str, after: &str) -> Self {
        let body = body(&json!({ "seq": "5", "action": "CHECKPOINT_KEY_SET", "before": { "checkpointKey": before },
                                 "after": { "checkpointKey": after } }));
        let mut tree = Tree::default();
        for place in 0..8_u64 {
            tree.push(if place == 5 { leaf(&body) } else { leaf(&place.to_be_bytes()) });
        }
        Self { tree, body: String::from_utf8(body).unwrap() }
    }

    fn note(&self, size: u64, seeds: &[u8]) -> String {
        checkpoint("log", size, &self.tree.root(size).unwrap(), seeds)
    }

    /// As the first checkpoint of six entries tells it, to somebody who saw the first three.
    fn over(&self, seeds: &[u8]) -> HandOver {
        let leaves = &self.tree.level(0)[..6];
        // Of the first three entries the first two are a complete subtree.
        let two = self.tree.level(1)[0];
        let (third, fourth, pair) = (leaves[2], leaves[3], self.tree.level(1)[2]);
        HandOver {
            note: self.note(6, seeds),
            seq: 5,
            body: self.body.clone(),
            inclusion: shown(&path(leaves, 5)),
            consistency: shown(&[third, fourth, two, pair]),
        }
    }
}

#[test]
fn a_new_key_is_believed_once_the_old_one_signed_a_log_that_names_it() {
    let (old, new) = (key("log", 1), key("log", 2));
    let rotated = Rotated::from(&old, &new);
    let mut followed = Followed::begin(&rotated.note(3, &[1]), Key::parse(&old).unwrap()).unwrap();

    assert_eq!(followed.next(&rotated.note(8, &[2])), Ok(Next::HandOver));
    followed.hand_over(&rotated.over(&[1, 2])).unwrap();

    assert_eq!((followed.size(), followed.key().to_string()), (6, new));
    assert_eq!(followed.next(&rotated.note(8, &[2])), Ok(Next::Proof { from: 6, to: 8 }));
    // Whoever saw the very checkpoint that both signed needs no proof of growth.
    let mut there = Followed::begin(&rotated.note(6, &[1, 2]), Key::parse(&old).unwrap()).unwrap();
    there.hand_over(&HandOver { consistency: Vec::new(), ..rotated.over(&[1, 2]) }).unwrap();
    assert_eq!(there.size(), 6);
}

#[test]
fn a_new_key_that_the_old_one_did_not_vouch_for_is_told() {
    let (old, new) = (key("log", 1), key("log", 2));
    let rotated = Rotated::from(&old, &new);
    let followed = Followed::begin(&rotated.note(3, &[1]), Key::parse(&old).unwrap()).unwrap();
    let told = |over: &HandOver| followed.clone().hand_over(over).unwrap_err();
    let sound = rotated.over(&[1, 2]);

    assert!(told(&rotated.over(&[2])).contains("did not hold the old one"));
    // Somebody adds a signature of their own to what the old key signed, and an entry of their own.
    let theirs = Rotated::from(&old, &key("log", 3));
    let forged = HandOver { note: rotated.note(6, &[1, 3]), body: theirs.body.clone(), ..sound.clone() };
    assert!(told(&forged).contains("is not proved to be in the log"));
    assert!(told(&rotated.over(&[1, 3])).contains("does not put the key that signed"));
    let other = Rotated::from(&key("log", 4), &new);
    assert!(told(&other.over(&[1, 2])).contains("does not put the key that signed"));
    let elsewhere = HandOver { consistency: sound.inclusion.clone(), ..sound.clone() };
    assert!(told(&elsewhere).contains("was changed"));
    let misplaced = HandOver { seq: 4, ..sound };
    assert!(told(&misplaced).contains("is not proved to be in the log"));
}
