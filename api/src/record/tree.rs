//! The Merkle tree of RFC 6962 over the log's leaf hashes: growing it, its root, and proofs from it.
//! Holds the shape and the hashing (tlog_tiles'); refuses to know where hashes are kept: whoever asks for a proof is
//! told which nodes it is made of, and brings them.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use holdline_domain::facts::Digest;
use tlog_tiles::{
    Error, Hash, HashReader, node_hash, prove_record, prove_tree, record_hash, split_stored_hash_index, tree_hash,
};

use crate::failure::Failure;

/// Where a complete node stands: it covers the leaves from `place`·2^`level` on, 2^`level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the type's own sentence says what they are")]
pub struct Place {
    pub level: u8,
    pub place: u64,
}

/// The right edge of the tree: all that is needed to grow it and to know its root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// The largest complete subtrees, from the left; one for each bit of the size.
    peaks: Vec<Digest>,
}

/// RFC 6962's leaf hash: SHA-256(0x00 ‖ body).
#[must_use]
pub fn leaf_hash(body: &[u8]) -> Digest {
    record_hash(body).0.into()
}

fn join(left: &Digest, right: &Digest) -> Digest {
    node_hash(Hash(*left.bytes()), Hash(*right.bytes())).0.into()
}

impl Frontier {
    /// The nodes that the frontier of a tree of some size is made of, from the left.
    #[must_use]
    pub fn places(size: u64) -> Vec<Place> {
        let mut covered = 0;
        let mut places = Vec::new();
        for level in (0..64).rev().filter(|level| size >> level & 1 == 1) {
            places.push(Place { level, place: covered >> level });
            covered += 1 << level;
        }
        places
    }

    /// The frontier of a tree of some size, from the hashes at `places`, in their order.
    #[must_use]
    pub const fn new(size: u64, peaks: Vec<Digest>) -> Self {
        Self { size, peaks }
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; answers with the nodes above it that it completes, from below.
    pub fn push(&mut self, leaf: Digest) -> Vec<(Place, Digest)> {
        let mut made = Vec::new();
        let mut hash = leaf;
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = join(&left, &hash);
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            made.push((Place { level, place: self.size >> level }, hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        made
    }

    /// The tree's root; of the empty tree SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        let folded = self.peaks.iter().copied().rev().reduce(|right, left| join(&left, &right));
        folded.unwrap_or_else(|| tlog_tiles::EMPTY_HASH.0.into())
    }
}

/// A proof that knows which nodes it is made of before anybody has loaded them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    kind: Kind,
    size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Leaf(u64),
    Tree(u64),
}

/// The proof that the tree of `size` leaves holds the leaf at `seq` (RFC 6962, 2.1.1); none where it does not.
#[must_use]
pub const fn inclusion(seq: u64, size: u64) -> Option<Proof> {
    if seq < size { Some(Proof { kind: Kind::Leaf(seq), size }) } else { None }
}

/// The proof that the tree of `to` leaves begins with that of `from` (RFC 6962, 2.1.2); none where it cannot.
#[must_use]
pub const fn consistency(from: u64, to: u64) -> Option<Proof> {
    if from >= 1 && from <= to { Some(Proof { kind: Kind::Tree(from), size: to }) } else { None }
}

impl Proof {
    /// The nodes to load for it.
    pub fn places(&self) -> Result<BTreeSet<Place>, Failure> {
        let noting = Noting(RefCell::default());
        self.made_of(&noting)?;
        Ok(noting.0.into_inner())
    }

    /// The proof's hashes, and the root of its tree, from the nodes that it asked for.
    pub fn from(&self, nodes: &HashMap<Place, Digest>) -> Result<(Vec<Digest>, Digest), Failure> {
        let (hashes, root) = self.made_of(&Loaded(nodes))?;
        Ok((hashes.into_iter().map(|hash| hash.0.into()).collect(), root.0.into()))
    }

    fn made_of(&self, nodes: &impl HashReader) -> Result<(Vec<Hash>, Hash), Failure> {
        let hashes = match self.kind {
            Kind::Leaf(seq) => prove_record(self.size, seq, nodes),
            Kind::Tree(from) => prove_tree(self.size, from, nodes),
        };
        let proved = hashes.and_then(|hashes| Ok((hashes, tree_hash(self.size, nodes)?)));
        proved.map_err(|why| Failure::internal(format!("a proof could not be made: {why}")))
    }
}

fn place_of(index: u64) -> Place {
    let (level, place) = split_stored_hash_index(index);
    Place { level, place }
}

/// Notes what is asked for, and answers with nothing worth having.
struct Noting(RefCell<BTreeSet<Place>>);

impl HashReader for Noting {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        self.0.borrow_mut().extend(indexes.iter().copied().map(place_of));
        Ok(vec![Hash::default(); indexes.len()])
    }
}

struct Loaded<'a>(&'a HashMap<Place, Digest>);

impl HashReader for Loaded<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |index: &u64| self.0.get(&place_of(*index)).map(|hash| Hash(*hash.bytes()));
        indexes.iter().map(hash).collect::<Option<_>>().ok_or(Error::IndexesNotInTree)
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
