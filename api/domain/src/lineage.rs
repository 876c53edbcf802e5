//! Lineage: which objective contributes to which, across teams and quarters.
//! Holds LINEAGE_CYCLE; refuses to load anything: the caller brings the ancestors of every target.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    commitment::Commitment,
    ids::ObjectiveId,
    refusal::{Broken, Code, Refusal, Refusals},
    time::Timestamp,
};

/// An objective as lineage sees it.
#[derive(Debug, Clone, Copy)]
pub struct Ancestor {
    /// When its quarter begins.
    pub quarter_starts: Timestamp,
    /// What it contributes to.
    pub contributes_to: Option<ObjectiveId>,
    /// Whether the caller may see it, and so point at it; a walk passes through it either way.
    pub visible: bool,
}

/// The ancestors that a change could reach, each with its own parent.
#[derive(Debug, Clone, Default)]
pub struct Lineage(BTreeMap<ObjectiveId, Ancestor>);

impl Lineage {
    /// From the ancestors found.
    #[must_use]
    pub const fn new(ancestors: BTreeMap<ObjectiveId, Ancestor>) -> Self {
        Self(ancestors)
    }

    /// NOT_FOUND for objectives that the caller names and does not see. That one of them stands there already is no
    /// excuse: it would tell whoever guesses it that they guessed right.
    pub fn named(&self, targets: &[ObjectiveId]) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        for target in targets {
            broken.when(!self.0.get(target).is_some_and(|found| found.visible), || not_found(*target));
        }
        broken.finish()
    }

    /// LINEAGE_CYCLE and its neighbours for lineage that this write sets: each target of `changed` is there for the
    /// caller, is of the same or an earlier quarter, and does not lead back.
    #[must_use]
    pub fn refusals(&self, plan: &Commitment, quarter_starts: Timestamp, changed: &[ObjectiveId]) -> Vec<Refusal> {
        self.check(plan, quarter_starts, changed, |target| target.visible)
    }

    /// The same for lineage that was set before this write. Whoever set it saw the target, so the caller need not: one
    /// who holds a single team still commits and decides what stands there.
    #[must_use]
    pub fn standing(&self, plan: &Commitment, quarter_starts: Timestamp, stored: &[ObjectiveId]) -> Vec<Refusal> {
        self.check(plan, quarter_starts, stored, |_| true)
    }

    fn check(
        &self,
        plan: &Commitment,
        quarter_starts: Timestamp,
        children: &[ObjectiveId],
        there: impl Fn(&Ancestor) -> bool,
    ) -> Vec<Refusal> {
        let children = plan.objectives.iter().filter(|objective| children.contains(&objective.id));
        children
            .filter_map(|objective| {
                let target = objective.terms.contributes_to?;
                let found = self.0.get(&target).filter(|found| there(found));
                self.refusal(plan, quarter_starts, objective.id, (target, found))
                    .map(|refusal| if refusal.field.is_empty() { refusal.at(&["contributesTo"]) } else { refusal })
            })
            .collect()
    }

    fn refusal(
        &self,
        plan: &Commitment,
        starts: Timestamp,
        child: ObjectiveId,
        (target, found): (ObjectiveId, Option<&Ancestor>),
    ) -> Option<Refusal> {
        let ours = plan.objective(target).is_some();
        let Some(quarter) = found.map(|found| found.quarter_starts).or(ours.then_some(starts)) else {
            return Some(not_found(target));
        };
        if quarter > starts {
            let message = "An objective contributes to one of the same or an earlier quarter, not of a later one.";
            return Some(Refusal::invalid(&["contributesTo"], message));
        }
        self.leads_to(plan, target, child)
            .then(|| Refusal::new(Code::LineageCycle, format!("The objective {target} already leads back to {child}.")))
    }

    fn leads_to(&self, plan: &Commitment, from: ObjectiveId, to: ObjectiveId) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = Some(from);
        while let Some(id) = next {
            if id == to {
                return true;
            }
            if !seen.insert(id) {
                return false;
            }
            // What the plan under change says of its own objectives holds over what is stored.
            next = match plan.objective(id) {
                Some(objective) => objective.terms.contributes_to,
                None => self.0.get(&id).and_then(|found| found.contributes_to),
            };
        }
        false
    }
}

fn not_found(target: ObjectiveId) -> Refusal {
    Refusal::not_found(&["contributesTo"], "objective", &target.to_string())
}
