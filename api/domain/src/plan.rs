//! A plan: one team's commitment for one quarter, DRAFT → COMMITTED → CLOSED.
//! Holds the three states and how one asks for them; each transition has a file of its own (`plan_draft`,
//! `plan_commit`, `plan_close`). A committed plan has no method that edits it: that is COMMITMENT_LOCKED.

use crate::{
    commitment::Commitment,
    commitment_change::CommitmentChange,
    facts::Digest,
    ids::{PersonId, PlanId, PlanRevisionId, RenegotiationId, TeamId},
    refusal::{Code, Refusal, Refusals},
    time::{QuarterSpan, Timestamp},
};

/// What does not change about a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanHead {
    /// Its id.
    pub id: PlanId,
    /// Whose it is.
    pub team: TeamId,
    /// For which quarter.
    pub span: QuarterSpan,
    /// Grows by one with each edit of the draft, each revision and the closing.
    pub version: u32,
    /// Whether it came from a file of history.
    pub imported: bool,
}

/// A plan that is still being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftPlan {
    /// What does not change about it.
    pub head: PlanHead,
    /// What it would commit.
    pub commitment: Commitment,
}

/// A plan that is committed: it changes only by an approved renegotiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommittedPlan {
    /// What does not change about it.
    pub head: PlanHead,
    /// The number of its latest revision, from 1.
    pub revision: u32,
    /// What that revision promises.
    pub commitment: Commitment,
}

/// A plan whose quarter is over and whose results are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPlan {
    /// What it was when it was closed.
    pub last: CommittedPlan,
    /// When it was closed.
    pub closed_at: Timestamp,
}

/// A plan in any state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states are documented at their types")]
pub enum Plan {
    Draft(DraftPlan),
    Committed(CommittedPlan),
    Closed(ClosedPlan),
}

/// A revision of a committed plan: what was promised from one moment on. Immutable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub id: PlanRevisionId,
    /// Of which plan.
    pub plan: PlanHead,
    /// 1 is what was committed; each approved renegotiation makes the next.
    pub number: u32,
    /// What it promises.
    pub commitment: Commitment,
    /// How it differs from the one before; empty in revision 1.
    pub changes: Vec<CommitmentChange>,
    /// The renegotiation that made it; none for revision 1.
    pub renegotiation: Option<RenegotiationId>,
    /// Who committed or decided it; none where an imported file does not say.
    pub by: Option<PersonId>,
    /// When it took effect, where that is not the moment of writing.
    pub took_effect: Option<Timestamp>,
}

impl Plan {
    /// What does not change about it.
    #[must_use]
    pub const fn head(&self) -> &PlanHead {
        match self {
            Self::Draft(plan) => &plan.head,
            Self::Committed(plan) => &plan.head,
            Self::Closed(plan) => &plan.last.head,
        }
    }

    /// What it promises, or would.
    #[must_use]
    pub const fn commitment(&self) -> &Commitment {
        match self {
            Self::Draft(plan) => &plan.commitment,
            Self::Committed(plan) => &plan.commitment,
            Self::Closed(plan) => &plan.last.commitment,
        }
    }

    /// The number of its latest revision; 0 for a draft.
    #[must_use]
    pub const fn revision(&self) -> u32 {
        match self {
            Self::Draft(_) => 0,
            Self::Committed(plan) => plan.revision,
            Self::Closed(plan) => plan.last.revision,
        }
    }

    /// The digest of its content.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.commitment().digest(self.head().id)
    }

    /// The draft, to be edited or committed: COMMITMENT_LOCKED, QUARTER_ENDED or PLAN_CLOSED otherwise.
    pub fn into_draft(self, now: Timestamp) -> Result<DraftPlan, Refusals> {
        let quarter = self.head().span.quarter;
        match self {
            Self::Draft(plan) if plan.head.span.ended(now) => {
                let message = format!("The quarter {quarter} has ended; this draft was never committed.");
                Err(Refusal::new(Code::QuarterEnded, message).into())
            }
            Self::Draft(plan) => Ok(plan),
            Self::Committed(plan) => {
                let message = format!(
                    "The plan for {quarter} is committed (revision {}); it is not edited directly.",
                    plan.revision
                );
                Err(Refusal::new(Code::CommitmentLocked, message).into())
            }
            Self::Closed(_) => Err(closed(self.head()).into()),
        }
    }

    /// The committed plan: a draft or a closed plan is refused.
    pub fn into_committed(self) -> Result<CommittedPlan, Refusals> {
        match self {
            Self::Committed(plan) => Ok(plan),
            Self::Draft(plan) => {
                let message = format!("The plan for {} is still a draft.", plan.head.span.quarter);
                Err(Refusal::invalid(&["plan"], message)
                    .remedy("Edit the draft directly (objectiveUpdate, keyResultUpdate, planUpdate), then planCommit.")
                    .into())
            }
            Self::Closed(_) => Err(closed(self.head()).into()),
        }
    }

    /// CONFLICT where the caller saw another version than there is.
    pub fn expect_version(&self, expected: Option<u32>) -> Result<(), Refusals> {
        expect_version("plan", self.head().version, expected)
    }
}

/// CONFLICT where the caller saw another version than there is.
pub fn expect_version(noun: &str, version: u32, expected: Option<u32>) -> Result<(), Refusals> {
    match expected {
        Some(expected) if expected != version => {
            let message = format!("The {noun} is at version {version}, not {expected}: somebody was faster.");
            Err(Refusal::new(Code::Conflict, message)
                .at(&["expectedVersion"])
                .remedy("Read it again and repeat the change on what is there now.")
                .into())
        }
        _ => Ok(()),
    }
}

fn closed(head: &PlanHead) -> Refusal {
    Refusal::new(Code::PlanClosed, format!("The plan for {} is closed.", head.span.quarter))
}
