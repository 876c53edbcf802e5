//! A commitment: all that a plan promises for a quarter, as one value with a digest.
//! Holds what can be said of it alone (load, completeness, capacity); refuses to know who may change it.

use crate::{
    facts::{Digest, Facts},
    ids::{KeyResultId, ObjectiveId, PlanId},
    key_result::KeyResult,
    objective::Objective,
    quantity::Quantity,
    refusal::{Code, Refusal},
    text::Line,
};

/// The objectives with their key results, and the capacity they share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commitment {
    /// What the team can carry, in the plan's unit; none where the team does not count it.
    pub capacity: Option<Quantity>,
    /// What capacity and loads are counted in.
    pub capacity_unit: Option<Line>,
    /// The objectives, in order.
    pub objectives: Vec<Objective>,
}

impl Commitment {
    /// The sum of the loads; none where no objective has one.
    #[must_use]
    pub fn load(&self) -> Option<Quantity> {
        self.objectives.iter().filter_map(|objective| objective.terms.load).reduce(Quantity::plus)
    }

    /// The objective of an id.
    #[must_use]
    pub fn objective(&self, id: ObjectiveId) -> Option<&Objective> {
        self.objectives.iter().find(|objective| objective.id == id)
    }

    /// The key result of an id, with its objective.
    #[must_use]
    pub fn key_result(&self, id: KeyResultId) -> Option<(&Objective, &KeyResult)> {
        self.key_results().find(|(_, key_result)| key_result.id == id)
    }

    /// Every key result with its objective, in order.
    pub fn key_results(&self) -> impl Iterator<Item = (&Objective, &KeyResult)> {
        self.objectives.iter().flat_map(|objective| objective.key_results.iter().map(move |kr| (objective, kr)))
    }

    /// Where a further objective goes.
    #[must_use]
    pub fn next_position(&self) -> u32 {
        self.objectives.iter().map(|objective| objective.position + 1).max().unwrap_or(0)
    }

    pub(crate) fn objective_mut(&mut self, id: ObjectiveId) -> Option<&mut Objective> {
        self.objectives.iter_mut().find(|objective| objective.id == id)
    }

    /// All of it, for the record.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let objectives = self.objectives.iter().map(|objective| {
            let key_results = objective.key_results.iter().map(|kr| kr.terms.facts(kr.id));
            Facts::map([("terms", objective.terms.facts(objective.id)), ("keyResults", Facts::list(key_results))])
        });
        Facts::map([
            ("capacity", Facts::maybe(self.capacity)),
            ("capacityUnit", Facts::maybe(self.capacity_unit.as_ref())),
            ("objectives", Facts::list(objectives)),
        ])
    }

    /// The digest of what a plan promises: what `planCommit` names.
    #[must_use]
    pub fn digest(&self, plan: PlanId) -> Digest {
        Facts::map([("plan", Facts::text(plan)), ("commitment", self.facts())]).digest()
    }

    /// OVER_CAPACITY: the loads do not exceed the capacity, where there is one.
    #[must_use]
    pub fn over_capacity(&self) -> Option<Refusal> {
        let (capacity, load) = (self.capacity?, self.load().unwrap_or(Quantity::ZERO));
        let unit = self.capacity_unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        (load > capacity).then(|| {
            Refusal::new(
                Code::OverCapacity,
                format!("The objectives weigh {load}{unit} and the capacity is {capacity}{unit}."),
            )
        })
    }

    /// PLAN_INCOMPLETE, the part that every revision keeps: a key result under each objective, a way to go for each
    /// key result, and a load for each objective where the plan has a capacity.
    pub fn incomplete(&self) -> impl Iterator<Item = Refusal> {
        self.objectives.iter().flat_map(|objective| {
            let title = &objective.terms.title;
            let empty = objective
                .key_results
                .is_empty()
                .then(|| Refusal::new(Code::PlanIncomplete, format!("The objective \"{title}\" has no key result.")));
            let weightless = (self.capacity.is_some() && objective.terms.load.is_none()).then(|| {
                let message = format!("The plan has a capacity and the objective \"{title}\" has no load.");
                Refusal::new(Code::PlanIncomplete, message)
                    .remedy("Say what the objective weighs (load), or take the capacity out.")
            });
            let aimless = objective.key_results.iter().filter_map(|key_result| {
                let measure = &key_result.terms.measure;
                (measure.baseline == measure.target).then(|| {
                    let title = &key_result.terms.title;
                    let message = format!("The key result \"{title}\" has a target equal to its baseline.");
                    Refusal::new(Code::PlanIncomplete, message)
                })
            });
            empty.into_iter().chain(weightless).chain(aimless).collect::<Vec<_>>()
        })
    }
}
