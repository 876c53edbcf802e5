//! An acknowledgement: a person has understood a revision of the plan, in an open meeting.
//! Holds who may give one; what becomes of a dissent is nobody's rule, it is recorded.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{AcknowledgementId, MeetingId, PersonId, PlanId},
    meeting::Meeting,
    permission::{Permit, action::HoldMeetings},
    plan::CommittedPlan,
    refusal::{Broken, Code, Refusal, Refusals},
    text::Prose,
};

/// A person has understood a revision. Alignment is shared understanding, not agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Its id.
    pub id: AcknowledgementId,
    /// In which meeting.
    pub meeting: MeetingId,
    /// Of which plan.
    pub plan: PlanId,
    /// Which revision.
    pub revision: u32,
    /// Who understood it.
    pub person: PersonId,
    /// What they would have chosen otherwise; it is recorded and changes nothing.
    pub dissent: Option<Prose>,
}

impl Meeting {
    /// Records that an attendee has understood a revision of the plan.
    pub fn acknowledge(
        &self,
        permit: &Permit<HoldMeetings>,
        id: AcknowledgementId,
        plan: &CommittedPlan,
        person: PersonId,
        revision: u32,
        dissent: Option<Option<Prose>>,
    ) -> Result<Change<Acknowledgement>, Refusals> {
        let mut broken = Broken::none();
        broken.when(!self.is_open(), || {
            Refusal::invalid(&["meeting"], "An acknowledgement is given in an open meeting.")
                .remedy("meetingOpen first.")
        });
        broken.when(self.ask_of(person).is_none(), || {
            Refusal::invalid(&["person"], "The person does not attend this meeting.").remedy("meetingJoin first.")
        });
        broken.when(!(1..=plan.revision).contains(&revision), || {
            let message = format!("The plan has revisions 1 to {}, not {revision}.", plan.revision);
            Refusal::invalid(&["planRevision"], message)
        });
        broken.when(dissent == Some(None), || {
            Refusal::new(Code::ReasonRequired, "A dissent says what the person would have chosen.").at(&["dissent"])
        });
        broken.finish()?;
        let dissent = dissent.flatten();
        let after = Facts::map([
            ("person", Facts::text(person)),
            ("revision", Facts::Int(revision)),
            ("dissent", Facts::maybe(dissent.as_ref())),
        ]);
        let by = Recording::by(permit, AuditAction::MeetingAcknowledged, Subject::Meeting(self.id));
        let acknowledgement = Acknowledgement { id, meeting: self.id, plan: plan.head.id, revision, person, dissent };
        Ok(by.plan(self.team, self.quarter, plan.head.id).meeting(Some(self.id)).after(after, acknowledgement))
    }
}
