//! Ids that callers choose: parsed together with a digest of all that the input says, by which a retry is known.
//! The digest is of the input as it was understood: left out and null are one, and so are two spellings of an instant.

use async_graphql::{ID, InputType};
use holdline_domain::{
    facts::Digest,
    ids::{Id, Kind},
    refusal::Refusal,
};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::ids::parse;
use crate::store::Chosen;

/// The id of an input that makes something, if the caller chose one.
pub(super) fn chosen<K: Kind>(input: &impl InputType, id: Option<&ID>) -> Result<Option<Chosen<Id<K>>>, Refusal> {
    let Some(id) = id else { return Ok(None) };
    let id = parse(id, &["id"])?;
    // A value that is no JSON cannot come out of an input; null is then as good as any.
    let said = canonical(input.to_value().into_json().unwrap_or_default()).to_string();
    let digest: [u8; 32] = Sha256::digest(said).into();
    Ok(Some(Chosen { id, digest: Digest::from(digest) }))
}

/// The same value with its members in order and without nulls, so that a field that inputs have later changes nothing.
fn canonical(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.into_iter().filter(|(_, value)| !value.is_null()).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().map(|(name, value)| (name, canonical(value))).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(canonical).collect()),
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_nulls_say_nothing_and_everything_else_does() {
        let said = |value| canonical(value).to_string();
        let one = said(json!({ "b": [{ "y": 1, "x": null }], "a": "1" }));

        assert_eq!(one, said(json!({ "a": "1", "c": null, "b": [{ "y": 1 }] })));
        for other in [json!({ "a": "1", "b": [{ "y": 2 }] }), json!({ "a": 1, "b": [{ "y": 1 }] }), json!({ "a": "1" })]
        {
            assert_ne!(one, said(other));
        }
    }
}
