//! The audit vocabulary: what an entry says. Its position, time of writing and bytes are the log's own.
//! An entry is made with the change it belongs to and nowhere else.

use crate::{
    facts::{Digest, Facts},
    ids::{
        CheckInId, CustomerRequestId, IdeaId, KeyResultId, MeetingId, MeetingInputId, ObjectiveId, PersonId, PlanId,
        PublishedLinkId, RenegotiationId, RoadmapItemId, TeamId, WebhookId,
    },
    person::Person,
    time::{Quarter, Timestamp},
};

/// What happened: one per effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its mutation's name in the past tense; the API describes them")]
pub enum AuditAction {
    TeamCreated,
    TeamUpdated,
    TeamArchived,
    PlanDrafted,
    PlanUpdated,
    PlanCommitted,
    PlanClosed,
    ObjectiveAdded,
    ObjectiveUpdated,
    ObjectiveRemoved,
    KeyResultAdded,
    KeyResultUpdated,
    KeyResultRemoved,
    CheckInRecorded,
    RenegotiationDrafted,
    RenegotiationUpdated,
    RenegotiationProposed,
    RenegotiationWithdrawn,
    RenegotiationRebased,
    RenegotiationDecided,
    MeetingPrepared,
    MeetingUpdated,
    MeetingOpened,
    MeetingJoined,
    MeetingClosed,
    MeetingCancelled,
    MeetingAcknowledged,
    MeetingInputRecorded,
    MeetingInputDisposed,
    RoadmapItemAdded,
    RoadmapItemUpdated,
    RoadmapItemMoved,
    RoadmapItemShipped,
    RoadmapItemDropped,
    IdeaSubmitted,
    IdeaUpdated,
    IdeaReviewed,
    IdeaDeclined,
    IdeaPromoted,
    IdeaMerged,
    IdeaShipped,
    IdeaReturned,
    CustomerRequestUpserted,
    CustomerRequestWithdrawn,
    SettingChanged,
    CheckpointKeySet,
    TokenRevoked,
    PersonErased,
    WebhookCreated,
    WebhookUpdated,
    WebhookSecretRotated,
    WebhookDisabled,
    WebhookDeleted,
    PublishedLinkCreated,
    PublishedLinkRevoked,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 55] = [
        Self::TeamCreated,
        Self::TeamUpdated,
        Self::TeamArchived,
        Self::PlanDrafted,
        Self::PlanUpdated,
        Self::PlanCommitted,
        Self::PlanClosed,
        Self::ObjectiveAdded,
        Self::ObjectiveUpdated,
        Self::ObjectiveRemoved,
        Self::KeyResultAdded,
        Self::KeyResultUpdated,
        Self::KeyResultRemoved,
        Self::CheckInRecorded,
        Self::RenegotiationDrafted,
        Self::RenegotiationUpdated,
        Self::RenegotiationProposed,
        Self::RenegotiationWithdrawn,
        Self::RenegotiationRebased,
        Self::RenegotiationDecided,
        Self::MeetingPrepared,
        Self::MeetingUpdated,
        Self::MeetingOpened,
        Self::MeetingJoined,
        Self::MeetingClosed,
        Self::MeetingCancelled,
        Self::MeetingAcknowledged,
        Self::MeetingInputRecorded,
        Self::MeetingInputDisposed,
        Self::RoadmapItemAdded,
        Self::RoadmapItemUpdated,
        Self::RoadmapItemMoved,
        Self::RoadmapItemShipped,
        Self::RoadmapItemDropped,
        Self::IdeaSubmitted,
        Self::IdeaUpdated,
        Self::IdeaReviewed,
        Self::IdeaDeclined,
        Self::IdeaPromoted,
        Self::IdeaMerged,
        Self::IdeaShipped,
        Self::IdeaReturned,
        Self::CustomerRequestUpserted,
        Self::CustomerRequestWithdrawn,
        Self::SettingChanged,
        Self::CheckpointKeySet,
        Self::TokenRevoked,
        Self::PersonErased,
        Self::WebhookCreated,
        Self::WebhookUpdated,
        Self::WebhookSecretRotated,
        Self::WebhookDisabled,
        Self::WebhookDeleted,
        Self::PublishedLinkCreated,
        Self::PublishedLinkRevoked,
    ];

    /// The action of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TeamCreated => "TEAM_CREATED",
            Self::TeamUpdated => "TEAM_UPDATED",
            Self::TeamArchived => "TEAM_ARCHIVED",
            Self::PlanDrafted => "PLAN_DRAFTED",
            Self::PlanUpdated => "PLAN_UPDATED",
            Self::PlanCommitted => "PLAN_COMMITTED",
            Self::PlanClosed => "PLAN_CLOSED",
            Self::ObjectiveAdded => "OBJECTIVE_ADDED",
            Self::ObjectiveUpdated => "OBJECTIVE_UPDATED",
            Self::ObjectiveRemoved => "OBJECTIVE_REMOVED",
            Self::KeyResultAdded => "KEY_RESULT_ADDED",
            Self::KeyResultUpdated => "KEY_RESULT_UPDATED",
            Self::KeyResultRemoved => "KEY_RESULT_REMOVED",
            Self::CheckInRecorded => "CHECK_IN_RECORDED",
            Self::RenegotiationDrafted => "RENEGOTIATION_DRAFTED",
            Self::RenegotiationUpdated => "RENEGOTIATION_UPDATED",
            Self::RenegotiationProposed => "RENEGOTIATION_PROPOSED",
            Self::RenegotiationWithdrawn => "RENEGOTIATION_WITHDRAWN",
            Self::RenegotiationRebased => "RENEGOTIATION_REBASED",
            Self::RenegotiationDecided => "RENEGOTIATION_DECIDED",
            Self::MeetingPrepared => "MEETING_PREPARED",
            Self::MeetingUpdated => "MEETING_UPDATED",
            Self::MeetingOpened => "MEETING_OPENED",
            Self::MeetingJoined => "MEETING_JOINED",
            Self::MeetingClosed => "MEETING_CLOSED",
            Self::MeetingCancelled => "MEETING_CANCELLED",
            Self::MeetingAcknowledged => "MEETING_ACKNOWLEDGED",
            Self::MeetingInputRecorded => "MEETING_INPUT_RECORDED",
            Self::MeetingInputDisposed => "MEETING_INPUT_DISPOSED",
            Self::RoadmapItemAdded => "ROADMAP_ITEM_ADDED",
            Self::RoadmapItemUpdated => "ROADMAP_ITEM_UPDATED",
            Self::RoadmapItemMoved => "ROADMAP_ITEM_MOVED",
            Self::RoadmapItemShipped => "ROADMAP_ITEM_SHIPPED",
            Self::RoadmapItemDropped => "ROADMAP_ITEM_DROPPED",
            Self::IdeaSubmitted => "IDEA_SUBMITTED",
            Self::IdeaUpdated => "IDEA_UPDATED",
            Self::IdeaReviewed => "IDEA_REVIEWED",
            Self::IdeaDeclined => "IDEA_DECLINED",
            Self::IdeaPromoted => "IDEA_PROMOTED",
            Self::IdeaMerged => "IDEA_MERGED",
            Self::IdeaShipped => "IDEA_SHIPPED",
            Self::IdeaReturned => "IDEA_RETURNED",
            Self::CustomerRequestUpserted => "CUSTOMER_REQUEST_UPSERTED",
            Self::CustomerRequestWithdrawn => "CUSTOMER_REQUEST_WITHDRAWN",
            Self::SettingChanged => "SETTING_CHANGED",
            Self::CheckpointKeySet => "CHECKPOINT_KEY_SET",
            Self::TokenRevoked => "TOKEN_REVOKED",
            Self::PersonErased => "PERSON_ERASED",
            Self::WebhookCreated => "WEBHOOK_CREATED",
            Self::WebhookUpdated => "WEBHOOK_UPDATED",
            Self::WebhookSecretRotated => "WEBHOOK_SECRET_ROTATED",
            Self::WebhookDisabled => "WEBHOOK_DISABLED",
            Self::WebhookDeleted => "WEBHOOK_DELETED",
            Self::PublishedLinkCreated => "PUBLISHED_LINK_CREATED",
            Self::PublishedLinkRevoked => "PUBLISHED_LINK_REVOKED",
        }
    }
}

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each holds the id of the noun that it names")]
pub enum Subject {
    Team(TeamId),
    Plan(PlanId),
    Objective(ObjectiveId),
    KeyResult(KeyResultId),
    CheckIn(CheckInId),
    Renegotiation(RenegotiationId),
    Meeting(MeetingId),
    MeetingInput(MeetingInputId),
    RoadmapItem(RoadmapItemId),
    Idea(IdeaId),
    CustomerRequest(CustomerRequestId),
    Person(PersonId),
    Webhook(WebhookId),
    PublishedLink(PublishedLinkId),
    /// A setting or a token, which have names in `after` and no id.
    Service,
}

