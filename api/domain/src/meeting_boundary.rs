//! The boundary of a meeting: what is decided and why, what is open and which input is wanted, what is out of scope.
//! Holds BOUNDARY_REQUIRED, STATUS_IS_BOUNDED and MEETING_KIND_FIXED as they bear on preparing and updating.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    commitment::Commitment,
    commitment_change::{ChangeSubject, CommitmentChange},
    facts::Facts,
    ids::{KeyResultId, MeetingId, ObjectiveId, OpenQuestionId, RoadmapItemId, TeamId},
    meeting::{Meeting, MeetingChanged, MeetingEvent, MeetingKind, MeetingStatus, Preparation},
    permission::{Permit, action::HoldMeetings},
    plan::CommittedPlan,
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Quarter,
};

/// What a boundary line is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the ids of the subject, or a text where it is none of ours")]
pub enum BoundarySubject {
    Objective(ObjectiveId),
    KeyResult { id: KeyResultId, objective: ObjectiveId },
    RoadmapItem(RoadmapItemId),
    Text(Line),
}

/// A subject that is not reopened, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecidedSubject {
    /// What is decided.
    pub subject: BoundarySubject,
    /// Why it is not reopened.
    pub why: Prose,
}

/// Which input a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words are domain.md's and described in the API")]
pub enum InputWanted {
    Reaction,
    Sequencing,
    Options,
    Risks,
    Facts,
}

/// A question that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenQuestion {
    /// Its id.
    pub id: OpenQuestionId,
    /// The specific question.
    pub question: Line,
    /// The input it wants.
    pub wanted: InputWanted,
    /// What it is about.
    pub subject: Option<BoundarySubject>,
}

/// The three lists, and whether the meeting is for information only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are the lists that the file's head names")]
pub struct Boundary {
    pub decided: Vec<DecidedSubject>,
    pub open: Vec<OpenQuestion>,
    pub out_of_scope: Vec<Line>,
    pub information_only: bool,
}

impl InputWanted {
    /// The name in the log and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reaction => "REACTION",
            Self::Sequencing => "SEQUENCING",
            Self::Options => "OPTIONS",
            Self::Risks => "RISKS",
            Self::Facts => "FACTS",
        }
    }
}

impl BoundarySubject {
    fn facts(&self) -> Facts {
        match self {
            Self::Objective(id) => Facts::map([("objective", Facts::text(id))]),
            Self::KeyResult { id, .. } => Facts::map([("keyResult", Facts::text(id))]),
            Self::RoadmapItem(id) => Facts::map([("roadmapItem", Facts::text(id))]),
            Self::Text(text) => Facts::map([("text", Facts::text(text))]),
        }
    }

    const fn committed(&self) -> Option<ChangeSubject> {
        match self {
            Self::Objective(id) => Some(ChangeSubject::Objective(*id)),
            Self::KeyResult { id, objective } => Some(ChangeSubject::KeyResult { id: *id, objective: *objective }),
            Self::RoadmapItem(_) | Self::Text(_) => None,
        }
    }

    fn touches(&self, other: &Self) -> bool {
        match (self.committed(), other.committed()) {
            (Some(one), Some(other)) => one.touches(other),
            _ => self == other,
        }
    }
}

impl Boundary {
    pub(crate) fn facts(&self) -> Facts {
        let decided = self
            .decided
            .iter()
            .map(|decided| Facts::map([("subject", decided.subject.facts()), ("why", Facts::text(&decided.why))]));
        let open = self.open.iter().map(|open| {
            Facts::map([
                ("id", Facts::text(open.id)),
                ("question", Facts::text(&open.question)),
                ("wanted", Facts::text(open.wanted.name())),
                ("subject", open.subject.as_ref().map_or(Facts::Null, BoundarySubject::facts)),
            ])
        });
        Facts::map([
            ("decided", Facts::list(decided)),
            ("open", Facts::list(open)),
            ("outOfScope", Facts::list(self.out_of_scope.iter().map(Facts::text))),
            ("informationOnly", Facts::Bool(self.information_only)),
        ])
    }

    /// BOUNDARY_REQUIRED as it stands before opening; an agenda item counts as an open question.
    pub(crate) fn unstated(&self, kind: MeetingKind, has_agenda: bool) -> Vec<Refusal> {
        let refuse =
            |field: &str, message: &str| Refusal::new(Code::BoundaryRequired, message).at(&["boundary", field]);
        let undecided = self.decided.is_empty() && kind != MeetingKind::Planning;
        let unasked = self.open.is_empty() && !has_agenda && !self.information_only;
        let decided = undecided.then(|| refuse("decided", "The meeting does not say what is decided and why."));
        let open = unasked.then(|| {
            refuse("open", "The meeting has no open question and does not say that it is for information only.")
        });
        decided.into_iter().chain(open).collect()
    }

