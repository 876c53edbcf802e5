//! The rule tables of deciding a renegotiation, and what a decision leaves behind.
//! DECIDED_IN_MEETING, STATUS_IS_BOUNDED, NO_SELF_APPROVAL, STALE_BASE, ALREADY_DECIDED, EXPIRED, OVER_CAPACITY.

use crate::{
    commitment_change::apply,
    facts::Facts,
    lineage::Lineage,
    meeting::{Ask, Attendee, Meeting, MeetingKind, MeetingStatus},
    plan::CommittedPlan,
    refusal::{Code, Refusals},
    renegotiation::{Outcome, Proposed, Renegotiation},
    renegotiation_decide::{Decided, Verdict},
    renegotiation_request::ChangeRequest,
    story_tests::{
        AFTERWARDS, APPROVER, OWNER, PLANNER, codes, commitment, committed, committed_of, day, decided, drafted,
        drop_key_result, id, meeting, moved, permit, proposed, prose, quantity, reload, retitle, verdict,
    },
};

fn decide(
    on: Proposed,
    by: u128,
    plan: CommittedPlan,
    meeting: &Meeting,
    verdict: Verdict,
    now: i64,
) -> Result<Decided, Refusals> {
    let change = on.decide(&permit(by), plan, meeting, verdict, &Lineage::default(), day(now));
    change.map(crate::change::Change::into_state)
}

#[test]
fn a_decision_is_made_in_an_open_meeting_of_the_team_that_has_it_on_its_agenda() {
    let attending = |ask| vec![Attendee { person: id(APPROVER), ask }];
    let ours = || meeting(vec![id(10)]);
    let elsewhere = vec![Code::DecidedInMeeting];
    let table = [
        ("the story's meeting", ours(), vec![]),
        ("among others on the agenda", meeting(vec![id(20), id(10)]), vec![]),
        ("not on the agenda", meeting(vec![id(20)]), elsewhere.clone()),
        ("prepared", Meeting { status: MeetingStatus::Prepared, ..ours() }, elsewhere.clone()),
        ("closed", Meeting { status: MeetingStatus::Closed, ..ours() }, elsewhere.clone()),
        ("cancelled", Meeting { status: MeetingStatus::Cancelled(prose("ill")), ..ours() }, elsewhere.clone()),
        ("another team's", Meeting { team: id(101), ..ours() }, elsewhere.clone()),
        ("asked for input", Meeting { attendees: attending(Ask::Input), ..ours() }, elsewhere.clone()),
        ("asked to be informed", Meeting { attendees: attending(Ask::Inform), ..ours() }, elsewhere.clone()),
        ("nobody attends", Meeting { attendees: vec![], ..ours() }, elsewhere.clone()),
        ("planning", Meeting { kind: MeetingKind::Planning, ..ours() }, elsewhere),
        ("status", Meeting { kind: MeetingKind::Status, ..ours() }, vec![Code::StatusIsBounded]),
    ];

    for outcome in [Outcome::Approved, Outcome::Rejected] {
        for (name, meeting, expected) in &table {
            let on = proposed(10, &committed(), vec![reload(1, "3")]);
            let verdict = verdict(&on, outcome);
            let found = codes(decide(on, APPROVER, committed(), meeting, verdict, 2));
            assert_eq!(&found, expected, "{name}, {}", outcome.name());
        }
    }
}

