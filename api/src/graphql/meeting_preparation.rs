//! How an input states a meeting: attendees, boundary, agenda.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use holdline_domain::refusal::Refusal;

use super::{
    chosen::chosen,
    ids::{parse, parse_all},
    input::{Fields, edit, expected, line, line_maybe, prose, team_key},
    meeting::{Ask, MeetingFormat, MeetingKind},
    meeting_boundary::InputWanted,
    person::PersonRef,
    quarter,
    scalars::DateTime,
};
use crate::{
    failure::Failure,
    service::{AttendeeRef, BoundaryRef, DecidedRef, MeetingEdit, MeetingPrepare, QuestionRef, SubjectRef},
};

/// What `meetingPrepare` takes.
#[derive(InputObject)]
pub(super) struct MeetingPrepareInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The team's key.
    team: String,
    /// The quarter's label; the current one where left out.
    quarter: Option<String>,
    /// What it is for.
    kind: MeetingKind,
    /// How it is held; LIVE where left out.
    format: Option<MeetingFormat>,
    /// What it is called.
    title: String,
    /// When it is to be held.
    scheduled_for: Option<DateTime>,
    /// How long it is to last, 1 to 1440 minutes.
    duration_minutes: Option<i32>,
    /// Who attends, asking for what.
    attendees: Option<Vec<AttendeeInput>>,
    /// What is decided, what is open, what is out of scope.
    boundary: Option<BoundaryInput>,
    /// The renegotiations of this team that it is to decide.
    agenda: Option<Vec<ID>>,
}

