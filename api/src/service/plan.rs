//! Plans: draft, edit, commit, close. Objectives and key results are edited here only while their plan is a draft.

use holdline_domain::{
    facts::Digest,
    ids::{KeyResultId, MeetingId, ObjectiveId, PlanId},
    key_result::{KeyResultTerms, Measure},
    lineage::Lineage,
    objective::ObjectiveTerms,
    permission::action::{ClosePlan, CommitPlan, EditDraft},
    plan::DraftPlan,
    plan_close::WithoutFinal,
    plan_commit::Commit,
    plan_draft::Capacity,
    quantity::Quantity,
    text::{Line, Prose, TeamKey},
    time::Quarter,
};

use super::{Caller, PersonRef, Service, found, span};
use crate::{
    failure::Failure,
    store::{Receipt, Tx},
};

/// A plan to be drafted.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct PlanDraft {
    pub id: Option<PlanId>,
    pub team: TeamKey,
    pub quarter: Quarter,
    pub capacity: Capacity,
}

/// Another capacity for a draft; what is none stays, the inner option clears.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct CapacityEdit {
    pub plan: PlanId,
    pub capacity: Option<Option<Quantity>>,
    pub unit: Option<Option<Line>>,
    pub expected: Option<u32>,
}

/// A plan to be committed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct PlanCommit {
    pub plan: PlanId,
    pub digest: Digest,
    pub meeting: Option<MeetingId>,
    pub dry_run: bool,
    pub expected: Option<u32>,
}

/// A plan to be closed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct PlanClose {
    pub plan: PlanId,
    pub without_final: Vec<WithoutFinal>,
    pub expected: Option<u32>,
}

/// An objective to be added to a draft.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct ObjectiveAdd {
    pub id: Option<ObjectiveId>,
    pub plan: PlanId,
    pub title: Line,
    pub rationale: Prose,
    pub owner: PersonRef,
    pub load: Option<Quantity>,
    pub contributes_to: Option<ObjectiveId>,
    pub expected: Option<u32>,
}

/// An objective to be edited in a draft; what is none stays, the inner option clears.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct ObjectiveEdit {
    pub objective: ObjectiveId,
    pub title: Option<Line>,
    pub rationale: Option<Prose>,
    pub owner: Option<PersonRef>,
    pub load: Option<Option<Quantity>>,
    pub contributes_to: Option<Option<ObjectiveId>>,
    pub expected: Option<u32>,
}

/// A measure as an input states it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct MeasureInput {
    pub unit: Line,
    pub baseline: Quantity,
    pub target: Quantity,
}

/// A key result to be added to a draft.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct KeyResultAdd {
    pub id: Option<KeyResultId>,
    pub objective: ObjectiveId,
    pub title: Line,
    pub owner: PersonRef,
    pub measure: MeasureInput,
    pub expected: Option<u32>,
}

/// A key result to be edited in a draft; what is none stays.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct KeyResultEdit {
    pub key_result: KeyResultId,
    pub title: Option<Line>,
    pub owner: Option<PersonRef>,
    pub unit: Option<Line>,
    pub baseline: Option<Quantity>,
    pub target: Option<Quantity>,
    pub expected: Option<u32>,
}

impl MeasureInput {
    pub(super) fn parse(self) -> Result<Measure, Failure> {
        Ok(Measure::new(self.unit, self.baseline, self.target)?)
    }
}

