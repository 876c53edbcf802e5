//! Inputs of a meeting: what was said is recorded, and each input is sent where it belongs, with what becomes of it
//! there made in the same job. The ways are the other nouns' own; here is only that an input took one.

use holdline_domain::{
    actor::Actor,
    ids::{MeetingId, MeetingInputId, OpenQuestionId},
    meeting_input::Disposition,
    permission::{
        Forbidden,
        action::{DraftRenegotiation, HoldMeetings},
    },
    text::Prose,
};

use super::{Caller, Draft, PersonRef, Service, found, meeting::one, renegotiation};
use crate::{failure::Failure, store::Tx};

/// An input to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct InputRecord {
    pub id: Option<MeetingInputId>,
    pub meeting: MeetingId,
    pub by: PersonRef,
    pub text: Prose,
    pub question: Option<OpenQuestionId>,
}

/// Where an input is to go.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the variants are the mutation's input, described in the API")]
pub enum Way {
    Noted,
    RenegotiationDraft(Draft),
}

impl Way {
    /// FORBIDDEN where the caller may not make what becomes of an input on this way.
    fn require(&self, actor: &Actor) -> Result<(), Forbidden> {
        match self {
            Self::Noted => Ok(()),
            Self::RenegotiationDraft(_) => actor.require::<DraftRenegotiation>().map(|_| ()),
        }
    }

    /// Where it leads: to what is there already, or to what is about to be made under an id that is fixed here.
    fn leads_to(&mut self, tx: &Tx) -> Disposition {
        match self {
            Self::Noted => Disposition::Noted,
            Self::RenegotiationDraft(draft) => {
                Disposition::RenegotiationDraft(*draft.id.get_or_insert_with(|| tx.id()))
            }
        }
    }

    /// Makes what becomes of an input on this way.
    async fn take(self, tx: &Tx, meeting: MeetingId) -> Result<(), Failure> {
        match self {
            Self::Noted => Ok(()),
            Self::RenegotiationDraft(draft) => {
                let permit = tx.actor().require::<DraftRenegotiation>()?;
                let made = renegotiation::draft(tx, &permit, draft, Some(meeting)).await;
                made.map(|_| ()).map_err(|failure| failure.under(&["disposition", "renegotiationDraft"]))
            }
        }
    }
}

impl Service {
    /// Records what somebody said in an open meeting.
    pub async fn meeting_input_record(&self, caller: &Caller, input: InputRecord) -> Result<MeetingInputId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingInputRecord", move |tx| {
            Box::pin(async move {
                let (meeting, _) = one(tx, input.meeting, None).await?;
                let by = input.by.resolve(tx, "by").await?;
                let id = input.id.unwrap_or_else(|| tx.id());
                let change = meeting.record_input(&permit, id, by, input.text, input.question)?;
                tx.create(change, id.uuid(), input.id.is_some()).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Sends an input where it belongs, and makes what becomes of it there.
    pub async fn meeting_input_dispose(
        &self,
        caller: &Caller,
        id: MeetingInputId,
        mut way: Way,
    ) -> Result<MeetingInputId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        way.require(&caller.actor)?;
        self.write(caller, "meetingInputDispose", move |tx| {
            Box::pin(async move {
                let input = found(tx.meeting_input(id).await?, "meetingInput", "meeting input", id)?;
                let (meeting, _) = one(tx, input.meeting, None).await?;
                // Whether it may go there at all is said before anything is made there.
                let to = way.leads_to(tx);
                let change = input.dispose(&permit, &meeting, to)?;
                way.take(tx, meeting.id).await?;
                tx.apply(change).await?;
                Ok(id)
            })
        })
        .await
    }
}
