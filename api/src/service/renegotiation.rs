//! Renegotiations: draft, edit, propose, withdraw, rebase, decide.

use holdline_domain::{
    commitment_change::apply,
    facts::Digest,
    ids::{KeyResultId, MeetingId, ObjectiveId, PlanId, RenegotiationId},
    key_result::KeyResultTerms,
    objective::ObjectiveTerms,
    permission::action::{DecideRenegotiation, DraftRenegotiation, ProposeRenegotiation},
    quantity::Quantity,
    renegotiation::{Outcome, Renegotiation},
    renegotiation_decide::Verdict,
    renegotiation_draft::Wish,
    renegotiation_request::ChangeRequest,
    text::{Line, Prose},
    time::Timestamp,
};

use super::{Caller, MeasureInput, PersonRef, Service, found, plan::lineage};
use crate::{
    failure::Failure,
    store::{Receipt, Tx},
};

/// A requested change as an input states it, its people not looked up yet.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub enum ChangeRef {
    AddObjective {
        title: Line,
        rationale: Prose,
        owner: PersonRef,
        load: Option<Quantity>,
        contributes_to: Option<ObjectiveId>,
        key_results: Vec<(Line, PersonRef, MeasureInput)>,
    },
    AmendObjective {
        id: ObjectiveId,
        title: Option<Line>,
        rationale: Option<Prose>,
        owner: Option<PersonRef>,
        load: Option<Option<Quantity>>,
        contributes_to: Option<Option<ObjectiveId>>,
    },
    AddKeyResult {
        objective: ObjectiveId,
        title: Line,
        owner: PersonRef,
        measure: MeasureInput,
        objective_load: Option<Quantity>,
    },
    AmendKeyResult {
        id: KeyResultId,
        title: Option<Line>,
        owner: Option<PersonRef>,
        unit: Option<Line>,
        baseline: Option<Quantity>,
        target: Option<Quantity>,
    },
    /// A change that names nobody.
    Plain(ChangeRequest),
}

/// What a caller says about a renegotiation; what is none stays, the inner option clears.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct WishRef {
    pub trigger: Option<Option<Prose>>,
    pub reason: Option<Option<Prose>>,
    pub trade_off: Option<Option<Prose>>,
    pub changes: Option<Vec<ChangeRef>>,
    pub decide_by: Option<Timestamp>,
}

/// A renegotiation to be drafted.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct Draft {
    pub id: Option<RenegotiationId>,
    pub plan: PlanId,
    pub from: Option<RenegotiationId>,
    pub wish: WishRef,
}

/// A decision to be made.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct Decide {
    pub renegotiation: RenegotiationId,
    pub meeting: MeetingId,
    pub outcome: Outcome,
    pub rationale: Option<Prose>,
    pub digest: Digest,
    pub expected: Option<u32>,
}

