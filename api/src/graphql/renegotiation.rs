//! Renegotiations in the API: proposals to change a committed plan, and their decisions.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use futures_util::future::try_join_all;
use holdline_domain::{
    commitment_change::apply,
    ids::RenegotiationId,
    renegotiation::{Record, Status},
    time::Timestamp,
};

use super::{
    change::{CommitmentChange, Side},
    decision::Decision,
    fault::Fault,
    idea::{self, Idea},
    input::shown,
    loaders::{MeetingAbout, unshare},
    meeting::{self, Meeting},
    person::{self, Person},
    plan::{self, Plan},
    plan_preview::PlanPreview,
    plan_revision::PlanRevision,
    scalars::{DateTime, Decimal},
    session::session,
};
use crate::{failure::Failure, store::StoredRenegotiation};

/// A renegotiation.
#[derive(Clone)]
pub(super) struct Renegotiation(pub(super) Arc<StoredRenegotiation>);

/// Where a renegotiation stands, by the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub(super) enum RenegotiationStatus {
    /// Being written; blocks nothing.
    Draft,
    /// Waiting to be decided; the old plan holds.
    Proposed,
    /// Decided: the plan changed.
    Approved,
    /// Decided: the plan held.
    Rejected,
    /// Taken back.
    Withdrawn,
    /// Proposed and never concluded before its decide-by.
    Expired,
    /// A draft whose quarter ended.
    Lapsed,
}

/// Loads a renegotiation where there is one.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<RenegotiationId>) -> Result<Option<Renegotiation>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?.map(Renegotiation))
}

impl Renegotiation {
    fn record(&self) -> &Record {
        self.0.state.record()
    }

    /// Whether it was proposed by an instant.
    pub(super) fn began_by(&self, until: Timestamp) -> bool {
        self.0.state.proposal().is_none_or(|proposal| proposal.at <= until)
    }

    async fn plan_now(&self, ctx: &Context<'_>) -> Result<Plan, Fault> {
        let stored = plan::load(ctx, self.record().plan).await?;
        stored.map(Plan::live_now).ok_or_else(|| Failure::internal("a renegotiation's plan is missing").into())
    }

    /// What it stands on, and what it leads to: the revision it made, or a preview.
    async fn sides(&self, ctx: &Context<'_>) -> Result<(Side, Side), Fault> {
        let plan = self.plan_now(ctx).await?;
        let before = plan.at_revision(self.record().terms.base_revision).side(ctx).await?;
        let made = plan.stored.revisions.iter().find(|revision| revision.renegotiation == Some(self.record().id));
        let after = if let Some(revision) = made {
            plan.at_revision(revision.number).side(ctx).await?
        } else {
            let commitment = Arc::new(apply(&before.commitment, &self.record().terms.changes));
            Side { plan, commitment }
        };
        Ok((before, after))
    }

    async fn changed(&self, ctx: &Context<'_>, only_giving: bool) -> Result<Vec<CommitmentChange>, Fault> {
        let (before, after) = self.sides(ctx).await?;
        let changes = self.record().terms.changes.iter().filter(|change| !only_giving || change.gives_way());
        Ok(changes
            .map(|change| CommitmentChange::new(&before, &after, change.clone(), Some(self.record().id)))
            .collect())
    }
}

