//! The story that the rule tables start from: a team, its quarter, its committed plan, a meeting and a proposal.
//! Holds builders only; refuses to state a rule, which each table does beside its noun.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use uuid::Uuid;

use crate::{
    actor::{Actor, Teams},
    commitment::Commitment,
    facts::Digest,
    ids::{KeyResultId, PlanId, RenegotiationId},
    key_result::{KeyResult, KeyResultTerms, Measure},
    lineage::Lineage,
    meeting::{Ask, Attendee, Meeting, MeetingFormat, MeetingKind, MeetingStatus},
    meeting_boundary::{Boundary, BoundarySubject, DecidedSubject},
    objective::{Objective, ObjectiveTerms},
    permission::{Action, Permit, Scope},
    person::{Person, PersonKind},
    plan::{CommittedPlan, DraftPlan, PlanHead},
    plan_commit::Commit,
    quantity::Quantity,
    refusal::{Code, Refusals},
    renegotiation::{Outcome, Proposed, Renegotiation},
    renegotiation_decide::{Decided, Verdict},
    renegotiation_draft::{Origin, Wish},
    renegotiation_request::ChangeRequest,
    team::Team,
    text::{Line, Prose, TeamKey},
    time::{FiscalCalendar, Quarter, QuarterSpan, Timestamp},
};

/// Plans and proposes.
pub(crate) const PLANNER: u128 = 1;
/// Decides, and wrote nothing.
pub(crate) const APPROVER: u128 = 2;
/// Owns what is committed.
pub(crate) const OWNER: u128 = 3;

/// The codes of a result's refusals, in order; none where it was allowed.
pub(crate) fn codes<T>(result: Result<T, Refusals>) -> Vec<Code> {
    result.map_or_else(|refusals| refusals.list().iter().map(|refusal| refusal.code).collect(), |_| Vec::new())
}

pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(number).into()
}

pub(crate) fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

pub(crate) fn prose(text: &str) -> Prose {
    Prose::parse(text).unwrap()
}

pub(crate) fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// Somebody whose token carries these scopes.
pub(crate) fn actor(person: u128, scopes: &[Scope]) -> Actor {
    let person = Person {
        id: id(person),
        issuer: Some("issuer".into()),
        subject: Some(person.to_string()),
        name: line("somebody"),
        kind: PersonKind::Person,
        salt: [0; 32],
        erased_at: None,
    };
    let scopes: BTreeSet<_> = scopes.iter().copied().collect();
    Actor { person, scopes, teams: Teams::All, system: None, key_id: "key".into(), token_id: "token".into() }
}

/// A permit for somebody whose token carries the action's scope alone.
pub(crate) fn permit<A: Action>(person: u128) -> Permit<A> {
    actor(person, &[A::SCOPE]).require().unwrap()
}

pub(crate) fn team() -> Team {
    Team { id: id(100), key: TeamKey::parse("REPORTS").unwrap(), name: line("Reports"), archived_at: None, version: 1 }
}

pub(crate) fn span_of(quarter: &str) -> QuarterSpan {
    FiscalCalendar::new(1, Tz::UTC).unwrap().span(Quarter::parse(quarter).unwrap())
}

/// The quarter of the story: 92 days.
pub(crate) fn span() -> QuarterSpan {
    span_of("2026-Q4")
}

/// So many days after the quarter began; below zero before it.
pub(crate) fn day(number: i64) -> Timestamp {
    Timestamp::from_micros(span().starts_at.micros() + number * 86_400_000_000).unwrap()
}

/// The day on which the quarter has ended.
pub(crate) const AFTERWARDS: i64 = 92;

pub(crate) fn key_result(number: u128) -> KeyResult {
    let measure = Measure::new(line("%"), quantity("0"), quantity("80")).unwrap();
    let terms = KeyResultTerms { title: line(&format!("key result {number}")), owner: id(OWNER), measure };
    KeyResult { id: id(number), position: 0, terms }
}

/// An objective; its key results take their places in the order given.
pub(crate) fn objective(number: u128, load: Option<&str>, key_results: &[u128]) -> Objective {
    let terms = ObjectiveTerms {
        title: line(&format!("objective {number}")),
        rationale: prose("it matters"),
        owner: id(OWNER),
        load: load.map(quantity),
        contributes_to: None,
    };
    let places = (0..).zip(key_results);
    let key_results = places.map(|(position, number)| KeyResult { position, ..key_result(*number) }).collect();
    Objective { id: id(number), position: 0, terms, key_results }
}

/// Objective 1 (load 4, key results 11 and 12) and objective 2 (load 3, key result 21), with a capacity of 10.
pub(crate) fn commitment() -> Commitment {
    let second = Objective { position: 1, ..objective(2, Some("3"), &[21]) };
    Commitment {
        capacity: Some(quantity("10")),
        capacity_unit: Some(line("points")),
        objectives: vec![objective(1, Some("4"), &[11, 12]), second],
    }
}

