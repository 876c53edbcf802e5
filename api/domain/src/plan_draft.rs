//! Drafting a plan: capacity, objectives and key results of a plan that nobody has committed yet.
//! Holds every edit of a draft; a committed plan never gets here, because only a `DraftPlan` has these methods.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    commitment::Commitment,
    facts::Facts,
    ids::{KeyResultId, ObjectiveId, PlanId},
    key_result::{KeyResult, KeyResultTerms},
    lineage::Lineage,
    objective::{Objective, ObjectiveTerms},
    permission::{Permit, action::EditDraft},
    plan::{DraftPlan, PlanHead},
    quantity::Quantity,
    refusal::{Broken, Code, Refusal, Refusals},
    team::Team,
    text::Line,
    time::{QuarterSpan, Timestamp},
};

/// What an edit did to a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each names the subject that was added, updated or removed")]
pub enum Edit {
    Drafted,
    CapacitySet,
    ObjectiveAdded(ObjectiveId),
    ObjectiveUpdated(ObjectiveId),
    ObjectiveRemoved(ObjectiveId),
    KeyResultAdded(KeyResultId),
    KeyResultUpdated(KeyResultId),
    KeyResultRemoved(KeyResultId),
}

/// A draft after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftEdited {
    /// The draft as it is now.
    pub plan: DraftPlan,
    /// What was done to it.
    pub edit: Edit,
}

/// Capacity and the unit that it and the loads are counted in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capacity {
    /// What the team can carry.
    pub amount: Option<Quantity>,
    /// Counted in what.
    pub unit: Option<Line>,
}

impl Capacity {
    fn check(&self, broken: &mut Broken) {
        broken.when(self.amount.is_some_and(Quantity::is_negative), || {
            Refusal::invalid(&["capacity"], "A capacity is zero or more.")
        });
    }

    fn facts(&self) -> Facts {
        Facts::map([("capacity", Facts::maybe(self.amount)), ("capacityUnit", Facts::maybe(self.unit.as_ref()))])
    }
}

/// INVALID unless a load is zero or more.
pub(crate) fn check_load(load: Option<Quantity>, broken: &mut Broken) {
    broken.when(load.is_some_and(Quantity::is_negative), || Refusal::invalid(&["load"], "A load is zero or more."));
}

/// What a new plan starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// Its id.
    pub id: PlanId,
    /// Its quarter.
    pub span: QuarterSpan,
    /// What the team can carry.
    pub capacity: Capacity,
}

impl DraftPlan {
    /// A new plan. `existing` is the team's plan for the quarter, `stored` every quarter that has a plan.
    pub fn begin(
        permit: &Permit<EditDraft>,
        team: &Team,
        begin: Begin,
        existing: Option<PlanId>,
        stored: &[QuarterSpan],
        now: Timestamp,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let Begin { id, span, capacity } = begin;
        let quarter = span.quarter;
        let mut broken = Broken::none();
        capacity.check(&mut broken);
        broken.take(team.planning());
        broken.when(existing.is_some(), || {
            let message = format!("The team {} has a plan for {quarter} already; there is one per quarter.", team.key);
            Refusal::new(Code::Conflict, message).at(&["quarter"]).remedy("Read it with plan(team:, quarter:).")
        });
        broken.when(span.ended(now), || {
            Refusal::new(Code::QuarterEnded, format!("The quarter {quarter} has ended.")).at(&["quarter"])
        });
        broken.extend(clash(&span, stored));
        broken.finish()?;
        let head = PlanHead { id, team: team.id, span, version: 1, imported: false };
        let after = capacity.facts();
        let commitment = Commitment { capacity: capacity.amount, capacity_unit: capacity.unit, objectives: Vec::new() };
        let by = Recording::by(permit, AuditAction::PlanDrafted, Subject::Plan(id));
        let edited = DraftEdited { plan: Self { head, commitment }, edit: Edit::Drafted };
        Ok(by.plan(team.id, quarter, id).after(after, edited))
    }

    /// Another capacity or unit.
    pub fn set_capacity(
        mut self,
        permit: &Permit<EditDraft>,
        capacity: Capacity,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let mut broken = Broken::none();
        capacity.check(&mut broken);
        broken.finish()?;
        let before = Capacity { amount: self.commitment.capacity, unit: self.commitment.capacity_unit.clone() }.facts();
        let after = capacity.facts();
        (self.commitment.capacity, self.commitment.capacity_unit) = (capacity.amount, capacity.unit);
        let by = Recording::by(permit, AuditAction::PlanUpdated, Subject::Plan(self.head.id));
        Ok(self.edited(by.before(before), after, Edit::CapacitySet))
    }

    /// A further objective, at the end.
    pub fn add_objective(
        mut self,
        permit: &Permit<EditDraft>,
        id: ObjectiveId,
        terms: ObjectiveTerms,
        lineage: &Lineage,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let after = terms.facts(id);
        let position = self.commitment.next_position();
        self.commitment.objectives.push(Objective { id, position, terms, key_results: Vec::new() });
        self.check_objective(id, lineage.refusals(&self.commitment, self.head.span.starts_at, &[id]))?;
        let by = Recording::by(permit, AuditAction::ObjectiveAdded, Subject::Objective(id));
        Ok(self.edited(by, after, Edit::ObjectiveAdded(id)))
    }

