//! Reads all that a caller can reach: every query, and every node whose id any answer held, until there is none that was
//! not asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::OURS;
use crate::{
    shape::{Argument, Sample, Schema, request, whole},
    support::Caller,
    world::World,
};

/// The queries that tell of the whole log by its size, and those that are asked by an id.
const NOT_ASKED: [&str; 4] = ["node", "nodes", "auditCheckpoint", "auditConsistencyProof"];

/// What was answered, by query or id.
pub(super) struct Seen(BTreeMap<String, Value>);

/// Reads everything from the queries on.
pub(super) async fn crawl(caller: &Caller, schema: &Schema, ours: &World) -> Seen {
    let mut seen = BTreeMap::new();
    let mut ids = BTreeSet::new();
    let sample = Sample { schema, id: &|path| ours.named_at(path) };
    let given = |arg: &Argument| match arg.name.as_str() {
        "first" => Some(json!(250)),
        "text" => Some(json!(OURS)),
        _ => None,
    };
    for field in schema.get("Query").fields.iter().filter(|field| !NOT_ASKED.contains(&field.name.as_str())) {
        let selected = whole(schema, &field.shape.of, &[]);
        let (query, variables) = request(&sample, ("Query", &field.name), None, given, &selected);
        let answer = caller.ask(&query, variables).await.data().clone();
        collect(schema, &answer, &mut ids);
        seen.insert(field.name.clone(), answer);
    }
    let mut asked = BTreeSet::new();
    while let Some((of, id)) = ids.difference(&asked).next().cloned() {
        let answer = node(caller, schema, &of, &id).await;
        assert!(!answer["node"].is_null(), "{id} was shown and is not found");
        collect(schema, &answer, &mut ids);
        seen.insert(id.clone(), answer);
        asked.insert((of, id));
    }
    Seen(seen)
}

/// All of a node.
pub(super) async fn node(caller: &Caller, schema: &Schema, of: &str, id: &str) -> Value {
    let asked = |without: &[String]| {
        format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {} }} }}", whole(schema, of, without))
    };
    let answer = caller.ask(&asked(&[]), json!({ "id": id })).await;
    if answer.body.get("errors").is_none() {
        return answer.data().clone();
    }
    // A draft has no revisions that could differ.
    caller.ask(&asked(&["Plan.diff".to_owned()]), json!({ "id": id })).await.data().clone()
}

/// The types and ids of the nodes in an answer.
fn collect(schema: &Schema, answer: &Value, ids: &mut BTreeSet<(String, String)>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| collect(schema, item, ids)),
        Value::Object(fields) => {
            if let (Some(Value::String(of)), Some(Value::String(id))) = (fields.get("__typename"), fields.get("id"))
                && schema.get("Node").possible.contains(of)
            {
                ids.insert((of.clone(), id.clone()));
            }
            fields.values().for_each(|value| collect(schema, value, ids));
        }
        _ => {}
    }
}

impl Seen {
    /// The types of the nodes that were met.
    pub(super) fn types(&self) -> BTreeSet<&str> {
        self.0.values().filter_map(|answer| answer["node"]["__typename"].as_str()).collect()
    }

    /// Where the word or an id of a team shows.
    pub(super) fn tells_of(&self, team: &World) -> Vec<String> {
        let telling = self.0.iter().filter(|(_, answer)| tells(answer, team));
        telling.map(|(at, answer)| format!("{at}: {answer:#}")).collect()
    }

    /// What one crawl saw and another saw otherwise.
    pub(super) fn differences(before: &Self, after: &Self) -> Vec<String> {
        let all: BTreeSet<_> = before.0.keys().chain(after.0.keys()).collect();
        let differ = all.into_iter().filter(|at| before.0.get(*at) != after.0.get(*at));
        differ.map(|at| format!("{at}:\n  {:?}\n  {:?}", before.0.get(at), after.0.get(at))).collect()
    }
}

/// Whether the word or an id of a team shows in an answer.
pub(super) fn tells(answer: &Value, team: &World) -> bool {
    let by_id = without_bodies(answer).to_string();
    answer.to_string().to_lowercase().contains(&team.word) || team.ids.values().any(|id| by_id.contains(id.as_str()))
}

/// An answer without what may hold a foreign id, and never a word: the log's own bodies, which are evidence, and the
/// boundary of a meeting, where a subject that is out of sight is its id.
fn without_bodies(answer: &Value) -> Value {
    match answer {
        Value::Array(items) => items.iter().map(without_bodies).collect(),
        Value::Object(fields) => {
            let kept = fields
                .iter()
                .filter(|(name, _)| !["before", "after", "body", "text", "brief"].contains(&name.as_str()));
            kept.map(|(name, value)| (name.clone(), without_bodies(value))).collect()
        }
        other => other.clone(),
    }
}
