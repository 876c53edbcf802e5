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
    ObjectiveAmended {
        from_title: String,
        to_title: String,
        from_rationale: String,
        to_rationale: String,
        from_load: Option<String>,
        to_load: Option<String>,
        from_owner: Person,
        to_owner: Person,
        aspects: Vec<String>,
    },
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
            Self::ObjectiveAmended { from_title, .. } | Self::KeyResultAmended { from_title, .. } => from_title.clone(),
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
            Self::ObjectiveAmended { .. } => self.amended_objective(),
            Self::KeyResultAmended { from_title, to_title, from_measure, to_measure, from_owner, to_owner } => {
                differing([
                    ("title", quoted(from_title), quoted(to_title)),
                    ("measure", from_measure.span(), to_measure.span()),
                    ("owner", from_owner.name.clone(), to_owner.name.clone()),
                ])
            }
        }
    }

    fn amended_objective(&self) -> Vec<String> {
        let Self::ObjectiveAmended { from_title, to_title, from_rationale, to_rationale, .. } = self else {
            return Vec::new();
        };
        let Self::ObjectiveAmended { from_load, to_load, from_owner, to_owner, aspects, .. } = self else {
            return Vec::new();
        };
        let mut lines = differing([
            ("title", quoted(from_title), quoted(to_title)),
            ("rationale", quoted(from_rationale), quoted(to_rationale)),
            ("load", number(from_load.as_deref()), number(to_load.as_deref())),
            ("owner", from_owner.name.clone(), to_owner.name.clone()),
        ]);
        if aspects.iter().any(|aspect| aspect == "LINEAGE") {
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
