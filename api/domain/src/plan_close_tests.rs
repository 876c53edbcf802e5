//! The rule tables of closing a plan and of what a plan takes as check-ins in each state.
//! PLAN_CLOSED and REASON_REQUIRED as they bear on both.

use std::collections::BTreeSet;

use crate::{
    check_in::{CheckIn, CheckInKind, Reading},
    plan::Plan,
    plan_close::WithoutFinal,
    refusal::Code,
    story_tests::{AFTERWARDS, PLANNER, codes, commitment, committed, day, draft_of, id, permit, prose, quantity},
};

fn without(key_result: u128, reason: Option<&str>) -> WithoutFinal {
    WithoutFinal { key_result: id(key_result), reason: reason.map(prose) }
}

#[test]
fn closing_needs_the_quarter_ended_and_a_last_word_on_each_key_result() {
    let why = Some("the source went away");
    let table = [
        ("all are final", AFTERWARDS, &[11, 12, 21][..], vec![], vec![]),
        ("the quarter runs", AFTERWARDS - 1, &[11, 12, 21], vec![], vec![Code::PlanClosed]),
        ("one has neither", AFTERWARDS, &[11, 12], vec![], vec![Code::PlanClosed]),
        ("none has either", AFTERWARDS, &[], vec![], vec![Code::PlanClosed; 3]),
        ("one has a reason", AFTERWARDS, &[11, 12], vec![without(21, why)], vec![]),
        ("one is named without a reason", AFTERWARDS, &[11, 12], vec![without(21, None)], vec![Code::ReasonRequired]),
        ("final, and a reason beside it", AFTERWARDS, &[11, 12, 21], vec![without(21, why)], vec![]),
        ("one is not of the plan", AFTERWARDS, &[11, 12, 21], vec![without(99, why)], vec![Code::NotFound]),
        (
            "several at once",
            1,
            &[11],
            vec![without(99, None), without(21, None)],
            vec![Code::NotFound, Code::PlanClosed, Code::PlanClosed, Code::ReasonRequired],
        ),
    ];

    for (name, now, finals, without, expected) in table {
        let finals: BTreeSet<_> = finals.iter().map(|number| id(*number)).collect();
        assert_eq!(codes(committed().close(&permit(PLANNER), &finals, without, day(now))), expected, "{name}");
    }
}

#[test]
fn a_closed_plan_keeps_what_it_promised() {
    let finals: BTreeSet<_> = [11, 12].map(id).into();
    let named = vec![without(21, Some("the source went away"))];

    let closed = committed().close(&permit(PLANNER), &finals, named, day(AFTERWARDS)).unwrap().into_state();

    assert_eq!((closed.plan.last.revision, closed.plan.last.commitment), (1, commitment()));
    assert_eq!(closed.without_final, [(id(21), prose("the source went away"))]);
    assert_eq!(closed.plan.closed_at, day(AFTERWARDS));
}

fn reading(kind: CheckInKind, reason: Option<&str>) -> Reading {
    Reading { kind, value: quantity("40"), confidence: None, note: None, reason: reason.map(prose) }
}

fn closed() -> Plan {
    let finals: BTreeSet<_> = [11, 12, 21].map(id).into();
    Plan::Closed(committed().close(&permit(PLANNER), &finals, vec![], day(AFTERWARDS)).unwrap().into_state().plan)
}

#[test]
fn a_closed_plan_takes_nothing_but_corrections_with_a_reason() {
    let (draft, committed) = (Plan::Draft(draft_of(commitment())), Plan::Committed(committed()));
    let why = Some("it was misread");
    let table = [
        ("draft", &draft, 11, CheckInKind::Progress, None, vec![Code::Invalid]),
        ("draft", &draft, 11, CheckInKind::Correction, None, vec![Code::Invalid, Code::ReasonRequired]),
        ("committed", &committed, 11, CheckInKind::Progress, None, vec![]),
        ("committed", &committed, 11, CheckInKind::MidQuarter, None, vec![]),
        ("committed", &committed, 11, CheckInKind::Projected, None, vec![]),
        ("committed", &committed, 11, CheckInKind::Final, None, vec![]),
        ("committed", &committed, 11, CheckInKind::Correction, why, vec![]),
        ("committed", &committed, 11, CheckInKind::Correction, None, vec![Code::ReasonRequired]),
        ("committed, dropped", &committed, 99, CheckInKind::Progress, None, vec![Code::Invalid]),
        ("closed", &closed(), 11, CheckInKind::Progress, None, vec![Code::PlanClosed]),
        ("closed", &closed(), 11, CheckInKind::MidQuarter, why, vec![Code::PlanClosed]),
        ("closed", &closed(), 11, CheckInKind::Projected, None, vec![Code::PlanClosed]),
        ("closed", &closed(), 11, CheckInKind::Final, None, vec![Code::PlanClosed]),
        ("closed", &closed(), 11, CheckInKind::Correction, why, vec![]),
        ("closed", &closed(), 11, CheckInKind::Correction, None, vec![Code::ReasonRequired]),
        ("closed, dropped", &closed(), 99, CheckInKind::Final, None, vec![Code::Invalid, Code::PlanClosed]),
    ];

    for (state, plan, key_result, kind, reason, expected) in table {
        let recorded = CheckIn::record(&permit(PLANNER), plan, id(500), id(key_result), reading(kind, reason));
        assert_eq!(codes(recorded), expected, "{state}: {} with {reason:?}", kind.name());
    }
}