    /// BOUNDARY_REQUIRED, its second half: a decided subject is neither open nor touched by the agenda.
    pub(crate) fn contradictions(&self, agenda: &[CommitmentChange]) -> Vec<Refusal> {
        let refuse = |message: &str| Refusal::new(Code::BoundaryRequired, message).at(&["boundary", "decided"]);
        let asked = |decided: &DecidedSubject| {
            let subjects = self.open.iter().filter_map(|open| open.subject.as_ref());
            subjects.into_iter().any(|subject| subject.touches(&decided.subject))
        };
        let touched = |decided: &DecidedSubject| {
            decided.subject.committed().is_some_and(|ours| agenda.iter().any(|change| change.subject().touches(ours)))
        };
        let mut refusals = Vec::new();
        if self.decided.iter().any(asked) {
            refusals.push(refuse("A subject is both decided and open; it can only be one of them."));
        }
        if self.decided.iter().any(touched) {
            refusals.push(refuse("A renegotiation on the agenda touches a subject that the boundary calls decided."));
        }
        refusals
    }

    /// A STATUS meeting is prepared with the committed objectives under decided.
    fn with_commitment(mut self, revision: u32, quarter: Quarter, commitment: &Commitment) -> Self {
        for objective in &commitment.objectives {
            let subject = BoundarySubject::Objective(objective.id);
            let said = self.decided.iter().any(|decided| decided.subject.touches(&subject))
                || self.open.iter().any(|open| open.subject.as_ref().is_some_and(|open| open.touches(&subject)));
            let why = format!("Committed for {quarter} (revision {revision}); it changes only by a renegotiation.");
            if let (false, Ok(why)) = (said, Prose::parse(&why)) {
                self.decided.push(DecidedSubject { subject, why });
            }
        }
        self
    }
}

/// What the rules of preparing need to know beside the preparation.
#[derive(Debug, Clone)]
pub struct Setting<'a> {
    /// Whose meeting it is.
    pub team: TeamId,
    /// For which quarter.
    pub quarter: Quarter,
    /// The team's committed plan of that quarter.
    pub plan: Option<&'a CommittedPlan>,
    /// The changes that the renegotiations on the agenda would make.
    pub agenda: &'a [CommitmentChange],
}

impl Preparation {
    fn checked(mut self, setting: &Setting<'_>) -> Result<Self, Refusals> {
        let mut broken = Broken::none();
        broken.when(self.kind == MeetingKind::Status && !self.agenda.is_empty(), || {
            Refusal::new(Code::StatusIsBounded, "A STATUS meeting has no renegotiation on its agenda.").at(&["agenda"])
        });
        broken.when(self.kind == MeetingKind::Planning && !self.agenda.is_empty(), || {
            Refusal::invalid(&["agenda"], "A PLANNING meeting has no renegotiation on its agenda.")
                .remedy("Prepare it with kind RENEGOTIATION.")
        });
        broken.when(self.duration_minutes.is_some_and(|minutes| !(1..=1440).contains(&minutes)), || {
            Refusal::invalid(&["durationMinutes"], "A meeting lasts 1 to 1440 minutes.")
        });
        let mut people: Vec<_> = self.attendees.iter().map(|attendee| attendee.person).collect();
        people.sort_unstable();
        broken.when(people.windows(2).any(|pair| pair[0] == pair[1]), || {
            Refusal::invalid(&["attendees"], "A person attends once, with one ask.")
        });
        if let (MeetingKind::Status, Some(plan)) = (self.kind, setting.plan) {
            self.boundary = self.boundary.with_commitment(plan.revision, setting.quarter, &plan.commitment);
        }
        broken.extend(self.boundary.contradictions(setting.agenda));
        broken.finish()?;
        Ok(self)
    }
}

impl Meeting {
    /// Prepares a meeting.
    pub fn prepare(
        permit: &Permit<HoldMeetings>,
        id: MeetingId,
        preparation: Preparation,
        setting: &Setting<'_>,
    ) -> Result<Change<MeetingChanged>, Refusals> {
        let said = preparation.checked(setting)?;
        let meeting = Self::new(id, setting, said, 1);
        let by = Recording::by(permit, AuditAction::MeetingPrepared, Subject::Meeting(id));
        Ok(meeting.recorded(by, MeetingEvent::Prepared))
    }

    /// States it anew, while it is prepared: MEETING_KIND_FIXED afterwards.
    pub fn update(
        self,
        permit: &Permit<HoldMeetings>,
        preparation: Preparation,
        setting: &Setting<'_>,
    ) -> Result<Change<MeetingChanged>, Refusals> {
        if self.status != MeetingStatus::Prepared {
            return Err(self.not_prepared().into());
        }
        let said = preparation.checked(setting)?;
        let meeting = Self::new(self.id, setting, said, self.version);
        Ok(meeting.changed(permit, AuditAction::MeetingUpdated, MeetingEvent::Updated, None))
    }

    fn new(id: MeetingId, setting: &Setting<'_>, said: Preparation, version: u32) -> Self {
        Self {
            id,
            team: setting.team,
            quarter: setting.quarter,
            status: MeetingStatus::Prepared,
            kind: said.kind,
            format: said.format,
            title: said.title,
            scheduled_for: said.scheduled_for,
            duration_minutes: said.duration_minutes,
            attendees: said.attendees,
            boundary: said.boundary,
            agenda: said.agenda,
            imported: false,
            version,
        }
    }

    /// What was said about it, to be stated anew in part.
    #[must_use]
    pub fn preparation(&self) -> Preparation {
        Preparation {
            kind: self.kind,
            format: self.format,
            title: self.title.clone(),
            scheduled_for: self.scheduled_for,
            duration_minutes: self.duration_minutes,
            attendees: self.attendees.clone(),
            boundary: self.boundary.clone(),
            agenda: self.agenda.clone(),
        }
    }
}
