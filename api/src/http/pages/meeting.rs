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
    change::LINE,
    form::Form,
    frame::{Frame, html},
    meeting_view::{Asked, Meeting},
    problem::Problem,
    view::{UserError, Viewer, shortened},
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

/// The beginning of what was said, as long as a title may be.
pub(super) fn title_of(text: &str) -> String {
    const LONGEST: usize = 120;
    shortened(&text.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST)
}

#[derive(Template)]
#[template(path = "meeting.html")]
struct Page<'a> {
    frame: Frame,
    meeting: Meeting,
    /// An id for what is said next, so that a form that is sent twice records it once.
    next_input: String,
    /// The part of what was said that is shown ends before the newest.
    earlier: bool,
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
    let query = Form::of_query(head.uri.query())?;
    answer(&visit, (id, query.get("before")), StatusCode::OK, &[], &Form::default()).await
}

/// The page for a visit, up to a place in what was said, with what was refused and what had been filled in.
pub(super) async fn answer(
    visit: &Visit,
    (id, before): (&str, Option<&str>),
    status: StatusCode,
    refused: &[UserError],
    filled: &Form,
) -> Result<Response, Problem> {
    let answer: Answer = visit.ask(&[DOCUMENT, LINE].concat(), json!({ "meeting": id, "before": before })).await?;
    let Some(Asked::Meeting(meeting)) = answer.node else { return Err(Problem::not_found("meeting")) };
    let next_input = visit.door.app.next_id::<MeetingInputId>().to_string();
    let frame = Frame::of(visit.zone(), answer.viewer);
    Ok(html(status, &Page { frame, meeting: *meeting, next_input, earlier: before.is_some(), refused, filled }))
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
