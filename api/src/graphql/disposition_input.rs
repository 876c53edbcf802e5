//! How an input states where something said goes: one way, with what is made of it there.

use async_graphql::{ID, InputObject, OneofObject};
use holdline_domain::{idea::IdeaTerms, refusal::Refusal};

use super::{
    customer_request_input::CustomerRequestInput,
    idea_input::asking,
    ids::parse,
    input::{Fields, line, prose_maybe},
    renegotiation_input::RenegotiationDraftInput,
    roadmap_mutation::{RoadmapItemAddInput, RoadmapItemMoveInput, RoadmapItemUpdateInput},
};
use crate::{failure::Failure, service::Way};

/// Where an input goes, and what is made of it there; needs the scope for that, too.
#[derive(OneofObject)]
pub(super) enum DispositionInput {
    /// It is kept as it was said, and goes nowhere; always true.
    Noted(bool),
    /// It goes to the backlog, as a new idea of the meeting's team or as one that is there.
    Backlog(BacklogInput),
    /// It becomes a draft of a renegotiation, as `renegotiationDraft` makes one; also from a STATUS meeting.
    RenegotiationDraft(RenegotiationDraftInput),
    /// It changes the roadmap; only input on an open question may.
    Roadmap(RoadmapChangeInput),
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

impl DispositionInput {
    pub(super) fn parse(self) -> Result<Way, Failure> {
        let mut fields = Fields::default();
        let way = match self {
            Self::Noted(true) => Some(Way::Noted),
            Self::Noted(false) => {
                let message = "noted is true, or another way is named.";
                fields.keep(Err(Refusal::invalid(&["noted"], message)))
            }
            Self::Backlog(backlog) => fields.under(&["backlog"], backlog.parse())?,
            Self::RenegotiationDraft(draft) => {
                fields.under(&["renegotiationDraft"], draft.parse())?.map(Way::RenegotiationDraft)
            }
            Self::Roadmap(change) => fields.under(&["roadmap"], change.parse())?,
        };
        fields.finish(|| way)
    }
}
