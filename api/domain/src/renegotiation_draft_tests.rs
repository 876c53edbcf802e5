//! The rule tables of drafting, proposing and withdrawing a renegotiation.
//! REASON_REQUIRED, STALE_BASE, CONFLICTING_RENEGOTIATION, QUARTER_ENDED and the bounds of decide-by there.

use crate::{
    lineage::Lineage,
    plan::CommittedPlan,
    refusal::Code,
    renegotiation::{Outcome, Renegotiation},
    renegotiation_draft::{Origin, Wish},
    renegotiation_request::ChangeRequest,
    story_tests::{
        AFTERWARDS, PLANNER, codes, committed, day, decided, drafted, id, moved, permit, proposed, prose, quantity,
        reload, retarget, retitle, wish,
    },
    time::Timestamp,
};

fn draft(wish: Wish, now: i64) -> Result<Renegotiation, crate::refusal::Refusals> {
    let plan = committed();
    let change =
        Renegotiation::draft(&permit(PLANNER), id(10), &plan, Origin::default(), wish, &Lineage::default(), day(now));
    change.map(crate::change::Change::into_state)
}

fn just_after(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros() + 1).unwrap()
}

#[test]
fn a_decide_by_is_after_now_and_at_latest_the_end_of_the_quarter() {
    let table = [
        ("before now", day(0), vec![Code::Invalid]),
        ("now", day(1), vec![Code::Invalid]),
        ("just after now", just_after(day(1)), vec![]),
        ("the end of the quarter", day(AFTERWARDS), vec![]),
        ("just after the quarter", just_after(day(AFTERWARDS)), vec![Code::Invalid]),
    ];

    for (name, decide_by, expected) in table {
        let wish = Wish { decide_by: Some(decide_by), ..wish(vec![retitle(1, "better words")]) };
        assert_eq!(codes(draft(wish, 1)), expected, "{name}");
    }
}

#[test]
fn a_decide_by_that_nobody_states_is_a_fortnight_off_within_the_quarter() {
    for (now, expected) in [(1, 15), (AFTERWARDS - 14, AFTERWARDS), (AFTERWARDS - 3, AFTERWARDS)] {
        let drafted = draft(Wish::default(), now).unwrap();
        assert_eq!(drafted.record().terms.decide_by, day(expected), "{now}");
    }
}

#[test]
fn nothing_is_drafted_edited_or_proposed_once_the_quarter_has_ended() {
    let plan = committed();
    for (now, expected) in [(AFTERWARDS - 1, vec![]), (AFTERWARDS, vec![Code::QuarterEnded])] {
        let late = || {
            let wish = Wish { decide_by: Some(day(AFTERWARDS)), ..wish(vec![retitle(1, "better words")]) };
            draft(wish, 1).unwrap()
        };
        let edited = late().update(&permit(PLANNER), &plan, Wish::default(), &Lineage::default(), day(now));

        assert_eq!(codes(draft(wish(vec![retitle(1, "better words")]), now)), expected, "drafted on {now}");
        assert_eq!(codes(edited), expected, "edited on {now}");
        assert_eq!(codes(late().propose(&permit(PLANNER), &plan, &[], day(now))), expected, "proposed on {now}");
    }
}

