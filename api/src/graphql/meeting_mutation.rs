//! The mutations of a meeting: prepare, state anew, open, join, close, cancel, acknowledge.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{ids::MeetingId, permission::action::HoldMeetings, refusal::Refusal};

use super::{
    fault::Fault,
    ids::parse,
    input::{Fields, named, prose, prose_maybe},
    meeting::{Ask, Meeting, load_maybe},
    meeting_preparation::{MeetingPrepareInput, MeetingUpdateInput},
    person::PersonRef,
    session::{Session, session},
    user_error::UserError,
};
use crate::{failure::Failure, service::AttendeeRef};

/// What `meetingOpen` takes.
#[derive(InputObject)]
struct MeetingOpenInput {
    /// The meeting, prepared.
    meeting: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `meetingJoin` takes.
#[derive(InputObject)]
struct MeetingJoinInput {
    /// The meeting, prepared or open.
    meeting: ID,
    /// Who joins, or is there with another ask.
    person: PersonRef,
    /// Asking for what.
    ask: Ask,
}

/// What `meetingClose` takes.
#[derive(InputObject)]
struct MeetingCloseInput {
    /// The meeting, open.
    meeting: ID,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `meetingCancel` takes.
#[derive(InputObject)]
struct MeetingCancelInput {
    /// The meeting, prepared or open.
    meeting: ID,
    /// Why it is called off.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `meetingAcknowledge` takes.
#[derive(InputObject)]
struct MeetingAcknowledgeInput {
    /// The meeting, open.
    meeting: ID,
    /// The attendee who understood.
    person: PersonRef,
    /// The number of the revision that was understood.
    plan_revision: i32,
    /// What the person would have chosen otherwise; it is recorded and changes nothing.
    dissent: MaybeUndefined<String>,
}

/// What `meetingPrepare` answers.
#[derive(SimpleObject)]
struct MeetingPreparePayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingUpdate` answers.
#[derive(SimpleObject)]
struct MeetingUpdatePayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingOpen` answers.
#[derive(SimpleObject)]
struct MeetingOpenPayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingJoin` answers.
#[derive(SimpleObject)]
struct MeetingJoinPayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingClose` answers.
#[derive(SimpleObject)]
struct MeetingClosePayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingCancel` answers.
#[derive(SimpleObject)]
struct MeetingCancelPayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingAcknowledge` answers.
#[derive(SimpleObject)]
struct MeetingAcknowledgePayload {
    /// The meeting; null where it was refused.
    meeting: Option<Meeting>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

async fn held(
    ctx: &Context<'_>,
    job: impl Future<Output = Result<MeetingId, Failure>>,
) -> Result<(Option<Meeting>, Vec<UserError>), Fault> {
    let (id, user_errors) = session(ctx).mutate::<HoldMeetings, _>(job).await?;
    Ok((load_maybe(ctx, id).await?, user_errors))
}

async fn acknowledge(session: &Session, input: MeetingAcknowledgeInput) -> Result<MeetingId, Failure> {
    let mut fields = Fields::default();
    let id = fields.keep(parse(&input.meeting, &["meeting"]));
    let person = fields.keep(input.person.parse("person"));
    let refuse = |_| Refusal::invalid(&["planRevision"], "A revision's number is 1 or more.");
    let revision = fields.keep(u32::try_from(input.plan_revision).map_err(refuse));
    // A dissent of blanks only is one without its why, which is the rule's to refuse.
    let dissent = fields.keep(match input.dissent {
        MaybeUndefined::Undefined | MaybeUndefined::Null => Ok(None),
        MaybeUndefined::Value(text) if text.trim().is_empty() => Ok(Some(None)),
        MaybeUndefined::Value(text) => prose(&text, "dissent").map(|text| Some(Some(text))),
    });
    let (id, person, revision, dissent) = fields.finish(|| Some((id?, person?, revision?, dissent?)))?;
    session.service().meeting_acknowledge(session.caller(), id, person, revision, dissent).await
}

/// Mutations about meetings.
#[derive(Default)]
pub(super) struct MeetingMutation;

#[Object]
impl MeetingMutation {
    /// Prepares a meeting with its boundary. A STATUS meeting finds the committed objectives under decided already.
    async fn meeting_prepare(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting to prepare.")] input: MeetingPrepareInput,
    ) -> Result<MeetingPreparePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().meeting_prepare(session.caller(), input.parse()?).await };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingPreparePayload { meeting, user_errors })
    }

    /// States a prepared meeting anew; an open one keeps what was stated.
    async fn meeting_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting and what to state anew.")] input: MeetingUpdateInput,
    ) -> Result<MeetingUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().meeting_update(session.caller(), input.parse()?).await };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingUpdatePayload { meeting, user_errors })
    }

    /// Opens a meeting whose boundary is stated.
    async fn meeting_open(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: MeetingOpenInput,
    ) -> Result<MeetingOpenPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.meeting, "meeting", input.expected_version)?;
            session.service().meeting_open(session.caller(), id, version).await
        };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingOpenPayload { meeting, user_errors })
    }

    /// Adds an attendee, or gives one another ask; also while the meeting is open.
    async fn meeting_join(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting and who joins.")] input: MeetingJoinInput,
    ) -> Result<MeetingJoinPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.meeting, &["meeting"]));
            let person = fields.keep(input.person.parse("person"));
            let (id, person) = fields.finish(|| Some((id?, person?)))?;
            let attendee = AttendeeRef { person, ask: input.ask.into() };
            session.service().meeting_join(session.caller(), id, attendee).await
        };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingJoinPayload { meeting, user_errors })
    }

    /// Closes an open meeting whose inputs all have their disposition.
    async fn meeting_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting.")] input: MeetingCloseInput,
    ) -> Result<MeetingClosePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.meeting, "meeting", input.expected_version)?;
            session.service().meeting_close(session.caller(), id, version).await
        };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingClosePayload { meeting, user_errors })
    }

    /// Calls a meeting off, with a reason. Inputs that nobody disposed stay as they were said.
    async fn meeting_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The meeting and why.")] input: MeetingCancelInput,
    ) -> Result<MeetingCancelPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, version) = named(&input.meeting, "meeting", input.expected_version)?;
            let reason = prose_maybe(input.reason.as_deref(), "reason")?;
            session.service().meeting_cancel(session.caller(), id, reason, version).await
        };
        let (meeting, user_errors) = held(ctx, job).await?;
        Ok(MeetingCancelPayload { meeting, user_errors })
    }

    /// Records that an attendee has understood a revision of the plan: shared understanding, not agreement.
    async fn meeting_acknowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who understood which revision.")] input: MeetingAcknowledgeInput,
    ) -> Result<MeetingAcknowledgePayload, Fault> {
        let (meeting, user_errors) = held(ctx, acknowledge(session(ctx), input)).await?;
        Ok(MeetingAcknowledgePayload { meeting, user_errors })
    }
}
