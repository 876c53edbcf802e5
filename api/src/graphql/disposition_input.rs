//! How an input states where something said goes: exactly one way, with what is made of it there.

use async_graphql::{ID, InputObject, OneofObject};
use holdline_domain::{idea::IdeaTerms, ids::MeetingInputId, refusal::Refusal};

use super::{
    chosen::chosen,
    customer_request_input::CustomerRequestInput,
    idea_input::asking,
    ids::parse,
    input::{Fields, line, prose_maybe},
    renegotiation_input::RenegotiationDraftInput,
    roadmap::Horizon,
    roadmap_mutation::{RoadmapItemMoveInput, RoadmapItemUpdateInput, content},
    scalars::Decimal,
};
use crate::{failure::Failure, service::Way};

/// What `meetingInputDispose` takes: the input and exactly one way, which needs the scope for what is made there, too.
#[derive(InputObject)]
pub(super) struct MeetingInputDisposeInput {
    /// The input, not disposed yet.
    meeting_input: ID,
    /// True where it is kept as it was said, and goes nowhere.
    noted: Option<bool>,
    /// It goes to the backlog, as a new idea of the meeting's team or as one that is there.
    backlog: Option<BacklogInput>,
    /// It becomes a draft of a renegotiation, as `renegotiationDraft` makes one; also from a STATUS meeting.
    renegotiation_draft: Option<RenegotiationDraftInput>,
    /// It changes the roadmap; only input on an open question may.
    roadmap: Option<RoadmapChangeInput>,
}

/// An idea that is there, or what a new one says.
#[derive(InputObject)]
pub(super) struct BacklogInput {
    /// An idea that is there; then nothing else is named. One that was merged stands for the idea that it went into.
    idea: Option<ID>,
    /// What a new idea is, in a line.
    title: Option<String>,
    /// What a new idea is about.
    body: Option<String>,
    /// Who asks for a new idea; at most 100.
    customer_requests: Option<Vec<CustomerRequestInput>>,
}

/// One change of a roadmap.
#[derive(OneofObject)]
pub(super) enum RoadmapChangeInput {
    /// A further item on the roadmap of the meeting's team.
    Add(RoadmapAdditionInput),
    /// An item that is there stated anew, as `roadmapItemUpdate` does.
    Update(RoadmapItemUpdateInput),
    /// An item that is there moved, as `roadmapItemMove` does.
    Move(RoadmapItemMoveInput),
}

/// An item to add to the roadmap of the meeting's team.
#[derive(InputObject)]
pub(super) struct RoadmapAdditionInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// What it is called.
    title: String,
    /// The problem that it solves.
    problem: Option<String>,
    /// How soon it is to be done; it goes to the end of this horizon.
    horizon: Horizon,
    /// What it takes, 0 or more, in the team's own unit.
    effort: Option<Decimal>,
    /// The key results that it serves, each once, at most 50; NOW needs a live one of the quarter's committed plan.
    key_results: Option<Vec<ID>>,
}

impl BacklogInput {
    fn parse(self) -> Result<Way, Failure> {
        let mut fields = Fields::default();
        let new = self.title.is_some() || self.body.is_some() || self.customer_requests.is_some();
        let Some(idea) = self.idea else {
            let message = "Name an idea that is there, or say the title of a new one.";
            let title = self.title.as_deref().ok_or_else(|| Refusal::invalid(&["title"], message));
            let title = fields.keep(title.and_then(|title| line(title, "title")));
            let body = fields.keep(prose_maybe(self.body.as_deref(), "body"));
            let customer_requests = fields.under(&[], asking(self.customer_requests))?;
            return fields.finish(|| {
                let terms = IdeaTerms { title: title?, body: body?, external: None, impact: None, effort: None };
                Some(Way::NewIdea(terms, customer_requests?))
            });
        };
        let id = fields.keep(parse(&idea, &["idea"]));
        if new {
            let message = "An idea that is there keeps its words and requests; name it alone.";
            fields.keep::<()>(Err(Refusal::invalid(&["idea"], message).remedy("ideaUpdate or customerRequestUpsert.")));
        }
        fields.finish(|| Some(Way::Idea(id?)))
    }
}

impl RoadmapAdditionInput {
    fn parse(self) -> Result<Way, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let horizon = self.horizon.into();
        let content = content(&mut fields, &self.title, self.problem.as_deref(), self.effort, self.key_results);
        fields.finish(|| Some(Way::RoadmapAdd { id: id?, horizon, content: content? }))
    }
}

impl RoadmapChangeInput {
    fn parse(self) -> Result<Way, Failure> {
        let mut fields = Fields::default();
        let way = match self {
            Self::Add(item) => fields.under(&["add"], item.parse())?,
            Self::Update(item) => fields.under(&["update"], item.parse())?.map(Way::RoadmapUpdate),
            Self::Move(item) => fields.under(&["move"], item.parse())?.map(Way::RoadmapMove),
        };
        fields.finish(|| way)
    }
}

fn noted(noted: bool) -> Result<Way, Failure> {
    let message = "noted is true, or another way is named.";
    if noted { Ok(Way::Noted) } else { Err(Refusal::invalid(&[], message).into()) }
}

impl MeetingInputDisposeInput {
    pub(super) fn parse(self) -> Result<(MeetingInputId, Way), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.meeting_input, &["meetingInput"]));
        let ways = [
            self.noted.map(|said| ("noted", noted(said))),
            self.backlog.map(|backlog| ("backlog", backlog.parse())),
            self.renegotiation_draft.map(|draft| ("renegotiationDraft", draft.parse().map(Way::RenegotiationDraft))),
            self.roadmap.map(|change| ("roadmap", change.parse())),
        ];
        let mut named: Vec<_> = ways.into_iter().flatten().collect();
        let way = if let (Some((name, way)), true) = (named.pop(), named.is_empty()) {
            fields.under(&[name], way)?
        } else {
            let message = "Name exactly one of noted, backlog, renegotiationDraft and roadmap.";
            fields.keep(Err(Refusal::invalid(&[], message)))
        };
        fields.finish(|| Some((id?, way?)))
    }
}
