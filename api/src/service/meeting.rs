//! Meetings: prepare, update, open, join, close, cancel, acknowledge.

use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{MeetingId, RenegotiationId, TeamId},
    meeting::{Ask, Attendee, Meeting, MeetingFormat, MeetingKind, Preparation},
    meeting_boundary::Setting,
    permission::action::HoldMeetings,
    plan::{CommittedPlan, Plan},
    refusal::Refusal,
    renegotiation::Record,
    text::{Line, Prose, TeamKey},
    time::{Quarter, Timestamp},
};

use super::{BoundaryRef, Caller, PersonRef, Service, boundary::boundary, current_quarter, found};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

/// An attendee as an input states it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct AttendeeRef {
    pub person: PersonRef,
    pub ask: Ask,
}

/// A meeting to be prepared.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct MeetingPrepare {
    pub id: Option<Chosen<MeetingId>>,
    pub team: TeamKey,
    pub quarter: Option<Quarter>,
    pub kind: MeetingKind,
    pub format: MeetingFormat,
    pub title: Line,
    pub scheduled_for: Option<Timestamp>,
    pub duration_minutes: Option<u32>,
    pub attendees: Vec<AttendeeRef>,
    pub boundary: BoundaryRef,
    pub agenda: Vec<RenegotiationId>,
}

/// A meeting to be stated anew; what is none stays, the inner option clears.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct MeetingEdit {
    pub meeting: MeetingId,
    pub kind: Option<MeetingKind>,
    pub format: Option<MeetingFormat>,
    pub title: Option<Line>,
    pub scheduled_for: Option<Option<Timestamp>>,
    pub duration_minutes: Option<Option<u32>>,
    pub attendees: Option<Vec<AttendeeRef>>,
    pub boundary: Option<BoundaryRef>,
    pub agenda: Option<Vec<RenegotiationId>>,
    pub expected: Option<u32>,
}

