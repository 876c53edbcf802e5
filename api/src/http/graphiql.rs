//! `GraphiQL` for browsers: the page and its embedded files, so that it works without a network. The page carries
//! no data and needs no token; the token stays in the browser and is sent by our script with each request.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::accept::Media;
use super::refusal::Refusal;
use super::response;

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PAGE: &str = "text/html; charset=utf-8";

// GraphiQL's editor and its menus set style attributes and style elements from script, hence 'unsafe-inline' for styles
// alone; its icons and fonts are data: URLs inside the style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static ASSETS: [(&str, &str, &[u8]); 6] = [
    ("react.production.min.js", SCRIPT, include_bytes!("../../assets/graphiql/react.production.min.js")),
    ("react-dom.production.min.js", SCRIPT, include_bytes!("../../assets/graphiql/react-dom.production.min.js")),
    ("graphiql.min.js", SCRIPT, include_bytes!("../../assets/graphiql/graphiql.min.js")),
    ("graphiql.min.css", STYLE, include_bytes!("../../assets/graphiql/graphiql.min.css")),
    ("holdline.js", SCRIPT, include_bytes!("../../assets/graphiql/holdline.js")),
    ("holdline.css", STYLE, include_bytes!("../../assets/graphiql/holdline.css")),
];

// Browsers keep an asset for a year, so its address must change when any of them does.
static HTML: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    ASSETS.hash(&mut hasher);
    let version = format!("{:016x}", hasher.finish());
    include_str!("../../assets/graphiql/index.html").replace("{version}", &version)
});

/// The page that starts `GraphiQL`.
pub fn page() -> Response {
    let mut response = file(PAGE, Body::from(HTML.as_str()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // One address answers with a page or with JSON, by what is accepted.
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// One of the page's files, or 404.
pub async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, content_type, bytes)) = ASSETS.iter().find(|(known, _, _)| *known == name) else {
        let refusal = Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such file.");
        return response::refused(refusal, Media::Json);
    };
    let mut response = file(content_type, Body::from(*bytes));
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, forever);
    response
}

fn file(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    response
}
