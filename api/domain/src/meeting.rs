//! A meeting: a record that states its boundary before anyone speaks. PREPARED → OPEN → CLOSED, or CANCELLED.
//! Holds its states and attendance; the boundary's own rules are in `meeting_boundary`, what is said in it is in
//! `meeting_input`, and how it ends in `meeting_end`.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{MeetingId, PersonId, RenegotiationId, TeamId},
    meeting_boundary::Boundary,
    permission::{Permit, action::HoldMeetings},
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
    time::{Quarter, Timestamp},
};

/// What a meeting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are domain.md's and described in the API")]
pub enum MeetingKind {
    Status,
    Renegotiation,
    Planning,
}

/// How it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are domain.md's and described in the API")]
pub enum MeetingFormat {
    Live,
    Async,
}

/// What an attendee asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are domain.md's and described in the API")]
pub enum Ask {
    Inform,
    Input,
    Approval,
}

/// Where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states are those of the machine at the file's head")]
pub enum MeetingStatus {
    Prepared,
    Open,
    Closed,
    Cancelled(Prose),
}

impl MeetingKind {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Renegotiation => "RENEGOTIATION",
            Self::Planning => "PLANNING",
        }
    }
}

impl MeetingFormat {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::Async => "ASYNC",
        }
    }
}

impl Ask {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inform => "INFORM",
            Self::Input => "INPUT",
            Self::Approval => "APPROVAL",
        }
    }
}

impl MeetingStatus {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Cancelled(_) => "CANCELLED",
        }
    }
}

/// Somebody at the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendee {
    /// Who.
    pub person: PersonId,
    /// Asking for what.
    pub ask: Ask,
}

/// What is said about a meeting when it is prepared; nothing of it changes once it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words")]
pub struct Preparation {
    pub kind: MeetingKind,
    pub format: MeetingFormat,
    pub title: Line,
    pub scheduled_for: Option<Timestamp>,
    pub duration_minutes: Option<u32>,
    pub attendees: Vec<Attendee>,
    pub boundary: Boundary,
    pub agenda: Vec<RenegotiationId>,
}

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words")]
pub struct Meeting {
    pub id: MeetingId,
    pub team: TeamId,
    pub quarter: Quarter,
    pub status: MeetingStatus,
    pub kind: MeetingKind,
    pub format: MeetingFormat,
    pub title: Line,
    pub scheduled_for: Option<Timestamp>,
    pub duration_minutes: Option<u32>,
    pub attendees: Vec<Attendee>,
    pub boundary: Boundary,
    pub agenda: Vec<RenegotiationId>,
    pub imported: bool,
    /// Grows by one with each event.
    pub version: u32,
}

/// What happened to a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its mutation's name in the past tense")]
pub enum MeetingEvent {
    Prepared,
    Updated,
    Opened,
    Joined(Attendee),
    Closed,
    Cancelled,
}

/// A meeting after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingChanged {
    /// The meeting as it is now.
    pub meeting: Meeting,
    /// What happened to it.
    pub event: MeetingEvent,
}

impl Meeting {
    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == MeetingStatus::Open
    }

    /// What a person asks for; none for somebody who does not attend.
    #[must_use]
    pub fn ask_of(&self, person: PersonId) -> Option<Ask> {
        self.attendees.iter().find(|attendee| attendee.person == person).map(|attendee| attendee.ask)
    }

    /// CONFLICT where the caller saw another version than there is.
    pub fn expect_version(&self, expected: Option<u32>) -> Result<(), Refusals> {
        crate::plan::expect_version("meeting", self.version, expected)
    }

    /// Opens it: BOUNDARY_REQUIRED unless its boundary is stated.
    pub fn open(mut self, permit: &Permit<HoldMeetings>) -> Result<Change<MeetingChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.when(self.status != MeetingStatus::Prepared, || self.not_prepared());
        broken.extend(self.boundary.unstated(self.kind, !self.agenda.is_empty()));
        broken.finish()?;
        self.status = MeetingStatus::Open;
        Ok(self.changed(permit, AuditAction::MeetingOpened, MeetingEvent::Opened, None))
    }

    /// A further attendee, or another ask of one who is there; also while it is open.
    pub fn join(
        mut self,
        permit: &Permit<HoldMeetings>,
        attendee: Attendee,
    ) -> Result<Change<MeetingChanged>, Refusals> {
        self.refuse_over()?;
        self.attendees.retain(|other| other.person != attendee.person);
        self.attendees.push(attendee);
        Ok(self.changed(permit, AuditAction::MeetingJoined, MeetingEvent::Joined(attendee), None))
    }

    /// MEETING_KIND_FIXED: what an open or finished meeting says about a change of its preparation.
    pub(crate) fn not_prepared(&self) -> Refusal {
        let message = match self.status {
            MeetingStatus::Open => "The meeting is open; its kind, boundary and agenda stay as they were stated.",
            MeetingStatus::Closed => "The meeting is closed.",
            MeetingStatus::Cancelled(_) => "The meeting was cancelled.",
            MeetingStatus::Prepared => "The meeting is prepared.",
        };
        Refusal::new(Code::MeetingKindFixed, message)
    }

    pub(crate) fn changed(
        mut self,
        permit: &Permit<HoldMeetings>,
        action: AuditAction,
        event: MeetingEvent,
        reason: Option<String>,
    ) -> Change<MeetingChanged> {
        self.version += 1;
        let by = Recording::by(permit, action, Subject::Meeting(self.id)).reason(reason);
        self.recorded(by, event)
    }

    pub(crate) fn recorded(self, by: Recording, event: MeetingEvent) -> Change<MeetingChanged> {
        let after = self.facts();
        by.team(self.team)
            .quarter(self.quarter)
            .meeting(Some(self.id))
            .after(after, MeetingChanged { meeting: self, event })
    }

    pub(crate) fn refuse_over(&self) -> Result<(), Refusals> {
        match self.status {
            MeetingStatus::Prepared | MeetingStatus::Open => Ok(()),
            MeetingStatus::Closed | MeetingStatus::Cancelled(_) => Err(self.not_prepared().into()),
        }
    }

    fn facts(&self) -> Facts {
        let attendees = self.attendees.iter().map(|attendee| {
            Facts::map([("person", Facts::text(attendee.person)), ("ask", Facts::text(attendee.ask.name()))])
        });
        Facts::map([
            ("status", Facts::text(self.status.name())),
            ("kind", Facts::text(self.kind.name())),
            ("format", Facts::text(self.format.name())),
            ("title", Facts::text(&self.title)),
            ("scheduledFor", Facts::maybe(self.scheduled_for)),
            ("durationMinutes", self.duration_minutes.map_or(Facts::Null, Facts::Int)),
            ("attendees", Facts::list(attendees)),
            ("boundary", self.boundary.facts()),
            ("agenda", Facts::list(self.agenda.iter().map(Facts::text))),
        ])
    }
}
