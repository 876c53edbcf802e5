//! Checkpoints, stored and from outside, against a small log: who is believed, and what is told of it.

use serde_json::json;

use super::*;
use crate::{
    entry::{Entry, tests::body},
    note::{
        Key,
        tests::{checkpoint, key},
    },
    tree::leaf,
};

/// A log of ten entries that names the key of seed 1 at 0 and, unless it never changes, that of seed 2 at 5.
fn log(rotates: bool, pinned: Option<u8>) -> (Tree, Keys) {
    let (mut tree, mut keys) = (Tree::default(), Keys::new(pinned.map(|seed| Key::parse(&key("log", seed)).unwrap())));
    let mut silent = |_: &Finding| {};
    let mut findings = Findings::new(&mut silent);
    for seq in 0..10_u8 {
        tree.push(leaf(&[seq]));
        let (before, after) = match seq {
            0 => (json!(null), key("log", 1)),
            5 if rotates => (json!(key("log", 1)), key("log", 2)),
            _ => continue,
        };
        let bytes = body(&json!({ "seq": seq.to_string(), "action": "CHECKPOINT_KEY_SET",
                                  "before": { "checkpointKey": before }, "after": { "checkpointKey": after } }));
        keys.observe(&Entry::read(&bytes).unwrap(), &mut findings);
    }
    (tree, keys)
}

fn told(log: &(Tree, Keys), stored: &[(u64, &[u8])], outside: &[String]) -> Vec<String> {
    judged(log, stored, outside).0
}

/// What is told, and how many entries are under a checkpoint.
fn judged((tree, keys): &(Tree, Keys), stored: &[(u64, &[u8])], outside: &[String]) -> (Vec<String>, u64) {
    let mut lines = Vec::new();
    let mut out = |finding: &Finding| lines.push(finding.to_string());
    let mut findings = Findings::new(&mut out);
    let mut judge = Judge::new(tree, keys, tree.size());
    let outside: Vec<_> = outside.iter().map(|note| Outside::read("old", note).unwrap()).collect();
    judge.outside(&outside, &mut findings);
    for (size, seeds) in stored {
        let note = checkpoint("log", *size, &tree.root(*size).unwrap(), seeds);
        judge.stored("the stored one", &Checkpoint::parse(&note).unwrap(), &mut findings);
    }
    let signed = judge.finish(&mut findings);
    (lines, signed)
}

#[test]
fn checkpoints_are_signed_by_the_key_that_is_current_and_a_rotation_by_both() {
    let log = log(true, None);
    let sound: [(u64, &[u8]); 4] = [(1, &[1]), (5, &[1]), (7, &[1, 2]), (10, &[2])];
    assert_eq!(told(&log, &sound, &[]), Vec::<String>::new());
    let old = told(&log, &[(5, &[1]), (7, &[1])], &[]);
    assert_eq!(old.len(), 1);
    assert!(old[0].starts_with("checkpoint-untrusted: The stored one of size 7 has no valid signature"), "{old:?}");
    let alone = told(&log, &[(5, &[1]), (7, &[2])], &[]);
    assert!(alone[0].starts_with("checkpoint-untrusted: entries 5 to 6: the stored one is the first"), "{alone:?}");
}

#[test]
fn a_disagreement_is_told_once_between_the_last_that_agrees_and_the_first_that_does_not() {
    let log = log(false, None);
    let note = |size: u64, root: u8| checkpoint("log", size, &[root; 32], &[1]);
    let agrees = checkpoint("log", 4, &log.0.root(4).unwrap(), &[1]);
    let lines = told(&log, &[(4, &[1]), (10, &[1])], &[note(9, 9), agrees, note(7, 9), note(8, 9)]);
    let line = "checkpoint-inconsistent: entries 4 to 6: the checkpoint old, of size 7, does not agree with the tree \
                over the entries as they are; neither do 2 later ones. The checkpoint of size 4 still agrees.";
    assert_eq!(lines, [line]);
}

#[test]
fn a_checkpoint_over_more_than_there_is_tells_that_the_log_was_cut() {
    let log = log(false, None);
    let lines = told(&log, &[(10, &[1])], &[checkpoint("log", 12, &[9; 32], &[1])]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("log-cut: entries 10 to 11: the log has been cut: "), "{lines:?}");
    let huge = told(&log, &[(10, &[1])], &[checkpoint("log", u64::MAX, &[9; 32], &[1])]);
    assert!(huge[0].starts_with("log-cut: entries 10 to "), "{huge:?}");
}

#[test]
fn whoever_did_not_sign_is_not_believed() {
    let log = log(false, None);
    let stranger = checkpoint("log", 4, &[9; 32], &[3]);
    let renamed = checkpoint("gol", 4, &[9; 32], &[1]);
    let lines = told(&log, &[(10, &[1])], &[stranger, renamed]);
    let codes: Vec<_> = lines.iter().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(codes, ["checkpoint-untrusted", "checkpoint-untrusted"]);
}

#[test]
fn a_checkpoint_that_was_taken_out_of_the_stored_ones_is_told_by_who_kept_it() {
    let log = log(false, None);
    let kept = |size: u64| checkpoint("log", size, &log.0.root(size).unwrap(), &[1]);
    assert_eq!(judged(&log, &[(4, &[1]), (9, &[1])], &[kept(4), kept(9)]), (Vec::new(), 9));
    let table: [(&[u64], &[u64], u64); 3] = [(&[4], &[4, 9], 9), (&[4, 10], &[9], 10), (&[], &[9], 9)];
    for (stored, outside, signed) in table {
        let stored: Vec<(u64, &[u8])> = stored.iter().map(|size| (*size, &[1_u8] as &[u8])).collect();
        let outside: Vec<_> = outside.iter().map(|size| kept(*size)).collect();
        let (lines, covered) = judged(&log, &stored, &outside);
        let begin = "checkpoint-missing: The checkpoint old of size 9 is not among the stored ones";
        assert!(lines.len() == 1 && lines[0].starts_with(begin), "{lines:?}");
        assert_eq!(covered, signed);
    }
}

#[test]
fn what_no_checkpoint_that_agrees_covers_is_under_none() {
    let log = log(false, None);
    assert_eq!(judged(&log, &[(4, &[1]), (7, &[1])], &[]), (Vec::new(), 7));
    let (lines, signed) = judged(&log, &[(4, &[1]), (7, &[3])], &[checkpoint("log", 9, &[9; 32], &[1])]);
    assert_eq!((lines.len(), signed), (2, 4), "{lines:?}");
}

#[test]
fn a_pinned_key_counts_against_what_the_log_says_of_itself() {
    assert_eq!(told(&log(false, Some(1)), &[(10, &[1])], &[]), Vec::<String>::new());
    let other = told(&log(false, Some(3)), &[(10, &[1])], &[]);
    assert!(other[0].starts_with("checkpoint-untrusted: "), "{other:?}");
    let nothing = (Tree::default(), Keys::default());
    assert!(told(&nothing, &[], &[])[0].starts_with("key-missing: "));
    assert!(told(&log(false, None), &[], &[])[0].starts_with("checkpoint-missing: "));
}
