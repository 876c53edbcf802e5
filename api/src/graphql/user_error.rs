//! User errors: what a caller can put right, with the way that is open instead.

use async_graphql::{Enum, SimpleObject};
use holdline_domain::refusal::{Code, Refusal};

/// Which rule said no, or what is wrong with the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Code")]
pub(super) enum UserErrorCode {
    /// A value is malformed or out of range; `field` is the path into the input.
    Invalid,
    /// There is no such thing, or the token's teams do not include it.
    NotFound,
    /// The subject has moved on (`expectedVersion`), or a client-chosen id was used with other content.
    Conflict,
    /// A committed plan changes only by an approved renegotiation.
    CommitmentLocked,
    /// A plan is not yet fit to be committed.
    PlanIncomplete,
    /// A commit names the digest of the draft that was seen.
    PlanUnseen,
    /// The loads exceed the capacity.
    OverCapacity,
    /// The quarter is over.
    QuarterEnded,
    /// A closed plan takes corrections only.
    PlanClosed,
    /// A reason is part of the record.
    ReasonRequired,
    /// Decisions are made in an open renegotiation meeting.
    DecidedInMeeting,
    /// A status meeting decides nothing.
    StatusIsBounded,
    /// Authors do not decide.
    NoSelfApproval,
    /// What was seen is not what is there.
    StaleBase,
    /// A decision is made once.
    AlreadyDecided,
    /// The decide-by has passed.
    Expired,
    /// Another open renegotiation touches the same subject.
    ConflictingRenegotiation,
    /// A meeting states its boundary before it opens.
    BoundaryRequired,
    /// An open meeting keeps its kind, boundary and agenda.
    MeetingKindFixed,
    /// Only input on an open question changes the roadmap.
    InputOutOfBounds,
    /// A meeting closes once every input has its disposition.
    InputUndisposed,
    /// An item in NOW serves a live key result of the committed plan.
    NowServesCommitment,
    /// An idea is promoted to NEXT or LATER, never straight into NOW.
    BacklogFirst,
    /// Lineage never closes a loop.
    LineageCycle,
    /// A deal is one deal and asks for an idea once.
    DealOnce,
    /// An imported plan takes no further imported rows.
    PlanImported,
}

/// A refusal that the caller can act on. A payload with user errors changed nothing.
#[derive(Debug, Clone, SimpleObject)]
pub(super) struct UserError {
    /// Which rule said no.
    code: UserErrorCode,
    /// What is in the way, in a sentence for the person who gets it.
    message: String,
    /// The path into the input where one field is at fault.
    field: Option<Vec<String>>,
    /// The mutation or step that is open instead.
    remedy: Option<String>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code.into(),
            message: refusal.message,
            field: (!refusal.field.is_empty()).then_some(refusal.field),
            remedy: refusal.remedy,
        }
    }
}