impl Service {
    /// Drafts a renegotiation of a committed plan.
    pub async fn renegotiation_draft(&self, caller: &Caller, input: Draft) -> Result<RenegotiationId, Failure> {
        let permit = caller.actor.require::<DraftRenegotiation>()?;
        self.write(caller, "renegotiationDraft", move |tx| {
            Box::pin(async move {
                let plan = found(tx.plan(input.plan).await?, "plan", "plan", input.plan)?.into_committed()?;
                let from = match input.from {
                    Some(from) => {
                        let found = found(tx.renegotiation(from).await?, "from", "renegotiation", from)?;
                        // A copy says what one of this same plan said; another plan's means nothing here.
                        (found.record().plan == input.plan).then_some(found).map_or_else(
                            || super::found(None, "from", "renegotiation of this plan", from),
                            |copied| Ok(Some(copied)),
                        )?
                    }
                    None => None,
                };
                let wish = input.wish.resolve(tx).await?;
                let lineage = lineage(tx, &wish_targets(&wish)).await?;
                let id = input.id.unwrap_or_else(|| tx.id());
                let change = Renegotiation::draft(&permit, id, &plan, from.as_ref(), wish, &lineage, tx.now())?;
                tx.create(change, id.uuid(), input.id.is_some()).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Edits a draft.
    pub async fn renegotiation_update(
        &self,
        caller: &Caller,
        id: RenegotiationId,
        wish: WishRef,
        expected: Option<u32>,
    ) -> Result<RenegotiationId, Failure> {
        let permit = caller.actor.require::<DraftRenegotiation>()?;
        self.write(caller, "renegotiationUpdate", move |tx| {
            Box::pin(async move {
                let (renegotiation, plan) = both(tx, id, expected).await?;
                let wish = wish.resolve(tx).await?;
                let lineage = lineage(tx, &wish_targets(&wish)).await?;
                let change = renegotiation.update(&permit, &plan, wish, &lineage, tx.now())?;
                tx.apply(change).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Proposes a draft.
    pub async fn renegotiation_propose(
        &self,
        caller: &Caller,
        id: RenegotiationId,
        expected: Option<u32>,
    ) -> Result<RenegotiationId, Failure> {
        let permit = caller.actor.require::<ProposeRenegotiation>()?;
        self.write(caller, "renegotiationPropose", move |tx| {
            Box::pin(async move {
                let (renegotiation, plan) = both(tx, id, expected).await?;
                let open = tx.open_renegotiations(plan.head.id).await?;
                tx.apply(renegotiation.propose(&permit, &plan, &open, tx.now())?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Takes one back.
    pub async fn renegotiation_withdraw(
        &self,
        caller: &Caller,
        id: RenegotiationId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<RenegotiationId, Failure> {
        let permit = caller.actor.require::<ProposeRenegotiation>()?;
        self.write(caller, "renegotiationWithdraw", move |tx| {
            Box::pin(async move {
                let renegotiation = one(tx, id, expected).await?;
                tx.concerns(renegotiation.record().team, renegotiation.record().plan);
                tx.apply(renegotiation.withdraw(&permit, reason, tx.now())?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Moves one onto the plan's latest revision; answers with the revision that it stood on.
    pub async fn renegotiation_rebase(
        &self,
        caller: &Caller,
        id: RenegotiationId,
        expected: Option<u32>,
    ) -> Result<u32, Failure> {
        let permit = caller.actor.require::<ProposeRenegotiation>()?;
        self.write(caller, "renegotiationRebase", move |tx| {
            Box::pin(async move {
                let (renegotiation, plan) = both(tx, id, expected).await?;
                let stood_on = renegotiation.record().terms.base_revision;
                let base = tx.commitment_at(plan.head.id, stood_on).await?;
                let open = tx.open_renegotiations(plan.head.id).await?;
                tx.apply(renegotiation.rebase(&permit, &plan, &base, &open, tx.now())?).await?;
                Ok(stood_on)
            })
        })
        .await
    }

    /// Decides one; an approval changes the plan in the same transaction.
    pub async fn renegotiation_decide(&self, caller: &Caller, input: Decide) -> Result<Receipt, Failure> {
        let permit = caller.actor.require::<DecideRenegotiation>()?;
        self.write(caller, "renegotiationDecide", move |tx| {
            Box::pin(async move {
                let (renegotiation, plan) = both(tx, input.renegotiation, input.expected).await?;
                let meeting = found(tx.meeting(input.meeting).await?, "meeting", "meeting", input.meeting)?;
                let proposed = renegotiation.into_proposed(tx.now())?;
                let after = apply(&plan.commitment, &proposed.record.terms.changes);
                let targets: Vec<_> =
                    after.objectives.iter().filter_map(|objective| objective.terms.contributes_to).collect();
                let lineage = lineage(tx, &targets).await?;
                let verdict = Verdict {
                    id: tx.id(),
                    revision: tx.id(),
                    outcome: input.outcome,
                    rationale: input.rationale,
                    seen: input.digest,
                };
                let change = proposed.decide(&permit, plan, &meeting, verdict, &lineage, tx.now())?;
                Ok(tx.apply(change).await?.1)
            })
        })
        .await
    }
}

async fn one(tx: &Tx, id: RenegotiationId, expected: Option<u32>) -> Result<Renegotiation, Failure> {
    let renegotiation = found(tx.renegotiation(id).await?, "renegotiation", "renegotiation", id)?;
    renegotiation.expect_version(expected)?;
    Ok(renegotiation)
}

async fn both(
    tx: &Tx,
    id: RenegotiationId,
    expected: Option<u32>,
) -> Result<(Renegotiation, holdline_domain::plan::CommittedPlan), Failure> {
    let renegotiation = one(tx, id, expected).await?;
    let plan = renegotiation.record().plan;
    let plan = found(tx.plan(plan).await?, "renegotiation", "plan", plan)?;
    Ok((renegotiation, plan.into_committed()?))
}

fn wish_targets(wish: &Wish) -> Vec<ObjectiveId> {
    let changes = wish.changes.iter().flatten();
    changes
        .filter_map(|change| match change {
            ChangeRequest::AddObjective { terms, .. } => terms.contributes_to,
            ChangeRequest::AmendObjective { contributes_to, .. } => contributes_to.flatten(),
            _ => None,
        })
        .collect()
}

impl WishRef {
    async fn resolve(self, tx: &Tx) -> Result<Wish, Failure> {
        let changes = match self.changes {
            Some(changes) => {
                let mut resolved = Vec::with_capacity(changes.len());
                for change in changes {
                    resolved.push(change.resolve(tx).await?);
                }
                Some(resolved)
            }
            None => None,
        };
        Ok(Wish {
            trigger: self.trigger,
            reason: self.reason,
            trade_off: self.trade_off,
            evidence: None,
            changes,
            decide_by: self.decide_by,
        })
    }
}

impl ChangeRef {
    async fn resolve(self, tx: &Tx) -> Result<ChangeRequest, Failure> {
        Ok(match self {
            Self::AddObjective { title, rationale, owner, load, contributes_to, key_results } => {
                let owner = owner.resolve(tx, "owner").await?;
                let mut members = Vec::with_capacity(key_results.len());
                for (title, owner, measure) in key_results {
                    let owner = owner.resolve(tx, "owner").await?;
                    members.push((tx.id(), KeyResultTerms { title, owner, measure: measure.parse()? }));
                }
                let terms = ObjectiveTerms { title, rationale, owner, load, contributes_to };
                ChangeRequest::AddObjective { id: tx.id(), terms, key_results: members }
            }
            Self::AmendObjective { id, title, rationale, owner, load, contributes_to } => {
                let owner = maybe(tx, owner).await?;
                ChangeRequest::AmendObjective { id, title, rationale, owner, load, contributes_to }
            }
            Self::AddKeyResult { objective, title, owner, measure, objective_load } => {
                let owner = owner.resolve(tx, "owner").await?;
                let terms = KeyResultTerms { title, owner, measure: measure.parse()? };
                ChangeRequest::AddKeyResult { objective, id: tx.id(), terms, objective_load }
            }
            Self::AmendKeyResult { id, title, owner, unit, baseline, target } => {
                let owner = maybe(tx, owner).await?;
                ChangeRequest::AmendKeyResult { id, title, owner, unit, baseline, target }
            }
            Self::Plain(request) => request,
        })
    }
}

async fn maybe(tx: &Tx, owner: Option<PersonRef>) -> Result<Option<holdline_domain::ids::PersonId>, Failure> {
    match owner {
        Some(owner) => owner.resolve(tx, "owner").await.map(Some),
        None => Ok(None),
    }
}
