//! The mutations of a renegotiation: the one way in which a committed plan changes.

use async_graphql::{Context, Object, SimpleObject};
use holdline_domain::{
    commitment_change::diff,
    permission::action::{DecideRenegotiation, DraftRenegotiation, ProposeRenegotiation},
};

use super::{
    audit_receipt::AuditReceipt,
    change::CommitmentChange,
    fault::Fault,
    ids::parse,
    input::{named, prose_maybe},
    plan::{self, Plan},
    renegotiation::{Renegotiation, load_maybe},
    renegotiation_input::{
        RenegotiationDecideInput, RenegotiationDraftInput, RenegotiationProposeInput, RenegotiationRebaseInput,
        RenegotiationUpdateInput, RenegotiationWithdrawInput,
    },
    session::session,
    user_error::UserError,
};
use crate::failure::Failure;

/// What `renegotiationDraft` answers.
#[derive(SimpleObject)]
struct RenegotiationDraftPayload {
    /// The renegotiation; null where it was refused.
    renegotiation: Option<Renegotiation>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `renegotiationUpdate` answers.
#[derive(SimpleObject)]
struct RenegotiationUpdatePayload {
    /// The renegotiation; null where it was refused.
    renegotiation: Option<Renegotiation>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `renegotiationPropose` answers.
#[derive(SimpleObject)]
struct RenegotiationProposePayload {
    /// The renegotiation; null where it was refused.
    renegotiation: Option<Renegotiation>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `renegotiationWithdraw` answers.
#[derive(SimpleObject)]
struct RenegotiationWithdrawPayload {
    /// The renegotiation; null where it was refused.
    renegotiation: Option<Renegotiation>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `renegotiationRebase` answers.
#[derive(SimpleObject)]
struct RenegotiationRebasePayload {
    /// The renegotiation, with its new digest; null where it was refused.
    renegotiation: Option<Renegotiation>,
    /// What moved in the plan since the revision that it stood on.
    moved: Vec<CommitmentChange>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `renegotiationDecide` answers.
#[derive(SimpleObject)]
struct RenegotiationDecidePayload {
    /// The renegotiation; null where the decision was refused.
    renegotiation: Option<Renegotiation>,
    /// The plan as it is now; null where the decision was refused.
    plan: Option<Plan>,
    /// Where the decision stands in the audit log; null where it was refused.
    receipt: Option<AuditReceipt>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// Mutations about renegotiations.
#[derive(Default)]
pub(super) struct RenegotiationMutation;

#[Object]
impl RenegotiationMutation {
    /// Drafts a change of a committed plan, on the plan as it is. A draft blocks nothing and lapses with the quarter.
    async fn renegotiation_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change, and why.")] input: RenegotiationDraftInput,
    ) -> Result<RenegotiationDraftPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().renegotiation_draft(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<DraftRenegotiation, _>(job).await?;
        Ok(RenegotiationDraftPayload { renegotiation: load_maybe(ctx, id).await?, user_errors })
    }

    /// Edits a draft; a proposed one is withdrawn and copied instead.
    async fn renegotiation_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft and what to edit.")] input: RenegotiationUpdateInput,
    ) -> Result<RenegotiationUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, wish, version) = input.parse()?;
            session.service().renegotiation_update(session.caller(), id, wish, version).await
        };
        let (id, user_errors) = session.mutate::<DraftRenegotiation, _>(job).await?;
        Ok(RenegotiationUpdatePayload { renegotiation: load_maybe(ctx, id).await?, user_errors })
    }

    /// Proposes a draft: from here on it waits for its decision, and the old plan holds.
    async fn renegotiation_propose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft.")] input: RenegotiationProposeInput,
    ) -> Result<RenegotiationProposePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.renegotiation, "renegotiation", input.expected_version)?;
            session.service().renegotiation_propose(session.caller(), id, version).await
        };
        let (id, user_errors) = session.mutate::<ProposeRenegotiation, _>(job).await?;
        Ok(RenegotiationProposePayload { renegotiation: load_maybe(ctx, id).await?, user_errors })
    }

    /// Takes a draft or a proposal back; any planner of the team may, with a reason.
    async fn renegotiation_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The renegotiation and why.")] input: RenegotiationWithdrawInput,
    ) -> Result<RenegotiationWithdrawPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.renegotiation, "renegotiation", input.expected_version)?;
            let reason = prose_maybe(input.reason.as_deref(), "reason")?;
            session.service().renegotiation_withdraw(session.caller(), id, reason, version).await
        };
        let (id, user_errors) = session.mutate::<ProposeRenegotiation, _>(job).await?;
        Ok(RenegotiationWithdrawPayload { renegotiation: load_maybe(ctx, id).await?, user_errors })
    }

    /// Moves a renegotiation onto the plan's latest revision; a proposed one stays proposed, with a new digest.
    async fn renegotiation_rebase(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The renegotiation.")] input: RenegotiationRebaseInput,
    ) -> Result<RenegotiationRebasePayload, Fault> {
        let session = session(ctx);
        let named = named(&input.renegotiation, "renegotiation", input.expected_version);
        let id = named.as_ref().ok().map(|(id, _)| *id);
        let job = async {
            let (id, version) = named?;
            session.service().renegotiation_rebase(session.caller(), id, version).await
        };
        let (stood_on, user_errors) = session.mutate::<ProposeRenegotiation, _>(job).await?;
        let renegotiation = load_maybe(ctx, id.filter(|_| stood_on.is_some())).await?;
        let moved = match (&renegotiation, stood_on) {
            (Some(renegotiation), Some(stood_on)) => shown_moves(ctx, renegotiation, stood_on).await?,
            _ => Vec::new(),
        };
        Ok(RenegotiationRebasePayload { renegotiation, moved, user_errors })
    }

    /// Decides a renegotiation, in its meeting, once. An approval changes the plan in the same moment.
    async fn renegotiation_decide(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: RenegotiationDecideInput,
    ) -> Result<RenegotiationDecidePayload, Fault> {
        let session = session(ctx);
        let id = parse(&input.renegotiation, &["renegotiation"]).ok();
        let job = async { session.service().renegotiation_decide(session.caller(), input.parse()?).await };
        let (receipt, user_errors) = session.mutate::<DecideRenegotiation, _>(job).await?;
        let renegotiation = load_maybe(ctx, id.filter(|_| receipt.is_some())).await?;
        let plan = match &renegotiation {
            Some(renegotiation) => plan::load(ctx, renegotiation.0.state.record().plan).await?.map(Plan::live_now),
            None => None,
        };
        Ok(RenegotiationDecidePayload { renegotiation, plan, receipt: receipt.map(Into::into), user_errors })
    }
}

/// What moved between the revision that it stood on and the one it stands on now.
async fn shown_moves(
    ctx: &Context<'_>,
    renegotiation: &Renegotiation,
    stood_on: u32,
) -> Result<Vec<CommitmentChange>, Fault> {
    let record = renegotiation.0.state.record();
    let stored = plan::load(ctx, record.plan).await?.ok_or_else(|| Failure::internal("a plan is missing"))?;
    let plan = Plan::live_now(stored);
    let before = plan.at_revision(stood_on).side(ctx).await?;
    let after = plan.at_revision(record.terms.base_revision).side(ctx).await?;
    let moved = diff(&before.commitment, &after.commitment);
    super::change::attributed(ctx, &before, &after, moved).await
}
