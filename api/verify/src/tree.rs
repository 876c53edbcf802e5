//! The Merkle tree over the log's bodies, as RFC 6962 (section 2.1) defines it.
//! Keeps 64 bytes an entry, so that the root of any size is at hand; refuses to know what a body says.

use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// The hash of a leaf: SHA-256(0x00 ‖ body).
pub(crate) fn leaf(body: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(body).finalize().into()
}

/// The hash of a node above two others: SHA-256(0x01 ‖ left ‖ right).
pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A hash in hexadecimal digits.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
        text
    })
}

/// Reads 64 hexadecimal digits in lower case.
pub(crate) fn from_hex(text: &str) -> Option<Hash> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let bytes: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

/// Every complete node of a growing tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// Level 0 holds the leaves; the node at place p of level l covers leaves p·2^l up to (p+1)·2^l.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Appends a leaf.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let (mut hash, mut level) = (leaf, 0);
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(hash);
            match nodes.as_slice() {
                [.., left, right] if nodes.len().is_multiple_of(2) => hash = node(left, right),
                _ => return,
            }
            level += 1;
        }
    }

    /// How many leaves there are.
    pub(crate) fn size(&self) -> u64 {
        self.level(0).len() as u64
    }

    /// The complete nodes of a level.
    pub(crate) fn level(&self, level: usize) -> &[Hash] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    /// How many levels have a complete node.
    pub(crate) fn height(&self) -> usize {
        self.levels.len()
    }

    /// The root over the first so many leaves; none where there are fewer.
    pub(crate) fn root(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        let mut root: Option<Hash> = None;
        for (level, nodes) in self.levels.iter().enumerate().take_while(|(level, _)| size >> level > 0) {
            let complete = usize::try_from(size >> level).ok()?;
            if complete % 2 == 1 {
                let left = nodes.get(complete - 1)?;
                root = Some(root.map_or(*left, |right| node(left, &right)));
            }
        }
        Some(root.unwrap_or_else(|| Sha256::digest([]).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves and roots that Certificate Transparency's own implementations are tested with.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2).map(|place| u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).unwrap()).collect()
    }

    #[test]
    fn the_published_roots_of_certificate_transparency_come_out() {
        let mut tree = Tree::default();
        for body in LEAVES {
            tree.push(leaf(&bytes(body)));
        }
        for (size, root) in (0..).zip(ROOTS) {
            assert_eq!(tree.root(size).map(|found| hex(&found)).as_deref(), Some(root), "size {size}");
        }
        assert_eq!(tree.root(9), None);
    }

    #[test]
    fn the_root_is_what_the_definition_splits_it_into() {
        fn defined(leaves: &[Hash]) -> Hash {
            match leaves {
                [one] => *one,
                more => {
                    let half = more.len().next_power_of_two() / 2;
                    node(&defined(&more[..half]), &defined(&more[half..]))
                }
            }
        }
        let leaves: Vec<_> = (0_u8..100).map(|byte| leaf(&[byte])).collect();
        let mut tree = Tree::default();
        for leaf in &leaves {
            tree.push(*leaf);
        }
        for size in 1..=100 {
            assert_eq!(tree.root(size as u64), Some(defined(&leaves[..size])), "size {size}");
        }
    }

    #[test]
    fn a_hash_is_read_as_it_is_shown() {
        assert_eq!(from_hex(ROOTS[1]).map(|hash| hex(&hash)).as_deref(), Some(ROOTS[1]));
        for text in ["", "00", &"A".repeat(64), &"é".repeat(32)] {
            assert_eq!(from_hex(text), None);
        }
    }
}
