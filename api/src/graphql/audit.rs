//! The audit log in the API: one entry for each change, newest first unless asked otherwise.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, types::Json};
use holdline_domain::{audit::AuditAction as Happened, permission::action::ReadAudit};

use super::{
    audit_filter::AuditFilter,
    comparator::asked,
    fault::Fault,
    loaders::{EntryAt, unshare},
    meeting::{self, Meeting},
    node::{self, Node},
    page::{Connection, PageArgs, Total, connect},
    person::{self, Person},
    plan::{self, Plan},
    quarter::{self, Quarter},
    renegotiation::{self, Renegotiation},
    scalars::DateTime,
    session::session,
    team::{self, Team},
};
use crate::{
    failure::Failure,
    store::{AuditQuery as Wanted, StoredEntry},
};

/// What happened: one for each effect of a mutation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Happened")]
pub(super) enum AuditAction {
    /// A team was made.
    TeamCreated,
    /// A team was renamed.
    TeamUpdated,
    /// A team was archived.
    TeamArchived,
    /// A plan was drafted.
    PlanDrafted,
    /// A draft's capacity was edited.
    PlanUpdated,
    /// A plan was committed.
    PlanCommitted,
    /// A plan was closed.
    PlanClosed,
    /// An objective was added to a draft.
    ObjectiveAdded,
    /// An objective of a draft was edited.
    ObjectiveUpdated,
    /// An objective was taken out of a draft.
    ObjectiveRemoved,
    /// A key result was added to a draft.
    KeyResultAdded,
    /// A key result of a draft was edited.
    KeyResultUpdated,
    /// A key result was taken out of a draft.
    KeyResultRemoved,
    /// A check-in was recorded.
    CheckInRecorded,
    /// A renegotiation was drafted.
    RenegotiationDrafted,
    /// A drafted renegotiation was edited.
    RenegotiationUpdated,
    /// A renegotiation was proposed.
    RenegotiationProposed,
    /// A renegotiation was withdrawn.
    RenegotiationWithdrawn,
    /// A renegotiation was moved onto the plan's latest revision.
    RenegotiationRebased,
    /// A renegotiation was decided; an approval changed the plan.
    RenegotiationDecided,
    /// A meeting was prepared.
    MeetingPrepared,
    /// A prepared meeting was stated anew.
    MeetingUpdated,
    /// A meeting was opened.
    MeetingOpened,
    /// Somebody joined a meeting.
    MeetingJoined,
    /// A meeting was closed.
    MeetingClosed,
    /// A meeting was cancelled.
    MeetingCancelled,
    /// Somebody said in a meeting that they understood a revision.
    MeetingAcknowledged,
    /// Something said in a meeting was recorded.
    MeetingInputRecorded,
    /// Something said in a meeting was sent where it belongs.
    MeetingInputDisposed,
    /// An item was added to the roadmap.
    RoadmapItemAdded,
    /// A roadmap item was edited.
    RoadmapItemUpdated,
    /// A roadmap item was moved.
    RoadmapItemMoved,
    /// A roadmap item was shipped.
    RoadmapItemShipped,
    /// A roadmap item was dropped.
    RoadmapItemDropped,
    /// An idea was submitted to the backlog.
    IdeaSubmitted,
    /// An idea was edited.
    IdeaUpdated,
    /// An idea was taken under review.
    IdeaReviewed,
    /// An idea was declined.
    IdeaDeclined,
    /// An idea was promoted to the roadmap.
    IdeaPromoted,
    /// An idea was merged into another.
    IdeaMerged,
    /// An idea was shipped with its roadmap item.
    IdeaShipped,
    /// An idea came back to the backlog, because its roadmap item was dropped.
    IdeaReturned,
    /// A customer's request for an idea was posted.
    CustomerRequestUpserted,
    /// A customer's request was withdrawn.
    CustomerRequestWithdrawn,
    /// A setting of the service was changed.
    SettingChanged,
    /// The key that signs checkpoints was named, for the first time or anew.
    CheckpointKeySet,
    /// A token was revoked.
    TokenRevoked,
    /// A person was erased: their name and identity are gone, their id stays.
    PersonErased,
    /// A webhook was made.
    WebhookCreated,
    /// A webhook was changed, switched on or off.
    WebhookUpdated,
    /// A webhook got its next secret.
    WebhookSecretRotated,
    /// A webhook was switched off, because its receiver answered that it is gone.
    WebhookDisabled,
    /// A webhook was deleted.
    WebhookDeleted,
    /// A team's plan was published under a link.
    PublishedLinkCreated,
    /// A published link was revoked.
    PublishedLinkRevoked,
}

/// In which order the log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum AuditOrder {
    /// The newest first.
    SeqDesc,
    /// The oldest first.
    SeqAsc,
}

/// An entry of the log.
pub(super) struct AuditEntry(pub(super) Arc<StoredEntry>);

