//! The rule tables of a team: creating, renaming and archiving it.
//! COMMITMENT_LOCKED and REASON_REQUIRED as they bear on archiving.

use crate::{
    audit::AuditAction,
    refusal::Code,
    story_tests::{PLANNER, codes, day, id, line, permit, prose, span, team},
    team::Team,
    text::TeamKey,
};

#[test]
fn a_team_is_archived_with_a_reason_once_it_holds_no_commitment() {
    let archived = Team { archived_at: Some(day(0)), ..team() };
    let (why, quarter) = (Some("the work is done"), Some(span().quarter));
    let table = [
        ("free and reasoned", team(), why, None, vec![]),
        ("no reason", team(), None, None, vec![Code::ReasonRequired]),
        ("holds a commitment", team(), why, quarter, vec![Code::CommitmentLocked]),
        ("archived before", archived.clone(), why, None, vec![Code::Conflict]),
        ("all of it", archived, None, quarter, vec![Code::Conflict, Code::CommitmentLocked, Code::ReasonRequired]),
    ];

    for (name, team, reason, committed, expected) in table {
        assert_eq!(codes(team.archive(&permit(PLANNER), reason.map(prose), committed, day(1))), expected, "{name}");
    }
}

#[test]
fn a_key_is_taken_for_ever() {
    for (taken, expected) in [(false, vec![]), (true, vec![Code::Conflict])] {
        let key = TeamKey::parse("REPORTS").unwrap();
        assert_eq!(codes(Team::create(&permit(PLANNER), id(100), key, line("Reports"), taken)), expected, "{taken}");
    }
}

#[test]
fn renaming_keeps_everything_but_the_name() {
    let before = team();

    let change = before.clone().rename(&permit(PLANNER), line("Insights"));

    assert_eq!(change.entry().action, AuditAction::TeamUpdated);
    assert_eq!(change.into_state(), Team { name: line("Insights"), version: 2, ..before });
}

#[test]
fn archiving_keeps_the_key_and_the_reason() {
    let change = team().archive(&permit(PLANNER), Some(prose("the work is done")), None, day(1)).unwrap();

    assert_eq!(change.entry().reason.as_deref(), Some("the work is done"));
    assert_eq!(change.into_state(), Team { archived_at: Some(day(1)), version: 2, ..team() });
}
