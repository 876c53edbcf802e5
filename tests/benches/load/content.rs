//! What the set's things are called and say: titles, deals, and the mutations that bring them in.

use std::fmt::Write as _;

use holdline_domain::ids::IdeaId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::set::team;

pub(crate) fn objective_title(place: usize) -> String {
    ["Settle faster", "Fewer disputes", "Every bank", "Nobody waits"][place].to_owned()
}

pub(crate) fn key_result_title(objective: usize, place: usize) -> String {
    format!("Key result {objective}{place}")
}

pub(crate) fn idea_title(place: usize) -> String {
    format!(
        "{} for {} number {place}",
        ["Exports", "Reports", "Alerts", "Roles"][place % 4],
        ["banks", "shops", "clerks"][place % 3]
    )
}

pub(crate) fn deal(number: usize, place: usize) -> Value {
    let status = ["OPEN", "OPEN", "OPEN", "WON", "LOST"][place % 5];
    json!({ "system": "crm", "externalId": format!("D{number:02}-{place:06}"), "status": status, "account": format!("Account {}", place % 400),
            "amount": { "amount": format!("{}", (place * 7_919 + number) % 90_000 + 100), "currency": "EUR" } })
}

/// A request that makes its idea where it is the first about it.
pub(crate) fn request(number: usize, place: usize, ideas: usize) -> Value {
    let idea = place % ideas;
    json!({ "deal": deal(number, place), "note": "Asked in the quarterly call.",
            "idea": { "external": { "team": team(number), "system": "crm", "externalId": format!("I{number:02}-{idea:06}"), "title": idea_title(idea) } } })
}

pub(crate) fn promotions(team: &str, base: usize, many: std::ops::Range<usize>, key_results: &[Value]) -> Value {
    document(many.flat_map(|place| {
        // Version 7 of RFC 9562, as ids are: the number where the time would be.
        let bits = u128::try_from(base + place).unwrap() << 80 | 0x7000_8000_0000_0000_0000;
        let id = IdeaId::from(Uuid::from_u128(bits)).to_string();
        // One to three ask for each.
        let asks: Vec<_> = (0..=place % 3).map(|ask| json!({ "deal": deal(99, 3 * (base + place) + ask) })).collect();
        let submit = json!({ "id": id, "team": team, "title": idea_title(place), "customerRequests": asks });
        let serves = [key_results[place % key_results.len()].clone()];
        let promote = json!({ "idea": id, "horizon": "NEXT", "keyResults": serves });
        [("ideaSubmit", "IdeaSubmitInput", submit), ("ideaPromote", "IdeaPromoteInput", promote)]
    }))
}

/// Mutations in one document, each with its input as a variable.
pub(crate) fn document(mutations: impl Iterator<Item = (&'static str, &'static str, Value)>) -> Value {
    let (mut head, mut body, mut variables) = (String::new(), String::new(), serde_json::Map::new());
    for (place, (mutation, input, value)) in mutations.enumerate() {
        let _ = write!(head, "$i{place}: {input}! ");
        let _ = write!(body, "m{place}: {mutation}(input: $i{place}) {{ userErrors {{ message }} }} ");
        variables.insert(format!("i{place}"), value);
    }
    json!({ "query": format!("mutation({head}) {{ {body} }}"), "variables": variables })
}
