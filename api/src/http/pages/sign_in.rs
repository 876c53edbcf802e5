//! Signing in and out. The token comes in the link's fragment, which browsers send nowhere; a small script moves it into
//! the form, and without scripts it is pasted there.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use chrono_tz::Tz;

use super::{
    form::Form,
    frame::{Frame, html, see_other},
    problem::Problem,
    session,
};
use crate::{
    app::Unauthenticated,
    http::{door::Door, request::discard},
};

/// The longest form that signs somebody in, in bytes: a token and a path, each byte of them written as three.
const LONGEST: usize = 16 * 1024;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Page {
    frame: Frame,
    next: String,
    refused: Option<String>,
    /// Whether somebody is signed in here already: then a link alone does not put another in their place.
    taken: bool,
}

impl Page {
    fn answer(status: StatusCode, next: String, refused: Option<String>, taken: bool) -> Response {
        html(status, &Self { frame: Frame::outside(Tz::UTC), next, refused, taken })
    }
}

/// The page to sign in on.
pub(super) async fn show(State(door): State<Arc<Door>>, request: Request) -> Response {
    let taken = !session::tokens(request.headers(), door.settings.over_tls()).is_empty();
    match Form::of_query(request.uri().query()) {
        Ok(query) => Page::answer(StatusCode::OK, own(query.get("next")), None, taken),
        Err(problem) => problem.page(),
    }
}

/// Begins a session with a token.
pub(super) async fn take(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if let Err(problem) = session::check_origin(&head.headers, door.settings.public_url.as_deref()) {
        discard(body, door.settings.body_time).await;
        return problem.page();
    }
    let limits = (LONGEST, door.settings.body_time);
    match Form::read(&door.sign_in_room, &head.headers, body, limits, |_| Ok(())).await {
        Ok(form) => begin(&door, &form).await,
        Err(problem) => problem.page(),
    }
}

async fn begin(door: &Door, form: &Form) -> Response {
    let next = own(form.get("next"));
    let refuse = |status, why: String| Page::answer(status, next.clone(), Some(why), true);
    let Some(token) = form.get("token") else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "Paste the token that you were given.".to_owned());
    };
    if token.len() > session::LONGEST {
        let longest = session::LONGEST;
        let why = format!("Browsers keep no token of more than {longest} bytes; ask for one with fewer teams.");
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    let identity = match door.app.authenticate(Some(token)).await {
        Ok(entrant) => entrant.identity,
        Err(Unauthenticated::Token(why) | Unauthenticated::Role(why)) => return refuse(StatusCode::UNAUTHORIZED, why),
        Err(why @ Unauthenticated::Unavailable) => return Problem::unauthenticated(why, &next).page(),
    };
    let cookie = session::begin(token, identity.expires_at, door.app.clock().now(), door.settings.over_tls());
    with_cookie(see_other(&next), cookie)
}

/// Leads from the address of signing out, which a reader may end up on, to the first page.
pub(super) async fn left() -> Response {
    see_other("/")
}

/// Ends a session in this browser.
pub(super) async fn leave(State(door): State<Arc<Door>>, head: Parts) -> Response {
    match session::check_origin(&head.headers, door.settings.public_url.as_deref()) {
        Ok(()) => with_cookie(see_other("/sign-in"), session::end(door.settings.over_tls())),
        Err(problem) => problem.page(),
    }
}

fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Where to go on: a path of our own, whatever was said.
fn own(said: Option<&str>) -> String {
    let path = said.filter(|path| {
        let rest = path.strip_prefix('/');
        rest.is_some_and(|rest| !rest.starts_with(['/', '\\'])) && path.bytes().all(|byte| byte.is_ascii_graphic())
    });
    path.unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_our_own_pages_alone() {
        for own_path in ["/", "/teams/PAY", "/teams/PAY?asOf=2026-10-29", "/sign-in?next=//evil.example"] {
            assert_eq!(own(Some(own_path)), own_path);
        }
        for foreign in
            ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", ""]
        {
            assert_eq!(own(Some(foreign)), "/", "{foreign}");
        }
    }
}
