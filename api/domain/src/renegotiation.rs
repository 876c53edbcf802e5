//! A renegotiation: a proposal to change a committed plan, DRAFT → PROPOSED → APPROVED | REJECTED | WITHDRAWN.
//! Holds what it says and the states; drafting and proposing are in `renegotiation_draft`, deciding in
//! `renegotiation_decide`. EXPIRED and LAPSED are computed from the clock in every read, never stored.

use std::collections::BTreeSet;

use crate::{
    commitment_change::CommitmentChange,
    facts::{Digest, Facts},
    ids::{DecisionId, IdeaId, MeetingId, PersonId, PlanId, RenegotiationId, TeamId},
    refusal::{Code, Refusal, Refusals},
    text::Prose,
    time::{QuarterSpan, Timestamp},
};

/// What a renegotiation says: all of it is in the digest that deciders name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What happened.
    pub trigger: Option<Prose>,
    /// Why the commitment should change.
    pub reason: Option<Prose>,
    /// What gives way.
    pub trade_off: Option<Prose>,
    /// The ideas that support it.
    pub evidence: Vec<IdeaId>,
    /// The exact changes.
    pub changes: Vec<CommitmentChange>,
    /// Until when it can be decided.
    pub decide_by: Timestamp,
    /// The revision it was drafted on or rebased to.
    pub base_revision: u32,
}

/// A renegotiation without its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: RenegotiationId,
    /// Which plan it would change.
    pub plan: PlanId,
    /// Of which team.
    pub team: TeamId,
    /// For which quarter.
    pub span: QuarterSpan,
    /// What it says.
    pub terms: Terms,
    /// Everybody who drafted, edited, proposed or rebased it, or what it was copied from.
    pub authors: BTreeSet<PersonId>,
    /// Grows by one with each change.
    pub version: u32,
    /// Whether it came from a file of history.
    pub imported: bool,
}

/// Who proposed, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proposal {
    /// Who; none where an imported file does not say.
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// A renegotiation that can be decided: only this type has `decide`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// What it says.
    pub record: Record,
    /// Who proposed it.
    pub proposal: Proposal,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The plan changes.
    Approved,
    /// The plan holds.
    Rejected,
}

impl Outcome {
    /// The name in the log, in the database and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// A decision: made once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Yes or no.
    pub outcome: Outcome,
    /// Why.
    pub rationale: Prose,
    /// Who decided; none where an imported file does not say.
    pub by: Option<PersonId>,
    /// In which meeting.
    pub meeting: MeetingId,
    /// The digest that the deciders saw.
    pub digest: Digest,
}

/// A renegotiation in any stored state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states are documented at the machine's head")]
pub enum Renegotiation {
    Draft(Record),
    Proposed(Proposed),
    Decided(Proposed, Decision),
    Withdrawn(Record),
}

/// The state as the clock reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Being written; blocks nothing.
    Draft,
    /// Waiting to be decided.
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

impl Status {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Withdrawn => "WITHDRAWN",
            Self::Expired => "EXPIRED",
            Self::Lapsed => "LAPSED",
        }
    }
}

impl Terms {
    fn facts(&self) -> Facts {
        Facts::map([
            ("trigger", Facts::maybe(self.trigger.as_ref())),
            ("reason", Facts::maybe(self.reason.as_ref())),
            ("tradeOff", Facts::maybe(self.trade_off.as_ref())),
            ("evidence", Facts::list(self.evidence.iter().map(Facts::text))),
            ("changes", Facts::list(self.changes.iter().map(CommitmentChange::facts))),
            ("decideBy", Facts::text(self.decide_by)),
            ("baseRevision", Facts::Int(self.base_revision)),
        ])
    }
}

impl Record {
    /// The digest of all that it says: what a decision names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Facts::map([
            ("renegotiation", Facts::text(self.id)),
            ("plan", Facts::text(self.plan)),
            ("terms", self.terms.facts()),
        ])
        .digest()
    }

    /// All of it, for the record.
    pub(crate) fn facts(&self, status: &str) -> Facts {
        Facts::map([
            ("status", Facts::text(status)),
            ("terms", self.terms.facts()),
            ("digest", Facts::text(self.digest())),
            ("authors", Facts::list(self.authors.iter().map(Facts::text))),
        ])
    }
}

impl Renegotiation {
    /// What it says.
    #[must_use]
    pub const fn record(&self) -> &Record {
        match self {
            Self::Draft(record) | Self::Withdrawn(record) => record,
            Self::Proposed(proposed) | Self::Decided(proposed, _) => &proposed.record,
        }
    }

    /// The state at an instant.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        match self {
            Self::Draft(record) if record.span.ended(now) => Status::Lapsed,
            Self::Draft(_) => Status::Draft,
            Self::Proposed(proposed) if now >= proposed.record.terms.decide_by => Status::Expired,
            Self::Proposed(_) => Status::Proposed,
            Self::Decided(_, decision) if decision.outcome == Outcome::Approved => Status::Approved,
            Self::Decided(..) => Status::Rejected,
            Self::Withdrawn(_) => Status::Withdrawn,
        }
    }

    /// Who proposed it, once somebody did.
    #[must_use]
    pub const fn proposal(&self) -> Option<&Proposal> {
        match self {
            Self::Proposed(proposed) | Self::Decided(proposed, _) => Some(&proposed.proposal),
            Self::Draft(_) | Self::Withdrawn(_) => None,
        }
    }

    /// The decision, once there is one.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Decided(_, decision) => Some(decision),
            _ => None,
        }
    }

    /// The proposal to decide, rebase or withdraw: ALREADY_DECIDED or EXPIRED otherwise.
    pub fn into_proposed(self, now: Timestamp) -> Result<Proposed, Refusals> {
        match (self.status(now), self) {
            (Status::Proposed, Self::Proposed(proposed)) => Ok(proposed),
            (status, other) => Err(other.not_open(status).into()),
        }
    }

    /// CONFLICT where the caller saw another version than there is.
    pub fn expect_version(&self, expected: Option<u32>) -> Result<(), Refusals> {
        crate::plan::expect_version("renegotiation", self.record().version, expected)
    }

    pub(crate) fn not_open(&self, status: Status) -> Refusal {
        let decide_by = self.record().terms.decide_by;
        match status {
            Status::Draft => Refusal::invalid(&["renegotiation"], "The renegotiation is a draft that nobody proposed.")
                .remedy("renegotiationPropose first."),
            Status::Lapsed => {
                let message = format!("The quarter {} ended while this was a draft.", self.record().span.quarter);
                Refusal::new(Code::QuarterEnded, message)
            }
            Status::Proposed => Refusal::invalid(&["renegotiation"], "The renegotiation is proposed and not edited.")
                .remedy("renegotiationWithdraw it, then renegotiationDraft(from:) a copy."),
            Status::Expired => Refusal::new(
                Code::Expired,
                format!("It was to be decided before {decide_by}; nobody did, and it stays as never concluded."),
            ),
            Status::Approved => {
                Refusal::new(Code::AlreadyDecided, "The renegotiation was approved; a decision is made once.")
            }
            Status::Rejected => {
                Refusal::new(Code::AlreadyDecided, "The renegotiation was rejected; a decision is made once.")
            }
            Status::Withdrawn => Refusal::new(Code::AlreadyDecided, "The renegotiation was withdrawn and stays so."),
        }
    }
}
