//! HubSpot's events: a list, each about one property of one deal, in any order and more than once
//! (developers.hubspot.com, Webhooks API). What is not about deals is nothing to us.

use holdline_domain::{refusal::Refusal, text::Line};
use serde_json::Value;

use super::{Change, Part, Told, json};

/// The stage of a deal that was deleted there.
pub(super) const DELETED: &str = "deleted in HubSpot";

/// Whether it was deleted, as a property of its own: it is neither a stage nor any other word of HubSpot's.
pub(super) const DELETION: &str = "\u{1}deleted";

/// The latest instant that is believed, in milliseconds: the year 2100.
const LATEST: i64 = 4_102_444_800_000;

/// The parts of a message; `dates` are the properties that hold one.
pub(super) fn parts(body: &[u8], dates: &[&str]) -> Vec<Part> {
    let Ok(Value::Array(events)) = serde_json::from_slice(body) else {
        return vec![json::unreadable(body, "HubSpot sends a JSON array of events")];
    };
    events.iter().filter_map(|event| Some((event.to_string(), told(event, dates)?))).collect()
}

fn told(event: &Value, dates: &[&str]) -> Option<Result<Told, holdline_domain::refusal::Refusals>> {
    let kind = event["subscriptionType"].as_str().unwrap_or_default();
    let is_deal = kind.starts_with("deal.") || (kind.starts_with("object.") && event["objectTypeId"] == "0-3");
    if !is_deal {
        return None;
    }
    let id = json::text(&event["objectId"]);
    if let Err(why) = Line::parse(&id) {
        return Some(Err(Refusal::invalid(&[], format!("The event's objectId {why}.")).into()));
    }
    let Some(at) = event["occurredAt"].as_i64().filter(|millis| (0..=LATEST).contains(millis)) else {
        let message = "The event has no occurredAt in milliseconds since 1970.";
        return Some(Err(Refusal::invalid(&[], message).into()));
    };
    let at = at * 1_000;
    let change = |name: &str, value: String| Change { at, name: name.to_owned(), value };
    let changes = match kind.rsplit_once('.').map(|(_, what)| what) {
        Some("propertyChange") => {
            let name = event["propertyName"].as_str().unwrap_or_default();
            let value = json::text(&event["propertyValue"]);
            vec![change(name, if dates.contains(&name) { instant(&value) } else { value })]
        }
        Some("deletion" | "privacyDeletion") => vec![change(DELETION, "true".to_owned())],
        Some("restore") => vec![change(DELETION, "false".to_owned())],
        // That it is there; what it is comes with its properties.
        Some("creation") => Vec::new(),
        _ => return None,
    };
    Some(Ok(Told::Changed(id, changes)))
}

/// HubSpot writes some instants as milliseconds: as everybody else writes them.
fn instant(value: &str) -> String {
    let is_millis = (12..=14).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
    let millis = is_millis.then(|| value.parse().ok()).flatten();
    millis.and_then(chrono::DateTime::from_timestamp_millis).map_or_else(|| value.to_owned(), |at| at.to_rfc3339())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_about_a_deal_is_a_change_and_the_rest_is_nothing() {
        let body = br#"[
            {"eventId":1,"subscriptionType":"deal.propertyChange","objectId":7,"propertyName":"amount","propertyValue":"10","occurredAt":5},
            {"eventId":2,"subscriptionType":"object.propertyChange","objectTypeId":"0-3","objectId":"7","propertyName":"closedate","propertyValue":"1763000000000","occurredAt":6},
            {"eventId":3,"subscriptionType":"contact.creation","objectId":8,"occurredAt":6},
            {"eventId":4,"subscriptionType":"deal.deletion","objectId":7,"occurredAt":9},
            {"eventId":5,"subscriptionType":"deal.creation","objectId":7,"occurredAt":4},
            {"eventId":6,"subscriptionType":"deal.propertyChange","propertyName":"amount","occurredAt":5},
            {"eventId":7,"subscriptionType":"deal.propertyChange","objectId":7,"propertyName":"amount","propertyValue":"100000000000","occurredAt":5},
            {"eventId":8,"subscriptionType":"deal.propertyChange","objectId":7,"propertyName":"amount","occurredAt":9223372036854775}
        ]"#;
        let told: Vec<_> = parts(body, &["closedate"]).into_iter().map(|(_, told)| told).collect();
        let changed = |at, name: &str, value: &str| {
            Ok(Told::Changed("7".into(), vec![Change { at, name: name.into(), value: value.into() }]))
        };

        assert_eq!(told[0], changed(5_000, "amount", "10"));
        assert_eq!(told[1], changed(6_000, "closedate", "2025-11-13T02:13:20+00:00"));
        assert_eq!(told[2], changed(9_000, DELETION, "true"));
        assert_eq!(told[3], Ok(Told::Changed("7".into(), vec![])));
        assert!(told[4].is_err());
        assert_eq!(told[5], changed(5_000, "amount", "100000000000"));
        assert!(told[6].is_err());
        assert_eq!(told.len(), 7);
        assert!(parts(b"{}", &[])[0].1.is_err());
    }
}
