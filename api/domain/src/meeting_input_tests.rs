//! The rule tables of an input: recording, disposing, and what closing a meeting asks of it.
//! INPUT_OUT_OF_BOUNDS and INPUT_UNDISPOSED.

use crate::{
    ids::OpenQuestionId,
    meeting::{Meeting, MeetingKind, MeetingStatus},
    meeting_boundary::{Boundary, InputWanted, OpenQuestion},
    meeting_input::{Disposition, MeetingInput},
    refusal::{Code, Refusals},
    story_tests::{OWNER, PLANNER, codes, id, line, meeting, permit, prose},
};

const QUESTION: u128 = 600;

fn states() -> [MeetingStatus; 4] {
    let cancelled = MeetingStatus::Cancelled(prose("nobody came"));
    [MeetingStatus::Prepared, MeetingStatus::Open, MeetingStatus::Closed, cancelled]
}

/// A status meeting with one open question.
fn held(status: MeetingStatus) -> Meeting {
    let question = line("Which first?");
    let open = OpenQuestion { id: id(QUESTION), question, wanted: InputWanted::Sequencing, subject: None };
    let boundary = Boundary { open: vec![open], ..Boundary::default() };
    Meeting { status, kind: MeetingKind::Status, boundary, ..meeting(vec![]) }
}

fn said(question: Option<u128>) -> MeetingInput {
    let question: Option<OpenQuestionId> = question.map(id);
    let (id, by, text) = (id(800), id(OWNER), prose("two deals ask for reporting"));
    MeetingInput { id, meeting: held(MeetingStatus::Open).id, by, text, question, disposition: None }
}

fn record(meeting: &Meeting, question: Option<u128>) -> Result<MeetingInput, Refusals> {
    let said = said(question);
    let change = meeting.record_input(&permit(PLANNER), said.id, said.by, said.text, said.question)?;
    Ok(change.into_state())
}

fn everywhere() -> [Disposition; 4] {
    let roadmap = Disposition::Roadmap(id(3));
    [Disposition::Noted, Disposition::Backlog(id(1)), Disposition::RenegotiationDraft(id(2)), roadmap]
}

#[test]
fn what_is_said_is_recorded_while_the_meeting_is_open_on_one_of_its_questions_or_none() {
    for status in states() {
        let outside = if status == MeetingStatus::Open { vec![] } else { vec![Code::Invalid] };
        let meeting = held(status.clone());
        let both = outside.iter().copied().chain([Code::NotFound]).collect::<Vec<_>>();
        assert_eq!(codes(record(&meeting, None)), outside, "{}", status.name());
        assert_eq!(codes(record(&meeting, Some(QUESTION))), outside, "{}", status.name());
        assert_eq!(codes(record(&meeting, Some(601))), both, "{}", status.name());
    }
    assert_eq!(record(&held(MeetingStatus::Open), Some(QUESTION)), Ok(said(Some(QUESTION))));
}

#[test]
fn input_on_no_open_question_goes_anywhere_but_to_the_roadmap() {
    let table = [
        (None, [vec![], vec![], vec![], vec![Code::InputOutOfBounds]]),
        (Some(QUESTION), [vec![], vec![], vec![], vec![]]),
    ];

    for (question, expected) in table {
        for (disposition, expected) in everywhere().into_iter().zip(expected) {
            let disposed = said(question).dispose(&permit(PLANNER), &held(MeetingStatus::Open), disposition);
            assert_eq!(codes(disposed), expected, "{question:?} {}", disposition.name());
        }
    }
}

#[test]
fn an_input_is_disposed_while_its_meeting_is_open() {
    for status in states() {
        let outside = if status == MeetingStatus::Open { vec![] } else { vec![Code::Invalid] };
        let disposed = said(None).dispose(&permit(PLANNER), &held(status.clone()), Disposition::Noted);
        assert_eq!(codes(disposed), outside, "{}", status.name());
    }
    let both = said(None).dispose(&permit(PLANNER), &held(MeetingStatus::Prepared), Disposition::Roadmap(id(3)));
    assert_eq!(codes(both), [Code::Invalid, Code::InputOutOfBounds]);
}

#[test]
fn an_input_is_disposed_once_and_says_where_it_went() {
    for (first, words) in everywhere().into_iter().zip(["NOTED.", "BACKLOG (idea_", "_DRAFT (reneg_", "(item_"]) {
        let went = MeetingInput { disposition: Some(first), ..said(Some(QUESTION)) };
        for again in everywhere() {
            let refused = went.clone().dispose(&permit(PLANNER), &held(MeetingStatus::Open), again).unwrap_err();
            assert_eq!(refused.list()[0].code, Code::Conflict);
            assert!(refused.list()[0].message.contains(words), "{}", refused.list()[0].message);
        }
    }
}

#[test]
fn the_entry_of_a_disposition_names_the_meeting_and_what_became_of_the_input() {
    for (disposition, outcome) in everywhere().into_iter().zip([false, true, true, true]) {
        let change = said(Some(QUESTION)).dispose(&permit(PLANNER), &held(MeetingStatus::Open), disposition).unwrap();
        let (entry, after) = (change.entry(), change.entry().after.canonical());
        assert_eq!(entry.meeting, Some(id(300)));
        assert_eq!(entry.renegotiation.is_some(), matches!(disposition, Disposition::RenegotiationDraft(_)));
        assert!(after.contains(disposition.name()), "{after}");
        assert_eq!(!after.contains("\"outcome\":null"), outcome, "{after}");
    }
}

#[test]
fn a_meeting_closes_once_every_input_has_its_disposition_and_is_cancelled_without() {
    let waiting = || said(None);
    let went = || MeetingInput { disposition: Some(Disposition::Noted), ..said(None) };
    let table = [
        ("nothing said", vec![], None),
        ("all disposed", vec![went(), went()], None),
        ("one waits", vec![went(), waiting()], Some("1 input of")),
        ("two wait", vec![waiting(), went(), waiting()], Some("2 inputs of")),
    ];

    for (name, inputs, message) in table {
        let closed = held(MeetingStatus::Open).close(&permit(PLANNER), &inputs);
        let refused = closed.map_or_else(Refusals::into_list, |_| vec![]);
        assert_eq!(refused.len(), usize::from(message.is_some()), "{name}");
        for refusal in refused {
            assert_eq!(refusal.code, Code::InputUndisposed, "{name}");
            assert!(refusal.message.starts_with(message.unwrap()), "{name}: {}", refusal.message);
            assert!(refusal.remedy.unwrap().contains("meetingInputDispose"), "{name}");
        }
    }
    assert_eq!(codes(held(MeetingStatus::Open).cancel(&permit(PLANNER), Some(prose("fire alarm")))), []);
}
