//! Check-ins: what a key result stands at. They flow freely and never change a commitment.
//! Holds which plan takes which kind; refuses to judge the value.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{CheckInId, KeyResultId, PersonId},
    permission::{Permit, action::ImportHistory, action::RecordCheckIn},
    plan::{Plan, PlanHead},
    quantity::Quantity,
    refusal::{Broken, Code, Refusal, Refusals},
    text::Prose,
    time::Timestamp,
};

/// What a check-in says of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckInKind {
    /// Where it stands.
    Progress,
    /// Where it stands at the middle of the quarter.
    MidQuarter,
    /// Where it is expected to end: a forecast, kept apart from the value.
    Projected,
    /// Where it ended.
    Final,
    /// What an earlier one should have said; needs a reason.
    Correction,
}

/// How sure the owner is to reach the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// It will be reached.
    OnTrack,
    /// It may not be reached.
    AtRisk,
    /// It will not be reached as things are.
    OffTrack,
}

impl CheckInKind {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Progress => "PROGRESS",
            Self::MidQuarter => "MID_QUARTER",
            Self::Projected => "PROJECTED",
            Self::Final => "FINAL",
            Self::Correction => "CORRECTION",
        }
    }
}

impl Confidence {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnTrack => "ON_TRACK",
            Self::AtRisk => "AT_RISK",
            Self::OffTrack => "OFF_TRACK",
        }
    }
}

/// What a check-in says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which kind.
    pub kind: CheckInKind,
    /// The value, in the measure's unit.
    pub value: Quantity,
    /// How sure.
    pub confidence: Option<Confidence>,
    /// In words.
    pub note: Option<Prose>,
    /// Why, for a correction.
    pub reason: Option<Prose>,
}

/// A check-in on a key result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckIn {
    /// Its id.
    pub id: CheckInId,
    /// On which key result.
    pub key_result: KeyResultId,
    /// What it says.
    pub reading: Reading,
    /// Who recorded it; none where an imported file does not say.
    pub by: Option<PersonId>,
    /// When it took effect, where that is not the moment of writing.
    pub took_effect: Option<Timestamp>,
}

impl CheckIn {
    /// Records a check-in on a live key result of a committed plan, or a correction on a closed one.
    pub fn record(
        permit: &Permit<RecordCheckIn>,
        plan: &Plan,
        id: CheckInId,
        key_result: KeyResultId,
        reading: Reading,
    ) -> Result<Change<Self>, Refusals> {
        check(plan, key_result, &reading)?;
        let by = Recording::by(permit, AuditAction::CheckInRecorded, Subject::CheckIn(id));
        let check_in = Self { id, key_result, reading, by: Some(permit.actor().person.id), took_effect: None };
        Ok(check_in.recorded(by, plan.head()))
    }

    /// A check-in as a file of history has it.
    pub fn import(
        _permit: &Permit<ImportHistory>,
        plan: &Plan,
        id: CheckInId,
        key_result: KeyResultId,
        reading: Reading,
        at: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        check(plan, key_result, &reading)?;
        let by = Recording::imported(AuditAction::CheckInRecorded, Subject::CheckIn(id), at);
        Ok(Self { id, key_result, reading, by: None, took_effect: Some(at) }.recorded(by, plan.head()))
    }

    fn recorded(self, by: Recording, head: &PlanHead) -> Change<Self> {
        let reading = &self.reading;
        let after = Facts::map([
            ("keyResult", Facts::text(self.key_result)),
            ("kind", Facts::text(reading.kind.name())),
            ("value", Facts::text(reading.value)),
            ("confidence", Facts::maybe(reading.confidence.map(Confidence::name))),
            ("note", Facts::maybe(reading.note.as_ref())),
        ]);
        let reason = reading.reason.as_ref().map(ToString::to_string);
        by.plan(head.team, head.span.quarter, head.id).reason(reason).after(after, self)
    }
}

fn check(plan: &Plan, key_result: KeyResultId, reading: &Reading) -> Result<(), Refusals> {
    let correction = reading.kind == CheckInKind::Correction;
    let live = plan.commitment().key_result(key_result).is_some();
    let mut broken = Broken::none();
    broken.when(matches!(plan, Plan::Draft(_)), || {
        Refusal::invalid(
            &["keyResult"],
            "The key result belongs to a draft; check-ins begin once the plan is committed.",
        )
        .remedy("planCommit, then checkInRecord.")
    });
    broken.when(!live && !matches!(plan, Plan::Draft(_)), || {
        let message = "The key result was dropped by a renegotiation and takes no further check-in.";
        Refusal::invalid(&["keyResult"], message)
    });
    broken.when(matches!(plan, Plan::Closed(_)) && !correction, || {
        let message = format!("The plan for {} is closed and takes corrections only.", plan.head().span.quarter);
        Refusal::new(Code::PlanClosed, message).at(&["kind"])
    });
    broken.when(correction && reading.reason.is_none(), || {
        Refusal::new(Code::ReasonRequired, "A correction says why the earlier value was wrong.").at(&["reason"])
    });
    broken.finish()
}
