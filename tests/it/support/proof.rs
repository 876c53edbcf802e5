//! Proofs checked as an auditor checks them: RFC 9162, 2.1.3.2 and 2.1.4.2, from hexadecimal hashes and nothing of ours.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

type Hash = [u8; 32];

fn hash(text: &str) -> Hash {
    let byte = |place: usize| u8::from_str_radix(&text[place * 2..place * 2 + 2], 16).unwrap();
    std::array::from_fn(byte)
}

fn hashes(list: &Value) -> Vec<Hash> {
    list.as_array().unwrap().iter().map(|text| hash(text.as_str().unwrap())).collect()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// In hexadecimal digits.
pub(crate) fn shown(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"))
}

/// The root that an inclusion proof leads to.
pub(crate) fn root_over(seq: i64, size: i64, leaf: &str, path: &Value) -> String {
    let (mut at, mut last, mut root) = (seq, size - 1, hash(leaf));
    for step in hashes(path) {
        assert!(last > 0, "the path is too long");
        if at % 2 == 1 || at == last {
            root = node(&step, &root);
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            root = node(&root, &step);
        }
        (at, last) = (at / 2, last / 2);
    }
    assert_eq!(last, 0, "the path is too short");
    shown(&root)
}

/// Whether a consistency proof joins two roots.
pub(crate) fn consistent(from: (i64, &str), to: (i64, &str), proof: &Value) -> bool {
    if from.0 == to.0 {
        return from.1 == to.1 && hashes(proof).is_empty();
    }
    let mut path = hashes(proof);
    if from.0.count_ones() == 1 {
        path.insert(0, hash(from.1));
    }
    let mut path = path.into_iter();
    let Some(first) = path.next() else { return false };
    let (mut at, mut last) = (from.0 - 1, to.0 - 1);
    while at % 2 == 1 {
        (at, last) = (at / 2, last / 2);
    }
    let (mut earlier, mut later) = (first, first);
    for step in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            (earlier, later) = (node(&step, &earlier), node(&step, &later));
            while at % 2 == 0 && at != 0 {
                (at, last) = (at / 2, last / 2);
            }
        } else {
            later = node(&later, &step);
        }
        (at, last) = (at / 2, last / 2);
    }
    last == 0 && shown(&earlier) == from.1 && shown(&later) == to.1
}