#[test]
fn a_change_is_exact_complete_and_about_what_is_there() {
    let why = || Some(prose("it gives way"));
    let add = |load: Option<&str>| ChangeRequest::AddKeyResult {
        objective: id(1),
        id: id(13),
        terms: crate::story_tests::key_result(13).terms,
        objective_load: load.map(quantity),
    };
    let objective = |key_results| ChangeRequest::AddObjective {
        id: id(3),
        terms: crate::story_tests::objective(3, Some("1"), &[]).terms,
        key_results,
    };
    let key_results = vec![(id(31), crate::story_tests::key_result(31).terms)];
    let table = [
        ("words", retitle(1, "better words"), vec![]),
        ("the same words", retitle(1, "objective 1"), vec![Code::Invalid]),
        ("no such objective", retitle(9, "better words"), vec![Code::NotFound]),
        ("no load", reload(1, "0"), vec![]),
        ("a negative load", reload(1, "-1"), vec![Code::Invalid]),
        ("another target", retarget(11, "70"), vec![]),
        ("a target at the baseline", retarget(11, "0"), vec![Code::Invalid]),
        ("no such key result", retarget(99, "70"), vec![Code::NotFound]),
        ("a drop with its why", ChangeRequest::DropObjective { id: id(1), why: why() }, vec![]),
        ("a drop without", ChangeRequest::DropObjective { id: id(1), why: None }, vec![Code::ReasonRequired]),
        ("a key result's drop with its why", ChangeRequest::DropKeyResult { id: id(11), why: why() }, vec![]),
        ("and without", ChangeRequest::DropKeyResult { id: id(11), why: None }, vec![Code::ReasonRequired]),
        ("a key result with its objective's load", add(Some("5")), vec![]),
        ("a key result without", add(None), vec![Code::Invalid]),
        ("an objective with a key result", objective(key_results), vec![]),
        ("an objective without", objective(vec![]), vec![Code::PlanIncomplete]),
        ("no capacity", ChangeRequest::SetCapacity(None), vec![]),
        ("a negative capacity", ChangeRequest::SetCapacity(Some(quantity("-1"))), vec![Code::Invalid]),
        ("the same capacity", ChangeRequest::SetCapacity(Some(quantity("10"))), vec![Code::Invalid]),
    ];

    for (name, change, expected) in table {
        assert_eq!(codes(draft(wish(vec![change]), 1)), expected, "{name}");
    }
    let several = vec![retitle(9, "better words"), ChangeRequest::DropKeyResult { id: id(11), why: None }];
    assert_eq!(codes(draft(wish(several), 1)), [Code::NotFound, Code::ReasonRequired]);
}

#[test]
fn a_proposal_states_trigger_reason_and_unless_editorial_its_trade_off() {
    let (words, load) = (vec![retitle(1, "better words")], vec![retitle(1, "better words"), reload(2, "2")]);
    let owner = ChangeRequest::AmendKeyResult {
        id: id(11),
        title: None,
        owner: Some(id(PLANNER)),
        unit: None,
        baseline: None,
        target: None,
    };
    let without = |trigger: bool, reason: bool, trade_off: bool, changes: &[ChangeRequest]| {
        let all = wish(changes.to_vec());
        Wish {
            trigger: all.trigger.filter(|_| !trigger),
            reason: all.reason.filter(|_| !reason),
            trade_off: all.trade_off.filter(|_| !trade_off),
            ..wish(changes.to_vec())
        }
    };
    let table = [
        ("all of it", without(false, false, false, &load), vec![]),
        ("no trigger", without(true, false, false, &load), vec![Code::ReasonRequired]),
        ("no reason", without(false, true, false, &load), vec![Code::ReasonRequired]),
        ("no trade-off for a load", without(false, false, true, &load), vec![Code::ReasonRequired]),
        ("no trade-off for words", without(false, false, true, &words), vec![]),
        ("no trade-off for an owner", without(false, false, true, &[owner]), vec![]),
        ("no trade-off for a target", without(false, false, true, &[retarget(11, "70")]), vec![Code::ReasonRequired]),
        ("nothing for words", without(true, true, true, &words), vec![Code::ReasonRequired; 2]),
        ("nothing for a load", without(true, true, true, &load), vec![Code::ReasonRequired; 3]),
        ("no change", Wish { changes: None, ..wish(vec![]) }, vec![Code::Invalid]),
    ];

    for (name, wish, expected) in table {
        let drafted = draft(wish, 1).unwrap();
        assert_eq!(codes(drafted.propose(&permit(PLANNER), &committed(), &[], day(1))), expected, "{name}");
    }
}

