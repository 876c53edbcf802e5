//! Answers to GET that a client may keep: each has an `ETag` of what it says, and one that the client has already is
//! answered with 304 and no body. What it cost is left out, since that differs each time; so the tag is a weak one.

use async_graphql::Response as Executed;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use holdline_domain::facts::Digest;
use sha2::{Digest as _, Sha256};

/// Tags an answer, and leaves out what the client says it has.
pub(super) fn tagged(tag: &str, asked: &HeaderMap, mut response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    if asked.get_all(header::IF_NONE_MATCH).iter().any(|known| names(known, tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    let said: [(HeaderName, &str); 3] = [
        (header::ETAG, tag),
        // Kept by one client alone, and asked about each time: what is true may change with any commit.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::VARY, "authorization, accept"),
    ];
    for (name, value) in said {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The tag of an answer without errors.
pub(super) fn tag(executed: &Executed) -> Option<String> {
    if !executed.errors.is_empty() {
        return None;
    }
    let said = serde_json::to_vec(&&executed.data).ok()?;
    let hash = Digest::from(<[u8; 32]>::from(Sha256::digest(said)));
    Some(format!("W/\"{hash}\""))
}

fn names(known: &HeaderValue, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = known.to_str().unwrap_or_default();
    known.trim() == "*" || known.split(',').any(|one| bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_compared_weakly_and_within_a_list() {
        let table = [
            ("W/\"a1\"", true),
            ("\"a1\"", true),
            ("\"b\", W/\"a1\"", true),
            ("*", true),
            ("a1", false),
            ("\"a\"", false),
            ("", false),
        ];
        for (known, expected) in table {
            assert_eq!(names(&HeaderValue::from_str(known).unwrap(), "W/\"a1\""), expected, "{known}");
        }
    }
}