#[test]
fn nobody_decides_what_they_wrote() {
    let plan = committed();
    let later = moved(&plan, vec![reload(2, "2")]);
    let rebased = Renegotiation::Proposed(proposed(10, &plan, vec![reload(1, "3")]))
        .rebase(&permit(OWNER), &later, &plan.commitment, &[], day(2))
        .and_then(|change| change.into_state().into_proposed(day(2)))
        .unwrap();
    let by_others = drafted(10, &plan, vec![reload(1, "3")])
        .propose(&permit(OWNER), &plan, &[], day(1))
        .and_then(|change| change.into_state().into_proposed(day(2)))
        .unwrap();
    let table = [
        ("from outside", &rebased, &later, APPROVER, vec![]),
        ("who rebased it", &rebased, &later, OWNER, vec![Code::NoSelfApproval]),
        ("who drafted it", &by_others, &plan, PLANNER, vec![Code::NoSelfApproval]),
        ("who proposed it", &by_others, &plan, OWNER, vec![Code::NoSelfApproval]),
        ("neither", &by_others, &plan, APPROVER, vec![]),
    ];

    for (name, on, plan, by, expected) in table {
        for outcome in [Outcome::Approved, Outcome::Rejected] {
            let attendees = vec![Attendee { person: id(by), ask: Ask::Approval }];
            let meeting = Meeting { attendees, ..meeting(vec![id(10)]) };
            let found = codes(decide(on.clone(), by, plan.clone(), &meeting, verdict(on, outcome), 3));
            assert_eq!(found, expected, "{name}, {}", outcome.name());
        }
    }
}

