//! How an input states where something said goes: one way, with what is made of it there.

use async_graphql::{ID, InputObject, OneofObject};
use holdline_domain::{idea::IdeaTerms, ids::MeetingInputId, refusal::Refusal};

use super::{
    customer_request_input::CustomerRequestInput,
    idea_input::asking,
    ids::parse,
    input::{Fields, line, prose_maybe},
    renegotiation_input::RenegotiationDraftInput,
    roadmap_mutation::{RoadmapItemAddInput, RoadmapItemMoveInput, RoadmapItemUpdateInput},
};
use crate::{failure::Failure, service::Way};

/// What `meetingInputDispose` takes: the input, and exactly one way; needs the scope for that, too.
#[derive(InputObject)]
pub(super) struct MeetingInputDisposeInput {
    /// The input, not disposed yet.
    meeting_input: ID,
    /// It is kept as it was said, and goes nowhere; true where given.
    noted: Option<bool>,
    /// It goes to the backlog, as a new idea of the meeting's team or as one that is there.
    backlog: Option<BacklogInput>,
    /// It becomes a draft of a renegotiation, as `renegotiationDraft` makes one; also from a STATUS meeting.
    renegotiation_draft: Option<RenegotiationDraftInput>,
    /// It changes the roadmap; only input on an open question may.
    roadmap: Option<RoadmapChangeInput>,
}

/// One change of a roadmap.
#[derive(OneofObject)]
pub(super) enum RoadmapChangeInput {
    /// A further item, as `roadmapItemAdd` makes one.
    Add(RoadmapItemAddInput),
    /// An item that is there stated anew, as `roadmapItemUpdate` does.
    Update(RoadmapItemUpdateInput),
    /// An item that is there moved, as `roadmapItemMove` does.
    Move(RoadmapItemMoveInput),
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

impl RoadmapChangeInput {
    fn parse(self) -> Result<Way, Failure> {
        let mut fields = Fields::default();
        let way = match self {
            Self::Add(item) => fields.under(&["add"], item.parse())?.map(Way::RoadmapAdd),
            Self::Update(item) => fields.under(&["update"], item.parse())?.map(Way::RoadmapUpdate),
            Self::Move(item) => fields.under(&["move"], item.parse())?.map(Way::RoadmapMove),
        };
        fields.finish(|| way)
    }
}

impl MeetingInputDisposeInput {
    pub(super) fn parse(self) -> Result<(MeetingInputId, Way), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.meeting_input, &["meetingInput"]));
        let noted = self.noted.map(|noted| {
            let refused = || Refusal::invalid(&["noted"], "noted is true, or another way is named.");
            noted.then_some(Way::Noted).ok_or_else(refused)
        });
        let given =
            [noted.is_some(), self.backlog.is_some(), self.renegotiation_draft.is_some(), self.roadmap.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "An input goes one way: noted, backlog, renegotiationDraft or roadmap, exactly one of them.";
            fields.keep::<()>(Err(Refusal::invalid(&[], message)));
        }
        let mut ways: Vec<Way> = noted.and_then(|noted| fields.keep(noted)).into_iter().collect();
        let backlog = self.backlog.map(BacklogInput::parse).transpose();
        ways.extend(fields.under(&["backlog"], backlog)?.flatten());
        let draft = self.renegotiation_draft.map(RenegotiationDraftInput::parse).transpose();
        ways.extend(fields.under(&["renegotiationDraft"], draft)?.flatten().map(Way::RenegotiationDraft));
        ways.extend(fields.under(&["roadmap"], self.roadmap.map(RoadmapChangeInput::parse).transpose())?.flatten());
        fields.finish(|| Some((id?, ways.pop()?)))
    }
}
