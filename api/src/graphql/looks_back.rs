//! The newest past that a request asks for, which may still change: found in its text before anything is read, so that
//! the wait comes before the snapshot. What is overlooked here waits where it is resolved.

use async_graphql::{Request, Value};
use holdline_domain::time::Timestamp;

/// The newest instant that is named, by an argument `asOf` or by an id of another time; what cannot be read is taken for
/// the newest of all.
pub(super) fn newest(request: &Request) -> Option<Timestamp> {
    let mut texts = vec![request.query.as_str()];
    request.variables.values().for_each(|value| collect(value, &mut texts));
    let looks_back = request.query.contains("asOf") || texts.iter().any(|text| text.contains("~t"));
    let named = texts.iter().flat_map(|text| instants(text));
    if looks_back { named.map(|at| at.unwrap_or(Timestamp::LATEST)).max() } else { None }
}

fn collect<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::List(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        _ => {}
    }
}

/// The instants in a text, none for one that cannot be read: RFC 3339, or microseconds after `~t`.
fn instants(text: &str) -> impl Iterator<Item = Option<Timestamp>> {
    let pins = text.match_indices("~t").map(|(at, mark)| {
        let digits = text[at + mark.len()..].split(|c: char| !c.is_ascii_digit()).next()?;
        Timestamp::from_micros(digits.parse().ok()?)
    });
    let dates = text.bytes().enumerate().filter(|(at, _)| begins_a_date(&text.as_bytes()[*at..])).map(|(at, _)| {
        let said = text[at..].split(|c: char| !c.is_ascii_alphanumeric() && !"-:+.".contains(c)).next()?;
        let parsed = chrono::DateTime::parse_from_rfc3339(said).ok()?;
        Some(Timestamp::new(parsed.with_timezone(&chrono::Utc)))
    });
    pins.chain(dates)
}

/// Whether bytes begin like `2026-11-28`.
fn begins_a_date(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_instant_that_is_named_is_found_and_nothing_else() {
        let floor = Timestamp::new("2026-11-28T12:00:00Z".parse().unwrap());
        let pinned = |at: Timestamp| format!("plan_01h455vb4pex5vsknk084sn02q~t{}", at.micros());
        let table = [
            ("{ plan(team: \"PAY\") { revision } }", json!({}), false),
            ("{ plan(team: \"PAY\", asOf: \"2026-11-28T11:59:59.999999Z\") { revision } }", json!({}), false),
            ("{ plan(team: \"PAY\", asOf: \"2026-11-28T12:00:00Z\") { revision } }", json!({}), true),
            ("{ plan(team: \"PAY\", asOf: \"2026-11-28T13:30:00+02:00\") { revision } }", json!({}), false),
            ("{ plan(team: \"PAY\", asOf: \"2026-11-28T13:30:00+01:00\") { revision } }", json!({}), true),
            ("query($at: DateTime) { plan(team: \"PAY\", asOf: $at) { revision } }", json!({ "at": null }), false),
            (
                "query($at: DateTime) { plan(team: \"PAY\", asOf: $at) { revision } }",
                json!({ "at": "2026-11-28t12:00:01z" }),
                true,
            ),
            (
                "query($at: DateTime) { plan(team: \"PAY\", asOf: $at) { revision } }",
                json!({ "at": "2026-11-28 11:00:00Z" }),
                true,
            ),
            ("query($id: ID!) { node(id: $id) { id } }", json!({ "id": pinned(floor) }), true),
            ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": [pinned(Timestamp::EPOCH)] }), false),
            ("query($on: Date) { audit(on: $on) { id } }", json!({ "on": "2026-11-28" }), false),
        ];
        for (query, variables, expected) in table {
            let request = Request::new(query).variables(Variables::from_json(variables.clone()));
            assert_eq!(newest(&request).is_some_and(|at| at >= floor), expected, "{query} {variables}");
        }
    }
}
