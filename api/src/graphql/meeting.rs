//! Meetings in the API: the boundary, the agenda, who attends.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Union};
use holdline_domain::{
    ids::MeetingId,
    meeting::{self as domain, MeetingStatus as Stands},
    meeting_boundary as boundary,
};

use super::{
    alignment::PlanAcknowledgement,
    fault::Fault,
    ids::Pin,
    input::{shown, team_key},
    key_result::{self, KeyResult},
    loaders::{AcknowledgedBy, unshare},
    objective::{self, Objective},
    page::{Connection, PageArgs, Total, connect},
    person::{self, Person},
    plan::Plan,
    quarter::{self, Quarter},
    renegotiation::{self, Renegotiation},
    scalars::DateTime,
    session::{Session, reading, session},
    team::{self, Team},
};
use crate::{
    failure::Failure,
    store::{MeetingsWanted, StoredMeeting},
};

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

/// Which input a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "boundary::InputWanted")]
pub(super) enum InputWanted {
    /// What people think of it.
    Reaction,
    /// In which order.
    Sequencing,
    /// Which ways there are.
    Options,
    /// What could go wrong.
    Risks,
    /// What is known.
    Facts,
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

/// A page of meetings, the newest first.
pub(super) async fn page(
    ctx: &Context<'_>,
    wanted: MeetingsWanted,
    args: &PageArgs,
) -> Result<Connection<Meeting>, Fault> {
    let query = format!("meetings {wanted:?}");
    let page = session(ctx).reader().meetings(&wanted, &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Meetings(wanted), |stored| Meeting(Arc::new(stored))))
}

impl Meeting {
    fn meeting(&self) -> &domain::Meeting {
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
        let mut agenda = Vec::new();
        for id in &self.meeting().agenda {
            agenda.extend(renegotiation::load_maybe(ctx, Some(*id)).await?);
        }
        Ok(agenda)
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
        let Some(stored) = session.reader().plan_of(meeting.team, meeting.quarter).await? else { return Ok(None) };
        let plan = Plan::live_now(Arc::new(stored));
        let key = AcknowledgedBy(plan.stored.head.id, plan.until());
        let all = session.loader().load_one(key).await.map_err(unshare)?.unwrap_or_default();
        let own = all.into_iter().rev().find(|a| a.person == self.attendee.person && a.meeting == meeting.id);
        Ok(own.map(PlanAcknowledgement))
    }
}

/// The boundary of a meeting.
#[derive(SimpleObject)]
pub(super) struct Boundary {
    /// What is decided and not reopened, and why.
    decided: Vec<DecidedSubject>,
    /// What is open, and which input is wanted.
    open: Vec<OpenQuestion>,
    /// What is out of scope.
    out_of_scope: Vec<String>,
    /// Whether it is for information only.
    information_only: bool,
}

/// A subject that is not reopened.
#[derive(SimpleObject)]
struct DecidedSubject {
    /// What is decided.
    subject: BoundarySubject,
    /// Why it is not reopened.
    why: String,
}

/// What a boundary line is about.
#[derive(Union)]
pub(super) enum BoundarySubject {
    Objective(Objective),
    KeyResult(KeyResult),
    FreeText(FreeText),
}

/// A subject in words.
#[derive(SimpleObject)]
pub(super) struct FreeText {
    /// The words.
    text: String,
}

/// An open question.
pub(super) struct OpenQuestion(boundary::OpenQuestion);

/// A question that a meeting holds open.
#[Object]
impl OpenQuestion {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// The specific question.
    async fn question(&self) -> &str {
        self.0.question.as_str()
    }
    /// Which input it wants.
    async fn wanted(&self) -> InputWanted {
        self.0.wanted.into()
    }
    /// What it is about.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<BoundarySubject>, Fault> {
        match &self.0.subject {
            Some(subject) => BoundarySubject::load(ctx, subject).await.map(Some),
            None => Ok(None),
        }
    }
}

impl OpenQuestion {
    /// The open question of an id.
    pub(super) async fn lookup(ctx: &Context<'_>, id: uuid::Uuid) -> Result<Option<Self>, Fault> {
        let meeting = session(ctx).reader().meeting_of_question(id).await?;
        let Some(meeting) = load_maybe(ctx, meeting).await? else { return Ok(None) };
        let open = &meeting.meeting().boundary.open;
        Ok(open.iter().find(|question| question.id.uuid() == id).cloned().map(Self))
    }
}

