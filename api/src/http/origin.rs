//! Refuses requests that a page of another site makes a browser send, and tells browsers which pages may. It compares
//! `Origin` with `Host`, the public address and a list of allowed origins, and looks at nothing else. The API reads no cookie, so there this is
//! the second wall; the pages' forms have walls of their own (`pages/session.rs`).

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::refusal::Refusal;
use super::{frame::REQUEST_ID, idempotency};

/// Accepts a request without `Origin`, from the host it is sent to, from the address that browsers use where that is
/// another one, or from an allowed origin (`https://host:port`).
pub fn check(headers: &HeaderMap, public_url: Option<&str>, allowed: &[String]) -> Result<(), Refusal> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let mut known = allowed.iter().map(String::as_str).chain(public_url);
    let is_allowed = known.any(|one| one.trim_end_matches('/').eq_ignore_ascii_case(origin));
    if is_allowed || host.is_some_and(|host| is_same(origin, host)) {
        return Ok(());
    }
    let message = "Requests from pages of other sites are refused. Call from a server, or have this origin allowed: \
                   --allow-origin for another site's pages, --public-url where this is the service's own address.";
    Err(Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message))
}

/// What browsers are told about pages of other origins, where there are such. They send their token themselves, so no
/// browser is asked to add credentials.
pub(super) fn pages(allowed: &[String]) -> Option<CorsLayer> {
    let origins: Vec<_> = allowed.iter().filter_map(|one| HeaderValue::from_str(one).ok()).collect();
    let said = [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH, idempotency::HEADER];
    let shown = [header::ETAG, header::RETRY_AFTER, REQUEST_ID];
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(said)
            .expose_headers(shown)
            .max_age(Duration::from_hours(1))
    })
}

fn is_same(origin: &str, host: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let default_port = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return false,
    };
    let bare = |authority: &str| authority.strip_suffix(default_port).unwrap_or(authority).to_ascii_lowercase();
    bare(authority) == bare(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_host_and_port_or_an_allowed_origin_may_call() {
        let table = [
            ("http://holdline.example", "holdline.example", true),
            ("https://holdline.example", "holdline.example:443", true),
            ("http://Holdline.Example:8080", "holdline.example:8080", true),
            ("http://[::1]:8080", "[::1]:8080", true),
            ("https://trusted.example", "holdline.example", true),
            ("http://trusted.example", "holdline.example", false),
            ("http://holdline.example:8081", "holdline.example:8080", false),
            ("http://holdline.example", "holdline.example:443", false),
            ("http://holdline.example.evil.example", "holdline.example", false),
            ("null", "holdline.example", false),
            ("", "holdline.example", false),
            ("file://", "", false),
        ];
        for (origin, host, expected) in table {
            let headers = HeaderMap::from_iter([
                (header::ORIGIN, HeaderValue::from_static(origin)),
                (header::HOST, HeaderValue::from_static(host)),
            ]);
            let found = check(&headers, None, &["https://trusted.example".to_owned()]);
            assert_eq!(found.is_ok(), expected, "{origin} {host}");
        }
    }

    #[test]
    fn behind_a_proxy_that_names_another_host_our_own_pages_may_call() {
        let headers = HeaderMap::from_iter([
            (header::ORIGIN, HeaderValue::from_static("https://holdline.example")),
            (header::HOST, HeaderValue::from_static("127.0.0.1:8080")),
        ]);

        assert!(check(&headers, None, &[]).is_err());
        assert!(check(&headers, Some("https://holdline.example"), &[]).is_ok());
        assert!(check(&headers, Some("https://other.example"), &[]).is_err());
    }
}
