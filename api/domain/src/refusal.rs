//! Refusals: a rule said no, in which words, and which way is open instead.
//! Holds the codes and the collecting of several; the rules' own statements are in `rules`.

use std::fmt;

/// What kind of no it is. The order is the order in which refusals are reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A value is malformed or out of range.
    Invalid,
    /// There is no such thing, or the caller may not see it.
    NotFound,
    /// The subject has moved on, or a client-chosen id is taken.
    Conflict,
    /// A committed plan changes only by an approved renegotiation.
    CommitmentLocked,
    /// A plan is not yet fit to be committed.
    PlanIncomplete,
    /// A commit names the draft that was seen.
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

impl Code {
    /// Every code, in order.
    pub const ALL: [Self; 26] = [
        Self::Invalid,
        Self::NotFound,
        Self::Conflict,
        Self::CommitmentLocked,
        Self::PlanIncomplete,
        Self::PlanUnseen,
        Self::OverCapacity,
        Self::QuarterEnded,
        Self::PlanClosed,
        Self::ReasonRequired,
        Self::DecidedInMeeting,
        Self::StatusIsBounded,
        Self::NoSelfApproval,
        Self::StaleBase,
        Self::AlreadyDecided,
        Self::Expired,
        Self::ConflictingRenegotiation,
        Self::BoundaryRequired,
        Self::MeetingKindFixed,
        Self::InputOutOfBounds,
        Self::InputUndisposed,
        Self::NowServesCommitment,
        Self::BacklogFirst,
        Self::LineageCycle,
        Self::DealOnce,
        Self::PlanImported,
    ];

    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::NotFound => "NOT_FOUND",
            Self::Conflict => "CONFLICT",
            Self::CommitmentLocked => "COMMITMENT_LOCKED",
            Self::PlanIncomplete => "PLAN_INCOMPLETE",
            Self::PlanUnseen => "PLAN_UNSEEN",
            Self::OverCapacity => "OVER_CAPACITY",
            Self::QuarterEnded => "QUARTER_ENDED",
            Self::PlanClosed => "PLAN_CLOSED",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::DecidedInMeeting => "DECIDED_IN_MEETING",
            Self::StatusIsBounded => "STATUS_IS_BOUNDED",
            Self::NoSelfApproval => "NO_SELF_APPROVAL",
            Self::StaleBase => "STALE_BASE",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::Expired => "EXPIRED",
            Self::ConflictingRenegotiation => "CONFLICTING_RENEGOTIATION",
            Self::BoundaryRequired => "BOUNDARY_REQUIRED",
            Self::MeetingKindFixed => "MEETING_KIND_FIXED",
            Self::InputOutOfBounds => "INPUT_OUT_OF_BOUNDS",
            Self::InputUndisposed => "INPUT_UNDISPOSED",
            Self::NowServesCommitment => "NOW_SERVES_COMMITMENT",
            Self::BacklogFirst => "BACKLOG_FIRST",
            Self::LineageCycle => "LINEAGE_CYCLE",
            Self::DealOnce => "DEAL_ONCE",
            Self::PlanImported => "PLAN_IMPORTED",
        }
    }
}

/// One no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which rule.
    pub code: Code,
    /// A sentence for the person who gets it.
    pub message: String,
    /// The path into the input, where one field is at fault.
    pub field: Vec<String>,
    /// The mutation or step that is open instead.
    pub remedy: Option<String>,
}

impl Refusal {
    /// A refusal with the rule's own remedy.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let remedy = crate::rules::of(code).and_then(|rule| rule.remedy).map(str::to_owned);
        Self { code, message: message.into(), field: Vec::new(), remedy }
    }

    /// A malformed or out-of-range value at a field.
    pub fn invalid(field: &[&str], message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message).at(field)
    }

    /// No such thing for this caller, named by the words the caller used.
    #[must_use]
    pub fn not_found(field: &[&str], noun: &str, named: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no {noun} {named} that this token can see.")).at(field)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, field: &[&str]) -> Self {
        self.field = field.iter().map(|part| (*part).to_owned()).collect();
        self
    }

    /// Puts its field, where it names one, under a path: what is at fault is part of a larger input.
    #[must_use]
    pub fn under(mut self, path: &[&str]) -> Self {
        if !self.field.is_empty() {
            self.field.splice(0..0, path.iter().map(|part| (*part).to_owned()));
        }
        self
    }

    /// Replaces the remedy.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

/// All rules that one request broke: at least one, in the order of the codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// The refusals, in order.
    #[must_use]
    pub fn list(&self) -> &[Refusal] {
        &self.0
    }

    /// The same refusals of a part of a larger input.
    #[must_use]
    pub fn under(self, path: &[&str]) -> Self {
        Self(self.0.into_iter().map(|refusal| refusal.under(path)).collect())
    }

    /// These and others, in order.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut broken = Broken(self.0);
        broken.extend(other.0);
        broken.0.sort_by_key(|refusal| refusal.code);
        Self(broken.0)
    }

    /// The refusals, in order.
    #[must_use]
    pub fn into_list(self) -> Vec<Refusal> {
        self.0
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self(vec![refusal])
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, refusal) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{}: {}", refusal.code.name(), refusal.message)?;
        }
        Ok(())
    }
}

/// Collects what is broken, so that a caller hears of everything at once.
#[derive(Debug, Default)]
pub struct Broken(Vec<Refusal>);

impl Broken {
    /// Nothing broken yet.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds a refusal where a condition says so.
    pub fn when(&mut self, broken: bool, refusal: impl FnOnce() -> Refusal) {
        if broken {
            self.0.push(refusal());
        }
    }

    /// Adds refusals.
    pub fn extend(&mut self, refusals: impl IntoIterator<Item = Refusal>) {
        self.0.extend(refusals);
    }

    /// Keeps a value, or its refusals.
    pub fn take<T>(&mut self, result: Result<T, Refusals>) -> Option<T> {
        result.map_err(|refusals| self.0.extend(refusals.0)).ok()
    }

    /// All that is broken, in the order of the codes, each said once.
    pub fn finish(mut self) -> Result<(), Refusals> {
        self.0.sort_by_key(|refusal| refusal.code);
        self.0.dedup();
        if self.0.is_empty() { Ok(()) } else { Err(Refusals(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_reported_in_the_order_of_the_rules() {
        let mut broken = Broken::none();
        broken.when(true, || Refusal::new(Code::Expired, "late"));
        broken.when(false, || Refusal::new(Code::NotFound, "never"));
        broken.when(true, || Refusal::new(Code::CommitmentLocked, "locked"));

        let codes: Vec<_> = broken.finish().unwrap_err().list().iter().map(|refusal| refusal.code).collect();

        assert_eq!(codes, [Code::CommitmentLocked, Code::Expired]);
    }

    #[test]
    fn the_list_of_codes_is_whole_and_sorted() {
        assert!(Code::ALL.is_sorted());
        assert_eq!(Code::ALL.len(), Code::PlanImported as usize + 1);
    }
}
