//! What use cases answer with, as it is kept under an idempotency key: ids, positions and yes or no, never words.

use holdline_domain::{
    facts::Digest,
    ids::{Id, Kind},
};
use serde_json::{Value, json};

use super::{PostedAll, Written};
use crate::store::Receipt;

/// An outcome that a repeated request can be answered with.
pub(super) trait Outcome: Sized {
    /// Whether the use case is harmless to repeat, and runs again rather than being recalled.
    const RUNS_AGAIN: bool = false;

    /// As it is kept.
    fn keep(&self) -> Value;

    /// What was kept, again; none where it is nothing of this kind.
    fn recall(kept: &Value) -> Option<Self>;
}

impl Outcome for () {
    fn keep(&self) -> Value {
        Value::Null
    }

    fn recall(_: &Value) -> Option<Self> {
        Some(())
    }
}

impl Outcome for bool {
    fn keep(&self) -> Value {
        Value::Bool(*self)
    }

    fn recall(kept: &Value) -> Option<Self> {
        kept.as_bool()
    }
}

impl Outcome for u32 {
    fn keep(&self) -> Value {
        json!(self)
    }

    fn recall(kept: &Value) -> Option<Self> {
        kept.as_u64().and_then(|number| number.try_into().ok())
    }
}

impl<K: Kind> Outcome for Id<K> {
    fn keep(&self) -> Value {
        Value::String(self.to_string())
    }

    fn recall(kept: &Value) -> Option<Self> {
        Self::parse(kept.as_str()?).ok()
    }
}

impl Outcome for Receipt {
    fn keep(&self) -> Value {
        json!([self.seq, self.leaf_hash.to_string()])
    }

    fn recall(kept: &Value) -> Option<Self> {
        let (seq, leaf_hash) = (kept.get(0)?.as_i64()?, Digest::parse(kept.get(1)?.as_str()?)?);
        Some(Self { seq, leaf_hash })
    }
}

impl<T: Outcome> Outcome for Option<T> {
    fn keep(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::keep)
    }

    fn recall(kept: &Value) -> Option<Self> {
        if kept.is_null() { Some(None) } else { T::recall(kept).map(Some) }
    }
}

impl<A: Outcome, B: Outcome> Outcome for (A, B) {
    fn keep(&self) -> Value {
        json!([self.0.keep(), self.1.keep()])
    }

    fn recall(kept: &Value) -> Option<Self> {
        Some((A::recall(kept.get(0)?)?, B::recall(kept.get(1)?)?))
    }
}

impl Outcome for Written {
    fn keep(&self) -> Value {
        self.id.keep()
    }

    fn recall(kept: &Value) -> Option<Self> {
        Some(Self { id: Id::recall(kept)?, request: None })
    }
}

/// Posts say the same of a deal however often they arrive, and what was refused among them is in words.
impl Outcome for PostedAll {
    const RUNS_AGAIN: bool = true;

    fn keep(&self) -> Value {
        Value::Null
    }

    fn recall(_: &Value) -> Option<Self> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use holdline_domain::ids::{IdeaId, RoadmapItemId};
    use uuid::Uuid;

    use super::*;

    fn comes_back<T: Outcome + PartialEq + Debug>(outcome: T) {
        assert_eq!(T::recall(&outcome.keep()), Some(outcome));
    }

    #[test]
    fn an_outcome_that_was_kept_comes_back_as_it_was() {
        let idea = IdeaId::from(Uuid::from_u128(7));
        let receipt = Receipt { seq: 12, leaf_hash: Digest::from([3; 32]) };

        comes_back(());
        comes_back(true);
        comes_back(u32::MAX);
        comes_back(idea);
        comes_back((idea, RoadmapItemId::from(Uuid::from_u128(8))));
        comes_back(receipt);
        comes_back(Some(receipt));
        comes_back(None::<Receipt>);
    }

    #[test]
    fn what_is_of_another_kind_does_not_come_back() {
        assert_eq!(IdeaId::recall(&json!("plan_01h455vb4pex5vsknk084sn02q")), None);
        assert_eq!(Receipt::recall(&json!([1])), None);
        assert_eq!(u32::recall(&json!(-1)), None);
    }
}
