//! A deal that is told of bit by bit, in any order, any number of times: of each property the newest value counts, and
//! where two are of one instant the greater one, so that all orders of arrival end the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A property that has a value from an instant on, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Since when, in microseconds.
    pub at: i64,
    /// Which one.
    pub name: String,
    /// What it is.
    pub value: String,
}

/// What is known of a deal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealState {
    /// Of each property since when, and what it is.
    properties: BTreeMap<String, (i64, String)>,
    /// How new this is, in microseconds.
    stamp: i64,
}

impl DealState {
    /// Takes in what changed; answers whether anything of it was news.
    pub fn learn(&mut self, changes: &[Change]) -> bool {
        let mut news = false;
        for change in changes {
            let said = (change.at, change.value.clone());
            if self.properties.get(&change.name).is_some_and(|known| *known >= said) {
                continue;
            }
            self.properties.insert(change.name.clone(), said);
            self.stamp = self.stamp.saturating_add(1).max(change.at);
            news = true;
        }
        news
    }

    /// What a property is; empty where nobody said.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", |(_, value)| value).trim_end_matches(FORGOTTEN)
    }

    /// How new this is, in microseconds: the newest instant, or more where something was learnt that came late, so that
    /// what was posted before gives way to what is known now.
    #[must_use]
    pub const fn stamp(&self) -> i64 {
        self.stamp
    }

    /// Forgets a value wherever it stands, though not since when: an older message does not bring it back. Answers whether
    /// it was anywhere.
    pub fn forget(&mut self, value: &str) -> bool {
        let mut known = false;
        for (_, kept) in self.properties.values_mut().filter(|(_, kept)| kept.trim() == value) {
            // Greater than any text, so that the same message again is no news.
            FORGOTTEN.clone_into(kept);
            known = true;
        }
        known
    }
}

/// What stands where a value was forgotten: no CRM says it, and it reads as nothing.
const FORGOTTEN: &str = "\u{10ffff}";

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::Index};

    use super::*;

    fn change(at: i64, name: &str, value: &str) -> Change {
        Change { at, name: name.into(), value: value.into() }
    }

    #[test]
    fn what_came_late_is_learnt_and_makes_the_whole_newer() {
        let mut state = DealState::default();
        assert!(state.learn(&[change(2_000, "amount", "20")]));
        let before = state.stamp();

        assert!(state.learn(&[change(1_000, "stage", "won")]));
        assert!(!state.learn(&[change(1_000, "amount", "10"), change(1_000, "stage", "won")]));

        assert_eq!((state.get("amount"), state.get("stage"), state.get("none")), ("20", "won", ""));
        assert!(state.stamp() > before);
    }

    #[test]
    fn what_was_forgotten_does_not_come_back_with_the_same_message() {
        let mut state = DealState::default();
        let named = [change(1_000, "contact", "Jane Roe")];
        state.learn(&named);

        assert!(state.forget("Jane Roe") && !state.forget("Jane Roe"));
        assert!(!state.learn(&named));
        assert_eq!(state.get("contact"), "");
        assert!(state.learn(&[change(2_000, "contact", "John Doe")]));
        assert_eq!(state.get("contact"), "John Doe");
    }

    #[test]
    fn however_much_comes_late_each_time_is_newer_and_no_instant_is_too_great() {
        let mut state = DealState::default();
        state.learn(&[change(i64::MAX - 1, "amount", "0")]);
        let mut last = state.stamp();
        for n in 0..3 {
            state.learn(&[change(n, "stage", "x")]);
            assert!(state.stamp() >= last);
            last = state.stamp();
        }
        let mut state = DealState::default();
        state.learn(&[change(5_000_000, "amount", "0")]);
        for n in 0..2_000 {
            let before = state.stamp();
            state.learn(&[change(n, "stage", "x")]);
            assert!(state.stamp() > before);
        }
    }

    proptest! {
        #[test]
        fn any_order_and_any_repetition_end_the_same(
            changes in prop::collection::vec((0..5_i64, 0..3_usize, 0..4_u8), 1..20),
            order in prop::collection::vec(any::<Index>(), 0..60),
        ) {
            let said: Vec<_> =
                changes.iter().map(|(at, name, value)| change(*at * 1_000, &format!("p{name}"), &value.to_string())).collect();
            let (mut one, mut other) = (DealState::default(), DealState::default());
            one.learn(&said);
            let mut last = 0;
            for place in order {
                if other.learn(std::slice::from_ref(place.get(&said))) {
                    prop_assert!(other.stamp() > last || last == 0);
                    last = other.stamp();
                }
            }
            for part in said.iter().rev() {
                other.learn(std::slice::from_ref(part));
            }
            prop_assert_eq!(one.properties, other.properties);
        }
    }
}
