//! What every page has around it: who looks, in which zone, the headers of its answer, and its policy, which lets no
//! script run but our own two files and nothing be framed or sent elsewhere.

use askama::Template;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use chrono_tz::Tz;

use super::{assets::VERSION, problem, view::Viewer};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The frame of a page.
pub(super) struct Frame {
    /// Whose day it is.
    pub(super) zone: Tz,
    /// Who is signed in; nobody for a published link.
    pub(super) viewer: Option<Viewer>,
}

impl Frame {
    /// Of a page that nobody is signed in to.
    pub(super) const fn outside(zone: Tz) -> Self {
        Self { zone, viewer: None }
    }

    /// Of a page for somebody.
    pub(super) const fn of(zone: Tz, viewer: Viewer) -> Self {
        Self { zone, viewer: Some(viewer) }
    }

    /// Whether whoever looks holds a scope: forms are shown to those only whose answer would not be FORBIDDEN.
    pub(super) fn may(&self, scope: &str) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.scopes.iter().any(|held| held == scope))
    }

    /// What the addresses of the pages' files end with.
    pub(super) fn version() -> &'static str {
        VERSION.as_str()
    }
}

/// A page as an answer.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Response {
    let text = page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be written");
        problem::LAST.to_owned()
    });
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let said = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Browsers say where a form was sent from, to ourselves alone: with `no-referrer` they would not even say that.
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    headers.extend(said.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

/// Goes on to another page, read by GET.
pub(super) fn see_other(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::try_from(path) {
        response.headers_mut().insert(header::LOCATION, path);
    }
    response
}
