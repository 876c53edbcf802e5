//! A JSON message: one thing or a list of them, whose values stand where pointers (RFC 6901) say.

use std::collections::BTreeMap;

use holdline_domain::refusal::Refusal;
use serde_json::Value;

use super::{Part, Told};

/// The parts of a message; `items` points to the list, where the message itself is none.
pub(super) fn parts(body: &[u8], items: Option<&str>, names: &[(&'static str, String)]) -> Vec<Part> {
    let Ok(message) = serde_json::from_slice::<Value>(body) else {
        return vec![unreadable(body, "The message is no JSON")];
    };
    let found = match items {
        Some(pointer) => match message.pointer(pointer) {
            Some(found) => found,
            None => return vec![unreadable(body, &format!("The message has nothing at {pointer}"))],
        },
        None => &message,
    };
    match found {
        Value::Array(items) => items.iter().map(|item| part(item, names)).collect(),
        one => vec![part(one, names)],
    }
}

fn part(item: &Value, names: &[(&'static str, String)]) -> Part {
    let value = |name: &String| {
        let found = if name.starts_with('/') { item.pointer(name) } else { item.get(name) };
        Some((name.clone(), text(found?)))
    };
    let values: BTreeMap<_, _> = names.iter().filter_map(|(_, name)| value(name)).collect();
    (item.to_string(), Ok(Told::Whole(values)))
}

/// A value as text; nothing where it is none or a thing of its own.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A whole message that cannot be read.
pub(super) fn unreadable(body: &[u8], why: &str) -> Part {
    let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    (text, Err(Refusal::invalid(&[], format!("{why}.")).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_names_say_alone_or_in_a_list() {
        let names =
            [("external_id", "id".to_owned()), ("amount", "/price/value".to_owned()), ("stage", "stage".to_owned())];
        let expected = |id: &str, amount: &str| {
            let values = [("id", id), ("/price/value", amount)];
            Ok(Told::Whole(values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
        };
        let one = r#"{"id":7,"price":{"value":10.5},"other":[1]}"#;
        assert_eq!(parts(one.as_bytes(), None, &names)[0].1, expected("7", "10.5"));
        let list = format!(r#"{{"data":[{one},{{"id":"8","price":{{"value":"1"}}}}]}}"#);
        let told: Vec<_> = parts(list.as_bytes(), Some("/data"), &names).into_iter().map(|(_, told)| told).collect();
        assert_eq!(told, [expected("7", "10.5"), expected("8", "1")]);
        for (body, items) in [("{", None), ("{}", Some("/data"))] {
            assert!(parts(body.as_bytes(), items, &names)[0].1.is_err(), "{body}");
        }
    }
}
