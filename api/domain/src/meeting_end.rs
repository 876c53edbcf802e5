//! How a meeting ends: closed once every input has its disposition, or cancelled with a reason.
//! Holds INPUT_UNDISPOSED, and the closed meeting that stands for an imported decision. A cancelled meeting keeps what
//! was said in it, disposed or not: it was called off, and its reason says so.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    ids::{MeetingId, RenegotiationId},
    meeting::{Meeting, MeetingChanged, MeetingEvent, MeetingFormat, MeetingKind, MeetingStatus},
    meeting_boundary::Boundary,
    meeting_input::MeetingInput,
    permission::{Permit, action::HoldMeetings, action::ImportHistory},
    plan::CommittedPlan,
    refusal::{Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Timestamp,
};

impl Meeting {
    /// Closes it; `inputs` are all that were recorded in it.
    pub fn close(
        mut self,
        permit: &Permit<HoldMeetings>,
        inputs: &[MeetingInput],
    ) -> Result<Change<MeetingChanged>, Refusals> {
        if !self.is_open() {
            let message = "Only an open meeting is closed.";
            return Err(Refusal::invalid(&["meeting"], message).remedy("meetingOpen it, or meetingCancel.").into());
        }
        let waiting = inputs.iter().filter(|input| input.disposition.is_none()).count();
        if waiting > 0 {
            let message = match waiting {
                1 => "1 input of the meeting has no disposition yet.".to_owned(),
                _ => format!("{waiting} inputs of the meeting have no disposition yet."),
            };
            return Err(Refusal::new(Code::InputUndisposed, message).at(&["meeting"]).into());
        }
        self.status = MeetingStatus::Closed;
        Ok(self.changed(permit, AuditAction::MeetingClosed, MeetingEvent::Closed, None))
    }

    /// Cancels it, with a reason.
    pub fn cancel(
        mut self,
        permit: &Permit<HoldMeetings>,
        reason: Option<Prose>,
    ) -> Result<Change<MeetingChanged>, Refusals> {
        self.refuse_over()?;
        let reason = reason
            .ok_or_else(|| Refusal::new(Code::ReasonRequired, "A cancelled meeting says why.").at(&["reason"]))?;
        self.status = MeetingStatus::Cancelled(reason.clone());
        Ok(self.changed(permit, AuditAction::MeetingCancelled, MeetingEvent::Cancelled, Some(reason.to_string())))
    }

    /// The closed meeting that stands for an imported decision.
    pub fn import(
        _permit: &Permit<ImportHistory>,
        id: MeetingId,
        renegotiation: RenegotiationId,
        plan: &CommittedPlan,
        title: Line,
        at: Timestamp,
    ) -> Change<MeetingChanged> {
        let meeting = Self {
            id,
            team: plan.head.team,
            quarter: plan.head.span.quarter,
            status: MeetingStatus::Closed,
            kind: MeetingKind::Renegotiation,
            format: MeetingFormat::Async,
            title,
            scheduled_for: None,
            duration_minutes: None,
            attendees: Vec::new(),
            boundary: Boundary::default(),
            agenda: vec![renegotiation],
            imported: true,
            version: 1,
        };
        let by = Recording::imported(AuditAction::MeetingPrepared, Subject::Meeting(id), at);
        meeting.recorded(by.plan(plan.head.team, plan.head.span.quarter, plan.head.id), MeetingEvent::Prepared)
    }
}
