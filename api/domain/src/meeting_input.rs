//! An input: something said in an open meeting, by whom and on which open question, and where it went.
//! Holds INPUT_OUT_OF_BOUNDS. What becomes of an input is another noun's change, made in the same moment; here is only
//! that it went there, once.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{IdeaId, MeetingId, MeetingInputId, OpenQuestionId, PersonId, RenegotiationId, RoadmapItemId},
    meeting::{Meeting, MeetingStatus},
    permission::{Permit, action::HoldMeetings},
    refusal::{Broken, Code, Refusal, Refusals},
    text::Prose,
};

/// Where an input went, with what became of it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is kept as it was said, and goes nowhere.
    Noted,
    /// To the backlog, as an idea.
    Backlog(IdeaId),
    /// To a separate proposal to change what was committed.
    RenegotiationDraft(RenegotiationId),
    /// To the roadmap, as a change of an item.
    Roadmap(RoadmapItemId),
}

impl Disposition {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Noted => "NOTED",
            Self::Backlog(_) => "BACKLOG",
            Self::RenegotiationDraft(_) => "RENEGOTIATION_DRAFT",
            Self::Roadmap(_) => "ROADMAP",
        }
    }

    /// The id of what became of it.
    fn outcome(self) -> Option<String> {
        match self {
            Self::Noted => None,
            Self::Backlog(id) => Some(id.to_string()),
            Self::RenegotiationDraft(id) => Some(id.to_string()),
            Self::Roadmap(id) => Some(id.to_string()),
        }
    }
}

/// Something said in a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingInput {
    /// Its id.
    pub id: MeetingInputId,
    /// In which meeting.
    pub meeting: MeetingId,
    /// Who said it; attending is not asked for.
    pub by: PersonId,
    /// The words.
    pub text: Prose,
    /// On which open question; none where it was on none.
    pub question: Option<OpenQuestionId>,
    /// Where it went; none until somebody said so.
    pub disposition: Option<Disposition>,
}

/// An input after it was disposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposed {
    /// The input.
    pub input: MeetingInput,
    /// Where it went.
    pub disposition: Disposition,
}

impl Meeting {
    /// Records what somebody said in the open meeting.
    pub fn record_input(
        &self,
        permit: &Permit<HoldMeetings>,
        id: MeetingInputId,
        by: PersonId,
        text: Prose,
        question: Option<OpenQuestionId>,
    ) -> Result<Change<MeetingInput>, Refusals> {
        let mut broken = Broken::none();
        broken.extend(self.not_speaking("meeting"));
        let unasked = question.filter(|asked| self.boundary.open.iter().all(|open| open.id != *asked));
        broken.extend(
            unasked.map(|asked| Refusal::not_found(&["question"], "open question of this meeting", &asked.to_string())),
        );
        broken.finish()?;
        let input = MeetingInput { id, meeting: self.id, by, text, question, disposition: None };
        let recording = self.about_input(permit, AuditAction::MeetingInputRecorded, id);
        Ok(recording.after(input.facts(), input))
    }

    /// INVALID: nothing is said in a meeting, or sent on from it, unless it is open.
    fn not_speaking(&self, field: &str) -> Option<Refusal> {
        let (message, remedy) = match self.status {
            MeetingStatus::Open => return None,
            MeetingStatus::Prepared => ("The meeting is not open yet.", "meetingOpen first."),
            MeetingStatus::Closed => ("The meeting is closed.", "Record it in another meeting: meetingPrepare."),
            MeetingStatus::Cancelled(_) => {
                ("The meeting was cancelled.", "Record it in another meeting: meetingPrepare.")
            }
        };
        Some(Refusal::invalid(&[field], message).remedy(remedy))
    }

    fn about_input(&self, permit: &Permit<HoldMeetings>, action: AuditAction, id: MeetingInputId) -> Recording {
        let by = Recording::by(permit, action, Subject::MeetingInput(id));
        by.team(self.team).quarter(self.quarter).meeting(Some(self.id))
    }
}

impl MeetingInput {
    /// Whether it may still go somewhere, and to the roadmap at all: asked before anything is made there.
    pub fn may_go(&self, meeting: &Meeting, to_roadmap: bool) -> Result<(), Refusals> {
        if let Some(went) = self.disposition {
            return Err(self.disposed(went).into());
        }
        let mut broken = Broken::none();
        broken.extend(meeting.not_speaking("meetingInput"));
        broken.when(to_roadmap && self.question.is_none(), || {
            let message = "The input is on no open question of its meeting, so it does not change the roadmap.";
            Refusal::new(Code::InputOutOfBounds, message).at(&["roadmap"])
        });
        broken.finish()
    }

    /// Says where it went, once, while its meeting is open.
    pub fn dispose(
        mut self,
        permit: &Permit<HoldMeetings>,
        meeting: &Meeting,
        disposition: Disposition,
    ) -> Result<Change<Disposed>, Refusals> {
        self.may_go(meeting, matches!(disposition, Disposition::Roadmap(_)))?;
        let before = self.facts();
        self.disposition = Some(disposition);
        let mut recording = meeting.about_input(permit, AuditAction::MeetingInputDisposed, self.id).before(before);
        if let Disposition::RenegotiationDraft(id) = disposition {
            recording = recording.renegotiation(id);
        }
        Ok(recording.after(self.facts(), Disposed { input: self, disposition }))
    }

    /// CONFLICT: it went somewhere already.
    fn disposed(&self, went: Disposition) -> Refusal {
        let to = went.outcome().map(|id| format!(" ({id})")).unwrap_or_default();
        let message = format!("The input {} was disposed already: {}{to}.", self.id, went.name());
        Refusal::new(Code::Conflict, message)
            .at(&["meetingInput"])
            .remedy("What else came of it is an input of its own: meetingInputRecord.")
    }

    fn facts(&self) -> Facts {
        Facts::map([
            ("by", Facts::text(self.by)),
            ("text", Facts::text(&self.text)),
            ("question", Facts::maybe(self.question)),
            ("disposition", Facts::maybe(self.disposition.map(Disposition::name))),
            ("outcome", Facts::maybe(self.disposition.and_then(Disposition::outcome))),
        ])
    }
}
