//! The pages: what everyone can see, drawn by the server. Each page is one GraphQL document, asked under the rights of
//! whoever looks, and one template; a form is one mutation. There is no SQL here, no rule and no second way to read, so a
//! page shows what the API shows and refuses what it refuses. They work without scripts; two small ones are conveniences.

mod as_of;
mod assets;
mod change;
mod entry;
mod form;
mod frame;
mod meeting;
mod meeting_act;
mod meeting_view;
mod moment;
mod problem;
mod published;
mod session;
mod sign_in;
mod story;
mod story_members;
mod team;
mod team_view;
mod teams;
mod timeline;
mod view;
mod visit;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::map_response,
    response::Response,
    routing::get,
};

use super::{accept, door::Door};

/// The routes of the pages that somebody pays for.
pub(super) fn routes() -> Router<Arc<Door>> {
    Router::new()
        .route("/", get(teams::show))
        .route("/teams/{key}", get(team::show))
        .route("/teams/{key}/quarters/{quarter}/story", get(story::show))
        .route("/meetings/{id}", get(meeting::show))
        .route("/meetings/{id}/events", get(meeting::events))
        .route("/meetings/{id}/{act}", get(meeting_act::back).post(meeting_act::take))
        .route("/audit", get(entry::newest))
        .route("/audit/{seq}", get(entry::show))
        .route("/published/{id}/{key}", get(published::show))
        .layer(map_response(told_by_a_page))
}

/// The routes that are open to everybody, for nothing.
pub(super) fn open() -> Router<Arc<Door>> {
    Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::take))
        .route("/sign-out", get(sign_in::left).post(sign_in::leave))
        .route("/assets/{file}", get(assets::file))
        .layer(map_response(told_by_a_page))
}

/// An address that cannot even be read, such as one that is no UTF-8, is answered by a page like any that leads nowhere.
async fn told_by_a_page(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let bare = kind.is_some_and(|kind| kind.starts_with(b"text/plain"));
    if response.status() == StatusCode::BAD_REQUEST && bare {
        problem::Problem::nothing_here().page()
    } else {
        response
    }
}

/// The page of a path that leads nowhere, for who reads pages; none for a program.
pub(super) fn not_found(headers: &HeaderMap) -> Option<Response> {
    accept::prefers_html(headers).then(|| problem::Problem::nothing_here().page())
}
