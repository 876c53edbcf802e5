//! Renegotiations: draft, edit, propose, withdraw, rebase, decide.

use holdline_domain::{
    commitment::Commitment,
    commitment_change::apply,
    facts::Digest,
    ids::{MeetingId, PlanId, RenegotiationId},
    permission::{
        Permit,
        action::{DecideRenegotiation, DraftRenegotiation, ProposeRenegotiation},
    },
    plan::CommittedPlan,
    renegotiation::{Outcome, Renegotiation},
    renegotiation_decide::Verdict,
    renegotiation_draft::Origin,
    text::Prose,
};

use super::{
    Caller, Service, found,
    plan::{lineage, named},
    wish::{WishRef, wish_targets},
};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Receipt, Tx},
};

/// A renegotiation to be drafted.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct Draft {
    pub id: Option<Chosen<RenegotiationId>>,
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
            Box::pin(async move { draft(tx, &permit, input, None).await })
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
                let lineage = named(tx, &wish_targets(&wish)).await?;
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

/// Drafts one inside another job; `meeting` is where it surfaced.
pub(super) async fn draft(
    tx: &Tx,
    permit: &Permit<DraftRenegotiation>,
    input: Draft,
    meeting: Option<MeetingId>,
) -> Result<RenegotiationId, Failure> {
    let id = match tx.claim(input.id).await? {
        Claim::Free(id) => id,
        Claim::Made(id, _) => return Ok(id),
    };
    let plan = found(tx.plan(input.plan).await?, "plan", "plan", input.plan)?.into_committed()?;
    let original = match input.from {
        Some(from) => Some(original(tx, from, input.plan).await?),
        None => None,
    };
    let wish = input.wish.resolve(tx).await?;
    let lineage = named(tx, &wish_targets(&wish)).await?;
    let copied = original.as_ref().map(|(original, stood_on)| (original, stood_on));
    let erased = match copied {
        Some((original, _)) => tx.erased_among(&original.record().authors).await?,
        None => None,
    };
    let origin = Origin { copied, erased, meeting };
    let change = Renegotiation::draft(permit, id, &plan, origin, wish, &lineage, tx.now())?;
    tx.create(change, input.id).await?;
    Ok(id)
}

/// What a draft is copied from, with the commitment that stood on: one of the same plan, for another plan's means
/// nothing here.
async fn original(tx: &Tx, id: RenegotiationId, plan: PlanId) -> Result<(Renegotiation, Commitment), Failure> {
    let original = tx.renegotiation(id).await?.filter(|found| found.record().plan == plan);
    let original = found(original, "from", "renegotiation of this plan", id)?;
    let stood_on = tx.commitment_at(plan, original.record().terms.base_revision).await?;
    Ok((original, stood_on))
}

async fn one(tx: &Tx, id: RenegotiationId, expected: Option<u32>) -> Result<Renegotiation, Failure> {
    let renegotiation = found(tx.renegotiation(id).await?, "renegotiation", "renegotiation", id)?;
    renegotiation.expect_version(expected)?;
    Ok(renegotiation)
}

async fn both(tx: &Tx, id: RenegotiationId, expected: Option<u32>) -> Result<(Renegotiation, CommittedPlan), Failure> {
    let renegotiation = one(tx, id, expected).await?;
    let plan = renegotiation.record().plan;
    let plan = found(tx.plan(plan).await?, "renegotiation", "plan", plan)?;
    Ok((renegotiation, plan.into_committed()?))
}
