//! HubSpot's events: a list, each about one property of one deal, in any order and more than once
//! (developers.hubspot.com, Webhooks API). What is not about deals is nothing to us.

use holdline_domain::refusal::Refusal;
use serde_json::Value;

use super::{Change, Part, Told, json};

/// The stage of a deal that was deleted there.
pub(super) const DELETED: &str = "deleted in HubSpot";

/// The parts of a message, with what each says of the properties that are asked about.
pub(super) fn parts(body: &[u8], stage: &str) -> Vec<Part> {
    let Ok(Value::Array(events)) = serde_json::from_slice(body) else {
        return vec![json::unreadable(body, "HubSpot sends a JSON array of events")];
    };
    events.iter().filter_map(|event| Some((event.to_string(), told(event, stage)?))).collect()
}

fn told(event: &Value, stage: &str) -> Option<Result<Told, holdline_domain::refusal::Refusals>> {
    let kind = event["subscriptionType"].as_str().unwrap_or_default();
    let is_deal = kind.starts_with("deal.") || (kind.starts_with("object.") && event["objectTypeId"] == "0-3");
    if !is_deal {
        return None;
    }
    let (id, millis) = (json::text(&event["objectId"]), event["occurredAt"].as_i64());
    let (false, Some(at)) = (id.is_empty(), millis.and_then(|millis| millis.checked_mul(1_000))) else {
        let message = "The event has no objectId, or no occurredAt in milliseconds.";
        return Some(Err(Refusal::invalid(&[], message).into()));
    };
    let change = |name: &str, value: String| Change { at, name: name.to_owned(), value };
    let changes = match kind.rsplit_once('.').map(|(_, what)| what) {
        Some("propertyChange") => {
            let name = event["propertyName"].as_str().unwrap_or_default();
            vec![change(name, instant(&json::text(&event["propertyValue"])))]
        }
        Some("deletion" | "privacyDeletion") => vec![change(stage, DELETED.to_owned())],
        // That it is there; what it is comes with its properties.
        Some("creation" | "restore") => Vec::new(),
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
            {"eventId":6,"subscriptionType":"deal.propertyChange","propertyName":"amount","occurredAt":5}
        ]"#;
        let told: Vec<_> = parts(body, "dealstage").into_iter().map(|(_, told)| told).collect();
        let changed = |at, name: &str, value: &str| {
            Ok(Told::Changed("7".into(), vec![Change { at, name: name.into(), value: value.into() }]))
        };

        assert_eq!(told[0], changed(5_000, "amount", "10"));
        assert_eq!(told[1], changed(6_000, "closedate", "2025-11-13T02:13:20+00:00"));
        assert_eq!(told[2], changed(9_000, "dealstage", DELETED));
        assert_eq!(told[3], Ok(Told::Changed("7".into(), vec![])));
        assert!(told[4].is_err());
        assert_eq!(told.len(), 5);
        assert!(parts(b"{}", "dealstage")[0].1.is_err());
    }
}
