//! The spans that a collector of traces is told, where there is one: a request, the running of its document, a write and
//! the commit that it shares. They carry routes, names of operations and mutations, and ids of requests; never what was
//! said, nor a token.

use axum::http::{HeaderMap, Method};
use opentelemetry::propagation::Extractor;
use tracing::{Span, debug_span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// What these spans are known by; they cost nothing where nobody asks for it.
pub const TARGET: &str = "holdline::trace";

/// The longest name of an operation that is told, in characters.
const LONGEST: usize = 64;

/// A request on a route, as a part of its sender's trace where it says so (W3C Trace Context).
pub fn request(method: &Method, route: &str, headers: &HeaderMap, id: &str) -> Span {
    let span = debug_span!(
        target: TARGET, "request", otel.name = format!("{method} {route}"), otel.kind = "server",
        http.request.method = %method, http.route = route, http.response.status_code = Empty, request_id = id
    );
    if !span.is_disabled() {
        let parent = opentelemetry::global::get_text_map_propagator(|known| known.extract(&Headers(headers)));
        // It fails where the span is not one that is collected.
        let _ = span.set_parent(parent);
    }
    span
}

/// A document that runs.
pub fn document(operation: &str, name: Option<&str>) -> Span {
    let name = || name.unwrap_or_default().chars().take(LONGEST).collect::<String>();
    debug_span!(
        target: TARGET, "graphql", graphql.operation.type = operation, graphql.operation.name = name()
    )
}

/// A write, from its place in the queue to its commit.
pub fn write(mutation: &'static str) -> Span {
    debug_span!(target: TARGET, "write", mutation)
}

/// A commit, shared by some writes.
pub fn commit() -> Span {
    debug_span!(target: TARGET, "commit", jobs = Empty)
}

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}
