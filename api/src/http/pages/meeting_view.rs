//! What a meeting's page reads from the API, and what it says of it.

use serde::Deserialize;

use super::{
    change::Change,
    moment::Moment,
    view::{Decision, Known, Linked, Money, Nodes, Person, QuarterId, TeamName, Viewer},
};

/// What an id stands for: a meeting, or something else.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum Asked {
    Meeting(Box<Meeting>),
    #[serde(other)]
    Else,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meeting {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) kind: String,
    pub(super) format: String,
    pub(super) status: String,
    pub(super) scheduled_for: Option<Moment>,
    pub(super) duration_minutes: Option<u32>,
    pub(super) opened_at: Option<Moment>,
    pub(super) closed_at: Option<Moment>,
    pub(super) cancelled_because: Option<String>,
    pub(super) team: TeamName,
    pub(super) quarter: QuarterId,
    pub(super) plan: Option<Plan>,
    pub(super) attendees: Vec<Attendee>,
    pub(super) boundary: Boundary,
    pub(super) agenda: Vec<Proposal>,
    pub(super) inputs: Nodes<Input>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) capacity: Option<String>,
    pub(super) capacity_unit: Option<String>,
    pub(super) revision: u32,
    pub(super) revisions: Nodes<Revision>,
    pub(super) status: String,
    pub(super) objectives: Vec<Objective>,
}

#[derive(Deserialize)]
pub(super) struct Revision {
    pub(super) number: u32,
    pub(super) at: Moment,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Objective {
    pub(super) key_results: Vec<Linked>,
}

#[derive(Deserialize)]
pub(super) struct Attendee {
    pub(super) ask: String,
    pub(super) person: Known,
    pub(super) acknowledgement: Option<Acknowledgement>,
}

#[derive(Deserialize)]
pub(super) struct Acknowledgement {
    pub(super) revision: u32,
    pub(super) dissent: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Boundary {
    pub(super) information_only: bool,
    pub(super) out_of_scope: Vec<String>,
    pub(super) decided: Vec<Decided>,
    pub(super) open: Vec<Question>,
}

#[derive(Deserialize)]
pub(super) struct Decided {
    pub(super) why: String,
    pub(super) subject: Subject,
}

#[derive(Deserialize)]
pub(super) struct Question {
    pub(super) id: String,
    #[expect(clippy::struct_field_names, reason = "the API's own name")]
    pub(super) question: String,
    pub(super) wanted: String,
    pub(super) subject: Option<Subject>,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum Subject {
    Objective { title: String },
    KeyResult { title: String },
    RoadmapItem { title: String },
    FreeText { text: String },
}

impl Subject {
    pub(super) fn called(&self) -> &str {
        match self {
            Self::Objective { title } | Self::KeyResult { title } | Self::RoadmapItem { title } => title,
            Self::FreeText { text } => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Proposal {
    pub(super) id: String,
    pub(super) trigger: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) trade_off: Option<String>,
    pub(super) status: String,
    pub(super) decide_by: Option<Moment>,
    pub(super) digest: String,
    pub(super) load_before: Option<String>,
    pub(super) load_after: Option<String>,
    pub(super) proposed_by: Option<Person>,
    pub(super) authors: Vec<Author>,
    pub(super) evidence: Vec<Idea>,
    pub(super) decision: Option<Decision>,
    pub(super) changes: Vec<Change>,
}

#[derive(Deserialize)]
pub(super) struct Author {
    pub(super) id: String,
}

#[derive(Deserialize)]
pub(super) struct Idea {
    pub(super) title: String,
    pub(super) demand: Demand,
}

#[derive(Deserialize)]
pub(super) struct Demand {
    pub(super) requests: u32,
    pub(super) open: Open,
}

#[derive(Deserialize)]
pub(super) struct Open {
    pub(super) amounts: Vec<Money>,
}

#[derive(Deserialize)]
pub(super) struct Input {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) at: Moment,
    pub(super) disposition: Option<String>,
    pub(super) by: Person,
    pub(super) question: Option<Asks>,
    pub(super) outcome: Option<Outcome>,
}

#[derive(Deserialize)]
pub(super) struct Asks {
    pub(super) question: String,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
pub(super) enum Outcome {
    Idea { title: String },
    Renegotiation { trigger: Option<String> },
    RoadmapItem { title: String, horizon: String },
}

impl Outcome {
    pub(super) fn told(&self) -> String {
        match self {
            Self::Idea { title } => format!("the idea “{title}”"),
            Self::Renegotiation { trigger } => format!("a draft: “{}”", trigger.as_deref().unwrap_or("no trigger yet")),
            Self::RoadmapItem { title, horizon } => format!("“{title}” in {horizon}"),
        }
    }
}

impl Proposal {
    /// Whether whoever looks had a hand in it, and so does not decide it.
    pub(super) fn is_by(&self, viewer: Option<&Viewer>) -> bool {
        viewer.is_some_and(|viewer| self.authors.iter().any(|author| author.id == viewer.person.id))
    }
}

impl Meeting {
    pub(super) fn is_open(&self) -> bool {
        self.status == "OPEN"
    }

    /// Whether something that was said still waits for its place.
    pub(super) fn waits(&self) -> bool {
        self.inputs.nodes.iter().any(|input| input.disposition.is_none())
    }

    /// The live key results, which an item in NOW may serve.
    pub(super) fn key_results(&self) -> Vec<&Linked> {
        let objectives = self.plan.iter().flat_map(|plan| &plan.objectives);
        objectives.flat_map(|objective| &objective.key_results).collect()
    }

    /// The revision that the plan got while the meeting was open or after it, where it got one.
    pub(super) fn overtaken(&self) -> Option<u32> {
        let (plan, opened) = (self.plan.as_ref()?, self.opened_at?);
        plan.revisions.nodes.iter().filter(|revision| revision.at > opened).map(|revision| revision.number).max()
    }

    /// Whether somebody is at its table.
    pub(super) fn is_attended_by(&self, viewer: Option<&Viewer>) -> bool {
        viewer.is_some_and(|viewer| self.attendees.iter().any(|one| one.person.id == viewer.person.id))
    }

    /// The revision that may be understood in it, where there is one.
    pub(super) fn revision(&self) -> Option<u32> {
        self.plan.as_ref().map(|plan| plan.revision).filter(|revision| *revision > 0)
    }

    /// The plan that a renegotiation may be drafted of.
    pub(super) fn committed(&self) -> Option<&str> {
        self.plan.as_ref().filter(|plan| plan.status == "COMMITTED").map(|plan| plan.id.as_str())
    }
}