impl Service {
    /// Prepares a meeting.
    pub async fn meeting_prepare(&self, caller: &Caller, input: MeetingPrepare) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        let calendar = self.calendar;
        self.write(caller, "meetingPrepare", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let team = found(tx.team(&input.team).await?, "team", "team", &input.team)?;
                let quarter = match input.quarter {
                    Some(quarter) => quarter,
                    None => current_quarter(&tx.quarters().await?, calendar, tx.now()).quarter,
                };
                let preparation = Preparation {
                    kind: input.kind,
                    format: input.format,
                    title: input.title,
                    scheduled_for: input.scheduled_for,
                    duration_minutes: input.duration_minutes,
                    attendees: attendees(tx, input.attendees).await?,
                    boundary: boundary(tx, input.boundary).await?,
                    agenda: input.agenda,
                };
                let plan = committed(tx, team.id, quarter).await?;
                let agenda = agenda(tx, team.id, quarter, &preparation.agenda).await?;
                let setting = Setting { team: team.id, quarter, plan: plan.as_ref(), agenda: &agenda };
                let change = Meeting::prepare(&permit, id, preparation, &setting)?;
                tx.create(change, input.id).await?;
                Ok(id)
            })
        })
        .await
    }

    /// States a prepared meeting anew.
    pub async fn meeting_update(&self, caller: &Caller, input: MeetingEdit) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingUpdate", move |tx| {
            Box::pin(async move {
                let (meeting, plan) = one(tx, input.meeting, input.expected).await?;
                let old = meeting.preparation();
                let preparation = Preparation {
                    kind: input.kind.unwrap_or(old.kind),
                    format: input.format.unwrap_or(old.format),
                    title: input.title.unwrap_or(old.title),
                    scheduled_for: input.scheduled_for.unwrap_or(old.scheduled_for),
                    duration_minutes: input.duration_minutes.unwrap_or(old.duration_minutes),
                    attendees: match input.attendees {
                        Some(said) => attendees(tx, said).await?,
                        None => old.attendees,
                    },
                    boundary: match input.boundary {
                        Some(said) => boundary(tx, said).await?,
                        None => old.boundary,
                    },
                    agenda: input.agenda.unwrap_or(old.agenda),
                };
                let agenda = agenda(tx, meeting.team, meeting.quarter, &preparation.agenda).await?;
                let (team, quarter) = (meeting.team, meeting.quarter);
                let setting = Setting { team, quarter, plan: plan.as_ref(), agenda: &agenda };
                tx.apply(meeting.update(&permit, preparation, &setting)?).await?;
                Ok(input.meeting)
            })
        })
        .await
    }

    /// Opens a meeting.
    pub async fn meeting_open(
        &self,
        caller: &Caller,
        id: MeetingId,
        expected: Option<u32>,
    ) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingOpen", move |tx| {
            Box::pin(async move {
                let (meeting, _) = one(tx, id, expected).await?;
                tx.apply(meeting.open(&permit)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Adds an attendee, or gives one another ask.
    pub async fn meeting_join(
        &self,
        caller: &Caller,
        id: MeetingId,
        attendee: AttendeeRef,
    ) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingJoin", move |tx| {
            Box::pin(async move {
                let (meeting, _) = one(tx, id, None).await?;
                let person = attendee.person.resolve(tx, "person").await?;
                tx.apply(meeting.join(&permit, Attendee { person, ask: attendee.ask })?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Closes a meeting.
    pub async fn meeting_close(
        &self,
        caller: &Caller,
        id: MeetingId,
        expected: Option<u32>,
    ) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingClose", move |tx| {
            Box::pin(async move {
                let (meeting, _) = one(tx, id, expected).await?;
                let inputs = tx.meeting_inputs(id).await?;
                tx.apply(meeting.close(&permit, &inputs)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Cancels a meeting.
    pub async fn meeting_cancel(
        &self,
        caller: &Caller,
        id: MeetingId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingCancel", move |tx| {
            Box::pin(async move {
                let (meeting, _) = one(tx, id, expected).await?;
                tx.apply(meeting.cancel(&permit, reason)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Records that an attendee understood a revision of the plan.
    pub async fn meeting_acknowledge(
        &self,
        caller: &Caller,
        id: MeetingId,
        person: PersonRef,
        revision: u32,
        dissent: Option<Option<Prose>>,
    ) -> Result<MeetingId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingAcknowledge", move |tx| {
            Box::pin(async move {
                let (meeting, plan) = one(tx, id, None).await?;
                let plan = plan.ok_or_else(|| {
                    let message = format!("The team has no committed plan for {}.", meeting.quarter);
                    Refusal::invalid(&["meeting"], message).remedy("planCommit first.")
                })?;
                let person = person.resolve(tx, "person").await?;
                tx.apply(meeting.acknowledge(&permit, tx.id(), &plan, person, revision, dissent)?).await?;
                Ok(id)
            })
        })
        .await
    }
}

/// A meeting with the committed plan that it is about.
pub(super) async fn one(
    tx: &Tx,
    id: MeetingId,
    expected: Option<u32>,
) -> Result<(Meeting, Option<CommittedPlan>), Failure> {
    let meeting = found(tx.meeting(id).await?, "meeting", "meeting", id)?;
    meeting.expect_version(expected)?;
    let plan = committed(tx, meeting.team, meeting.quarter).await?;
    Ok((meeting, plan))
}

/// The committed plan that a meeting is about; a refusal from here on counts as one that held its line.
async fn committed(tx: &Tx, team: TeamId, quarter: Quarter) -> Result<Option<CommittedPlan>, Failure> {
    let Some(Plan::Committed(plan)) = tx.plan_of(team, quarter).await? else { return Ok(None) };
    tx.concerns(team, plan.head.id);
    Ok(Some(plan))
}

async fn agenda(
    tx: &Tx,
    team: TeamId,
    quarter: Quarter,
    ids: &[RenegotiationId],
) -> Result<Vec<CommitmentChange>, Failure> {
    let mut changes = Vec::new();
    for id in ids {
        let ours = |record: &Record| record.team == team && record.span.quarter == quarter;
        let renegotiation = tx.renegotiation(*id).await?.filter(|found| ours(found.record()));
        let renegotiation = found(renegotiation, "agenda", "renegotiation of this team and quarter", id)?;
        changes.extend(renegotiation.record().terms.changes.clone());
    }
    Ok(changes)
}

async fn attendees(tx: &Tx, said: Vec<AttendeeRef>) -> Result<Vec<Attendee>, Failure> {
    let mut attendees = Vec::with_capacity(said.len());
    for attendee in said {
        attendees.push(Attendee { person: attendee.person.resolve(tx, "attendees").await?, ask: attendee.ask });
    }
    Ok(attendees)
}