    /// Other terms for an objective.
    pub fn update_objective(
        mut self,
        permit: &Permit<EditDraft>,
        id: ObjectiveId,
        terms: ObjectiveTerms,
        lineage: &Lineage,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let objective = self.commitment.objective_mut(id).ok_or_else(|| gone("objective", id))?;
        let before = std::mem::replace(&mut objective.terms, terms);
        let after = objective.terms.facts(id);
        let stays = before.contributes_to == objective.terms.contributes_to;
        let asked = if stays { Lineage::standing } else { Lineage::refusals };
        self.check_objective(id, asked(lineage, &self.commitment, self.head.span.starts_at, &[id]))?;
        let by = Recording::by(permit, AuditAction::ObjectiveUpdated, Subject::Objective(id));
        Ok(self.edited(by.before(before.facts(id)), after, Edit::ObjectiveUpdated(id)))
    }

    /// Takes an objective out, with its key results; `committed_to` says whether a committed one contributes to it.
    pub fn remove_objective(
        mut self,
        permit: &Permit<EditDraft>,
        id: ObjectiveId,
        committed_to: bool,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let objective = self.commitment.objective(id).ok_or_else(|| gone("objective", id))?;
        if committed_to {
            let message =
                "A committed objective contributes to this one, and its lineage changes only by renegotiation.";
            return Err(Refusal::new(Code::CommitmentLocked, message)
                .remedy("Keep the objective, or renegotiate the plan that contributes to it first.")
                .into());
        }
        let key_results = objective.key_results.iter().map(|key_result| key_result.terms.facts(key_result.id));
        let before = Facts::map([("terms", objective.terms.facts(id)), ("keyResults", Facts::list(key_results))]);
        self.commitment.objectives.retain(|objective| objective.id != id);
        let by = Recording::by(permit, AuditAction::ObjectiveRemoved, Subject::Objective(id));
        Ok(self.edited(by.before(before), Facts::Null, Edit::ObjectiveRemoved(id)))
    }

    /// A further key result, at the end of its objective.
    pub fn add_key_result(
        mut self,
        permit: &Permit<EditDraft>,
        objective: ObjectiveId,
        id: KeyResultId,
        terms: KeyResultTerms,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let parent = self.commitment.objective_mut(objective).ok_or_else(|| gone("objective", objective))?;
        let after = Facts::map([("objective", Facts::text(objective)), ("terms", terms.facts(id))]);
        let position = parent.next_position();
        parent.key_results.push(KeyResult { id, position, terms });
        let by = Recording::by(permit, AuditAction::KeyResultAdded, Subject::KeyResult(id));
        Ok(self.edited(by, after, Edit::KeyResultAdded(id)))
    }

    /// Other terms for a key result.
    pub fn update_key_result(
        mut self,
        permit: &Permit<EditDraft>,
        id: KeyResultId,
        terms: KeyResultTerms,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let mut key_results = self.commitment.objectives.iter_mut().flat_map(|objective| &mut objective.key_results);
        let key_result = key_results.find(|key_result| key_result.id == id).ok_or_else(|| gone("key result", id))?;
        let before = std::mem::replace(&mut key_result.terms, terms).facts(id);
        let after = key_result.terms.facts(id);
        let by = Recording::by(permit, AuditAction::KeyResultUpdated, Subject::KeyResult(id));
        Ok(self.edited(by.before(before), after, Edit::KeyResultUpdated(id)))
    }

    /// Takes a key result out.
    pub fn remove_key_result(
        mut self,
        permit: &Permit<EditDraft>,
        id: KeyResultId,
    ) -> Result<Change<DraftEdited>, Refusals> {
        let (_, key_result) = self.commitment.key_result(id).ok_or_else(|| gone("key result", id))?;
        let before = key_result.terms.facts(id);
        for objective in &mut self.commitment.objectives {
            objective.key_results.retain(|key_result| key_result.id != id);
        }
        let by = Recording::by(permit, AuditAction::KeyResultRemoved, Subject::KeyResult(id));
        Ok(self.edited(by.before(before), Facts::Null, Edit::KeyResultRemoved(id)))
    }

    fn check_objective(&self, id: ObjectiveId, lineage: Vec<Refusal>) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        check_load(self.commitment.objective(id).and_then(|objective| objective.terms.load), &mut broken);
        broken.extend(lineage);
        broken.finish()
    }

    fn edited(mut self, by: Recording, after: Facts, edit: Edit) -> Change<DraftEdited> {
        self.head.version += 1;
        let head = self.head;
        by.plan(head.team, head.span.quarter, head.id).after(after, DraftEdited { plan: self, edit })
    }
}

fn gone(noun: &str, id: impl std::fmt::Display) -> Refusals {
    Refusal::not_found(&[], noun, &id.to_string()).into()
}

/// INVALID where a quarter would overlap one that is stored already.
pub(crate) fn clash(span: &QuarterSpan, stored: &[QuarterSpan]) -> Option<Refusal> {
    let other = stored.iter().find(|other| other.quarter != span.quarter && other.overlaps(span))?;
    let message = format!(
        "{} would run from {} to {} and overlap {}, which runs from {} to {} since its first plan was drafted.",
        span.quarter, span.starts_at, span.ends_at, other.quarter, other.starts_at, other.ends_at
    );
    let remedy = "Plan a quarter that begins after it, or set the fiscal calendar back.";
    Some(Refusal::invalid(&["quarter"], message).remedy(remedy))
}
