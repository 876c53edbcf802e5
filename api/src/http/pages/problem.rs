//! Why there is no page: each says what is wrong and which way is open, in words for whoever sits in front of it.

use askama::Template;
use async_graphql::{ServerError, Value};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use chrono_tz::Tz;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    super::{errors::status_of, points::Overspent, refusal::Refusal},
    frame::{Frame, html, see_other},
};
use crate::app::Unauthenticated;

/// The page where even a problem could not be written.
pub(super) const LAST: &str =
    "<!doctype html><html lang=\"en\"><title>Holdline</title><p>This page could not be written.";

/// Why there is no page.
#[derive(Debug)]
pub(super) enum Problem {
    /// Nobody is signed in: the sign-in page leads back here.
    SignIn(String),
    /// Anything else.
    Told(Box<Told>),
}

/// What is told.
#[derive(Debug)]
pub(super) struct Told {
    status: StatusCode,
    title: &'static str,
    message: String,
    remedy: Option<String>,
    header: Option<(HeaderName, HeaderValue)>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    frame: Frame,
    told: &'a Told,
}

impl Problem {
    pub(super) fn told(
        status: StatusCode,
        title: &'static str,
        message: impl Into<String>,
        remedy: impl Into<Option<&'static str>>,
    ) -> Self {
        let remedy = remedy.into().map(str::to_owned);
        Self::Told(Box::new(Told { status, title, message: message.into(), remedy, header: None }))
    }

    /// There is no such page.
    pub(super) fn nothing_here() -> Self {
        Self::told(StatusCode::NOT_FOUND, "There is nothing here", "No page has this address.", None)
    }

    /// There is no such thing, or not for this token: the two look alike.
    pub(super) fn not_found(what: &str) -> Self {
        let message = format!("There is no such {what} among what your token holds.");
        let remedy = "Look at the address again. If it was sent to you, you may need a token for another team.";
        Self::told(StatusCode::NOT_FOUND, "Not found", message, remedy)
    }

    /// What was asked for cannot be understood.
    pub(super) fn asked_wrongly(message: impl Into<String>) -> Self {
        Self::told(StatusCode::BAD_REQUEST, "This cannot be answered", message, None)
    }

    /// The same, and signing in leads to another address than the one that was asked for.
    pub(super) fn leading_to(self, back: &str) -> Self {
        match self {
            Self::SignIn(_) => Self::SignIn(back.to_owned()),
            told @ Self::Told(_) => told,
        }
    }

    /// The answer.
    pub(super) fn page(self) -> Response {
        match self {
            Self::SignIn(back) => see_other(&format!("/sign-in?next={}", utf8_percent_encode(&back, NON_ALPHANUMERIC))),
            Self::Told(told) => {
                let mut response = html(told.status, &Page { frame: Frame::outside(Tz::UTC), told: &told });
                response.headers_mut().extend(told.header);
                response
            }
        }
    }

    /// What an error of the API means on a page at an address.
    pub(super) fn of_error(error: &ServerError, here: &str) -> Self {
        let extension = |name: &str| match error.extensions.as_ref()?.get(name)? {
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        let code = extension("code").unwrap_or_default();
        let status = match code.as_str() {
            "UNAUTHENTICATED" => return Self::SignIn(here.to_owned()),
            "NOT_FOUND" => StatusCode::NOT_FOUND,
            _ => status_of(error),
        };
        let title = match status {
            StatusCode::FORBIDDEN => "Your token does not allow this",
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::TOO_MANY_REQUESTS => "Too much at once",
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => "Not just now",
            StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong here",
            _ => "This cannot be answered",
        };
        let message = match extension("requestId") {
            Some(id) => format!("That is our fault, and it is in the log under request {id}."),
            None => error.message.clone(),
        };
        Self::Told(Box::new(Told { status, title, message, remedy: None, header: None }))
    }

    /// What a refusal of the front door means on a page at an address.
    pub(super) fn of_refusal(refusal: &Refusal, here: &str) -> Self {
        let Some(error) = refusal.errors.first() else { return Self::nothing_here() };
        let problem = Self::of_error(error, here);
        match problem {
            Self::Told(told) => Self::Told(Box::new(Told {
                status: refusal.status,
                header: refusal.header.as_deref().cloned(),
                ..*told
            })),
            Self::SignIn(back) => Self::SignIn(back),
        }
    }

    pub(super) fn overspent(overspent: Overspent, here: &str) -> Self {
        Self::of_refusal(&overspent.into(), here)
    }

    pub(super) fn unauthenticated(why: Unauthenticated, here: &str) -> Self {
        match why {
            Unauthenticated::Token(_) => Self::SignIn(here.to_owned()),
            why => Self::of_refusal(&why.into(), here),
        }
    }
}
