//! Plans: draft, set the capacity, commit, close. What a draft holds is edited in `objective` and `key_result`.

use holdline_domain::{
    facts::Digest,
    ids::{MeetingId, ObjectiveId, PlanId},
    lineage::Lineage,
    permission::action::{ClosePlan, CommitPlan, EditDraft},
    plan::DraftPlan,
    plan_close::WithoutFinal,
    plan_commit::Commit,
    plan_draft::{Begin, Capacity},
    quantity::Quantity,
    text::{Line, TeamKey},
    time::Quarter,
};

use super::{Caller, Service, found, span};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Receipt, Tx},
};

/// A plan to be drafted.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct PlanDraft {
    pub id: Option<Chosen<PlanId>>,
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

impl Service {
    /// Drafts a plan.
    pub async fn plan_draft(&self, caller: &Caller, input: PlanDraft) -> Result<PlanId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        let calendar = self.calendar;
        self.write(caller, "planDraft", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let team = found(tx.team(&input.team).await?, "team", "team", &input.team)?;
                let span = span(tx, calendar, input.quarter).await?;
                let existing = tx.plan_of(team.id, input.quarter).await?.map(|plan| plan.head().id);
                let stored = tx.quarters().await?;
                let begin = Begin { id, span, capacity: input.capacity };
                let change = DraftPlan::begin(&permit, &team, begin, existing, &stored, tx.now())?;
                Ok(tx.create(change, input.id).await?.0.plan.head.id)
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
                found(tx.team_by_id(plan.head.team).await?, "plan", "team", plan.head.team)?.planning()?;
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
}

pub(super) async fn draft(tx: &Tx, id: PlanId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let plan = found(tx.plan(id).await?, "plan", "plan", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}

/// What objectives contribute to, for a rule to walk.
pub(super) async fn lineage(tx: &Tx, targets: &[ObjectiveId]) -> Result<Lineage, Failure> {
    if targets.is_empty() { Ok(Lineage::default()) } else { tx.lineage(targets).await }
}

/// The same for targets that the caller names, all of which they must see.
pub(super) async fn named(tx: &Tx, targets: &[ObjectiveId]) -> Result<Lineage, Failure> {
    let lineage = lineage(tx, targets).await?;
    lineage.named(targets)?;
    Ok(lineage)
}