pub(crate) fn head() -> PlanHead {
    PlanHead { id: id(200), team: team().id, span: span(), version: 1, imported: false }
}

pub(crate) fn draft_of(commitment: Commitment) -> DraftPlan {
    DraftPlan { head: head(), commitment }
}

/// A commit of what was seen, outside of any meeting.
pub(crate) fn commit_of(seen: Digest) -> Commit {
    Commit { revision: id(201), seen, meeting: None }
}

/// A plan committed five days before its quarter.
pub(crate) fn committed_of(commitment: Commitment) -> CommittedPlan {
    let commit = commit_of(commitment.digest(id::<PlanId>(200)));
    let change = draft_of(commitment).commit(&permit(PLANNER), commit, &Lineage::default(), day(-5));
    change.unwrap().into_state().plan
}

pub(crate) fn committed() -> CommittedPlan {
    committed_of(commitment())
}

/// All that a proposal has to say, with these changes.
pub(crate) fn wish(changes: Vec<ChangeRequest>) -> Wish {
    Wish {
        trigger: Some(Some(prose("two deals ask for it"))),
        reason: Some(Some(prose("it is worth more"))),
        trade_off: Some(Some(prose("reports wait"))),
        changes: Some(changes),
        ..Wish::default()
    }
}

pub(crate) fn retitle(objective: u128, title: &str) -> ChangeRequest {
    ChangeRequest::AmendObjective {
        id: id(objective),
        title: Some(line(title)),
        rationale: None,
        owner: None,
        load: None,
        contributes_to: None,
    }
}

pub(crate) fn reload(objective: u128, load: &str) -> ChangeRequest {
    let load = Some(Some(quantity(load)));
    ChangeRequest::AmendObjective {
        id: id(objective),
        title: None,
        rationale: None,
        owner: None,
        load,
        contributes_to: None,
    }
}

pub(crate) fn retarget(key_result: u128, target: &str) -> ChangeRequest {
    let target = Some(quantity(target));
    ChangeRequest::AmendKeyResult { id: id(key_result), title: None, owner: None, unit: None, baseline: None, target }
}

pub(crate) fn drop_key_result(number: u128) -> ChangeRequest {
    ChangeRequest::DropKeyResult { id: id::<KeyResultId>(number), why: Some(prose("it gives way")) }
}

/// A draft of the planner on the first day.
pub(crate) fn drafted(number: u128, plan: &CommittedPlan, changes: Vec<ChangeRequest>) -> Renegotiation {
    let wish = wish(changes);
    let change =
        Renegotiation::draft(&permit(PLANNER), id(number), plan, Origin::default(), wish, &Lineage::default(), day(1))
            .unwrap();
    change.into_state()
}

/// A proposal of the planner on the first day; its decide-by is day 15.
pub(crate) fn proposed(number: u128, plan: &CommittedPlan, changes: Vec<ChangeRequest>) -> Proposed {
    let change = drafted(number, plan, changes).propose(&permit(PLANNER), plan, &[], day(1)).unwrap();
    change.into_state().into_proposed(day(1)).unwrap()
}

/// An open renegotiation meeting in which the approver approves what is on the agenda.
pub(crate) fn meeting(agenda: Vec<RenegotiationId>) -> Meeting {
    let decided = DecidedSubject { subject: BoundarySubject::Text(line("the quarter")), why: prose("it is committed") };
    Meeting {
        id: id(300),
        team: team().id,
        quarter: span().quarter,
        status: MeetingStatus::Open,
        kind: MeetingKind::Renegotiation,
        format: MeetingFormat::Live,
        title: line("What gives way"),
        scheduled_for: None,
        duration_minutes: Some(30),
        attendees: vec![Attendee { person: id(APPROVER), ask: Ask::Approval }],
        boundary: Boundary { decided: vec![decided], ..Boundary::default() },
        agenda,
        imported: false,
        version: 1,
    }
}

/// What a decider who saw all of it says.
pub(crate) fn verdict(on: &Proposed, outcome: Outcome) -> Verdict {
    Verdict {
        id: id(400),
        revision: id(401),
        outcome,
        rationale: Some(prose("the trade is fair")),
        seen: on.record.digest(),
    }
}

/// What the approver made of a proposal on the second day.
pub(crate) fn decided(on: Proposed, plan: &CommittedPlan, outcome: Outcome) -> Decided {
    let (meeting, verdict) = (meeting(vec![on.record.id]), verdict(&on, outcome));
    let change = on.decide(&permit(APPROVER), plan.clone(), &meeting, verdict, &Lineage::default(), day(2)).unwrap();
    change.into_state()
}

/// The plan after an approved renegotiation of its own.
pub(crate) fn moved(plan: &CommittedPlan, changes: Vec<ChangeRequest>) -> CommittedPlan {
    decided(proposed(90, plan, changes), plan, Outcome::Approved).plan
}