/// What `meetingUpdate` takes; what is left out stays, null clears.
#[derive(InputObject)]
pub(super) struct MeetingUpdateInput {
    /// The meeting, prepared.
    meeting: ID,
    /// What it is for.
    kind: Option<MeetingKind>,
    /// How it is held.
    format: Option<MeetingFormat>,
    /// What it is called.
    title: Option<String>,
    /// When it is to be held.
    scheduled_for: MaybeUndefined<DateTime>,
    /// How long it is to last, 1 to 1440 minutes.
    duration_minutes: MaybeUndefined<i32>,
    /// Who attends, all of them.
    attendees: Option<Vec<AttendeeInput>>,
    /// The whole boundary.
    boundary: Option<BoundaryInput>,
    /// The whole agenda.
    agenda: Option<Vec<ID>>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// Somebody who attends.
#[derive(InputObject)]
pub(super) struct AttendeeInput {
    /// Who.
    person: PersonRef,
    /// Asking for what.
    ask: Ask,
}

/// The boundary of a meeting.
#[derive(InputObject)]
pub(super) struct BoundaryInput {
    /// What is decided and not reopened, and why.
    decided: Option<Vec<DecidedSubjectInput>>,
    /// What is open, and which input is wanted.
    open: Option<Vec<OpenQuestionInput>>,
    /// What is out of scope.
    out_of_scope: Option<Vec<String>>,
    /// Whether it is for information only; false where left out.
    information_only: Option<bool>,
}

/// A subject that is not reopened.
#[derive(InputObject)]
pub(super) struct DecidedSubjectInput {
    /// What is decided.
    subject: BoundarySubjectRef,
    /// Why it is not reopened.
    why: String,
}

/// A question to hold open.
#[derive(InputObject)]
pub(super) struct OpenQuestionInput {
    /// The specific question.
    question: String,
    /// Which input it wants.
    wanted: InputWanted,
    /// What it is about.
    subject: Option<BoundarySubjectRef>,
}

/// What a boundary line is about.
#[derive(OneofObject)]
pub(super) enum BoundarySubjectRef {
    /// An objective.
    Objective(ID),
    /// A key result.
    KeyResult(ID),
    /// A roadmap item.
    RoadmapItem(ID),
    /// A subject in words.
    Text(String),
}

impl BoundarySubjectRef {
    fn parse(self) -> Result<SubjectRef, Refusal> {
        Ok(match self {
            Self::Objective(id) => SubjectRef::Objective(parse(&id, &["objective"])?),
            Self::KeyResult(id) => SubjectRef::KeyResult(parse(&id, &["keyResult"])?),
            Self::RoadmapItem(id) => SubjectRef::RoadmapItem(parse(&id, &["roadmapItem"])?),
            Self::Text(text) => SubjectRef::Text(line(&text, "text")?),
        })
    }
}

impl BoundaryInput {
    fn parse(self) -> Result<BoundaryRef, Failure> {
        let mut fields = Fields::default();
        let mut boundary =
            BoundaryRef { information_only: self.information_only.unwrap_or(false), ..BoundaryRef::default() };
        for (place, decided) in self.decided.into_iter().flatten().enumerate() {
            let place = place.to_string();
            let subject = decided.subject.parse().map_err(Failure::from);
            let subject = fields.under(&["decided", &place, "subject"], subject)?;
            let why = fields.under(&["decided", &place], prose(&decided.why, "why").map_err(Failure::from))?;
            boundary.decided.extend(subject.zip(why).map(|(subject, why)| DecidedRef { subject, why }));
        }
        for (place, open) in self.open.into_iter().flatten().enumerate() {
            let place = place.to_string();
            let subject = open.subject.map(BoundarySubjectRef::parse).transpose().map_err(Failure::from);
            let subject = fields.under(&["open", &place, "subject"], subject)?;
            let question = fields.under(&["open", &place], line(&open.question, "question").map_err(Failure::from))?;
            let wanted = open.wanted.into();
            let both = question.zip(subject);
            boundary.open.extend(both.map(|(question, subject)| QuestionRef { question, wanted, subject }));
        }
        for (place, text) in self.out_of_scope.into_iter().flatten().enumerate() {
            let text = line(&text, &place.to_string()).map_err(Failure::from);
            boundary.out_of_scope.extend(fields.under(&["outOfScope"], text)?);
        }
        fields.finish(|| Some(boundary))
    }
}

fn attendees(said: Vec<AttendeeInput>) -> Result<Vec<AttendeeRef>, Failure> {
    let (mut fields, mut attendees) = (Fields::default(), Vec::with_capacity(said.len()));
    for (place, attendee) in said.into_iter().enumerate() {
        let person = attendee.person.parse("person").map_err(Failure::from);
        let person = fields.under(&["attendees", &place.to_string()], person)?;
        attendees.extend(person.map(|person| AttendeeRef { person, ask: attendee.ask.into() }));
    }
    fields.finish(|| Some(attendees))
}

fn minutes(asked: i32) -> Result<u32, Refusal> {
    u32::try_from(asked).map_err(|_| Refusal::invalid(&["durationMinutes"], "A meeting lasts 1 to 1440 minutes."))
}

impl MeetingPrepareInput {
    pub(super) fn parse(self) -> Result<MeetingPrepare, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(team_key(&self.team, "team"));
        let quarter = fields.keep(self.quarter.map(|label| quarter::parse(&label, "quarter")).transpose());
        let title = fields.keep(line(&self.title, "title"));
        let duration_minutes = fields.keep(self.duration_minutes.map(minutes).transpose());
        let attendees = fields.under(&[], attendees(self.attendees.unwrap_or_default()))?;
        let boundary = self.boundary.map(BoundaryInput::parse).transpose();
        let boundary = fields.under(&["boundary"], boundary)?;
        let agenda = fields.keep(parse_all(&self.agenda.unwrap_or_default(), "agenda"));
        let format = self.format.unwrap_or(MeetingFormat::Live).into();
        let (kind, scheduled_for) = (self.kind.into(), self.scheduled_for.map(|at| at.0));
        fields.finish(|| {
            Some(MeetingPrepare {
                id: id?,
                team: team?,
                quarter: quarter?,
                kind,
                format,
                title: title?,
                scheduled_for,
                duration_minutes: duration_minutes?,
                attendees: attendees?,
                boundary: boundary?.unwrap_or_default(),
                agenda: agenda?,
            })
        })
    }
}

impl MeetingUpdateInput {
    pub(super) fn parse(self) -> Result<MeetingEdit, Failure> {
        let mut fields = Fields::default();
        let meeting = fields.keep(parse(&self.meeting, &["meeting"]));
        let title = fields.keep(line_maybe(self.title.as_deref(), "title"));
        let scheduled_for = fields.keep(edit(self.scheduled_for, |at| Ok(at.0)));
        let duration_minutes = fields.keep(edit(self.duration_minutes, minutes));
        let attendees = fields.under(&[], self.attendees.map(attendees).transpose())?;
        let boundary = fields.under(&["boundary"], self.boundary.map(BoundaryInput::parse).transpose())?;
        let agenda = fields.keep(self.agenda.map(|ids| parse_all(&ids, "agenda")).transpose());
        let expected = fields.keep(expected(self.expected_version));
        let (kind, format) = (self.kind.map(Into::into), self.format.map(Into::into));
        fields.finish(|| {
            Some(MeetingEdit {
                meeting: meeting?,
                kind,
                format,
                title: title?,
                scheduled_for: scheduled_for?,
                duration_minutes: duration_minutes?,
                attendees: attendees?,
                boundary: boundary?,
                agenda: agenda?,
                expected: expected?,
            })
        })
    }
}
