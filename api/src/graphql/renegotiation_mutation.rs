//! The mutations of a renegotiation: the one way in which a committed plan changes.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{
    commitment_change::diff,
    ids::RenegotiationId,
    permission::action::{DecideRenegotiation, DraftRenegotiation, ProposeRenegotiation},
    text::Prose,
};

use super::{
    audit::AuditReceipt,
    change::CommitmentChange,
    change_input::{CommitmentChangeInput, parse_changes},
    fault::Fault,
    ids::parse,
    input::{Fields, expected, prose_maybe},
    plan::{self, Plan},
    plan_mutation::digest,
    renegotiation::{DecisionOutcome, Renegotiation, load_maybe},
    scalars::DateTime,
    session::session,
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::{Decide, Draft, WishRef},
};

/// What `renegotiationDraft` takes.
#[derive(InputObject)]
struct RenegotiationDraftInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The plan that it would change, committed.
    plan: ID,
    /// A renegotiation of the same plan to copy; its authors stay authors.
    from: Option<ID>,
    /// What happened; needed when it is proposed.
    trigger: Option<String>,
    /// Why the commitment should change; needed when it is proposed.
    reason: Option<String>,
    /// What gives way; needed when it is proposed, unless all changes are words and owners.
    trade_off: Option<String>,
    /// The exact changes.
    changes: Option<Vec<CommitmentChangeInput>>,
    /// Until when it can be decided: after now, at latest the quarter's end; in 14 days where left out.
    decide_by: Option<DateTime>,
}

/// What `renegotiationUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
struct RenegotiationUpdateInput {
    /// The renegotiation, a draft.
    renegotiation: ID,
    /// What happened.
    trigger: MaybeUndefined<String>,
    /// Why the commitment should change.
    reason: MaybeUndefined<String>,
    /// What gives way.
    trade_off: MaybeUndefined<String>,
    /// The exact changes, all of them, on the plan as it is.
    changes: Option<Vec<CommitmentChangeInput>>,
    /// Until when it can be decided.
    decide_by: Option<DateTime>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `renegotiationPropose` takes.
#[derive(InputObject)]
struct RenegotiationProposeInput {
    /// The renegotiation, a draft.
    renegotiation: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `renegotiationWithdraw` takes.
#[derive(InputObject)]
struct RenegotiationWithdrawInput {
    /// The renegotiation, a draft or proposed.
    renegotiation: ID,
    /// Why it is withdrawn.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `renegotiationRebase` takes.
#[derive(InputObject)]
struct RenegotiationRebaseInput {
    /// The renegotiation, a draft or proposed.
    renegotiation: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `renegotiationDecide` takes.
#[derive(InputObject)]
struct RenegotiationDecideInput {
    /// The renegotiation, proposed.
    renegotiation: ID,
    /// The open renegotiation meeting that has it on its agenda and you among its approvers.
    meeting: ID,
    /// Yes or no.
    outcome: DecisionOutcome,
    /// Why.
    rationale: Option<String>,
    /// The digest that you saw; another one is `STALE_BASE`.
    digest: String,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

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

/// A text that an edit sets, clears or leaves.
fn said(text: MaybeUndefined<String>, field: &str) -> Result<Option<Option<Prose>>, holdline_domain::refusal::Refusal> {
    match text {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(text) => prose_maybe(Some(&text), field).map(Some),
    }
}

impl RenegotiationDraftInput {
    fn parse(self) -> Result<Draft, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(self.id.map(|id| parse(&id, &["id"])).transpose());
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let from = fields.keep(self.from.map(|id| parse(&id, &["from"])).transpose());
        let trigger = fields.keep(prose_maybe(self.trigger.as_deref(), "trigger"));
        let reason = fields.keep(prose_maybe(self.reason.as_deref(), "reason"));
        let trade_off = fields.keep(prose_maybe(self.trade_off.as_deref(), "tradeOff"));
        let changes = fields.under(&[], self.changes.map(parse_changes).transpose())?;
        let decide_by = self.decide_by.map(|at| at.0);
        fields.finish(|| {
            let wish = WishRef {
                trigger: trigger?.map(Some),
                reason: reason?.map(Some),
                trade_off: trade_off?.map(Some),
                changes: changes?,
                decide_by,
            };
            Some(Draft { id: id?, plan: plan?, from: from?, wish })
        })
    }
}

impl RenegotiationUpdateInput {
    fn parse(self) -> Result<(RenegotiationId, WishRef, Option<u32>), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.renegotiation, &["renegotiation"]));
        let trigger = fields.keep(said(self.trigger, "trigger"));
        let reason = fields.keep(said(self.reason, "reason"));
        let trade_off = fields.keep(said(self.trade_off, "tradeOff"));
        let changes = fields.under(&[], self.changes.map(parse_changes).transpose())?;
        let version = fields.keep(expected(self.expected_version));
        let decide_by = self.decide_by.map(|at| at.0);
        fields.finish(|| {
            let (trigger, reason, trade_off) = (trigger?, reason?, trade_off?);
            Some((id?, WishRef { trigger, reason, trade_off, changes: changes?, decide_by }, version?))
        })
    }
}

impl RenegotiationDecideInput {
    fn parse(self) -> Result<Decide, Failure> {
        let mut fields = Fields::default();
        let renegotiation = fields.keep(parse(&self.renegotiation, &["renegotiation"]));
        let meeting = fields.keep(parse(&self.meeting, &["meeting"]));
        let rationale = fields.keep(prose_maybe(self.rationale.as_deref(), "rationale"));
        let digest = fields.keep(digest(&self.digest));
        let expected = fields.keep(expected(self.expected_version));
        let outcome = self.outcome.into();
        fields.finish(|| {
            Some(Decide {
                renegotiation: renegotiation?,
                meeting: meeting?,
                outcome,
                rationale: rationale?,
                digest: digest?,
                expected: expected?,
            })
        })
    }
}

fn named(id: &ID, version: Option<i32>) -> Result<(RenegotiationId, Option<u32>), Failure> {
    let mut fields = Fields::default();
    let id = fields.keep(parse(id, &["renegotiation"]));
    let version = fields.keep(expected(version));
    fields.finish(|| Some((id?, version?)))
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
            let (id, version) = named(&input.renegotiation, input.expected_version)?;
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
            let (id, version) = named(&input.renegotiation, input.expected_version)?;
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
        let named = named(&input.renegotiation, input.expected_version);
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
