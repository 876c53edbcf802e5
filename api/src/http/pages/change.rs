//! A change of a commitment in a line: what came, what went, what reads otherwise.

use serde::Deserialize;

use super::view::{Measure, Person, Titled};

/// The part of a document that asks for it, as the fragment `Line`.
pub(super) const LINE: &str = include_str!("change.graphql");

/// A change.
#[derive(Debug, Deserialize)]
#[serde(tag = "__typename", rename_all_fields = "camelCase")]
pub(super) enum Change {
    ObjectiveAdded {
        objective: Weighed,
    },
    ObjectiveDropped {
        objective: Titled,
        why: Option<String>,
    },
    ObjectiveAmended(AmendedObjective),
    KeyResultAdded {
        key_result: Measured,
    },
    KeyResultDropped {
        key_result: Titled,
        why: Option<String>,
    },
    KeyResultAmended {
        from_title: String,
        to_title: String,
        from_measure: Measure,
        to_measure: Measure,
        from_owner: Person,
        to_owner: Person,
    },
    CapacityChanged {
        from_capacity: Option<String>,
        to_capacity: Option<String>,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AmendedObjective {
    from_title: String,
    to_title: String,
    from_rationale: String,
    to_rationale: String,
    from_load: Option<String>,
    to_load: Option<String>,
    from_owner: Person,
    to_owner: Person,
    aspects: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Weighed {
    title: String,
    load: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Measured {
    title: String,
    measure: Measure,
}

impl Change {
    /// What happened, in a word.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::ObjectiveAdded { .. } | Self::KeyResultAdded { .. } => "In",
            Self::ObjectiveDropped { .. } | Self::KeyResultDropped { .. } => "Out",
            _ => "Changed",
        }
    }

    /// To what.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::ObjectiveAdded { objective } => objective.title.clone(),
            Self::ObjectiveDropped { objective, .. } => objective.title.clone(),
            Self::ObjectiveAmended(amended) => amended.from_title.clone(),
            Self::KeyResultAmended { from_title, .. } => from_title.clone(),
            Self::KeyResultAdded { key_result } => key_result.title.clone(),
            Self::KeyResultDropped { key_result, .. } => key_result.title.clone(),
            Self::CapacityChanged { .. } => "Capacity".to_owned(),
        }
    }

    /// How.
    pub(super) fn details(&self) -> Vec<String> {
        let why = |why: &Option<String>| why.iter().cloned().collect();
        match self {
            Self::ObjectiveAdded { objective } => objective.load.iter().map(|load| format!("load {load}")).collect(),
            Self::ObjectiveDropped { why: said, .. } | Self::KeyResultDropped { why: said, .. } => why(said),
            Self::KeyResultAdded { key_result } => vec![key_result.measure.span()],
            Self::CapacityChanged { from_capacity, to_capacity } => {
                differing([("", number(from_capacity.as_deref()), number(to_capacity.as_deref()))])
            }
            Self::ObjectiveAmended(amended) => amended.details(),
            Self::KeyResultAmended { from_title, to_title, from_measure, to_measure, from_owner, to_owner } => {
                differing([
                    ("title", quoted(from_title), quoted(to_title)),
                    ("measure", from_measure.span(), to_measure.span()),
                    ("owner", from_owner.name.clone(), to_owner.name.clone()),
                ])
            }
        }
    }
}

impl AmendedObjective {
    fn details(&self) -> Vec<String> {
        let mut lines = differing([
            ("title", quoted(&self.from_title), quoted(&self.to_title)),
            ("rationale", quoted(&self.from_rationale), quoted(&self.to_rationale)),
            ("load", number(self.from_load.as_deref()), number(self.to_load.as_deref())),
            ("owner", self.from_owner.name.clone(), self.to_owner.name.clone()),
        ]);
        if self.aspects.iter().any(|aspect| aspect == "LINEAGE") {
            lines.push("contributes to another objective than before".to_owned());
        }
        lines
    }
}

fn number(number: Option<&str>) -> String {
    number.unwrap_or("none").to_owned()
}

fn quoted(text: &str) -> String {
    format!("“{text}”")
}

/// What is not as it was.
fn differing<const N: usize>(aspects: [(&str, String, String); N]) -> Vec<String> {
    let changed = aspects.into_iter().filter(|(_, was, is)| was != is);
    changed.map(|(aspect, was, is)| format!("{aspect} {was} → {is}").trim_start().to_owned()).collect()
}
