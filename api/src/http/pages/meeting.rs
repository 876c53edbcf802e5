//! A meeting on one screen, made for a projector: what is decided and why, what is open and which input is wanted, what is
//! out of scope and where new ideas go; then what was said, and where it went. While the meeting is open it is kept up to
//! date; whoever may, records and disposes from here.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use holdline_domain::ids::MeetingInputId;
use serde::Deserialize;
use serde_json::json;

use super::{
    change::{Change, LINE},
    form::Form,
    frame::{Frame, html},
    moment::Moment,
    problem::Problem,
    view::{Known, Money, Nodes, Person, Titled, UserError, Viewer},
    visit::Visit,
};
use crate::http::{door::Door, events::stream_of};

const DOCUMENT: &str = include_str!("meeting.graphql");
const CHANGES: &str = "subscription Live($meeting: ID!) { meetingChanged(meeting: $meeting) { meeting { version } } }";

#[derive(Deserialize)]
struct Answer {
    viewer: Viewer,
    node: Option<Asked>,
}

/// What an id stands for: a meeting, or something else.
#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Asked {
    Meeting(Box<Meeting>),
    #[serde(other)]
    Else,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meeting {
    id: String,
    title: String,
    kind: String,
    format: String,
    status: String,
    scheduled_for: Option<Moment>,
    duration_minutes: Option<u32>,
    opened_at: Option<Moment>,
    closed_at: Option<Moment>,
    cancelled_because: Option<String>,
    team: Team,
    quarter: Quarter,
    plan: Option<Plan>,
    attendees: Vec<Attendee>,
    boundary: Boundary,
    agenda: Vec<Proposal>,
    inputs: Nodes<Input>,
}

#[derive(Deserialize)]
struct Team {
    key: String,
    name: String,
}

#[derive(Deserialize)]
struct Quarter {
    id: String,
}