impl Boundary {
    async fn load(ctx: &Context<'_>, said: &boundary::Boundary) -> Result<Self, Fault> {
        let mut decided = Vec::new();
        for subject in &said.decided {
            let why = subject.why.to_string();
            decided.push(DecidedSubject { subject: BoundarySubject::load(ctx, &subject.subject).await?, why });
        }
        Ok(Self {
            decided,
            open: said.open.iter().cloned().map(OpenQuestion).collect(),
            out_of_scope: said.out_of_scope.iter().map(ToString::to_string).collect(),
            information_only: said.information_only,
        })
    }
}

impl BoundarySubject {
    /// A subject that the token cannot see any more, or whose draft was removed, is shown as its id.
    async fn load(ctx: &Context<'_>, subject: &boundary::BoundarySubject) -> Result<Self, Fault> {
        Ok(match subject {
            boundary::BoundarySubject::Objective(id) => match objective::lookup(ctx, *id, Pin::Live).await? {
                Some(objective) => Self::Objective(objective),
                None => Self::FreeText(FreeText { text: id.to_string() }),
            },
            boundary::BoundarySubject::KeyResult { id, .. } => match key_result::lookup(ctx, *id, Pin::Live).await? {
                Some(key_result) => Self::KeyResult(key_result),
                None => Self::FreeText(FreeText { text: id.to_string() }),
            },
            boundary::BoundarySubject::Text(text) => Self::FreeText(FreeText { text: text.to_string() }),
        })
    }
}

/// Which meetings are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
struct MeetingFilter {
    /// Of the team with this key.
    team: Option<String>,
    /// About the quarter with this label.
    quarter: Option<String>,
    /// Of one of these kinds.
    kind: Option<MeetingKindFilter>,
    /// In one of these states.
    status: Option<MeetingStatusFilter>,
}

/// A condition on a meeting's kind.
#[derive(Debug, InputObject)]
struct MeetingKindFilter {
    /// Exactly this kind.
    eq: Option<MeetingKind>,
    /// One of these kinds.
    r#in: Option<Vec<MeetingKind>>,
}

/// A condition on a meeting's state.
#[derive(Debug, InputObject)]
struct MeetingStatusFilter {
    /// Exactly this state.
    eq: Option<MeetingStatus>,
    /// One of these states.
    r#in: Option<Vec<MeetingStatus>>,
}

impl MeetingStatus {
    const fn stored(self) -> &'static str {
        match self {
            Self::Prepared => "PREPARED",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

impl MeetingFilter {
    async fn parse(self, session: &Session) -> Result<MeetingsWanted, Fault> {
        let mut wanted = MeetingsWanted::default();
        if let Some(key) = self.team {
            match session.reader().team(&team_key(&key, "team")?).await? {
                Some(team) => wanted.team = Some(team.id),
                // Nothing is found for a team that is not there for this token.
                None => wanted.statuses = Some(Vec::new()),
            }
        }
        if let Some(label) = self.quarter {
            wanted.quarter = Some(quarter::parse(&label, "quarter")?.to_string());
        }
        if let Some(kind) = self.kind {
            let all = kind.eq.into_iter().chain(kind.r#in.into_iter().flatten());
            wanted.kinds = Some(all.map(Into::into).collect());
        }
        if let (Some(status), None) = (self.status, &wanted.statuses) {
            let all = status.eq.into_iter().chain(status.r#in.into_iter().flatten());
            wanted.statuses = Some(all.map(MeetingStatus::stored).collect());
        }
        Ok(wanted)
    }
}

/// Queries about meetings.
#[derive(Default)]
pub(super) struct MeetingQuery;

#[Object]
impl MeetingQuery {
    /// Meetings of the teams that the token holds, the newest first.
    async fn meetings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those for which all of this holds.")] filter: Option<MeetingFilter>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Meeting>, Fault> {
        let session = reading(ctx)?;
        let wanted = match filter {
            Some(filter) => filter.parse(session).await?,
            None => MeetingsWanted::default(),
        };
        page(ctx, wanted, &PageArgs { first, after, last, before }).await
    }
}
