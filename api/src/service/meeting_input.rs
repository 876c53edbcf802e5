//! Inputs of a meeting: what was said is recorded, and each input is sent where it belongs, with what becomes of it
//! there made in the same job. The ways are the other nouns' own; here is only that an input took one.

use holdline_domain::{
    actor::Actor,
    customer_request::RequestPost,
    idea::IdeaTerms,
    ids::{Id, IdeaId, Kind, MeetingId, MeetingInputId, OpenQuestionId},
    meeting::Meeting,
    meeting_input::{Disposition, MeetingInput},
    permission::{
        Forbidden,
        action::{DraftRenegotiation, HoldMeetings, KeepBacklog, MoveRoadmap},
    },
    text::Prose,
    time::FiscalCalendar,
};

use super::{
    Caller, Draft, IdeaSubmit, PersonRef, RoadmapItemAdd, RoadmapItemEdit, RoadmapItemMove, Service, found,
    idea::{self, submit},
    meeting::one,
    renegotiation::draft,
    roadmap,
};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

/// An input to be recorded.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct InputRecord {
    pub id: Option<Chosen<MeetingInputId>>,
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
    /// To an idea that is in a backlog already.
    Idea(IdeaId),
    /// To the backlog of the meeting's team, as a new idea.
    NewIdea(IdeaTerms, Vec<RequestPost>),
    RenegotiationDraft(Draft),
    RoadmapAdd(RoadmapItemAdd),
    RoadmapUpdate(RoadmapItemEdit),
    RoadmapMove(RoadmapItemMove),
}

impl Way {
    /// FORBIDDEN where the caller may not make what becomes of an input on this way.
    fn require(&self, actor: &Actor) -> Result<(), Forbidden> {
        match self {
            Self::Noted => Ok(()),
            Self::Idea(_) | Self::NewIdea(..) => actor.require::<KeepBacklog>().map(|_| ()),
            Self::RenegotiationDraft(_) => actor.require::<DraftRenegotiation>().map(|_| ()),
            Self::RoadmapAdd(_) | Self::RoadmapUpdate(_) | Self::RoadmapMove(_) => {
                actor.require::<MoveRoadmap>().map(|_| ())
            }
        }
    }

    const fn to_roadmap(&self) -> bool {
        match self {
            Self::Noted | Self::Idea(_) | Self::NewIdea(..) | Self::RenegotiationDraft(_) => false,
            Self::RoadmapAdd(_) | Self::RoadmapUpdate(_) | Self::RoadmapMove(_) => true,
        }
    }

    /// Where it is in the input, for what is refused there.
    const fn path(&self) -> &'static [&'static str] {
        match self {
            Self::Noted => &["noted"],
            Self::Idea(_) | Self::NewIdea(..) => &["backlog"],
            Self::RenegotiationDraft(_) => &["renegotiationDraft"],
            Self::RoadmapAdd(_) => &["roadmap", "add"],
            Self::RoadmapUpdate(_) => &["roadmap", "update"],
            Self::RoadmapMove(_) => &["roadmap", "move"],
        }
    }

    /// Whether this very request sent the input before, known by the id that it chose for what it made; CONFLICT where
    /// that id is of something else.
    async fn taken(&self, tx: &Tx, input: &MeetingInput) -> Result<bool, Failure> {
        let (made, id) = match self {
            Self::RenegotiationDraft(Draft { id: Some(chosen), .. }) => {
                (made(tx, *chosen).await?.map(Disposition::RenegotiationDraft), chosen.id.uuid())
            }
            Self::RoadmapAdd(RoadmapItemAdd { id: Some(chosen), .. }) => {
                (made(tx, *chosen).await?.map(Disposition::Roadmap), chosen.id.uuid())
            }
            _ => return Ok(false),
        };
        if made.is_some() && input.disposition != made {
            tx.unused(id).await?;
        }
        Ok(made.is_some())
    }

    /// Makes what becomes of an input on this way, and says where that is.
    async fn take(self, tx: &Tx, calendar: FiscalCalendar, meeting: &Meeting) -> Result<Disposition, Failure> {
        let surfaced = Some(meeting.id);
        match self {
            Self::Noted => Ok(Disposition::Noted),
            Self::Idea(id) => {
                let idea = idea::one(tx, id, None).await?;
                tx.forwarded(idea).await.map(|idea| Disposition::Backlog(idea.id))
            }
            Self::NewIdea(terms, customer_requests) => {
                let permit = tx.actor().require::<KeepBacklog>()?;
                let team = found(tx.team_by_id(meeting.team).await?, "meetingInput", "team", meeting.team)?.key;
                let input = IdeaSubmit { id: None, team, terms, customer_requests };
                submit(tx, &permit, input, surfaced).await.map(Disposition::Backlog)
            }
            Self::RenegotiationDraft(input) => {
                let permit = tx.actor().require::<DraftRenegotiation>()?;
                draft(tx, &permit, input, surfaced).await.map(Disposition::RenegotiationDraft)
            }
            Self::RoadmapAdd(input) => {
                let permit = tx.actor().require::<MoveRoadmap>()?;
                let item = roadmap::add(tx, &permit, calendar, input, surfaced).await?;
                Ok(Disposition::Roadmap(item.id))
            }
            Self::RoadmapUpdate(input) => {
                let permit = tx.actor().require::<MoveRoadmap>()?;
                let item = roadmap::update(tx, &permit, calendar, input, surfaced).await?;
                Ok(Disposition::Roadmap(item.id))
            }
            Self::RoadmapMove(input) => {
                let permit = tx.actor().require::<MoveRoadmap>()?;
                let item = roadmap::move_item(tx, &permit, calendar, input, surfaced).await?;
                Ok(Disposition::Roadmap(item.id))
            }
        }
    }
}

/// What this very request made under the id that it chose.
async fn made<K: Kind>(tx: &Tx, chosen: Chosen<Id<K>>) -> Result<Option<Id<K>>, Failure> {
    Ok(match tx.claim(Some(chosen)).await? {
        Claim::Free(_) => None,
        Claim::Made(id, _) => Some(id),
    })
}

impl Service {
    /// Records what somebody said in an open meeting.
    pub async fn meeting_input_record(&self, caller: &Caller, input: InputRecord) -> Result<MeetingInputId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        self.write(caller, "meetingInputRecord", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let (meeting, _) = one(tx, input.meeting, None).await?;
                let by = input.by.resolve(tx, "by").await?;
                let change = meeting.record_input(&permit, id, by, input.text, input.question)?;
                tx.create(change, input.id).await?;
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
        way: Way,
    ) -> Result<MeetingInputId, Failure> {
        let permit = caller.actor.require::<HoldMeetings>()?;
        way.require(&caller.actor)?;
        let calendar = self.calendar;
        self.write(caller, "meetingInputDispose", move |tx| {
            Box::pin(async move {
                let input = found(tx.meeting_input(id).await?, "meetingInput", "meeting input", id)?;
                let (meeting, _) = one(tx, input.meeting, None).await?;
                let path = way.path();
                if way.taken(tx, &input).await.map_err(|failure| failure.under(path))? {
                    return Ok(id);
                }
                input.may_go(&meeting, way.to_roadmap())?;
                let went = way.take(tx, calendar, &meeting).await.map_err(|failure| failure.under(path))?;
                tx.apply(input.dispose(&permit, &meeting, went)?).await?;
                Ok(id)
            })
        })
        .await
    }
}