#[derive(Deserialize)]
struct Plan {
    id: String,
    revision: u32,
    status: String,
    objectives: Vec<Objective>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Objective {
    key_results: Vec<Titled>,
}

#[derive(Deserialize)]
struct Attendee {
    ask: String,
    person: Known,
    acknowledgement: Option<Acknowledgement>,
}

#[derive(Deserialize)]
struct Acknowledgement {
    revision: u32,
    dissent: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Boundary {
    information_only: bool,
    out_of_scope: Vec<String>,
    decided: Vec<Decided>,
    open: Vec<Question>,
}

#[derive(Deserialize)]
struct Decided {
    why: String,
    subject: Subject,
}

#[derive(Deserialize)]
struct Question {
    id: String,
    #[expect(clippy::struct_field_names, reason = "the API's own name")]
    question: String,
    wanted: String,
    subject: Option<Subject>,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Subject {
    Objective { title: String },
    KeyResult { title: String },
    RoadmapItem { title: String },
    FreeText { text: String },
}

impl Subject {
    fn called(&self) -> &str {
        match self {
            Self::Objective { title } | Self::KeyResult { title } | Self::RoadmapItem { title } => title,
            Self::FreeText { text } => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proposal {
    id: String,
    trigger: Option<String>,
    reason: Option<String>,
    trade_off: Option<String>,
    status: String,
    decide_by: Option<Moment>,
    digest: String,
    load_before: Option<String>,
    load_after: Option<String>,
    proposed_by: Option<Person>,
    authors: Vec<Author>,
    evidence: Vec<Idea>,
    decision: Option<Decision>,
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Author {
    id: String,
}

#[derive(Deserialize)]
struct Idea {
    title: String,
    demand: Demand,
}

#[derive(Deserialize)]
struct Demand {
    requests: u32,
    open: Open,
}

#[derive(Deserialize)]
struct Open {
    amounts: Vec<Money>,
}

#[derive(Deserialize)]
struct Decision {
    outcome: String,
    rationale: String,
    by: Option<Person>,
}

#[derive(Deserialize)]
struct Input {
    id: String,
    text: String,
    at: Moment,
    disposition: Option<String>,
    by: Person,
    question: Option<Asks>,
    outcome: Option<Outcome>,
}

#[derive(Deserialize)]
struct Asks {
    question: String,
}

#[derive(Deserialize)]
#[serde(tag = "__typename")]
enum Outcome {
    Idea { title: String },
    Renegotiation { trigger: Option<String> },
    RoadmapItem { title: String, horizon: String },
}

impl Outcome {
    fn told(&self) -> String {
        match self {
            Self::Idea { title } => format!("the idea “{title}”"),
            Self::Renegotiation { trigger } => format!("a draft: “{}”", trigger.as_deref().unwrap_or("no trigger yet")),
            Self::RoadmapItem { title, horizon } => format!("“{title}” in {horizon}"),
        }
    }
}

impl Proposal {
    /// Whether whoever looks had a hand in it, and so does not decide it.
    fn is_by(&self, viewer: Option<&Viewer>) -> bool {
        viewer.is_some_and(|viewer| self.authors.iter().any(|author| author.id == viewer.person.id))
    }
}

impl Meeting {
    fn is_open(&self) -> bool {
        self.status == "OPEN"
    }

    /// Whether something that was said still waits for its place.
    fn waits(&self) -> bool {
        self.inputs.nodes.iter().any(|input| input.disposition.is_none())
    }

    /// The live key results, which an item in NOW may serve.
    fn key_results(&self) -> Vec<&Titled> {
        let objectives = self.plan.iter().flat_map(|plan| &plan.objectives);
        objectives.flat_map(|objective| &objective.key_results).collect()
    }

    /// The revision that may be understood in it, where there is one.
    fn revision(&self) -> Option<u32> {
        self.plan.as_ref().map(|plan| plan.revision).filter(|revision| *revision > 0)
    }

    /// The plan that a renegotiation may be drafted of.
    fn committed(&self) -> Option<&str> {
        self.plan.as_ref().filter(|plan| plan.status == "COMMITTED").map(|plan| plan.id.as_str())
    }
}

/// The beginning of what was said, as long as a title may be.
pub(super) fn title_of(text: &str) -> String {
    const LONGEST: usize = 120;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST { line } else { line.chars().take(LONGEST - 1).chain(['…']).collect() }
}

#[derive(Template)]
#[template(path = "meeting.html")]
struct Page<'a> {
    frame: Frame,
    meeting: Meeting,
    /// An id for what is said next, so that a form that is sent twice records it once.
    next_input: String,
    refused: &'a [UserError],
    /// What was filled in and refused.
    filled: &'a Form,
}

/// A meeting's page.
pub(super) async fn show(State(door): State<Arc<Door>>, Path(id): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &id, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, id: &str, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    answer(&visit, id, StatusCode::OK, &[], &Form::default()).await
}

/// The page for a visit, with what was refused and what had been filled in.
pub(super) async fn answer(
    visit: &Visit,
    id: &str,
    status: StatusCode,
    refused: &[UserError],
    filled: &Form,
) -> Result<Response, Problem> {
    let answer: Answer = visit.ask(&[DOCUMENT, LINE].concat(), json!({ "meeting": id })).await?;
    let Some(Asked::Meeting(meeting)) = answer.node else { return Err(Problem::not_found("meeting")) };
    let next_input = visit.door.app.next_id::<MeetingInputId>().to_string();
    let frame = Frame::of(visit.zone(), answer.viewer);
    Ok(html(status, &Page { frame, meeting: *meeting, next_input, refused, filled }))
}

/// What happens in a meeting, told as server-sent events for as long as somebody listens.
pub(super) async fn events(State(door): State<Arc<Door>>, Path(id): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    let followed = async {
        let visit = Visit::of_session(&door, &head).await?;
        visit.follow(CHANGES, json!({ "meeting": id })).await
    };
    match followed.await {
        Ok(answers) => stream_of(answers, door.stopping.clone()),
        Err(problem) => problem.page(),
    }
}
