//! The mutations of a plan: draft it, edit its capacity, commit it, close it.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{
    facts::Digest,
    ids::PlanId,
    permission::action::{ClosePlan, CommitPlan, EditDraft},
    plan_close::WithoutFinal,
    plan_draft::Capacity,
    refusal::Refusal,
};

use super::{
    audit_receipt::AuditReceipt,
    chosen::chosen,
    fault::Fault,
    ids::parse,
    input::{Fields, edit, expected, line, line_maybe, prose_maybe, team_key},
    plan::Plan,
    quarter,
    scalars::Decimal,
    session::{Session, session},
    user_error::UserError,
};
use crate::{
    failure::Failure,
    service::{CapacityEdit, PlanClose, PlanCommit, PlanDraft},
};

/// What `planDraft` takes.
#[derive(InputObject)]
struct PlanDraftInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The team's key.
    team: String,
    /// The quarter's label, such as `2026-Q4`; it has not ended.
    quarter: String,
    /// What the team can carry; left out where it does not count it.
    capacity: Option<Decimal>,
    /// What capacity and loads are counted in, such as `points`.
    capacity_unit: Option<String>,
}

/// What `planUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
struct PlanUpdateInput {
    /// The plan, a draft.
    plan: ID,
    /// What the team can carry.
    capacity: MaybeUndefined<Decimal>,
    /// What capacity and loads are counted in.
    capacity_unit: MaybeUndefined<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `planCommit` takes.
#[derive(InputObject)]
struct PlanCommitInput {
    /// The plan, a draft.
    plan: ID,
    /// The digest of the draft that you saw; another draft is `PLAN_UNSEEN`.
    digest: String,
    /// The meeting in which it is committed.
    meeting: Option<ID>,
    /// Whether to say only what would be refused, and commit nothing.
    dry_run: Option<bool>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `planClose` takes.
#[derive(InputObject)]
struct PlanCloseInput {
    /// The plan, committed, its quarter ended.
    plan: ID,
    /// The live key results that end without a FINAL check-in, and why.
    without_final: Option<Vec<WithoutFinalInput>>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// A key result that ends without a FINAL check-in.
#[derive(InputObject)]
struct WithoutFinalInput {
    /// The key result.
    key_result: ID,
    /// Why nobody measured it.
    reason: Option<String>,
}

/// What `planDraft` answers.
#[derive(SimpleObject)]
struct PlanDraftPayload {
    /// The plan; null where it was refused.
    plan: Option<Plan>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `planUpdate` answers.
#[derive(SimpleObject)]
struct PlanUpdatePayload {
    /// The plan; null where it was refused.
    plan: Option<Plan>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `planCommit` answers.
#[derive(SimpleObject)]
struct PlanCommitPayload {
    /// The plan; null where it was refused.
    plan: Option<Plan>,
    /// Where the commit stands in the audit log; null where it was refused or a dry run.
    receipt: Option<AuditReceipt>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `planClose` answers.
#[derive(SimpleObject)]
struct PlanClosePayload {
    /// The plan; null where it was refused.
    plan: Option<Plan>,
    /// Where the closing stands in the audit log; null where it was refused.
    receipt: Option<AuditReceipt>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

fn capacity_unit(text: Option<&str>) -> Result<Option<holdline_domain::text::Line>, Refusal> {
    line_maybe(text, "capacityUnit")
}

impl PlanDraftInput {
    fn parse(self) -> Result<PlanDraft, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(team_key(&self.team, "team"));
        let quarter = fields.keep(quarter::parse(&self.quarter, "quarter"));
        let unit = fields.keep(capacity_unit(self.capacity_unit.as_deref()));
        let amount = self.capacity.map(|capacity| capacity.0);
        fields.finish(|| {
            let capacity = Capacity { amount, unit: unit? };
            Some(PlanDraft { id: id?, team: team?, quarter: quarter?, capacity })
        })
    }
}

impl PlanUpdateInput {
    fn parse(self) -> Result<CapacityEdit, Failure> {
        let mut fields = Fields::default();
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let capacity = fields.keep(edit(self.capacity, |capacity| Ok(capacity.0)));
        let unit = fields.keep(edit(self.capacity_unit, |unit| line(&unit, "capacityUnit")));
        let expected = fields.keep(expected(self.expected_version));
        fields.finish(|| Some(CapacityEdit { plan: plan?, capacity: capacity?, unit: unit?, expected: expected? }))
    }
}

/// The digest that a caller saw.
pub(super) fn digest(text: &str) -> Result<Digest, Refusal> {
    Digest::parse(text).ok_or_else(|| {
        Refusal::invalid(&["digest"], "A digest is 64 hexadecimal digits, as the field digest shows it.")
    })
}

impl PlanCommitInput {
    fn parse(self) -> Result<PlanCommit, Failure> {
        let mut fields = Fields::default();
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let digest = fields.keep(digest(&self.digest));
        let meeting = fields.keep(self.meeting.map(|id| parse(&id, &["meeting"])).transpose());
        let expected = fields.keep(expected(self.expected_version));
        let dry_run = self.dry_run.unwrap_or(false);
        fields.finish(|| {
            Some(PlanCommit { plan: plan?, digest: digest?, meeting: meeting?, dry_run, expected: expected? })
        })
    }
}

impl PlanCloseInput {
    fn parse(self) -> Result<PlanClose, Failure> {
        let mut fields = Fields::default();
        let plan = fields.keep(parse(&self.plan, &["plan"]));
        let expected = fields.keep(expected(self.expected_version));
        let mut without_final = Vec::new();
        for (place, named) in self.without_final.into_iter().flatten().enumerate() {
            let place = place.to_string();
            let key_result = fields.keep(parse(&named.key_result, &["withoutFinal", &place, "keyResult"]));
            let reason = fields.keep(prose_maybe(named.reason.as_deref(), "withoutFinal"));
            if let (Some(key_result), Some(reason)) = (key_result, reason) {
                without_final.push(WithoutFinal { key_result, reason });
            }
        }
        fields.finish(|| Some(PlanClose { plan: plan?, without_final, expected: expected? }))
    }
}

/// The plan that a payload shows.
pub(super) async fn shown_plan(session: &Session, id: Option<PlanId>) -> Result<Option<Plan>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session.reader().plans(&[id]).await?.pop().map(|stored| Plan::live_now(Arc::new(stored))))
}

/// Mutations about plans.
#[derive(Default)]
pub(super) struct PlanMutation;

#[Object]
impl PlanMutation {
    /// Begins a plan for a quarter that has not ended; one per team and quarter.
    async fn plan_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan to draft.")] input: PlanDraftInput,
    ) -> Result<PlanDraftPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().plan_draft(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(PlanDraftPayload { plan: shown_plan(session, id).await?, user_errors })
    }