impl Service {
    /// Drafts a plan.
    pub async fn plan_draft(&self, caller: &Caller, input: PlanDraft) -> Result<PlanId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        let calendar = self.calendar;
        self.write(caller, "planDraft", move |tx| {
            Box::pin(async move {
                let team = found(tx.team(&input.team).await?, "team", "team", &input.team)?;
                let span = span(tx, calendar, input.quarter).await?;
                let existing = tx.plan_of(team.id, input.quarter).await?.map(|plan| plan.head().id);
                let existing = existing.filter(|existing| Some(*existing) != input.id);
                let id = input.id.unwrap_or_else(|| tx.id());
                let stored = tx.quarters().await?;
                let change = DraftPlan::begin(&permit, id, &team, span, input.capacity, existing, &stored, tx.now())?;
                Ok(tx.create(change, id.uuid(), input.id.is_some()).await?.0.plan.head.id)
            })
        })
        .await
    }

    /// Edits a draft's capacity.
    pub async fn plan_update(&self, caller: &Caller, input: CapacityEdit) -> Result<PlanId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "planUpdate", move |tx| {
            Box::pin(async move {
                let plan = draft(tx, input.plan, input.expected).await?;
                let amount = input.capacity.unwrap_or(plan.commitment.capacity);
                let unit = input.unit.unwrap_or_else(|| plan.commitment.capacity_unit.clone());
                let change = plan.set_capacity(&permit, Capacity { amount, unit })?;
                Ok(tx.apply(change).await?.0.plan.head.id)
            })
        })
        .await
    }

    /// Commits a plan; a dry run answers with all that would be refused, and writes nothing.
    pub async fn plan_commit(&self, caller: &Caller, input: PlanCommit) -> Result<Option<Receipt>, Failure> {
        let permit = caller.actor.require::<CommitPlan>()?;
        self.write(caller, "planCommit", move |tx| {
            Box::pin(async move {
                let plan = draft(tx, input.plan, input.expected).await?;
                if let Some(meeting) = input.meeting {
                    let known = tx.meeting_of_team(meeting, plan.head.team).await?;
                    found(known.then_some(()), "meeting", "meeting of this team", meeting)?;
                }
                let targets: Vec<_> =
                    plan.commitment.objectives.iter().filter_map(|objective| objective.terms.contributes_to).collect();
                let lineage = lineage(tx, &targets).await?;
                let commit = Commit { revision: tx.id(), seen: input.digest, meeting: input.meeting };
                let change = plan.commit(&permit, commit, &lineage, tx.now())?;
                if input.dry_run {
                    return Ok(None);
                }
                Ok(Some(tx.apply(change).await?.1))
            })
        })
        .await
    }

    /// Closes a plan.
    pub async fn plan_close(&self, caller: &Caller, input: PlanClose) -> Result<Receipt, Failure> {
        let permit = caller.actor.require::<ClosePlan>()?;
        self.write(caller, "planClose", move |tx| {
            Box::pin(async move {
                let plan = found(tx.plan(input.plan).await?, "plan", "plan", input.plan)?;
                plan.expect_version(input.expected)?;
                let finals = tx.finals(input.plan).await?;
                let change = plan.into_committed()?.close(&permit, &finals, input.without_final, tx.now())?;
                Ok(tx.apply(change).await?.1)
            })
        })
        .await
    }

    /// Adds an objective to a draft.
    pub async fn objective_add(&self, caller: &Caller, input: ObjectiveAdd) -> Result<ObjectiveId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "objectiveAdd", move |tx| {
            Box::pin(async move {
                let plan = draft(tx, input.plan, input.expected).await?;
                let terms = ObjectiveTerms {
                    title: input.title,
                    rationale: input.rationale,
                    owner: input.owner.resolve(tx, "owner").await?,
                    load: input.load,
                    contributes_to: input.contributes_to,
                };
                let lineage = lineage(tx, &terms.contributes_to.into_iter().collect::<Vec<_>>()).await?;
                let id = input.id.unwrap_or_else(|| tx.id());
                let change = plan.add_objective(&permit, id, terms, &lineage)?;
                tx.create(change, id.uuid(), input.id.is_some()).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Edits an objective of a draft.
    pub async fn objective_update(&self, caller: &Caller, input: ObjectiveEdit) -> Result<ObjectiveId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "objectiveUpdate", move |tx| {
            Box::pin(async move {
                let id = input.objective;
                let plan = draft_of_objective(tx, id, input.expected).await?;
                let old = found(plan.commitment.objective(id), "objective", "objective", id)?.terms.clone();
                let owner = match input.owner {
                    Some(owner) => owner.resolve(tx, "owner").await?,
                    None => old.owner,
                };
                let terms = ObjectiveTerms {
                    title: input.title.unwrap_or(old.title),
                    rationale: input.rationale.unwrap_or(old.rationale),
                    owner,
                    load: input.load.unwrap_or(old.load),
                    contributes_to: input.contributes_to.unwrap_or(old.contributes_to),
                };
                let lineage = lineage(tx, &terms.contributes_to.into_iter().collect::<Vec<_>>()).await?;
                tx.apply(plan.update_objective(&permit, id, terms, &lineage)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Takes an objective out of a draft; answers with its plan.
    pub async fn objective_remove(
        &self,
        caller: &Caller,
        id: ObjectiveId,
        expected: Option<u32>,
    ) -> Result<PlanId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "objectiveRemove", move |tx| {
            Box::pin(async move {
                let plan = draft_of_objective(tx, id, expected).await?;
                Ok(tx.apply(plan.remove_objective(&permit, id)?).await?.0.plan.head.id)
            })
        })
        .await
    }

    /// Adds a key result to a draft.
    pub async fn key_result_add(&self, caller: &Caller, input: KeyResultAdd) -> Result<KeyResultId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "keyResultAdd", move |tx| {
            Box::pin(async move {
                let plan = draft_of_objective(tx, input.objective, input.expected).await?;
                let owner = input.owner.resolve(tx, "owner").await?;
                let terms = KeyResultTerms { title: input.title, owner, measure: input.measure.parse()? };
                let id = input.id.unwrap_or_else(|| tx.id());
                let change = plan.add_key_result(&permit, input.objective, id, terms)?;
                tx.create(change, id.uuid(), input.id.is_some()).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Edits a key result of a draft.
    pub async fn key_result_update(&self, caller: &Caller, input: KeyResultEdit) -> Result<KeyResultId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "keyResultUpdate", move |tx| {
            Box::pin(async move {
                let id = input.key_result;
                let plan = draft_of_key_result(tx, id, input.expected).await?;
                let (_, old) = found(plan.commitment.key_result(id), "keyResult", "key result", id)?;
                let old = old.terms.clone();
                let owner = match input.owner {
                    Some(owner) => owner.resolve(tx, "owner").await?,
                    None => old.owner,
                };
                let measure = Measure::new(
                    input.unit.unwrap_or(old.measure.unit),
                    input.baseline.unwrap_or(old.measure.baseline),
                    input.target.unwrap_or(old.measure.target),
                )?;
                let terms = KeyResultTerms { title: input.title.unwrap_or(old.title), owner, measure };
                tx.apply(plan.update_key_result(&permit, id, terms)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Takes a key result out of a draft; answers with its plan.
    pub async fn key_result_remove(
        &self,
        caller: &Caller,
        id: KeyResultId,
        expected: Option<u32>,
    ) -> Result<PlanId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "keyResultRemove", move |tx| {
            Box::pin(async move {
                let plan = draft_of_key_result(tx, id, expected).await?;
                Ok(tx.apply(plan.remove_key_result(&permit, id)?).await?.0.plan.head.id)
            })
        })
        .await
    }
}

async fn draft(tx: &Tx, id: PlanId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let plan = found(tx.plan(id).await?, "plan", "plan", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}

async fn draft_of_objective(tx: &Tx, id: ObjectiveId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let plan = found(tx.plan_of_objective(id).await?, "objective", "objective", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}

async fn draft_of_key_result(tx: &Tx, id: KeyResultId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let (_, plan) = found(tx.plan_of_key_result(id).await?, "keyResult", "key result", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}

pub(super) async fn lineage(tx: &Tx, targets: &[ObjectiveId]) -> Result<Lineage, Failure> {
    if targets.is_empty() { Ok(Lineage::default()) } else { tx.lineage(targets).await }
}
