//! A plan as it would be after a renegotiation. It has no ids, since nothing of it is there yet.

use async_graphql::SimpleObject;

use super::{change::Side, key_result::Measure, scalars::Decimal};

/// A plan as it would be after a renegotiation.
#[derive(SimpleObject)]
pub(super) struct PlanPreview {
    /// The sum of loads.
    load: Option<Decimal>,
    /// What the team can carry.
    capacity: Option<Decimal>,
    /// The objectives, in order.
    objectives: Vec<PreviewObjective>,
}

/// An objective as it would be.
#[derive(SimpleObject)]
struct PreviewObjective {
    /// What will be reached.
    title: String,
    /// What it weighs.
    load: Option<Decimal>,
    /// Its key results, in order.
    key_results: Vec<PreviewKeyResult>,
}

/// A key result as it would be.
#[derive(SimpleObject)]
struct PreviewKeyResult {
    /// What will be true.
    title: String,
    /// How it is measured.
    measure: Measure,
}

impl PlanPreview {
    /// What the far side of a renegotiation promises.
    pub(super) fn new(after: &Side) -> Self {
        let commitment = &after.commitment;
        let objectives = commitment.objectives.iter().map(|objective| PreviewObjective {
            title: objective.terms.title.to_string(),
            load: objective.terms.load.map(Decimal),
            key_results: objective
                .key_results
                .iter()
                .map(|key_result| PreviewKeyResult {
                    title: key_result.terms.title.to_string(),
                    measure: Measure::new(&key_result.terms.measure),
                })
                .collect(),
        });
        Self {
            load: commitment.load().map(Decimal),
            capacity: commitment.capacity.map(Decimal),
            objectives: objectives.collect(),
        }
    }
}
