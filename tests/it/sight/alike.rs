//! Sends one request twice, once with a foreign id and once with one that never was, and compares the answers. That the
//! id counts at all is shown beside it: a mutation says NOT_FOUND, a query answers otherwise for an id of ours.

use serde_json::json;

use super::{OURS, Place, Scene, THEIRS};
use crate::{
    shape::{Argument, Sample, prefix, request, whole},
    support::Answer,
    world::unknown,
};

/// Ends of places where an id is refused before anybody looks for it, because the other kind belongs there.
const UNSOUGHT: [&str; 2] = ["dropObjective.keyResult", "dropKeyResult.objective"];
/// Kinds of things that no entry of the log is about.
const NO_SUBJECTS: [&str; 7] = ["audit", "deal", "decision", "delivery", "hook", "question", "rev"];

/// One place in one scene.
pub(super) struct Probe<'s> {
    pub(super) scene: &'s Scene,
    pub(super) place: &'s Place,
}

impl Probe<'_> {
    /// What is wrong at this place.
    pub(super) async fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (foreign, other, own) in self.named() {
            let answers = [self.ask(&foreign).await, self.ask(&other).await];
            let shown = [shown(&answers[0], &foreign), shown(&answers[1], &other)];
            if shown[0] != shown[1] {
                faults.push(format!("{} of {foreign}:\n  {}\n  {}", self.place.name(), shown[0], shown[1]));
            }
            if shown.iter().any(|shown| shown.to_lowercase().contains(THEIRS)) {
                faults.push(format!("{} of {foreign} shows a foreign text: {}", self.place.name(), shown[0]));
            }
            faults.extend(self.unsought(&answers[1], &shown[1], own).await);
        }
        faults
    }

    /// The ids to send: a foreign one, one to compare it with, and one of ours where it may be sent.
    fn named(&self) -> Vec<(String, String, Option<String>)> {
        let (ours, theirs) = (&self.scene.ours, &self.scene.theirs);
        match self.place.kind {
            "key" => vec![(theirs.team.clone(), "NONE".to_owned(), Some(ours.team.clone()))],
            // Used is used, whoever's it is.
            "chosen key" => vec![(theirs.team.clone(), ours.team.clone(), None)],
            kind if kind.starts_with("chosen ") => {
                let kind = kind.trim_start_matches("chosen ");
                vec![(theirs.id(kind).to_owned(), ours.id(kind).to_owned(), None)]
            }
            // People are no team's, and anybody may name one who is known.
            "person" if self.place.writes() => Vec::new(),
            "person" => vec![(theirs.id("person").to_owned(), unknown("person"), None)],
            "anything" => self.anything(),
            kind if self.place.writes() => {
                vec![(theirs.id(kind).to_owned(), unknown(prefix(kind)), Some(ours.id(kind).to_owned()))]
            }
            kind => {
                let alike = theirs.ids.iter().filter(|(other, _)| prefix(other) == prefix(kind));
                let own = |other: &str| (other == kind).then(|| ours.id(kind).to_owned());
                alike.map(|(other, id)| (id.clone(), unknown(id), own(other))).collect()
            }
        }
    }

    /// One of every kind but people, as it is and as of a revision.
    fn anything(&self) -> Vec<(String, String, Option<String>)> {
        let kinds = self.scene.theirs.ids.iter().filter(|(kind, _)| **kind != "person");
        let filters = self.place.path.len() > 1;
        let pins = if filters { &[""][..] } else { &["", "~r1"] };
        kinds
            .flat_map(|(kind, id)| {
                let own = self.scene.ours.id(kind);
                pins.iter().map(move |pin| {
                    let counts = pin.is_empty() && !(filters && NO_SUBJECTS.contains(kind));
                    let own = counts.then(|| own.to_owned());
                    (format!("{id}{pin}"), format!("{}{pin}", unknown(id)), own)
                })
            })
            .collect()
    }

    async fn ask(&self, named: &str) -> Answer {
        let Place { of, field, holder, path, .. } = self.place;
        let schema = &self.scene.schema;
        let sample = Sample { schema, id: &|path| self.scene.ours.named_at(path) };
        let selected = match of.as_str() {
            "Mutation" => "{ __typename userErrors { code message field remedy } }".to_owned(),
            _ => whole(schema, &schema.get(of).field(field).shape.of, &[]),
        };
        let along = |arg: &Argument| match arg.name.as_str() {
            name if name == path[0].field => Some(sample.along(path, arg, &json!(named))),
            "text" => Some(json!(OURS)),
            _ => None,
        };
        let (query, variables) = request(&sample, (of, field), *holder, along, &selected);
        let outsider = &self.scene.outsider;
        if of == "Subscription" {
            return outsider.first(&query, variables).await;
        }
        outsider.ask(&query, variables).await
    }

    /// That the id is not looked for, or that nobody can tell.
    async fn unsought(&self, answer: &Answer, shown_of_other: &str, own: Option<String>) -> Option<String> {
        let name = self.place.name();
        let Some(own) = own else {
            let used = self.place.kind.starts_with("chosen ") && !shown_of_other.contains("CONFLICT");
            return used.then(|| format!("{name} is taken for a used id: {shown_of_other}"));
        };
        if UNSOUGHT.iter().any(|end| name.ends_with(end)) {
            return None;
        }
        if self.place.writes() {
            let sought = answer.body["data"][&self.place.field]["userErrors"].to_string().contains("NOT_FOUND");
            return (!sought).then(|| format!("{name} is not looked for: {shown_of_other}"));
        }
        let same = shown(&self.ask(&own).await, &own) == shown_of_other;
        same.then(|| format!("{name} is answered for {own} of ours as for any other: {shown_of_other}"))
    }
}

/// The status and the answer, whatever was named in it left out.
fn shown(answer: &Answer, named: &str) -> String {
    format!("{} {}", answer.status, answer.comparable().to_string().replace(named, "…"))
}
