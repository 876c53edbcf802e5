//! The rules in words: for each code its statement and the way that is open instead.
//! One table, which the API's `rules` query prints; the rules themselves stand with their nouns.

use crate::refusal::Code;

/// A rule in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its code.
    pub code: Code,
    /// What it says.
    pub statement: &'static str,
    /// The way that is open to someone it stopped.
    pub remedy: Option<&'static str>,
}

/// The rule of a code; none for `INVALID`, `NOT_FOUND` and `CONFLICT`, which are no rules.
#[must_use]
pub fn of(code: Code) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.code == code)
}

const fn rule(code: Code, statement: &'static str, remedy: &'static str) -> Rule {
    Rule { code, statement, remedy: Some(remedy) }
}

/// Every rule, in the order in which refusals are reported.
pub const ALL: &[Rule] = &[
    rule(
        Code::CommitmentLocked,
        "Objectives, key results, lineage, loads and capacity of a committed plan change only by an approved renegotiation of that plan.",
        "Propose the change: renegotiationDraft, then renegotiationPropose, then a decision in a RENEGOTIATION meeting.",
    ),
    rule(
        Code::PlanIncomplete,
        "A plan is committed with at least one objective; each has an owner and at least one key result with an owner and a target that differs from its baseline. Every later revision keeps a key result under each objective.",
        "Complete the draft with objectiveAdd, keyResultAdd or keyResultUpdate.",
    ),
    rule(
        Code::PlanUnseen,
        "planCommit names the digest of the draft that was seen; another draft is refused. A commit cannot be undone.",
        "Read the plan and its digest again, then commit that digest; dryRun shows all that would be refused.",
    ),
    rule(
        Code::OverCapacity,
        "Where a plan has a capacity, neither a commit nor an approval leaves the sum of loads above it.",
        "Let something give way, lower a load, or change the capacity as part of the same change.",
    ),
    rule(
        Code::QuarterEnded,
        "Once a quarter has ended, no plan of it is drafted or committed and no renegotiation proposed or approved.",
        "Draft the plan of the current or an upcoming quarter: planDraft.",
    ),
    rule(
        Code::PlanClosed,
        "A closed plan takes nothing but CORRECTION check-ins. Closing needs the quarter ended and, for each live key result, a FINAL check-in or a stated reason.",
        "Record a correction with its reason: checkInRecord, kind CORRECTION.",
    ),
    rule(
        Code::ReasonRequired,
        "A proposal states trigger, reason and trade-off (the trade-off may be left out where all changes are wording or owner); a decision its rationale; a decline, withdrawal, drop, cancel, erasure, correction or dissent its why.",
        "State the reason and send the request again.",
    ),
    rule(
        Code::DecidedInMeeting,
        "A renegotiation is decided only in an open meeting of kind RENEGOTIATION of that team which has it on its agenda, by an attendee who was asked for APPROVAL.",
        "meetingPrepare with kind RENEGOTIATION, this renegotiation on the agenda and the decider as attendee with ask APPROVAL; then meetingOpen.",
    ),
    rule(
        Code::StatusIsBounded,
        "A STATUS meeting has no renegotiation on its agenda and decides none.",
        "Take it to a meeting of its own: meetingPrepare with kind RENEGOTIATION.",
    ),
    rule(
        Code::NoSelfApproval,
        "Nobody who drafted, edited, proposed or rebased a renegotiation decides it.",
        "Ask an approver who is not among its authors, also from outside the team.",
    ),
    rule(
        Code::StaleBase,
        "A decision names the digest that was seen; another digest, or a plan that has moved on, is refused until rebased.",
        "renegotiationRebase, read it again, and use the new digest.",
    ),
    rule(
        Code::AlreadyDecided,
        "A decision on a renegotiation is made once.",
        "Propose anew from this one: renegotiationDraft(from:).",
    ),
    rule(
        Code::Expired,
        "A decision is made before its decide-by; a renegotiation past it stays as never concluded.",
        "Propose anew from this one: renegotiationDraft(from:).",
    ),
    rule(
        Code::ConflictingRenegotiation,
        "Two open renegotiations do not touch the same subject.",
        "Wait for the other to be decided or withdraw it (renegotiationWithdraw), then draft this change on what holds then.",
    ),
    rule(
        Code::BoundaryRequired,
        "A meeting opens only with at least one decided subject and its why (optional for PLANNING), and an open question or the explicit statement that it is for information only; a decided subject is neither open nor touched by the agenda.",
        "State the boundary with meetingUpdate, then meetingOpen.",
    ),
    rule(
        Code::MeetingKindFixed,
        "An open meeting changes neither kind, boundary nor agenda; a switch from status to renegotiation is always a new record.",
        "Prepare a new meeting: meetingPrepare.",
    ),
    rule(
        Code::InputOutOfBounds,
        "Input on no open question can be noted, sent to the backlog or made a renegotiation draft; only input on an open question may also become a roadmap change.",
        "Dispose it with backlog or renegotiationDraft: meetingInputDispose.",
    ),
    rule(
        Code::InputUndisposed,
        "A meeting closes only when every input has its disposition.",
        "meetingInputDispose each input that has none (noted, backlog, renegotiationDraft or roadmap), then meetingClose.",
    ),
    rule(
        Code::NowServesCommitment,
        "Once the team's plan for the current quarter is committed, an item is in NOW only if it serves a live key result of that plan.",
        "Put it in NEXT or LATER, name a key result of the plan that it serves, or change the plan: renegotiationDraft.",
    ),
    rule(
        Code::BacklogFirst,
        "An idea is promoted to NEXT or LATER, never straight into NOW.",
        "ideaPromote to NEXT or LATER; the item can move on from there with roadmapItemMove.",
    ),
    rule(
        Code::LineageCycle,
        "contributesTo never closes a loop.",
        "Point contributesTo at an objective that does not itself lead back here, or leave it out.",
    ),
    rule(
        Code::DealOnce,
        "There is one deal per system and external id, and a deal asks for an idea once; posting again updates, and what is older never overwrites what is newer.",
        "Post it again without an id: customerRequestUpsert updates the request that is there.",
    ),
    rule(
        Code::PlanImported,
        "An imported plan takes no further imported rows that it does not already have.",
        "The plan is live now: change it through renegotiationDraft.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_but_the_three_general_ones_has_a_rule_in_order() {
        let codes: Vec<_> = ALL.iter().map(|rule| rule.code).collect();
        assert_eq!(codes, Code::ALL[3..]);
    }
}
