//! Reads a GraphQL-over-HTTP request: the method's own checks, the body within its limits, and the parameters with their
//! types. It never looks inside the document, and it takes no batches, forms or uploads.

use std::time::Duration;

use async_graphql::{Value as ConstValue, Variables};
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::refusal::Refusal;
use super::scan::scan_json;

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;
// What is read and dropped of a body that is refused.
const MAX_DRAINED: usize = 8 * MAX_BODY;
// The room is handed out in pieces of so many bytes.
const UNIT: usize = 1024;

/// What a request asks to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// This document, not yet scanned.
    Document(String),
    /// The persisted document of this id.
    Id(String),
}

/// The parameters of one request, each with its right type.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// The operation to run, where the document has several.
    pub operation_name: Option<String>,
    /// The values of the operation's variables.
    pub variables: Variables,
}

/// Accepts the content type of a POST: `application/json` in UTF-8 and no other, and not packed.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let packed = |coding: &HeaderValue| !coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).iter().any(packed) {
        let message = "Send the body as it is: without a Content-Encoding.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "INVALID", message));
    }
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

/// Where bodies are held until they are parsed: so much in all, whoever sends them.
#[derive(Debug)]
pub struct Room(Semaphore);

/// A body, and its place in the room.
#[derive(Debug)]
pub struct Held<'r> {
    /// What was sent.
    pub bytes: Vec<u8>,
    place: Option<SemaphorePermit<'r>>,
}

impl Room {
    /// A room for so many bodies of the full size.
    #[must_use]
    pub fn new(bodies: usize) -> Self {
        Self(Semaphore::new(bodies * MAX_BODY / UNIT))
    }

    /// Reads a body of at most `MAX_BODY` bytes within the time limit.
    pub async fn read(&self, body: Body, limit: Duration) -> Result<Held<'_>, Refusal> {
        self.read_up_to(body, MAX_BODY, limit).await
    }

    /// Reads a body of at most so many bytes within the time limit.
    pub(super) async fn read_up_to(&self, body: Body, most: usize, limit: Duration) -> Result<Held<'_>, Refusal> {
        let timeout =
            |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "The body did not arrive in time. Try again.");
        tokio::time::timeout(limit, self.collect(body, most)).await.map_err(timeout)?
    }

    async fn collect(&self, body: Body, most: usize) -> Result<Held<'_>, Refusal> {
        let mut stream = body.into_data_stream();
        let mut held = Held { bytes: Vec::new(), place: None };
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| Refusal::malformed("The body could not be read to its end.", None))?;
            if held.bytes.len() + chunk.len() > most {
                drop(held);
                drain(stream).await;
                return Err(too_large(most));
            }
            self.widen(&mut held, chunk.len())?;
            held.bytes.extend_from_slice(&chunk);
        }
        Ok(held)
    }

    fn widen<'r>(&'r self, held: &mut Held<'r>, by: usize) -> Result<(), Refusal> {
        let needed = (held.bytes.len() + by).div_ceil(UNIT);
        let has = held.place.as_ref().map_or(0, SemaphorePermit::num_permits);
        let Ok(more) = u32::try_from(needed.saturating_sub(has)) else { return Err(too_large(MAX_BODY)) };
        let more = self.0.try_acquire_many(more).map_err(|_| Refusal::busy("Too many bodies are arriving at once."))?;
        match &mut held.place {
            Some(place) => place.merge(more),
            None => held.place = Some(more),
        }
        Ok(())
    }
}

/// Reads a body whose request is refused already and keeps nothing of it, so that a client still sending gets to see why.
pub async fn discard(body: Body, limit: Duration) {
    let _ = tokio::time::timeout(limit, drain(body.into_data_stream())).await;
}

async fn drain(mut stream: BodyDataStream) {
    let mut dropped = 0_usize;
    while let Some(Ok(chunk)) = stream.next().await {
        dropped = dropped.saturating_add(chunk.len());
        if dropped > MAX_DRAINED {
            return;
        }
    }
}

fn too_large(most: usize) -> Refusal {
    let message = format!("The body has more than {most} bytes, which is the most that is read. Split the request.");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "QUERY_TOO_LARGE", message)
}

/// Reads the parameters from a JSON body.
pub fn from_body(body: &[u8]) -> Result<(Said, Params), Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::malformed("The body is not UTF-8.", None))?;
    match parse_json(text, "The body is not valid JSON", None)? {
        Value::Object(map) => from_map(map),
        Value::Array(_) => Err(Refusal::malformed("Batches are not taken. Send one request at a time.", None)),
        _ => Err(Refusal::malformed("The body must be a JSON object with the parameter `query`.", None)),
    }
}

/// Reads the parameters from the query string of a GET.
pub fn from_query_string(text: &str) -> Result<(Said, Params), Refusal> {
    let mut map = Map::new();
    for (name, raw) in pairs(text) {
        let name = decode(name)?;
        let value = match name.as_str() {
            "query" | "documentId" | "operationName" => Value::String(decode(raw)?),
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

/// Whether a query string asks for a document to be run, readable or not.
#[must_use]
pub fn has_query(text: &str) -> bool {
    pairs(text).any(|(name, _)| matches!(name, "query" | "documentId"))
}

/// The names and values of a query string or a form, as they were sent.
pub(super) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A name or a value as it was meant.
pub(super) fn decode(text: &str) -> Result<String, Refusal> {
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

/// Reads the parameters from a JSON object.
pub(super) fn from_map(mut map: Map<String, Value>) -> Result<(Said, Params), Refusal> {
    let wrong = |name: &str, kind: &str| Refusal::malformed(format!("`{name}` must be {kind}."), Some(name));
    let given = |value: Option<Value>| value.filter(|value| !value.is_null());
    let said = match (given(map.remove("query")), given(map.remove("documentId"))) {
        (Some(Value::String(text)), None) => Said::Document(text),
        (None, Some(Value::String(id))) => Said::Id(id),
        (Some(_), Some(_)) => {
            let message = "Give the document in `query` or its id in `documentId`, and not both.";
            return Err(Refusal::malformed(message, Some("documentId")));
        }
        (None, Some(_)) => return Err(wrong("documentId", "a string")),
        _ => return Err(wrong("query", "given, as a string")),
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
        None | Some(Value::Null | Value::Object(_)) => Ok((said, Params { operation_name, variables })),
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
