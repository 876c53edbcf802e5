//! A session is a token that the browser keeps where no script reads it: a cookie that goes to this host alone and not
//! along with what other sites send. Nothing is kept here, so that revoking the token, or its end, ends the session on
//! every replica. GraphQL never reads the cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use holdline_domain::time::Timestamp;

use super::problem::Problem;
use crate::http::{origin, refusal::Refusal};

/// Browsers drop longer cookies than 4,096 bytes with their names and attributes.
pub(super) const LONGEST: usize = 3_800;

const PLAIN: &str = "holdline-session";
/// Over TLS browsers are told to keep it to this very host.
const OVER_TLS: &str = "__Host-holdline-session";

const fn name(over_tls: bool) -> &'static str {
    if over_tls { OVER_TLS } else { PLAIN }
}

/// The token of a request's session.
pub(super) fn token(headers: &HeaderMap, over_tls: bool) -> Option<&str> {
    let said = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = said.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(named, _)| *named == name(over_tls)).map(|(_, token)| token).find(|token| !token.is_empty())
}

/// The cookie that begins a session, which ends with its token.
pub(super) fn begin(token: &str, until: Timestamp, now: Timestamp, over_tls: bool) -> Option<HeaderValue> {
    let seconds = (until.micros() - now.micros()).max(0) / 1_000_000;
    cookie(token, seconds, over_tls)
}

/// The cookie that ends one.
pub(super) fn end(over_tls: bool) -> Option<HeaderValue> {
    cookie("", 0, over_tls)
}

fn cookie(value: &str, seconds: i64, over_tls: bool) -> Option<HeaderValue> {
    let secure = if over_tls { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}", name(over_tls));
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Refuses a form that another site's page sent, or nobody can tell whose. Browsers say where a form comes from; other
/// origins that may call the API may not send forms.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let refused = || {
        let message = "This form was not sent from one of our own pages, so nothing was done.";
        Problem::of_refusal(&Refusal::forbidden(message), "/")
    };
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" { Ok(()) } else { Err(refused()) };
    }
    match headers.get(header::ORIGIN) {
        Some(_) => origin::check(headers, &[]).map_err(|_| refused()),
        None => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(said: &[(&'static str, &'static str)]) -> HeaderMap {
        said.iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_form_is_taken_from_our_own_pages_alone() {
        let table = [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site"), ("origin", "http://a.example"), ("host", "a.example")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (vec![("origin", "http://a.example:8080"), ("host", "a.example:8080")], true),
            (vec![("origin", "http://b.example"), ("host", "a.example")], false),
            (vec![("origin", "null"), ("host", "a.example")], false),
            (vec![("host", "a.example")], false),
        ];
        for (said, taken) in table {
            assert_eq!(check_origin(&headers(&said)).is_ok(), taken, "{said:?}");
        }
    }

    #[test]
    fn the_token_is_found_among_other_cookies_and_under_its_own_name() {
        let said = headers(&[("cookie", "theme=dark; holdline-session=a.b.c; x=holdline-session=d")]);

        assert_eq!(token(&said, false), Some("a.b.c"));
        assert_eq!(token(&said, true), None, "over TLS a plain cookie is not believed");
        assert_eq!(token(&headers(&[("cookie", "holdline-session=")]), false), None);
    }
}