/// The entry at a position; needs the scope audit:read.
pub(super) async fn at(ctx: &Context<'_>, seq: i64) -> Result<AuditEntry, Fault> {
    let session = session(ctx);
    session.require::<ReadAudit>()?;
    let found = session.loader().load_one(EntryAt(seq)).await.map_err(unshare)?;
    found.map(AuditEntry).ok_or_else(|| Failure::internal("an audit entry is missing").into())
}

/// One change of the record: who, when, what, why, before and after. Append-only.
#[Object]
impl AuditEntry {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// Its position in the log, from 0 without gaps.
    async fn seq(&self) -> i64 {
        self.0.seq
    }
    /// What happened.
    async fn action(&self) -> Result<AuditAction, Fault> {
        let known = Happened::parse(&self.0.action);
        known.map(Into::into).ok_or_else(|| Failure::internal("an audit entry has an unknown action").into())
    }
    /// Who did it; null where an imported file does not say.
    async fn actor(&self, ctx: &Context<'_>) -> Result<Option<Person>, Fault> {
        person::load_maybe(ctx, self.0.actor).await
    }
    /// When it took effect; never goes back within a plan.
    async fn occurred_at(&self) -> DateTime {
        DateTime(self.0.occurred_at)
    }
    /// When this server wrote it; never goes back with `seq`. Equal to `occurredAt` except for an import.
    async fn recorded_at(&self) -> DateTime {
        DateTime(self.0.recorded_at)
    }
    /// Whether it came from a file of history.
    async fn imported(&self) -> bool {
        self.0.imported
    }
    /// What it is about, as it is now; null where that is no node, or was a draft and is gone.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>, Fault> {
        node::of_subject(ctx, &self.0.subject_kind, self.0.subject).await
    }
    /// Under which team.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>, Fault> {
        match self.0.team {
            Some(id) => team::load(ctx, id).await.map(Some),
            None => Ok(None),
        }
    }
    /// In which quarter.
    async fn quarter(&self, ctx: &Context<'_>) -> Result<Option<Quarter>, Fault> {
        match &self.0.quarter {
            Some(label) => {
                let quarter = quarter::parse(label, "quarter")?;
                quarter::span(session(ctx), quarter).await.map(|span| Some(Quarter(span)))
            }
            None => Ok(None),
        }
    }
    /// Of which plan, as it is now.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>, Fault> {
        match self.0.plan {
            Some(id) => Ok(plan::load(ctx, id).await?.map(Plan::live_now)),
            None => Ok(None),
        }
    }
    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// From which renegotiation.
    async fn renegotiation(&self, ctx: &Context<'_>) -> Result<Option<Renegotiation>, Fault> {
        renegotiation::load_maybe(ctx, self.0.renegotiation).await
    }
    /// In which meeting.
    async fn meeting(&self, ctx: &Context<'_>) -> Result<Option<Meeting>, Fault> {
        meeting::load_maybe(ctx, self.0.meeting).await
    }
    /// What was; null where there was nothing. People appear as ids.
    async fn before(&self) -> Result<Option<Json<serde_json::Value>>, Fault> {
        let (before, _) = self.0.before_after()?;
        Ok((!before.is_null()).then_some(Json(before)))
    }
    /// What is; null where there is nothing any more. People appear as ids.
    async fn after(&self) -> Result<Option<Json<serde_json::Value>>, Fault> {
        let (_, after) = self.0.before_after()?;
        Ok((!after.is_null()).then_some(Json(after)))
    }
    /// The id of the request that it came with.
    async fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }
    /// SHA-256 of 0x00 and the entry's canonical bytes (RFC 6962's leaf hash), 64 hexadecimal digits.
    async fn leaf_hash(&self) -> String {
        self.0.leaf_hash.to_string()
    }
}

/// The list that a cursor of the log belongs to.
pub(super) fn list(descending: bool, wanted: &Wanted) -> String {
    format!("auditLog {descending} {wanted:?}")
}

/// Queries about the audit log.
#[derive(Default)]
pub(super) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log of the teams that the token holds; needs the scope audit:read.
    #[expect(clippy::too_many_arguments, reason = "they are the field's arguments")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only entries for which all of this holds.")] filter: Option<AuditFilter>,
        #[graphql(desc = "In which order; the newest first where left out.")] order_by: Option<AuditOrder>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<AuditEntry>, Fault> {
        let session = session(ctx);
        session.require::<ReadAudit>()?;
        let wanted = asked(filter)?;
        let descending = order_by != Some(AuditOrder::SeqAsc);
        let query = list(descending, &wanted);
        let request = PageArgs { first, after, last, before }.request(&query)?;
        let page = session.reader().audit_log(&wanted, descending, &request).await?;
        Ok(connect(&query, page, Total::Audit(Box::new(wanted)), |entry| AuditEntry(Arc::new(entry))))
    }
}
