//! Inputs of a meeting in the API: what was said, on which open question, and where it went.

use async_graphql::{Context, Enum, ID, Object, Union};
use holdline_domain::{
    ids::{MeetingId, MeetingInputId},
    meeting_input as domain,
};

use super::{
    fault::Fault,
    idea::{self, Idea},
    loaders::unshare,
    meeting::{self, Meeting},
    meeting_boundary::OpenQuestion,
    meeting_loaders::InputsOf,
    page::{Connection, PageArgs, Total, connect},
    person::{self, Person},
    renegotiation::{self, Renegotiation},
    roadmap::{self, RoadmapItem},
    scalars::DateTime,
    session::session,
};
use crate::{failure::Failure, store::StoredMeetingInput};

/// An input.
pub(super) struct MeetingInput(pub(super) StoredMeetingInput);

/// Where an input went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum Disposition {
    /// It is kept as it was said, and goes nowhere.
    Noted,
    /// To the backlog, as an idea.
    Backlog,
    /// To a separate proposal to change what was committed.
    RenegotiationDraft,
    /// To the roadmap, as a change of an item; only input on an open question.
    Roadmap,
}

impl From<domain::Disposition> for Disposition {
    fn from(disposition: domain::Disposition) -> Self {
        match disposition {
            domain::Disposition::Noted => Self::Noted,
            domain::Disposition::Backlog(_) => Self::Backlog,
            domain::Disposition::RenegotiationDraft(_) => Self::RenegotiationDraft,
            domain::Disposition::Roadmap(_) => Self::Roadmap,
        }
    }
}

/// What became of an input where it went.
#[derive(Union)]
pub(super) enum DispositionOutcome {
    Idea(Idea),
    Renegotiation(Renegotiation),
    RoadmapItem(RoadmapItem),
}

/// The input of an id.
pub(super) async fn lookup(ctx: &Context<'_>, id: MeetingInputId) -> Result<Option<MeetingInput>, Fault> {
    Ok(session(ctx).reader().meeting_input(id).await?.map(MeetingInput))
}

/// A page of a meeting's inputs, in the order in which they were recorded.
pub(super) async fn page(
    ctx: &Context<'_>,
    meeting: MeetingId,
    args: &PageArgs,
) -> Result<Connection<MeetingInput>, Fault> {
    let query = format!("inputs {meeting}");
    let key = InputsOf { meeting, page: args.request(&query)? };
    let found = session(ctx).loader().load_one(key).await.map_err(unshare)?;
    let page = found.ok_or_else(|| Failure::internal("a page of inputs is missing"))?;
    Ok(connect(&query, page, Total::Inputs(meeting), MeetingInput))
}

/// Something said in a meeting. It changes nothing by itself: it is sent where it belongs, once.
#[Object]
impl MeetingInput {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.input.id.to_string())
    }
    /// In which meeting it was said.
    async fn meeting(&self, ctx: &Context<'_>) -> Result<Meeting, Fault> {
        meeting::load(ctx, self.0.input.meeting).await
    }
    /// Who said it.
    async fn by(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.0.input.by).await
    }
    /// The words.
    async fn text(&self) -> &str {
        self.0.input.text.as_str()
    }
    /// On which open question of the meeting; null where it was on none.
    async fn question(&self, ctx: &Context<'_>) -> Result<Option<OpenQuestion>, Fault> {
        let Some(question) = self.0.input.question else { return Ok(None) };
        Ok(OpenQuestion::of(&meeting::load(ctx, self.0.input.meeting).await?, question))
    }
    /// Where it went; null until somebody said so, which a meeting needs before it closes.
    async fn disposition(&self) -> Option<Disposition> {
        self.0.input.disposition.map(Into::into)
    }
    /// What became of it there; null where it was noted only, or where that is of a team that the token does not hold.
    async fn outcome(&self, ctx: &Context<'_>) -> Result<Option<DispositionOutcome>, Fault> {
        Ok(match self.0.input.disposition {
            Some(domain::Disposition::RenegotiationDraft(id)) => {
                renegotiation::load_maybe(ctx, Some(id)).await?.map(DispositionOutcome::Renegotiation)
            }
            Some(domain::Disposition::Backlog(id)) => {
                idea::load_maybe(ctx, Some(id)).await?.map(DispositionOutcome::Idea)
            }
            Some(domain::Disposition::Roadmap(id)) => {
                roadmap::load(ctx, id, None).await?.map(DispositionOutcome::RoadmapItem)
            }
            None | Some(domain::Disposition::Noted) => None,
        })
    }
    /// When it was recorded.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }
    /// When it was disposed.
    async fn disposed_at(&self) -> Option<DateTime> {
        self.0.disposed_at.map(DateTime)
    }
}