#[test]
fn a_decision_names_the_digest_that_was_seen_on_the_revision_it_stands_on() {
    let (plan, later) = (committed(), moved(&committed(), vec![reload(2, "2")]));
    let on = proposed(10, &plan, vec![reload(1, "3")]);
    let (seen, other) = (on.record.digest(), Facts::Null.digest());
    let table = [
        ("approved as seen", Outcome::Approved, &plan, seen, vec![]),
        ("approved unseen", Outcome::Approved, &plan, other, vec![Code::StaleBase]),
        ("approved on a plan that moved on", Outcome::Approved, &later, seen, vec![Code::StaleBase]),
        ("approved unseen on a plan that moved on", Outcome::Approved, &later, other, vec![Code::StaleBase; 2]),
        ("rejected as seen", Outcome::Rejected, &plan, seen, vec![]),
        ("rejected unseen", Outcome::Rejected, &plan, other, vec![Code::StaleBase]),
    ];

    for (name, outcome, plan, seen, expected) in table {
        let verdict = Verdict { seen, ..verdict(&on, outcome) };
        let found = codes(decide(on.clone(), APPROVER, plan.clone(), &meeting(vec![id(10)]), verdict, 2));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn an_approval_leaves_a_complete_plan_within_its_capacity() {
    let add = |load| ChangeRequest::AddObjective {
        id: id(3),
        terms: crate::story_tests::objective(3, load, &[]).terms,
        key_results: vec![(id(31), crate::story_tests::key_result(31).terms)],
    };
    let capacity = |amount: &str| ChangeRequest::SetCapacity(Some(quantity(amount)));
    let dissolve = || vec![drop_key_result(11), drop_key_result(12), drop_key_result(21)];
    let table = [
        ("as much as fits", vec![add(Some("3"))], vec![]),
        ("more than fits", vec![add(Some("3.1"))], vec![Code::OverCapacity]),
        ("paid for by what gives way", vec![add(Some("5")), drop_key_result(21)], vec![]),
        ("paid for by a lower load", vec![add(Some("5")), reload(1, "2")], vec![]),
        ("paid for by a higher capacity", vec![add(Some("5")), capacity("12")], vec![]),
        ("a lower capacity", vec![capacity("7")], vec![]),
        ("a capacity below the loads", vec![capacity("6")], vec![Code::OverCapacity]),
        ("without a load", vec![add(None)], vec![Code::PlanIncomplete]),
        ("all objectives dropped", dissolve(), vec![]),
    ];

    for (name, changes, expected) in table {
        let on = proposed(10, &committed(), changes);
        let (approved, rejected) = (verdict(&on, Outcome::Approved), verdict(&on, Outcome::Rejected));
        let found = codes(decide(on.clone(), APPROVER, committed(), &meeting(vec![id(10)]), approved, 2));
        assert_eq!(found, expected, "{name}");
        let found = codes(decide(on, APPROVER, committed(), &meeting(vec![id(10)]), rejected, 2));
        assert_eq!(found, [], "{name}, rejected");
    }
}

#[test]
fn a_first_capacity_asks_for_every_load() {
    let mut unweighed = commitment();
    unweighed.capacity = None;
    unweighed.objectives.iter_mut().for_each(|objective| objective.terms.load = None);
    let plan = committed_of(unweighed);
    let capacity = || ChangeRequest::SetCapacity(Some(quantity("10")));
    let table = [
        (vec![capacity()], vec![Code::PlanIncomplete; 2]),
        (vec![capacity(), reload(1, "4")], vec![Code::PlanIncomplete]),
        (vec![capacity(), reload(1, "4"), reload(2, "6")], vec![]),
        (vec![capacity(), reload(1, "4"), reload(2, "7")], vec![Code::OverCapacity]),
    ];

    for (changes, expected) in table {
        let on = proposed(10, &plan, changes);
        let verdict = verdict(&on, Outcome::Approved);
        assert_eq!(codes(decide(on, APPROVER, plan.clone(), &meeting(vec![id(10)]), verdict, 2)), expected);
    }
}

#[test]
fn only_what_is_open_comes_to_a_decision() {
    let (plan, words) = (committed(), || vec![retitle(1, "better")]);
    let open = || Renegotiation::Proposed(proposed(10, &plan, words()));
    let concluded = |outcome| {
        let decided = decided(proposed(10, &plan, words()), &plan, outcome);
        Renegotiation::Decided(decided.proposed, decided.decision)
    };
    let withdrawn = open().withdraw(&permit(PLANNER), Some(prose("no need")), day(1)).unwrap().into_state();
    let table = [
        ("a draft", drafted(10, &plan, words()), 2, vec![Code::Invalid]),
        ("a draft that lapsed", drafted(10, &plan, words()), AFTERWARDS, vec![Code::QuarterEnded]),
        ("a proposal", open(), 14, vec![]),
        ("a proposal at its decide-by", open(), 15, vec![Code::Expired]),
        ("an approved one", concluded(Outcome::Approved), 3, vec![Code::AlreadyDecided]),
        ("a rejected one past its decide-by", concluded(Outcome::Rejected), 15, vec![Code::AlreadyDecided]),
        ("a withdrawn one", withdrawn, 3, vec![Code::AlreadyDecided]),
    ];

    for (name, renegotiation, now, expected) in table {
        assert_eq!(codes(renegotiation.into_proposed(day(now))), expected, "{name}");
    }
}

#[test]
fn a_decision_says_all_that_is_broken_in_the_order_of_the_rules() {
    let on = proposed(10, &committed(), vec![reload(1, "9")]);
    let verdict = Verdict { rationale: None, seen: Facts::Null.digest(), ..verdict(&on, Outcome::Approved) };
    let status = Meeting {
        kind: MeetingKind::Status,
        status: MeetingStatus::Closed,
        team: id(101),
        attendees: vec![],
        ..meeting(vec![])
    };
    let later = moved(&committed(), vec![reload(2, "2")]);

    let refused = decide(on, PLANNER, later, &status, verdict, AFTERWARDS);

    let expected = [
        vec![Code::OverCapacity, Code::QuarterEnded, Code::ReasonRequired],
        vec![Code::DecidedInMeeting; 4],
        vec![Code::StatusIsBounded, Code::NoSelfApproval, Code::StaleBase, Code::StaleBase, Code::Expired],
    ];
    assert_eq!(codes(refused), expected.concat());
}

#[test]
fn an_approved_renegotiation_makes_the_next_revision_and_a_rejected_one_leaves_the_commitment_unchanged() {
    let plan = committed();
    let on = proposed(10, &plan, vec![reload(1, "3"), drop_key_result(12)]);

    let approved = decided(on.clone(), &plan, Outcome::Approved);
    let rejected = decided(on.clone(), &plan, Outcome::Rejected);

    assert_eq!(approved.plan.commitment, apply(&plan.commitment, &on.record.terms.changes));
    assert_eq!((approved.plan.revision, approved.revision.map(|made| made.number)), (2, Some(2)));
    assert_eq!((rejected.plan, rejected.revision), (plan, None));
}