    /// Edits a draft's capacity; a committed plan's changes only by renegotiation.
    async fn plan_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan and what to edit.")] input: PlanUpdateInput,
    ) -> Result<PlanUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().plan_update(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<EditDraft, _>(job).await?;
        Ok(PlanUpdatePayload { plan: shown_plan(session, id).await?, user_errors })
    }

    /// Commits the draft that was seen. It cannot be undone: from here on the plan changes only by renegotiation.
    async fn plan_commit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan and the digest that was seen.")] input: PlanCommitInput,
    ) -> Result<PlanCommitPayload, Fault> {
        let session = session(ctx);
        let id = super::ids::parse(&input.plan, &["plan"]).ok();
        let job = async { session.service().plan_commit(session.caller(), input.parse()?).await };
        let (receipt, user_errors) = session.mutate::<CommitPlan, _>(job).await?;
        let plan = shown_plan(session, id.filter(|_| receipt.is_some())).await?;
        Ok(PlanCommitPayload { plan, receipt: receipt.flatten().map(Into::into), user_errors })
    }

    /// Closes a plan whose quarter has ended, once each live key result has its final word.
    async fn plan_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan and what ends without a FINAL check-in.")] input: PlanCloseInput,
    ) -> Result<PlanClosePayload, Fault> {
        let session = session(ctx);
        let id = super::ids::parse(&input.plan, &["plan"]).ok();
        let job = async { session.service().plan_close(session.caller(), input.parse()?).await };
        let (receipt, user_errors) = session.mutate::<ClosePlan, _>(job).await?;
        let plan = shown_plan(session, id.filter(|_| receipt.is_some())).await?;
        Ok(PlanClosePayload { plan, receipt: receipt.map(Into::into), user_errors })
    }
}
