//! Meetings in the API: the boundary, the agenda, who attends.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use futures_util::future::try_join_all;
use holdline_domain::{
    ids::MeetingId,
    meeting::{self as domain, MeetingStatus as Stands},
};

use super::{
    alignment::PlanAcknowledgement,
    brief,
    fault::Fault,
    input::shown,
    loaders::{AcknowledgedBy, unshare},
    meeting_boundary::Boundary,
    meeting_input::{self, MeetingInput},
    meeting_loaders::PlanOf,
    page::{Connection, PageArgs},
    person::{self, Person},
    plan::Plan,
    quarter::{self, Quarter},
    renegotiation::{self, Renegotiation},
    scalars::DateTime,
    session::session,
    team::{self, Team},
};
use crate::{failure::Failure, store::StoredMeeting};

/// A meeting.
#[derive(Clone)]
pub(super) struct Meeting(pub(super) Arc<StoredMeeting>);

/// What a meeting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MeetingKind")]
pub(super) enum MeetingKind {
    /// To confirm and inform; it decides nothing.
    Status,
    /// To change what was committed, or not to.
    Renegotiation,
    /// To plan a quarter.
    Planning,
}

/// How a meeting is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::MeetingFormat")]
pub(super) enum MeetingFormat {
    /// At one time.
    Live,
    /// In writing, over a time.
    Async,
}

/// What an attendee asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::Ask")]
pub(super) enum Ask {
    /// Tell me.
    Inform,
    /// A say.
    Input,
    /// May decide.
    Approval,
}

/// Where a meeting stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum MeetingStatus {
    /// Its boundary is being stated.
    Prepared,
    /// It is held; its kind, boundary and agenda are fixed.
    Open,
    /// It was held.
    Closed,
    /// It was called off.
    Cancelled,
}

/// Loads a meeting that must be there.
pub(super) async fn load(ctx: &Context<'_>, id: MeetingId) -> Result<Meeting, Fault> {
    let found = load_maybe(ctx, Some(id)).await?;
    found.ok_or_else(|| Failure::internal("a meeting of the record is missing").into())
}

/// Loads a meeting where there is one.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<MeetingId>) -> Result<Option<Meeting>, Fault> {
    let Some(id) = id else { return Ok(None) };
    Ok(session(ctx).loader().load_one(id).await.map_err(unshare)?.map(Meeting))
}

impl Meeting {
    pub(super) fn meeting(&self) -> &domain::Meeting {
        &self.0.meeting
    }
}

/// A record that states its boundary before anyone speaks.
#[Object]
impl Meeting {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.meeting().id.to_string())
    }
    /// Whose meeting it is.
    async fn team(&self, ctx: &Context<'_>) -> Result<Team, Fault> {
        team::load(ctx, self.meeting().team).await
    }
    /// About which quarter.
    async fn quarter(&self, ctx: &Context<'_>) -> Result<Quarter, Fault> {
        quarter::span(session(ctx), self.meeting().quarter).await.map(Quarter)
    }
    /// Its team's plan for that quarter, as it is now; null where there is none.
    async fn plan(&self, ctx: &Context<'_>) -> Result<Option<Plan>, Fault> {
        let of = PlanOf(self.meeting().team, self.meeting().quarter);
        Ok(session(ctx).loader().load_one(of).await.map_err(unshare)?.map(Plan::live_now))
    }
    /// What it is for.
    async fn kind(&self) -> MeetingKind {
        self.meeting().kind.into()
    }
    /// How it is held.
    async fn format(&self) -> MeetingFormat {
        self.meeting().format.into()
    }
    /// Where it stands.
    async fn status(&self) -> MeetingStatus {
        match self.meeting().status {
            Stands::Prepared => MeetingStatus::Prepared,
            Stands::Open => MeetingStatus::Open,
            Stands::Closed => MeetingStatus::Closed,
            Stands::Cancelled(_) => MeetingStatus::Cancelled,
        }
    }
    /// What it is called.
    async fn title(&self) -> &str {
        self.meeting().title.as_str()
    }
    /// When it is to be held.
    async fn scheduled_for(&self) -> Option<DateTime> {
        self.meeting().scheduled_for.map(DateTime)
    }
    /// How long it is to last, in minutes.
    async fn duration_minutes(&self) -> Option<i32> {
        self.meeting().duration_minutes.map(shown)
    }
    /// Who attends, asking for what.
    async fn attendees(&self) -> Vec<Attendee> {
        let attendees = self.meeting().attendees.iter();
        attendees.map(|attendee| Attendee { attendee: *attendee, meeting: self.clone() }).collect()
    }
    /// What is decided, what is open, what is out of scope.
    async fn boundary(&self, ctx: &Context<'_>) -> Result<Boundary, Fault> {
        Boundary::load(ctx, &self.meeting().boundary).await
    }
    /// The renegotiations that it is to decide.
    async fn agenda(&self, ctx: &Context<'_>) -> Result<Vec<Renegotiation>, Fault> {
        let agenda = self.meeting().agenda.iter().map(|id| renegotiation::load_maybe(ctx, Some(*id)));
        Ok(try_join_all(agenda).await?.into_iter().flatten().collect())
    }
    /// What was said in it, in the order in which it was recorded.
    async fn inputs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<MeetingInput>, Fault> {
        meeting_input::page(ctx, self.meeting().id, &PageArgs { first, after, last, before }).await
    }
    /// The page to put on screen, in Markdown: the plan, the reasoning and the boundary, as they stand now, and what was
    /// said once it was opened. What people wrote is escaped.
    async fn brief(&self, ctx: &Context<'_>) -> Result<String, Fault> {
        brief::markdown(ctx, self).await
    }
    /// Whether it stands for a decision that came from a file of history.
    async fn imported(&self) -> bool {
        self.meeting().imported
    }
    /// When it was opened.
    async fn opened_at(&self) -> Option<DateTime> {
        self.0.opened_at.map(DateTime)
    }
    /// When it was closed or cancelled.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.closed_at.map(DateTime)
    }
    /// Why it was cancelled.
    async fn cancelled_because(&self) -> Option<&str> {
        match &self.meeting().status {
            Stands::Cancelled(why) => Some(why.as_str()),
            _ => None,
        }
    }
    /// Grows by one with each event; `expectedVersion` compares with it.
    async fn version(&self) -> i32 {
        shown(self.meeting().version)
    }
}

/// Somebody at the table.
pub(super) struct Attendee {
    attendee: domain::Attendee,
    meeting: Meeting,
}

/// Somebody who attends a meeting.
#[Object]
impl Attendee {
    /// Who attends.
    async fn person(&self, ctx: &Context<'_>) -> Result<Person, Fault> {
        person::load(ctx, self.attendee.person).await
    }
    /// Asking for what.
    async fn ask(&self) -> Ask {
        self.attendee.ask.into()
    }
    /// Which revision they said in this meeting that they understood.
    async fn acknowledgement(&self, ctx: &Context<'_>) -> Result<Option<PlanAcknowledgement>, Fault> {
        let (session, meeting) = (session(ctx), self.meeting.meeting());
        let of = PlanOf(meeting.team, meeting.quarter);
        let Some(stored) = session.loader().load_one(of).await.map_err(unshare)? else { return Ok(None) };
        let plan = Plan::live_now(stored);
        let key = AcknowledgedBy(plan.stored.head.id, plan.until());
        let all = session.loader().load_one(key).await.map_err(unshare)?.unwrap_or_default();
        let own = all.into_iter().rev().find(|a| a.person == self.attendee.person && a.meeting == meeting.id);
        Ok(own.map(PlanAcknowledgement))
    }
}
