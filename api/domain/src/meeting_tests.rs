//! The rule tables of a meeting: preparing, opening, changing and ending it.
//! BOUNDARY_REQUIRED, MEETING_KIND_FIXED, STATUS_IS_BOUNDED and REASON_REQUIRED there.

use crate::{
    commitment_change::CommitmentChange,
    meeting::{Ask, Attendee, Meeting, MeetingKind, MeetingStatus, Preparation},
    meeting_boundary::{Boundary, BoundarySubject, DecidedSubject, InputWanted, OpenQuestion, Setting},
    plan::CommittedPlan,
    refusal::Code,
    story_tests::{
        APPROVER, OWNER, PLANNER, codes, committed, id, line, meeting, permit, proposed, prose, retarget, span, team,
    },
};

const KINDS: [MeetingKind; 3] = [MeetingKind::Status, MeetingKind::Renegotiation, MeetingKind::Planning];

fn objective(number: u128) -> BoundarySubject {
    BoundarySubject::Objective(id(number))
}

fn key_result(number: u128, objective: u128) -> BoundarySubject {
    BoundarySubject::KeyResult { id: id(number), objective: id(objective) }
}

fn text(text: &str) -> BoundarySubject {
    BoundarySubject::Text(line(text))
}

fn boundary(decided: &[BoundarySubject], open: &[Option<BoundarySubject>], information_only: bool) -> Boundary {
    let decided = decided.iter().map(|subject| DecidedSubject { subject: subject.clone(), why: prose("committed") });
    let open = open.iter().map(|subject| OpenQuestion {
        id: id(600),
        question: line("Which first?"),
        wanted: InputWanted::Sequencing,
        subject: subject.clone(),
    });
    Boundary { decided: decided.collect(), open: open.collect(), out_of_scope: vec![], information_only }
}

fn preparation(kind: MeetingKind, boundary: Boundary, agenda: &[u128]) -> Preparation {
    let agenda = agenda.iter().map(|number| id(*number)).collect();
    Preparation { kind, boundary, agenda, ..meeting(vec![]).preparation() }
}

fn setting<'a>(plan: Option<&'a CommittedPlan>, agenda: &'a [CommitmentChange]) -> Setting<'a> {
    Setting { team: team().id, quarter: span().quarter, plan, agenda }
}

fn prepare(preparation: Preparation, agenda: &[CommitmentChange]) -> Vec<Code> {
    codes(Meeting::prepare(&permit(PLANNER), id(300), preparation, &setting(None, agenda)))
}

#[test]
fn only_a_renegotiation_meeting_has_renegotiations_on_its_agenda() {
    let table = [
        (MeetingKind::Status, vec![Code::StatusIsBounded]),
        (MeetingKind::Planning, vec![Code::Invalid]),
        (MeetingKind::Renegotiation, vec![]),
    ];

    for (kind, expected) in table {
        assert_eq!(prepare(preparation(kind, Boundary::default(), &[10]), &[]), expected, "{}", kind.name());
        assert_eq!(prepare(preparation(kind, Boundary::default(), &[]), &[]), [], "{}", kind.name());
    }
}

#[test]
fn what_is_decided_is_neither_open_nor_touched_by_the_agenda() {
    let agenda = proposed(10, &committed(), vec![retarget(11, "70")]).record.terms.changes;
    let broken = || vec![Code::BoundaryRequired];
    let table = [
        ("nothing decided", boundary(&[], &[Some(objective(1))], false), vec![]),
        ("another is open", boundary(&[objective(2)], &[Some(objective(1))], false), vec![]),
        ("a question about nothing", boundary(&[objective(2)], &[None], false), vec![]),
        ("itself is open", boundary(&[objective(2)], &[Some(objective(2))], false), broken()),
        ("its key result is open", boundary(&[objective(2)], &[Some(key_result(21, 2))], false), broken()),
        ("its objective is open", boundary(&[key_result(21, 2)], &[Some(objective(2))], false), broken()),
        ("the same words are open", boundary(&[text("scope")], &[Some(text("scope"))], false), broken()),
        ("other words are open", boundary(&[text("scope")], &[Some(text("order"))], false), vec![]),
        ("its sibling is on the agenda", boundary(&[key_result(12, 1)], &[], false), vec![]),
        ("itself is on the agenda", boundary(&[key_result(11, 1)], &[], false), broken()),
        ("its key result is on the agenda", boundary(&[objective(1)], &[], false), broken()),
        (
            "open and on the agenda",
            boundary(&[objective(1)], &[Some(objective(1))], false),
            vec![Code::BoundaryRequired, Code::BoundaryRequired],
        ),
    ];

    for (name, boundary, expected) in table {
        assert_eq!(prepare(preparation(MeetingKind::Renegotiation, boundary, &[10]), &agenda), expected, "{name}");
    }
}

#[test]
fn a_meeting_has_a_length_and_each_attendee_once() {
    let said = || preparation(MeetingKind::Status, Boundary::default(), &[]);
    let attendee = |person, ask| Attendee { person: id(person), ask };
    for (minutes, expected) in [(1, vec![]), (1440, vec![]), (0, vec![Code::Invalid]), (1441, vec![Code::Invalid])] {
        assert_eq!(prepare(Preparation { duration_minutes: Some(minutes), ..said() }, &[]), expected, "{minutes}");
    }
    for (second, expected) in [(PLANNER, vec![]), (APPROVER, vec![Code::Invalid])] {
        let attendees = vec![attendee(APPROVER, Ask::Approval), attendee(second, Ask::Inform)];
        assert_eq!(prepare(Preparation { attendees, ..said() }, &[]), expected, "{second}");
    }
}

