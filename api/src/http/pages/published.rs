//! A team's page under a published link: whoever knows the address reads it, without an account. The address is believed
//! by its secret part before anything is looked up.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use holdline_domain::ids::PublishedLinkId;

use super::{problem::Problem, team, visit::Visit};
use crate::http::door::Door;

/// The page.
pub(super) async fn show(
    State(door): State<Arc<Door>>,
    Path((id, key)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (head, _) = request.into_parts();
    page(&door, &id, &key, &head).await.unwrap_or_else(Problem::page)
}

async fn page(door: &Arc<Door>, id: &str, key: &str, head: &Parts) -> Result<Response, Problem> {
    let closed = || {
        let message = "The link is not complete, or it was revoked.";
        let remedy = "Ask whoever sent it to you for another.";
        Problem::told(StatusCode::NOT_FOUND, "This link leads nowhere", message, remedy)
    };
    let link = PublishedLinkId::parse(id).ok().filter(|link| door.app.keys().is_link_key(*link, key));
    let Some(link) = link else { return Err(closed()) };
    let Some((visit, team)) = Visit::of_link(door, head, link).await? else { return Err(closed()) };
    team::answer(&visit, team.as_str(), head.uri.query()).await
}