/// A proposal to change a committed plan: what happened, why the commitment should change, what gives way.
#[Object]
impl Renegotiation {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.record().id.to_string())
    }
    /// The plan it would change, as it is now.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Plan, Fault> {
        self.plan_now(ctx).await
    }
    /// Where it stands, by the server's clock.
    async fn status(&self, ctx: &Context<'_>) -> RenegotiationStatus {
        self.0.state.status(session(ctx).now()).into()
    }
    /// What happened; empty in a draft that does not say.
    async fn trigger(&self) -> &str {
        self.record().terms.trigger.as_ref().map_or("", holdline_domain::text::Prose::as_str)
    }
    /// Why the commitment should change; empty in a draft that does not say.
    async fn reason(&self) -> &str {
        self.record().terms.reason.as_ref().map_or("", holdline_domain::text::Prose::as_str)
    }
    /// What gives way.
    async fn trade_off(&self) -> Option<&str> {
        self.record().terms.trade_off.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// The ideas that triggered it, and through them the deals; those of teams that the token does not hold left out.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Idea>, Fault> {
        let evidence = self.record().terms.evidence.iter().map(|id| idea::load_maybe(ctx, Some(*id)));
        Ok(try_join_all(evidence).await?.into_iter().flatten().collect())
    }
    /// The exact changes.
    async fn changes(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        self.changed(ctx, false).await
    }
    /// Those of the changes that make room.
    async fn gives_way(&self, ctx: &Context<'_>) -> Result<Vec<CommitmentChange>, Fault> {
        self.changed(ctx, true).await
    }
    /// The revision it stands on.
    async fn base_revision(&self) -> i32 {
        shown(self.record().terms.base_revision)
    }
    /// SHA-256 of all that it says, 64 hexadecimal digits: what a decision names.
    async fn digest(&self) -> String {
        self.record().digest().to_string()
    }
    /// Until when it can be decided.
    async fn decide_by(&self) -> DateTime {
        DateTime(self.record().terms.decide_by)
    }
    /// The sum of loads before.
    async fn load_before(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.sides(ctx).await?.0.commitment.load().map(Decimal))
    }
    /// The sum of loads after.
    async fn load_after(&self, ctx: &Context<'_>) -> Result<Option<Decimal>, Fault> {
        Ok(self.sides(ctx).await?.1.commitment.load().map(Decimal))
    }
    /// The plan as it would be.
    async fn preview(&self, ctx: &Context<'_>) -> Result<PlanPreview, Fault> {
        let (_, after) = self.sides(ctx).await?;
        Ok(PlanPreview::new(&after))
    }
    /// Everybody who drafted, edited, proposed or rebased it, or what it was copied from: they do not decide it.
    async fn authors(&self, ctx: &Context<'_>) -> Result<Vec<Person>, Fault> {
        try_join_all(self.record().authors.iter().map(|author| person::load(ctx, *author))).await
    }
    /// Who proposed it; null for a draft, and where an imported file does not say.
    async fn proposed_by(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.0.state.proposal().and_then(|proposal| proposal.by)).await
    }
    /// When it was proposed.
    async fn proposed_at(&self) -> Option<DateTime> {
        self.0.state.proposal().map(|proposal| DateTime(proposal.at))
    }
    /// The meeting in which it was decided, or the newest that has it on its agenda.
    async fn meeting(&self, ctx: &Context<'_>) -> Result<Option<Meeting>, Fault> {
        let id = match self.0.state.decision() {
            Some(decision) => Some(decision.meeting),
            None => session(ctx).loader().load_one(MeetingAbout(self.record().id)).await.map_err(unshare)?,
        };
        match id {
            Some(id) => meeting::load(ctx, id).await.map(Some),
            None => Ok(None),
        }
    }
    /// The decision, once there is one.
    async fn decision(&self) -> Option<Decision> {
        let (decision, at) = (self.0.state.decision()?.clone(), self.0.decided_at?);
        Some(Decision { decision, at })
    }
    /// The revision that its approval made.
    async fn resulting_revision(&self, ctx: &Context<'_>) -> Result<Option<PlanRevision>, Fault> {
        let plan = self.plan_now(ctx).await?;
        let made = plan.stored.revisions.iter().find(|revision| revision.renegotiation == Some(self.record().id));
        Ok(made.copied().map(|revision| PlanRevision { plan, revision }))
    }
    /// Whether it came from a file of history.
    async fn imported(&self) -> bool {
        self.record().imported
    }
    /// Grows by one with each change; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.record().version)
    }
}
