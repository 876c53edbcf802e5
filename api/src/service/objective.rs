//! A draft's objectives: add, edit, remove. On a committed plan they change only through a renegotiation.

use holdline_domain::{
    ids::{ObjectiveId, PlanId},
    objective::ObjectiveTerms,
    permission::action::EditDraft,
    plan::DraftPlan,
    quantity::Quantity,
    text::{Line, Prose},
};

use super::{
    Caller, PersonRef, Service, found,
    plan::{draft, lineage},
};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

/// An objective to be added to a draft.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct ObjectiveAdd {
    pub id: Option<Chosen<ObjectiveId>>,
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

impl Service {
    /// Adds an objective to a draft.
    pub async fn objective_add(&self, caller: &Caller, input: ObjectiveAdd) -> Result<ObjectiveId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "objectiveAdd", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let plan = draft(tx, input.plan, input.expected).await?;
                let terms = ObjectiveTerms {
                    title: input.title,
                    rationale: input.rationale,
                    owner: input.owner.resolve(tx, "owner").await?,
                    load: input.load,
                    contributes_to: input.contributes_to,
                };
                let lineage = lineage(tx, &terms.contributes_to.into_iter().collect::<Vec<_>>()).await?;
                let change = plan.add_objective(&permit, id, terms, &lineage)?;
                tx.create(change, input.id).await?;
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
                lineage.named(&input.contributes_to.flatten().into_iter().collect::<Vec<_>>())?;
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
                Ok(tx.apply(plan.remove_objective(&permit, id, tx.committed_to(id).await?)?).await?.0.plan.head.id)
            })
        })
        .await
    }
}

pub(super) async fn draft_of_objective(tx: &Tx, id: ObjectiveId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let plan = found(tx.plan_of_objective(id).await?, "objective", "objective", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}
