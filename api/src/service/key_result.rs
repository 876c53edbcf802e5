//! A draft's key results: add, edit, remove. On a committed plan they change only through a renegotiation.

use holdline_domain::{
    ids::{KeyResultId, ObjectiveId, PlanId},
    key_result::{KeyResultTerms, Measure},
    permission::action::EditDraft,
    plan::DraftPlan,
    quantity::Quantity,
    text::Line,
};

use super::{Caller, PersonRef, Service, found, objective::draft_of_objective};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

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
    pub id: Option<Chosen<KeyResultId>>,
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
    /// Adds a key result to a draft.
    pub async fn key_result_add(&self, caller: &Caller, input: KeyResultAdd) -> Result<KeyResultId, Failure> {
        let permit = caller.actor.require::<EditDraft>()?;
        self.write(caller, "keyResultAdd", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let plan = draft_of_objective(tx, input.objective, input.expected).await?;
                let owner = input.owner.resolve(tx, "owner").await?;
                let terms = KeyResultTerms { title: input.title, owner, measure: input.measure.parse()? };
                let change = plan.add_key_result(&permit, input.objective, id, terms)?;
                tx.create(change, input.id).await?;
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

async fn draft_of_key_result(tx: &Tx, id: KeyResultId, expected: Option<u32>) -> Result<DraftPlan, Failure> {
    let (_, plan) = found(tx.plan_of_key_result(id).await?, "keyResult", "key result", id)?;
    plan.expect_version(expected)?;
    Ok(plan.into_draft(tx.now())?)
}
