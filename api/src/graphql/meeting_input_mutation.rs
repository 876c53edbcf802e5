//! The mutations of an input: record what was said, and send it where it belongs.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use holdline_domain::{ids::MeetingInputId, permission::action::HoldMeetings};

use super::{
    chosen::chosen,
    disposition_input::MeetingInputDisposeInput,
    fault::Fault,
    ids::parse,
    input::{Fields, prose},
    meeting_input::{MeetingInput, lookup},
    person::PersonRef,
    session::session,
    user_error::UserError,
};
use crate::{failure::Failure, service::InputRecord};

/// What `meetingInputRecord` takes.
#[derive(InputObject)]
struct MeetingInputRecordInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The meeting, open.
    meeting: ID,
    /// Who said it; need not attend.
    by: PersonRef,
    /// The words.
    text: String,
    /// The open question of this meeting that it is on; left out where it is on none.
    question: Option<ID>,
}

/// What `meetingInputRecord` answers.
#[derive(SimpleObject)]
struct MeetingInputRecordPayload {
    /// The input; null where it was refused.
    meeting_input: Option<MeetingInput>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `meetingInputDispose` answers.
#[derive(SimpleObject)]
struct MeetingInputDisposePayload {
    /// The input with what became of it; null where it was refused.
    meeting_input: Option<MeetingInput>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl MeetingInputRecordInput {
    fn parse(self) -> Result<InputRecord, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let meeting = fields.keep(parse(&self.meeting, &["meeting"]));
        let by = fields.keep(self.by.parse("by"));
        let text = fields.keep(prose(&self.text, "text"));
        let question = fields.keep(self.question.map(|id| parse(&id, &["question"])).transpose());
        fields.finish(|| Some(InputRecord { id: id?, meeting: meeting?, by: by?, text: text?, question: question? }))
    }
}

async fn kept(
    ctx: &Context<'_>,
    job: impl Future<Output = Result<MeetingInputId, Failure>>,
) -> Result<(Option<MeetingInput>, Vec<UserError>), Fault> {
    let (id, user_errors) = session(ctx).mutate::<HoldMeetings, _>(job).await?;
    let found = match id {
        Some(id) => lookup(ctx, id).await?,
        None => None,
    };
    Ok((found, user_errors))
}

/// Mutations about inputs of meetings.
#[derive(Default)]
pub(super) struct MeetingInputMutation;

#[Object]
impl MeetingInputMutation {
    /// Records what somebody said in an open meeting, in their words. It changes nothing by itself.
    async fn meeting_input_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who said what.")] input: MeetingInputRecordInput,
    ) -> Result<MeetingInputRecordPayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().meeting_input_record(session.caller(), input.parse()?).await };
        let (meeting_input, user_errors) = kept(ctx, job).await?;
        Ok(MeetingInputRecordPayload { meeting_input, user_errors })
    }

    /// Sends an input where it belongs, once, and makes what becomes of it there, in one step. An input on no open
    /// question does not change the roadmap.
    async fn meeting_input_dispose(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The input and where it goes.")] input: MeetingInputDisposeInput,
    ) -> Result<MeetingInputDisposePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, way) = input.parse()?;
            session.service().meeting_input_dispose(session.caller(), id, way).await
        };
        let (meeting_input, user_errors) = kept(ctx, job).await?;
        Ok(MeetingInputDisposePayload { meeting_input, user_errors })
    }
}