#[test]
fn a_status_meeting_is_prepared_with_the_committed_objectives_under_decided() {
    let plan = committed();
    let table = [
        (MeetingKind::Status, boundary(&[], &[], true), vec![objective(1), objective(2)]),
        (MeetingKind::Status, boundary(&[objective(2)], &[], true), vec![objective(2), objective(1)]),
        (MeetingKind::Status, boundary(&[], &[Some(objective(1))], false), vec![objective(2)]),
        (MeetingKind::Renegotiation, boundary(&[], &[], true), vec![]),
        (MeetingKind::Planning, boundary(&[], &[], true), vec![]),
    ];

    for (kind, boundary, expected) in table {
        let said = preparation(kind, boundary, &[]);
        let change = Meeting::prepare(&permit(PLANNER), id(300), said, &setting(Some(&plan), &[])).unwrap();
        let decided = change.into_state().meeting.boundary.decided;
        assert_eq!(decided.into_iter().map(|decided| decided.subject).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_meeting_opens_once_it_says_what_is_decided_and_what_is_open() {
    let (decided, question) = ([text("the quarter")], [None]);
    let missing = |count| vec![Code::BoundaryRequired; count];
    let table = [
        ("all of it", boundary(&decided, &question, false), [missing(0), missing(0), missing(0)]),
        ("for information", boundary(&decided, &[], true), [missing(0), missing(0), missing(0)]),
        ("nothing decided", boundary(&[], &question, false), [missing(1), missing(1), missing(0)]),
        ("nothing open", boundary(&decided, &[], false), [missing(1), missing(1), missing(1)]),
        ("neither", boundary(&[], &[], false), [missing(2), missing(2), missing(1)]),
    ];

    for (name, boundary, expected) in table {
        for (kind, expected) in KINDS.into_iter().zip(expected) {
            let prepared =
                Meeting { status: MeetingStatus::Prepared, kind, boundary: boundary.clone(), ..meeting(vec![]) };
            assert_eq!(codes(prepared.open(&permit(PLANNER))), expected, "{name}, {}", kind.name());
        }
    }
    let agenda = Meeting { status: MeetingStatus::Prepared, ..meeting(vec![id(10)]) };
    assert_eq!(codes(agenda.open(&permit(PLANNER))), [], "an agenda item counts as an open question");
}

#[test]
fn an_open_meeting_changes_neither_kind_boundary_nor_agenda_but_takes_attendees() {
    let fixed = || vec![Code::MeetingKindFixed];
    let cancelled = MeetingStatus::Cancelled(prose("nobody came"));
    // update, open, join, cancel, close
    let table = [
        (MeetingStatus::Prepared, [vec![], vec![], vec![], vec![], vec![Code::Invalid]]),
        (MeetingStatus::Open, [fixed(), fixed(), vec![], vec![], vec![]]),
        (MeetingStatus::Closed, [fixed(), fixed(), fixed(), fixed(), vec![Code::Invalid]]),
        (cancelled, [fixed(), fixed(), fixed(), fixed(), vec![Code::Invalid]]),
    ];

    for (status, expected) in table {
        let before = || Meeting { status: status.clone(), ..meeting(vec![id(10)]) };
        let other = preparation(MeetingKind::Status, Boundary::default(), &[]);
        let guest = Attendee { person: id(OWNER), ask: Ask::Inform };
        let found = [
            codes(before().update(&permit(PLANNER), other, &setting(None, &[]))),
            codes(before().open(&permit(PLANNER))),
            codes(before().join(&permit(PLANNER), guest)),
            codes(before().cancel(&permit(PLANNER), Some(prose("nobody came")))),
            codes(before().close(&permit(PLANNER), &[])),
        ];
        assert_eq!(found, expected, "{}", status.name());
    }
}

#[test]
fn a_cancelled_meeting_says_why() {
    for (reason, expected) in [(Some("nobody came"), vec![]), (None, vec![Code::ReasonRequired])] {
        assert_eq!(codes(meeting(vec![]).cancel(&permit(PLANNER), reason.map(prose))), expected, "{reason:?}");
    }
}

#[test]
fn whoever_joins_again_has_the_later_ask_only() {
    let joins = Attendee { person: id(APPROVER), ask: Ask::Input };

    let joined = meeting(vec![]).join(&permit(PLANNER), joins).unwrap().into_state().meeting;

    assert_eq!((joined.attendees, joined.version), (vec![joins], 2));
}

#[test]
fn a_revision_is_understood_by_an_attendee_of_an_open_meeting() {
    let prepared = || Meeting { status: MeetingStatus::Prepared, ..meeting(vec![]) };
    let dissent = || Some(Some(prose("the other one first")));
    let table = [
        ("without a dissent", meeting(vec![]), APPROVER, 1, None, vec![]),
        ("with a dissent", meeting(vec![]), APPROVER, 1, dissent(), vec![]),
        ("with an empty dissent", meeting(vec![]), APPROVER, 1, Some(None), vec![Code::ReasonRequired]),
        ("a revision to come", meeting(vec![]), APPROVER, 2, None, vec![Code::Invalid]),
        ("no revision", meeting(vec![]), APPROVER, 0, None, vec![Code::Invalid]),
        ("who does not attend", meeting(vec![]), OWNER, 1, None, vec![Code::Invalid]),
        ("before it opens", prepared(), APPROVER, 1, None, vec![Code::Invalid]),
        (
            "all of it",
            prepared(),
            OWNER,
            2,
            Some(None),
            vec![Code::Invalid, Code::Invalid, Code::Invalid, Code::ReasonRequired],
        ),
    ];

    for (name, meeting, person, revision, dissent, expected) in table {
        let said = meeting.acknowledge(&permit(PLANNER), id(700), &committed(), id(person), revision, dissent);
        assert_eq!(codes(said), expected, "{name}");
    }
}
