//! Ranks: places in an order in which there is always room between two, so that a move writes one row.
//! Holds the order and its written form; refuses to know what is ordered.

use std::fmt;

use fractional_index::FractionalIndex;

use crate::refusal::{Refusal, Refusals};

/// A place in an order; its hexadecimal text sorts byte by byte as the ranks do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank(FractionalIndex);

impl Rank {
    /// The most bytes of a rank: its text has to fit into an index of the database. Only an order in which each move goes
    /// between the last two, and nothing else moves, comes here, after 511 moves.
    const MOST: usize = 512;

    /// Reads the hexadecimal text; none where it is no rank.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let whole = hexadecimal && text.len().is_multiple_of(2);
        whole.then(|| FractionalIndex::from_string(text).ok().map(Self)).flatten()
    }

    /// A place behind another, or the first place of all.
    #[must_use]
    pub fn behind(last: Option<&Self>) -> Self {
        Self(last.map_or_else(FractionalIndex::default, |last| FractionalIndex::new_after(&last.0)))
    }

    /// A place within a gap; INVALID where the gap is not one, or was split until nothing is left of it.
    pub fn within(gap: &Gap) -> Result<Self, Refusals> {
        let rank = match (&gap.lower, &gap.upper) {
            (Some(lower), Some(upper)) => between(&lower.0, &upper.0).map(Self),
            (None, Some(upper)) => Some(Self(FractionalIndex::new_before(&upper.0))),
            (lower, None) => Some(Self::behind(lower.as_ref())),
        };
        rank.filter(|rank| rank.0.as_bytes().len() <= Self::MOST).ok_or_else(|| {
            let message = "There is no room left between these two items.";
            let remedy = "Move one of the two to the end of the horizon and back to its place, then repeat this.";
            Refusal::invalid(&["after"], message).remedy(remedy).into()
        })
    }
}

/// The room between two neighbours; none is the end of the order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gap {
    /// What stands before.
    pub lower: Option<Rank>,
    /// What stands behind.
    pub upper: Option<Rank>,
}

/// `FractionalIndex::new_between` of what differs: on a common zero byte version 2.0.2 subtracts below zero.
fn between(lower: &FractionalIndex, upper: &FractionalIndex) -> Option<FractionalIndex> {
    if lower >= upper {
        return None;
    }
    let (low, high) = (lower.as_bytes(), upper.as_bytes());
    let most = low.len().min(high.len()) - 1;
    let common = low.iter().zip(high).take(most).take_while(|(low, high)| low == high).count();
    let rest = |bytes: &[u8]| FractionalIndex::from_bytes(bytes[common..].to_vec()).ok();
    let middle = FractionalIndex::new_between(&rest(low)?, &rest(high)?)?;
    FractionalIndex::from_bytes([&low[..common], middle.as_bytes()].concat()).ok()
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use proptest::{
        prelude::{ProptestConfig, any, proptest},
        sample::Index,
    };

    use super::*;

    fn rank(text: &str) -> Rank {
        Rank::parse(text).unwrap()
    }

    fn gap(order: &[Rank], place: usize) -> Gap {
        let lower = place.checked_sub(1).and_then(|before| order.get(before)).cloned();
        Gap { lower, upper: order.get(place).cloned() }
    }

    fn appended(count: usize) -> Vec<Rank> {
        let mut order: Vec<Rank> = Vec::new();
        for _ in 0..count {
            order.push(Rank::behind(order.last()));
        }
        order
    }

    fn longest(order: &[Rank]) -> usize {
        order.iter().map(|rank| rank.to_string().len()).max().unwrap_or(0)
    }

    #[test]
    fn a_rank_is_read_as_it_is_shown() {
        for text in ["80", "8180", "7f80"] {
            assert_eq!(rank(text).to_string(), text);
        }
        for text in ["", "8", "81", "8G80", "8080 ", "８０"] {
            assert_eq!(Rank::parse(text), None, "{text}");
        }
    }

    #[test]
    fn there_is_room_between_two_that_begin_with_a_zero_byte() {
        let (lower, upper) = (rank("007e80"), rank("007f80"));

        let found = Rank::within(&Gap { lower: Some(lower.clone()), upper: Some(upper.clone()) }).unwrap();

        assert!(lower < found && found < upper, "{found}");
    }

    #[test]
    fn a_gap_that_is_none_is_refused() {
        for (lower, upper) in [("80", "80"), ("8180", "80"), ("807f80", "807e80"), ("0180", "0080")] {
            let gap = Gap { lower: Some(rank(lower)), upper: Some(rank(upper)) };
            assert!(Rank::within(&gap).is_err(), "{lower} {upper}");
        }
    }

    /// The zigzag is the worst that can be done: each rank goes between the last two.
    #[test]
    fn a_place_that_is_split_for_ever_is_refused_before_its_key_outgrows_an_index() {
        let (mut lower, mut upper) = (Rank::behind(None), Rank::behind(Some(&Rank::behind(None))));
        let mut splits = 0;
        while let Ok(middle) = Rank::within(&Gap { lower: Some(lower.clone()), upper: Some(upper.clone()) }) {
            splits += 1;
            *(if splits % 2 == 0 { &mut lower } else { &mut upper }) = middle;
        }

        println!("a place was split {splits} times");
        assert!(splits > 500, "{splits}");
        assert!(lower.to_string().len() <= 2 * Rank::MOST && upper.to_string().len() <= 2 * Rank::MOST);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn ranks_stay_ordered_after_ten_thousand_random_moves(
            size in proptest::sample::select(vec![3_usize, 20, 1_000]),
            moves in proptest::collection::vec((any::<Index>(), any::<Index>()), 10_000)
        ) {
            let mut order = appended(size);
            let begun = longest(&order);
            for (from, to) in moves {
                let _ = order.remove(from.index(order.len()));
                let place = to.index(order.len() + 1);
                let found = Rank::within(&gap(&order, place)).unwrap();
                order.insert(place, found);
            }

            println!("{size} items, longest key: {begun} characters before, {} after", longest(&order));
            assert!(order.windows(2).all(|pair| pair[0] < pair[1] && pair[0].to_string() < pair[1].to_string()));
            assert!(longest(&order) <= 64);
        }
    }

    #[test]
    fn the_front_takes_any_number() {
        let mut order = appended(1);
        for place in (0..600).map(|number| number % 2) {
            let found = Rank::within(&gap(&order, place)).unwrap();
            order.insert(place, found);
        }

        assert!(order.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
