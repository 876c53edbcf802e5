//! Reads a GraphQL-over-HTTP request: the method's own checks, the body within its limit, and the four parameters with
//! their types. It never looks inside the document, and it takes no batches, forms or uploads.

use std::time::Duration;

use async_graphql::{Value as ConstValue, Variables};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use super::scan::scan_json;

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;
// A body over the limit is read and dropped up to here, so that a client still sending gets to see the answer.
const MAX_DRAINED: usize = 8 * MAX_BODY;

/// The parameters of one request, each with its right type.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// The document's text, not yet scanned.
    pub query: String,
    /// The operation to run, where the document has several.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Variables,
}

/// Accepts the content type of a POST: `application/json` in UTF-8 and no other.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.filter_map(|part| part.split_once('=')).all(|(key, value)| {
        !key.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if is_json && is_utf8 {
        return Ok(());
    }
    let message = "Send the request as `Content-Type: application/json` in UTF-8.";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID", message))
}

/// Reads a body of at most `MAX_BODY` bytes within the time limit.
pub async fn read_body(body: Body, limit: Duration) -> Result<Vec<u8>, Refusal> {
    let timeout =
        |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "The body did not arrive in time. Try again.");
    tokio::time::timeout(limit, collect(body)).await.map_err(timeout)?
}

async fn collect(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut stream = body.into_data_stream();
    let (mut kept, mut total) = (Vec::new(), 0_usize);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Refusal::malformed("The body could not be read to its end.", None))?;
        total = total.saturating_add(chunk.len());
        if total <= MAX_BODY {
            kept.extend_from_slice(&chunk);
        } else if total > MAX_DRAINED {
            break;
        }
    }
    if total <= MAX_BODY {
        return Ok(kept);
    }
    let message =
        format!("The body has more than {MAX_BODY} bytes, which is the most that is read. Split the request.");
    Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "QUERY_TOO_LARGE", message))
}

/// Reads the parameters from a JSON body.
pub fn from_body(body: &[u8]) -> Result<Params, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::malformed("The body is not UTF-8.", None))?;
    match parse_json(text, "The body is not valid JSON", None)? {
        Value::Object(map) => from_map(map),
        Value::Array(_) => Err(Refusal::malformed("Batches are not taken. Send one request at a time.", None)),
        _ => Err(Refusal::malformed("The body must be a JSON object with the parameter `query`.", None)),
    }
}

/// Reads the parameters from the query string of a GET.
pub fn from_query_string(text: &str) -> Result<Params, Refusal> {
    let mut map = Map::new();
    for (name, raw) in pairs(text) {
        let name = decode(name)?;
        let value = match name.as_str() {
            "query" | "operationName" => Value::String(decode(raw)?),
            "variables" => parse_json(&decode(raw)?, "`variables` is not valid JSON", Some("variables"))?,
            "extensions" => parse_json(&decode(raw)?, "`extensions` is not valid JSON", Some("extensions"))?,
            _ => continue,
        };
        if map.contains_key(&name) {
            return Err(Refusal::malformed(format!("`{name}` is given twice."), Some(&name)));
        }
        map.insert(name, value);
    }
    from_map(map)
}

/// Whether a query string has the parameter `query`, readable or not.
#[must_use]
pub fn has_query(text: &str) -> bool {
    pairs(text).any(|(name, _)| name == "query")
}

fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn decode(text: &str) -> Result<String, Refusal> {
    let spaced = text.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned);
    decoded.map_err(|_| Refusal::malformed("The query string is not UTF-8.", None))
}

fn parse_json(text: &str, complaint: &str, field: Option<&str>) -> Result<Value, Refusal> {
    scan_json(text).map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, why.code(), why.to_string()))?;
    serde_json::from_str(text).map_err(|error| {
        let message = format!("{complaint}: see line {}, column {}.", error.line(), error.column());
        Refusal::malformed(message, field)
    })
}

fn from_map(mut map: Map<String, Value>) -> Result<Params, Refusal> {
    let wrong = |name: &str, kind: &str| Refusal::malformed(format!("`{name}` must be {kind}."), Some(name));
    let Some(Value::String(query)) = map.remove("query") else {
        return Err(wrong("query", "given, as a string"));
    };
    let operation_name = match map.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(wrong("operationName", "a string or null")),
    };
    let variables = match map.remove("variables") {
        None | Some(Value::Null) => Variables::default(),
        Some(value @ Value::Object(_)) => variables(value)?,
        Some(_) => return Err(wrong("variables", "an object or null")),
    };
    // Nothing reads extensions; their type is checked because the specification gives them one.
    match map.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(Params { query, operation_name, variables }),
        Some(_) => Err(wrong("extensions", "an object or null")),
    }
}

fn variables(value: Value) -> Result<Variables, Refusal> {
    let converted = ConstValue::from_json(value).map(Variables::from_value);
    converted
        .map_err(|_| Refusal::malformed("`variables` holds a value that GraphQL has no form for.", Some("variables")))
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
