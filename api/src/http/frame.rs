//! Around every answer: its id and headers, its trace, and how it is counted, whatever becomes of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::door::Door;
use super::response;
use crate::metrics::Metrics;
use crate::trace;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, as its answer carries it.
#[derive(Clone)]
pub(super) struct RequestId(pub(super) String);

/// How a request is counted whose sender went away before it was answered; no answer of ours has it.
const GONE: u16 = 499;

// A request that is counted once it ends, however that is.
struct Counted<'m> {
    metrics: &'m Metrics,
    route: &'m str,
    began: Instant,
    status: u16,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.metrics.answered(self.route, self.status, self.began.elapsed());
    }
}

/// Outermost: gives every answer its id and headers, panics included.
pub(super) async fn frame(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let (id, began) = ((door.request_ids)(), Instant::now());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let span = trace::request(request.method(), route, request.headers(), &id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut counted = Counted { metrics: door.app.metrics(), route, began, status: GONE };
    let answered = AssertUnwindSafe(next.run(request).instrument(span.clone())).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(request_id = %id, "a request panicked");
        response::failed(&id)
    });
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::try_from(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let (status, took) = (response.status().as_u16(), began.elapsed());
    span.record("http.response.status_code", i64::from(status));
    counted.status = status;
    tracing::debug!(request_id = %id, route, status, micros = took.as_micros(), "answered");
    response
}