/// Who made a change: the person, and under which token and role at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatory {
    /// The person.
    pub person: Person,
    /// The role whose scopes the token carried, or `custom`.
    pub role: &'static str,
    /// The id of the key that signed the token.
    pub key_id: String,
    /// The token's id.
    pub token_id: String,
}

/// One change in the record, before the log gives it its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub action: AuditAction,
    /// On what.
    pub subject: Subject,
    /// Under which team.
    pub team: Option<TeamId>,
    /// In which quarter.
    pub quarter: Option<Quarter>,
    /// Of which plan.
    pub plan: Option<PlanId>,
    /// Why.
    pub reason: Option<String>,
    /// From which renegotiation.
    pub renegotiation: Option<RenegotiationId>,
    /// In which meeting.
    pub meeting: Option<MeetingId>,
    /// The digest that was decided on or committed.
    pub digest: Option<Digest>,
    /// What was, null where there was nothing.
    pub before: Facts,
    /// What is, null where there is nothing any more.
    pub after: Facts,
    /// Who; none where an imported file does not say.
    pub by: Option<Signatory>,
    /// When it took effect, where that is not the moment of writing: an import's date.
    pub took_effect: Option<Timestamp>,
}

impl Entry {
    /// Whether it came from a file of history.
    #[must_use]
    pub const fn imported(&self) -> bool {
        self.took_effect.is_some()
    }
}
