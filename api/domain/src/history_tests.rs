//! The rule tables of imported history: which further rows and which dates it takes.
//! PLAN_IMPORTED, and the import's own INVALID and QUARTER_ENDED.

use crate::{
    history::{check_date, no_further_rows},
    plan::PlanHead,
    refusal::Code,
    story_tests::{AFTERWARDS, PLANNER, codes, commitment, day, draft_of, head, id, permit, team},
};

#[test]
fn an_imported_plan_takes_no_further_rows_and_a_live_one_takes_none() {
    for (imported, expected) in [(true, Code::PlanImported), (false, Code::Conflict)] {
        let refusal = no_further_rows(&PlanHead { imported, ..head() });
        assert_eq!([refusal.code], [expected], "{imported}");
    }
}

#[test]
fn a_date_of_a_file_is_past_and_not_before_the_commit() {
    let table = [
        (3, None, 3, vec![]),
        (3, Some(3), 5, vec![]),
        (3, Some(2), 3, vec![]),
        (3, None, 2, vec![Code::Invalid]),
        (3, Some(4), 5, vec![Code::Invalid]),
        (5, Some(6), 4, vec![Code::Invalid, Code::Invalid]),
    ];

    for (at, since, now, expected) in table {
        assert_eq!(codes(check_date(day(at), since.map(day), day(now))), expected, "{at} {since:?} {now}");
    }
}

#[test]
fn an_imported_commit_keeps_the_rules_on_its_own_date() {
    let mut empty = commitment();
    empty.objectives.clear();
    let table = [
        ("in its quarter", commitment(), 3, vec![]),
        ("after its quarter", commitment(), AFTERWARDS, vec![Code::QuarterEnded]),
        ("empty", empty, 3, vec![Code::PlanIncomplete]),
    ];

    for (name, commitment, at, expected) in table {
        assert_eq!(codes(draft_of(commitment).import(&permit(PLANNER), id(201), day(at))), expected, "{name}");
    }
}

#[test]
fn an_imported_commit_names_nobody() {
    let change = draft_of(commitment()).import(&permit(PLANNER), id(201), day(3)).unwrap();

    assert_eq!((change.entry().by.clone(), change.entry().took_effect), (None, Some(day(3))));
    assert_eq!((change.state().revision.by, change.state().plan.head.team), (None, team().id));
}
