//! An objective: what a team sets out to reach in a quarter, and why.
//! Holds its terms and its key results; how a plan may change them is the plan's and the renegotiation's matter.

use crate::{
    facts::Facts,
    ids::{ObjectiveId, PersonId},
    key_result::KeyResult,
    quantity::Quantity,
    text::{Line, Prose},
};

/// What is committed about an objective, its key results aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectiveTerms {
    /// What will be reached.
    pub title: Line,
    /// Why it matters.
    pub rationale: Prose,
    /// Who answers for it.
    pub owner: PersonId,
    /// What it weighs, in the plan's unit.
    pub load: Option<Quantity>,
    /// The objective, of any team in the same or an earlier quarter, that it helps.
    pub contributes_to: Option<ObjectiveId>,
}

/// An objective with its key results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objective {
    /// Its id, the same in every revision.
    pub id: ObjectiveId,
    /// Its place in the plan, from 0; gaps are left by what was dropped.
    pub position: u32,
    /// What is committed.
    pub terms: ObjectiveTerms,
    /// Its key results, in order.
    pub key_results: Vec<KeyResult>,
}

impl ObjectiveTerms {
    pub(crate) fn facts(&self, id: ObjectiveId) -> Facts {
        Facts::map([
            ("objective", Facts::text(id)),
            ("title", Facts::text(&self.title)),
            ("rationale", Facts::text(&self.rationale)),
            ("owner", Facts::text(self.owner)),
            ("load", Facts::maybe(self.load)),
            ("contributesTo", Facts::maybe(self.contributes_to)),
        ])
    }
}

impl Objective {
    /// Where a further key result goes.
    #[must_use]
    pub fn next_position(&self) -> u32 {
        self.key_results.iter().map(|key_result| key_result.position + 1).max().unwrap_or(0)
    }
}
