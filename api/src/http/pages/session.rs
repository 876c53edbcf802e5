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

/// How many cookies of the session's name are looked at: a neighbour host can set one beside ours.
const MOST: usize = 3;

/// The tokens that a request's cookies carry. They are read as bytes: what a neighbour's cookie holds is its own affair.
pub(super) fn tokens(headers: &HeaderMap, over_tls: bool) -> Vec<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let named = |pair: &'_ [u8]| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        (pair[..at].trim_ascii() == name(over_tls).as_bytes()).then_some(at + 1)
    };
    let tokens = pairs.filter_map(|pair| std::str::from_utf8(pair.get(named(pair)?..)?.trim_ascii()).ok());
    tokens.filter(|token| !token.is_empty()).take(MOST).collect()
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
pub(super) fn check_origin(headers: &HeaderMap, public_url: Option<&str>) -> Result<(), Problem> {
    let refused = || {
        let message = "This form was not sent from one of our own pages, so nothing was done.";
        Problem::of_refusal(&Refusal::forbidden(message), "/")
    };
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site == "same-origin" { Ok(()) } else { Err(refused()) };
    }
    match (headers.get(header::ORIGIN), public_url) {
        (Some(origin), Some(url)) if origin == url => Ok(()),
        (Some(_), None) => origin::check(headers, None, &[]).map_err(|_| refused()),
        _ => Err(refused()),
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
            assert_eq!(check_origin(&headers(&said), None).is_ok(), taken, "{said:?}");
        }
        let public = Some("https://a.example");
        assert!(check_origin(&headers(&[("origin", "https://a.example"), ("host", "inside")]), public).is_ok());
        assert!(check_origin(&headers(&[("origin", "http://b.example"), ("host", "b.example")]), public).is_err());
    }

    #[test]
    fn the_token_is_found_among_other_cookies_and_under_its_own_name() {
        let said = headers(&[("cookie", "theme=dark; holdline-session=a.b.c; x=holdline-session=d")]);

        assert_eq!(tokens(&said, false), ["a.b.c"]);
        assert!(tokens(&said, true).is_empty(), "over TLS a plain cookie is not believed");
        assert!(tokens(&headers(&[("cookie", "holdline-session=")]), false).is_empty());
        let beside = [b"x=\xe9\xff; holdline-session=bad;" as &[u8], b" holdline-session=good"].concat();
        let beside = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&beside).unwrap())]);
        assert_eq!(tokens(&beside, false), ["bad", "good"], "what a neighbour set keeps nobody out");
    }
}
