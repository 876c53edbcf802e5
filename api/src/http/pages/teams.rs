//! The first page: the teams that a token holds.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    frame::{Frame, html},
    problem::Problem,
    view::{Nodes, Viewer},
    visit::Visit,
};
use crate::http::door::Door;

#[derive(Deserialize)]
struct Answer {
    viewer: Viewer,
    teams: Nodes<Team>,
}

#[derive(Deserialize)]
struct Team {
    key: String,
    name: String,
}

#[derive(Template)]
#[template(path = "teams.html")]
struct Page {
    frame: Frame,
    teams: Nodes<Team>,
}

/// The teams.
pub(super) async fn show(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    let answer: Answer = visit.ask(include_str!("teams.graphql"), json!({})).await?;
    let frame = Frame::of(visit.zone(), answer.viewer);
    Ok(html(StatusCode::OK, &Page { frame, teams: answer.teams }))
}
