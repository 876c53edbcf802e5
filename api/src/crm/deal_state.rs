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
    /// The newest instant, and how much was learnt since that was it.
    newest: i64,
    learnt: i64,
}

/// How much can be learnt behind one instant and still be told apart: HubSpot's instants are whole milliseconds.
const MOST: i64 = 999;

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
            news = true;
            if change.at > self.newest {
                (self.newest, self.learnt) = (change.at, 0);
            } else {
                self.learnt = (self.learnt + 1).min(MOST);
            }
        }
        news
    }

    /// What a property is; empty where nobody said.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.properties.get(name).map_or("", |(_, value)| value)
    }

    /// How new this is, in microseconds. Greater with everything that is learnt: a value that came late, behind the
    /// newest instant, moves it by one, so that what was posted before gives way.
    #[must_use]
    pub const fn stamp(&self) -> i64 {
        self.newest + self.learnt
    }
}

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
