//! What is remembered of a value where remembering the whole would take too much: a number itself, of a text or an id
//! the first 120 bits of a SHA-256. Each kind has marks of its own, so that no value stands for one of another kind.

use sha2::{Digest as _, Sha256};

use super::cell::Cell;

/// What stands for a value; of one that cannot be read, for nothing that could.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    Null,
    Bool(bool),
    Int(i64),
    Id([u8; 15]),
    Text([u8; 15]),
    Unreadable,
}

impl Mark {
    /// An entry's position.
    pub(crate) fn seq(seq: u64) -> Self {
        i64::try_from(seq).map_or(Self::Unreadable, Self::Int)
    }

    /// The position that it stands for, where it stands for one.
    pub(crate) fn as_seq(self) -> Option<u64> {
        match self {
            Self::Int(seq) => u64::try_from(seq).ok(),
            _ => None,
        }
    }

    /// Itself in bytes, the kind in front.
    pub(crate) fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let (kind, rest) = match &mut bytes {
            [kind, rest @ ..] => (kind, rest),
        };
        match self {
            Self::Null => *kind = 1,
            Self::Bool(value) => (*kind, rest[0]) = (2, value.into()),
            Self::Int(value) => {
                *kind = 3;
                rest[..8].copy_from_slice(&value.to_be_bytes());
            }
            Self::Id(hash) => (*kind, *rest) = (4, hash),
            Self::Text(hash) => (*kind, *rest) = (5, hash),
            Self::Unreadable => *kind = 6,
        }
        bytes
    }
}

impl Cell {
    /// What stands for it.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            Self::Null => Mark::Null,
            Self::Bool(value) => Mark::Bool(*value),
            Self::Int(value) => Mark::Int(*value),
            Self::Id(id) => Mark::Id(short(id.as_bytes())),
            Self::Text(text) => Mark::Text(short(text.as_bytes())),
            Self::Unreadable => Mark::Unreadable,
        }
    }
}

fn short(bytes: &[u8]) -> [u8; 15] {
    let hash: [u8; 32] = Sha256::digest(bytes).into();
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_value_of_one_kind_stands_for_one_of_another() {
        let of_bytes = Uuid::from_bytes(*b"sixteen letters.");
        let zeros = "\0".repeat(16);
        let cells = [
            Cell::Null,
            Cell::Unreadable,
            Cell::Bool(false),
            Cell::Bool(true),
            Cell::Int(0),
            Cell::Int(1),
            Cell::Int(-1),
            Cell::Int(i64::MIN),
            Cell::Int(i64::MAX),
            // What stood for null and for what cannot be read before each kind had marks of its own.
            Cell::Int(0x9c3e_5b1d_7a40_e6f2_u64.cast_signed()),
            Cell::Int(0xe1d7_04b8_36c2_5f9a_u64.cast_signed()),
            Cell::Id(Uuid::nil()),
            Cell::Id(of_bytes),
            Cell::Text(String::new()),
            Cell::Text("sixteen letters.".into()),
            Cell::Text(zeros),
        ];
        let marks: HashSet<_> = cells.iter().map(Cell::mark).collect();
        let bytes: HashSet<_> = cells.iter().map(|cell| cell.mark().bytes()).collect();
        assert_eq!((marks.len(), bytes.len()), (cells.len(), cells.len()));
    }

    #[test]
    fn a_mark_takes_sixteen_bytes_and_gives_a_position_back() {
        assert_eq!(size_of::<Mark>(), 16);
        assert_eq!(Mark::seq(17).as_seq(), Some(17));
        for none in [Mark::seq(u64::MAX), Mark::Null, Mark::Int(-1), Cell::Text("17".into()).mark()] {
            assert_eq!(none.as_seq(), None);
        }
    }
}
