//! The pages' own files, kept in the binary: one stylesheet, two small scripts and an icon.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use axum::{
    body::Body,
    extract::{Path, RawQuery},
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

use super::problem::Problem;

const SCRIPT: &str = "text/javascript; charset=utf-8";

static ASSETS: [(&str, &str, &str); 4] = [
    ("holdline.css", "text/css; charset=utf-8", include_str!("../../../assets/pages/holdline.css")),
    ("sign-in.js", SCRIPT, include_str!("../../../assets/pages/sign-in.js")),
    ("live.js", SCRIPT, include_str!("../../../assets/pages/live.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../../assets/pages/icon.svg")),
];

/// What the addresses of the files end with: browsers keep a file for a year, so it must change when a file does.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
});

/// One of the files, or a page that says that there is none.
pub(super) async fn file(Path(name): Path<String>, RawQuery(version): RawQuery) -> Response {
    let Some((_, kind, text)) = ASSETS.iter().find(|(known, _, _)| *known == name) else {
        return Problem::nothing_here().page();
    };
    let mut response = Response::new(Body::from(*text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // While replicas change over, one may be asked for the file of another: nobody keeps that.
    let known = version.as_deref() == Some(VERSION.as_str());
    let kept = if known { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    response
}