#[test]
fn a_proposal_stands_on_the_latest_revision_and_touches_no_other_open_one() {
    let (plan, later) = (committed(), moved(&committed(), vec![reload(2, "2")]));
    let open = |changes| vec![proposed(20, &plan, changes)];
    let table: [(_, &CommittedPlan, _, _, _); 9] = [
        ("alone", &plan, retarget(11, "70"), vec![], vec![]),
        ("the plan moved on", &later, retarget(11, "70"), vec![], vec![Code::StaleBase]),
        ("beside its sibling", &plan, retarget(11, "70"), open(vec![retarget(12, "70")]), vec![]),
        ("beside another objective", &plan, retitle(1, "better"), open(vec![retitle(2, "better")]), vec![]),
        (
            "on the same key result",
            &plan,
            retarget(11, "70"),
            open(vec![retarget(11, "60")]),
            vec![Code::ConflictingRenegotiation],
        ),
        (
            "under an objective that is open",
            &plan,
            retarget(11, "70"),
            open(vec![retitle(1, "better")]),
            vec![Code::ConflictingRenegotiation],
        ),
        (
            "over a key result that is open",
            &plan,
            retitle(1, "better"),
            open(vec![retarget(12, "70")]),
            vec![Code::ConflictingRenegotiation],
        ),
        (
            "on the capacity twice",
            &plan,
            ChangeRequest::SetCapacity(Some(quantity("9"))),
            open(vec![ChangeRequest::SetCapacity(None)]),
            vec![Code::ConflictingRenegotiation],
        ),
        ("on capacity beside a load", &plan, ChangeRequest::SetCapacity(None), open(vec![reload(1, "3")]), vec![]),
    ];

    for (name, now_at, change, open, expected) in table {
        let drafted = drafted(10, &plan, vec![change]);
        assert_eq!(codes(drafted.propose(&permit(PLANNER), now_at, &open, day(1))), expected, "{name}");
    }
}

#[test]
fn a_proposal_says_all_that_is_broken_in_the_order_of_the_rules() {
    let (plan, later) = (committed(), moved(&committed(), vec![reload(2, "2")]));
    let wish = Wish { changes: Some(vec![reload(1, "3")]), ..Wish::default() };

    let refused = draft(wish, 1).unwrap().propose(
        &permit(PLANNER),
        &later,
        &[proposed(20, &plan, vec![retitle(1, "better")])],
        day(15),
    );

    let expected = [
        Code::Invalid,
        Code::ReasonRequired,
        Code::ReasonRequired,
        Code::ReasonRequired,
        Code::StaleBase,
        Code::ConflictingRenegotiation,
    ];
    assert_eq!(codes(refused), expected);
}

#[test]
fn what_is_not_decided_is_withdrawn_with_a_reason() {
    let (plan, words) = (committed(), || vec![retitle(1, "better words")]);
    let open = || Renegotiation::Proposed(proposed(10, &plan, words()));
    let concluded = |outcome| {
        let decided = decided(proposed(10, &plan, words()), &plan, outcome);
        Renegotiation::Decided(decided.proposed, decided.decision)
    };
    let withdrawn = drafted(10, &plan, words()).withdraw(&permit(PLANNER), Some(prose("no need")), day(1)).unwrap();
    let why = Some("no need");
    let table = [
        ("a draft", drafted(10, &plan, words()), why, 2, vec![]),
        ("a draft without a reason", drafted(10, &plan, words()), None, 2, vec![Code::ReasonRequired]),
        ("a draft that lapsed", drafted(10, &plan, words()), why, AFTERWARDS, vec![Code::QuarterEnded]),
        ("a proposal", open(), why, 14, vec![]),
        ("a proposal without a reason", open(), None, 14, vec![Code::ReasonRequired]),
        ("a proposal that expired", open(), why, 15, vec![Code::Expired]),
        ("an approved one", concluded(Outcome::Approved), why, 3, vec![Code::AlreadyDecided]),
        ("a rejected one", concluded(Outcome::Rejected), why, 3, vec![Code::AlreadyDecided]),
        ("a withdrawn one", withdrawn.into_state(), why, 3, vec![Code::AlreadyDecided]),
    ];

    for (name, renegotiation, reason, now, expected) in table {
        let withdrawn = renegotiation.withdraw(&permit(PLANNER), reason.map(prose), day(now));
        assert_eq!(codes(withdrawn), expected, "{name}");
    }
}
