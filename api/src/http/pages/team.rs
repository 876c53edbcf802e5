//! A team's page: what it promised for the quarter and how that goes, what is proposed, who has understood it, and the
//! roadmap beside it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use serde_json::json;

use super::{
    as_of,
    change::LINE,
    form::Form,
    frame::{Frame, html},
    moment::Moment,
    problem::Problem,
    team_view::{Answer, Meeting, Team},
    visit::Visit,
};
use crate::http::door::Door;

/// What the page asks for.
pub(super) const DOCUMENT: &str = include_str!("team.graphql");

#[derive(Template)]
#[template(path = "team.html")]
struct Page {
    frame: Frame,
    team: Team,
    /// The meetings that are open or prepared.
    open: Vec<Meeting>,
    /// The latest others.
    latest: Vec<Meeting>,
    more_meetings: bool,
    /// The day that was asked for, as it was said.
    said: String,
    /// The quarter that was asked for.
    quarter: Option<String>,
    as_of: Option<Moment>,
    today: String,
    /// Whether the page is read under a published link.
    published: bool,
}

/// A team's page.
pub(super) async fn show(State(door): State<Arc<Door>>, Path(key): Path<String>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &key, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, key: &str, head: &Parts) -> Result<Response, Problem> {
    let visit = Visit::of_session(door, head).await?;
    answer(&visit, key, head.uri.query()).await
}

/// The page for a visit, signed in or under a published link.
pub(super) async fn answer(visit: &Visit, key: &str, query: Option<&str>) -> Result<Response, Problem> {
    let (query, published) = (Form::of_query(query)?, visit.is_published());
    let (now, said) = (visit.now(), query.get("asOf").unwrap_or_default());
    let as_of = as_of::instant(Some(said), visit.calendar(), now).map_err(Problem::asked_wrongly)?.map(Moment);
    let asked = json!({
        "team": key, "quarter": query.get("quarter"), "asOf": as_of.map(Moment::utc), "inside": !published,
    });
    let answer: Answer = visit.ask(&[DOCUMENT, LINE].concat(), asked).await?;
    let Some(mut team) = answer.team else { return Err(Problem::not_found("team")) };
    if published {
        team.without_drafts();
    }
    let open = answer.open.map_or_else(Vec::new, |open| open.nodes);
    let (latest, more_meetings) = team.meetings.take().map_or_else(Default::default, |all| {
        let more = all.goes_on();
        (all.nodes.into_iter().filter(|one| !["OPEN", "PREPARED"].contains(&one.status.as_str())).collect(), more)
    });
    let (zone, said, quarter) = (visit.zone(), said.to_owned(), query.get("quarter").map(str::to_owned));
    let frame = answer.viewer.map_or_else(|| Frame::outside(zone), |viewer| Frame::of(zone, viewer));
    let today = now.utc().with_timezone(&zone).format("%Y-%m-%d").to_string();
    Ok(html(StatusCode::OK, &Page { frame, team, open, latest, more_meetings, said, quarter, as_of, today, published }))
}
