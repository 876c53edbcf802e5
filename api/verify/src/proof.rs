//! Proofs as RFC 6962 defines them: that a log holds an entry, and that it begins with an earlier log.
//! Refuses to know who signed the roots.

use crate::tree::{Hash, from_hex, node};

/// The hashes of a proof, from hexadecimal digits; none where one is no hash.
pub(crate) fn hashes(proof: &[String]) -> Option<Vec<Hash>> {
    proof.iter().map(|text| from_hex(text)).collect()
}

/// The root that an entry's leaf leads to (RFC 9162, 2.1.3.2); none where the path is of another length.
pub(crate) fn root_over(seq: u64, size: u64, leaf: &Hash, path: &[Hash]) -> Option<Hash> {
    let (mut at, mut last, mut root) = (seq, size.checked_sub(1).filter(|last| seq <= *last)?, *leaf);
    for step in path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node(step, &root);
            let shift = if at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> shift, last >> shift);
        } else {
            root = node(&root, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// Whether a proof joins two logs (RFC 9162, 2.1.4.2); `from` is at least 1 and less than `to`.
pub(crate) fn consistent(from: (u64, &Hash), to: (u64, &Hash), proof: &[Hash]) -> bool {
    if from.0 == 0 || from.0 >= to.0 {
        return false;
    }
    let (mut at, mut last) = (from.0 - 1, to.0 - 1);
    let shift = at.trailing_ones();
    (at, last) = (at >> shift, last >> shift);
    let mut path = proof.iter();
    // Where the earlier log is a complete subtree, its root is where the path begins.
    let first = if from.0.is_power_of_two() { Some(from.1) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut earlier, mut later) = (*first, *first);
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (earlier, later) = (node(step, &earlier), node(step, &later));
            let shift = if at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (at >> shift, last >> shift);
        } else {
            later = node(&later, step);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && earlier == *from.1 && later == *to.1
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::tree::{Tree, hex, leaf};

    pub(crate) fn tree(size: u64) -> Tree {
        let mut tree = Tree::default();
        (0..size).for_each(|place| tree.push(leaf(&place.to_be_bytes())));
        tree
    }

    /// RFC 6962's PROOF(m, D[n]), as its recursion is written there.
    pub(crate) fn subproof(leaves: &[u64], from: usize, whole: bool) -> Vec<Hash> {
        fn root(leaves: &[u64]) -> Hash {
            if let [one] = leaves {
                return leaf(&one.to_be_bytes());
            }
            let (left, right) = leaves.split_at(half(leaves.len()));
            node(&root(left), &root(right))
        }
        fn half(size: usize) -> usize {
            size.next_power_of_two() / 2
        }
        if from == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = leaves.split_at(half(leaves.len()));
        if from <= left.len() {
            let mut proof = subproof(left, from, whole);
            proof.push(root(right));
            proof
        } else {
            let mut proof = subproof(right, from - left.len(), false);
            proof.push(root(left));
            proof
        }
    }

    #[test]
    fn every_earlier_log_is_the_beginning_of_every_later_one_and_no_other_log_is() {
        for to in 2..40 {
            let leaves: Vec<_> = (0..to).collect();
            for from in 1..to {
                let (earlier, later) = (tree(from).root(from).unwrap(), tree(to).root(to).unwrap());
                let proof = subproof(&leaves, usize::try_from(from).unwrap(), true);
                assert!(consistent((from, &earlier), (to, &later), &proof), "{from} {to}");
                assert!(!consistent((from, &[1; 32]), (to, &later), &proof), "{from} {to}");
                assert!(!consistent((from, &earlier), (to, &[1; 32]), &proof), "{from} {to}");
                let longer = [proof.as_slice(), &[[0; 32]]].concat();
                assert!(!consistent((from, &earlier), (to, &later), &longer), "{from} {to}");
            }
        }
    }

    /// RFC 6962's PATH(m, D[n]), as its recursion is written there.
    pub(crate) fn path(tree: &[Hash], at: usize) -> Vec<Hash> {
        fn root(leaves: &[Hash]) -> Hash {
            if let [one] = leaves {
                return *one;
            }
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node(&root(left), &root(right))
        }
        if tree.len() == 1 {
            return Vec::new();
        }
        let (left, right) = tree.split_at(tree.len().next_power_of_two() / 2);
        let (mut below, beside) =
            if at < left.len() { (path(left, at), root(right)) } else { (path(right, at - left.len()), root(left)) };
        below.push(beside);
        below
    }

    #[test]
    fn every_entry_leads_to_the_root_of_its_log_and_to_no_other() {
        for size in 1..40 {
            let tree = tree(size);
            let (leaves, root) = (tree.level(0).to_vec(), tree.root(size));
            for (seq, leaf) in (0..size).zip(&leaves) {
                let path = path(&leaves, usize::try_from(seq).unwrap());
                assert_eq!(root_over(seq, size, leaf, &path), root, "{seq} {size}");
                assert_ne!(root_over(seq, size, &[1; 32], &path), root, "{seq} {size}");
                let longer = [path.as_slice(), &[[0; 32]]].concat();
                assert_ne!(root_over(seq, size, leaf, &longer), root, "{seq} {size}");
                assert_eq!(root_over(size, size, leaf, &path), None);
            }
        }
    }

    #[test]
    fn what_is_no_hash_is_no_proof() {
        assert_eq!(hashes(&[]), Some(Vec::new()));
        assert_eq!(hashes(&[hex(&[7; 32])]), Some(vec![[7; 32]]));
        assert_eq!(hashes(&[hex(&[7; 32]), "07".into()]), None);
    }
}
