//! A change of a commitment in a line: what came, what went, what reads otherwise.

use serde::Deserialize;

use super::view::{Measure, Person};

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
pub(super) struct Titled {
    title: String,
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

impl Measure {
    /// From where to where.
    pub(super) fn span(&self) -> String {
        format!("{} → {} {}", self.baseline, self.target, self.unit)
    }
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
        let none = || "none".to_owned();
        let why = |why: &Option<String>| why.iter().cloned().collect();
        match self {
            Self::ObjectiveAdded { objective } => objective.load.iter().map(|load| format!("load {load}")).collect(),
            Self::ObjectiveDropped { why: said, .. } | Self::KeyResultDropped { why: said, .. } => why(said),
            Self::KeyResultAdded { key_result } => vec![key_result.measure.span()],
            Self::CapacityChanged { from_capacity, to_capacity } => {
                let [from, to] = [from_capacity, to_capacity].map(|one| one.clone().unwrap_or_else(none));
                differing([("", from, to)])
            }
            Self::ObjectiveAmended {
                from_title,
                to_title,
                from_rationale,
                to_rationale,
                from_load,
                to_load,
                from_owner,
                to_owner,
                aspects,
            } => {
                let [was, is] = [from_load, to_load].map(|load| load.clone().unwrap_or_else(none));
                let mut lines = differing([
                    ("title", from_title.clone(), to_title.clone()),
                    ("rationale", from_rationale.clone(), to_rationale.clone()),
                    ("load", was, is),
                    ("owner", from_owner.name.clone(), to_owner.name.clone()),
                ]);
                if aspects.iter().any(|aspect| aspect == "LINEAGE") {
                    lines.push("contributes to another objective than before".to_owned());
                }
                lines
            }
            Self::KeyResultAmended { from_title, to_title, from_measure, to_measure, from_owner, to_owner } => {
                differing([
                    ("title", from_title.clone(), to_title.clone()),
                    ("measure", from_measure.span(), to_measure.span()),
                    ("owner", from_owner.name.clone(), to_owner.name.clone()),
                ])
            }
        }
    }
}

/// What is not as it was.
fn differing<const N: usize>(aspects: [(&str, String, String); N]) -> Vec<String> {
    let changed = aspects.into_iter().filter(|(_, was, is)| was != is);
    changed
        .map(|(aspect, was, is)| {
            let named = if aspect.is_empty() { String::new() } else { format!("{aspect} ") };
            format!("{named}from “{was}” to “{is}”")
        })
        .collect()
}
