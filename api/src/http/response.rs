//! Renders answers: status, media type, body and the headers that every answer has. The response is written straight
//! from async-graphql's own value, because a detour through a JSON map would sort the keys that the client ordered.

use std::collections::BTreeMap;

use async_graphql::{Response as Executed, ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use super::accept::Media;
use super::errors::{internal, is_request_error, status_of, tidy};
use super::points::Spent;
use super::refusal::Refusal;

// The form without a `data` key, which async-graphql always writes.
#[derive(Serialize)]
struct RequestErrors<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, Value>,
}

/// The answer to a request that `execute` has seen.
#[must_use]
pub fn executed(mut response: Executed, media: Media, request_id: &str) -> Response {
    tidy(&mut response, request_id);
    let headers = std::mem::take(&mut response.http_headers);
    if !is_request_error(&response) {
        return render(StatusCode::OK, media, &response, headers);
    }
    let status = match response.errors.first().map(status_of) {
        Some(StatusCode::BAD_REQUEST) if media == Media::Json => StatusCode::OK,
        status => status.unwrap_or(StatusCode::BAD_REQUEST),
    };
    render(status, media, &RequestErrors { errors: &response.errors, extensions: &response.extensions }, headers)
}

/// An answer whose JSON is written but for its extensions, and what it cost.
pub(super) fn given(data: &[u8], media: Media, paid: Spent) -> Response {
    #[derive(Serialize)]
    struct Extensions {
        cost: Value,
    }
    let mut body = Vec::with_capacity(data.len() + 128);
    body.extend_from_slice(data);
    body.extend_from_slice(b",\"extensions\":");
    let written = serde_json::to_writer(&mut body, &Extensions { cost: paid.extension() });
    body.push(b'}');
    answer(StatusCode::OK, media, written.map(|()| body), HeaderMap::new())
}

/// The answer to a request that was not executed.
#[must_use]
pub fn refused(refusal: Refusal, media: Media) -> Response {
    let status = if refusal.is_well_formed && media == Media::Json { StatusCode::OK } else { refusal.status };
    let extensions = refusal.spent.map(|spent| ("cost".to_owned(), spent.extension())).into_iter().collect();
    let body = RequestErrors { errors: &refusal.errors, extensions: &extensions };
    render(status, media, &body, HeaderMap::from_iter(refusal.header.map(|header| *header)))
}

/// The JSON of one answer of several.
pub(super) fn body(response: &Executed) -> Vec<u8> {
    let written = if is_request_error(response) {
        serde_json::to_vec(&RequestErrors { errors: &response.errors, extensions: &response.extensions })
    } else {
        serde_json::to_vec(response)
    };
    written.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        b"{}".to_vec()
    })
}

/// A text.
#[must_use]
pub fn plain(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The answer to a request that we failed.
#[must_use]
pub fn failed(request_id: &str) -> Response {
    let body = RequestErrors { errors: &[internal(request_id)], extensions: &BTreeMap::new() };
    render(StatusCode::INTERNAL_SERVER_ERROR, Media::Json, &body, HeaderMap::new())
}

fn render(status: StatusCode, media: Media, body: &impl Serialize, headers: HeaderMap) -> Response {
    answer(status, media, serde_json::to_vec(body), headers)
}

fn answer(status: StatusCode, media: Media, written: serde_json::Result<Vec<u8>>, mut headers: HeaderMap) -> Response {
    let (status, body) = match written {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            (StatusCode::INTERNAL_SERVER_ERROR, Vec::new())
        }
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
