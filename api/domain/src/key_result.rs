//! A key result: what is measured, from where, to where, and who owns it.
//! Holds its terms; its check-ins flow freely and live in `check_in`.

use crate::{
    facts::Facts,
    ids::{KeyResultId, PersonId},
    quantity::Quantity,
    refusal::Refusal,
    text::Line,
};

/// What is measured. The direction follows from baseline and target; a yes-or-no measure is 0 → 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// What is counted, such as `%` or `score`.
    pub unit: Line,
    /// Where it stood.
    pub baseline: Quantity,
    /// Where it should stand.
    pub target: Quantity,
}

impl Measure {
    /// A measure whose target differs from its baseline; the refusal names `target`.
    pub fn new(unit: Line, baseline: Quantity, target: Quantity) -> Result<Self, Refusal> {
        if baseline == target {
            return Err(Refusal::invalid(
                &["target"],
                format!("The target equals the baseline ({baseline}), so there would be nothing to achieve."),
            ));
        }
        Ok(Self { unit, baseline, target })
    }
}

/// What is committed about a key result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyResultTerms {
    /// What will be true.
    pub title: Line,
    /// Who answers for it.
    pub owner: PersonId,
    /// How it is measured.
    pub measure: Measure,
}

/// A key result of an objective.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyResult {
    /// Its id, the same in every revision.
    pub id: KeyResultId,
    /// Its place among its siblings, from 0; gaps are left by what was dropped.
    pub position: u32,
    /// What is committed.
    pub terms: KeyResultTerms,
}

impl KeyResultTerms {
    pub(crate) fn facts(&self, id: KeyResultId) -> Facts {
        Facts::map([
            ("keyResult", Facts::text(id)),
            ("title", Facts::text(&self.title)),
            ("owner", Facts::text(self.owner)),
            ("unit", Facts::text(&self.measure.unit)),
            ("baseline", Facts::text(self.measure.baseline)),
            ("target", Facts::text(self.measure.target)),
        ])
    }
}
