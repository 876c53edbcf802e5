//! Reads the `Idempotency-Key` header of a mutation: which key, and for which request. What a key stands for is the
//! store's to know. Queries change nothing, so theirs is not looked at.

use axum::http::{HeaderMap, HeaderName};

use super::refusal::Refusal;
use crate::store::Attempt;

pub(super) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest key, in characters.
const LONGEST: usize = 255;

/// The attempt that a request is, where it has a key.
///
/// The request is its document, operation and variables; the order of the variables' members and the white space
/// between them say nothing, so that a retry which a client writes out anew is the same request.
pub(super) fn attempt(headers: &HeaderMap, request: &async_graphql::Request) -> Result<Option<Attempt>, Refusal> {
    let mut values = headers.get_all(&HEADER).iter();
    let Some(key) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::malformed(
            "Idempotency-Key is given twice. Give one key for one request.",
            Some(HEADER.as_str()),
        ));
    }
    let key = key.to_str().unwrap_or_default();
    if key.len() > LONGEST || !key.bytes().all(|byte| byte.is_ascii_graphic()) || key.is_empty() {
        let message = format!("Idempotency-Key is 1 to {LONGEST} visible ASCII characters, such as a random UUID.");
        return Err(Refusal::malformed(message, Some(HEADER.as_str())));
    }
    // serde_json keeps members in the order of their names.
    let said = serde_json::to_value((&request.query, &request.operation_name, &request.variables));
    let said = said.map_err(|_| Refusal::malformed("The variables hold a value that JSON has no form for.", None))?;
    Ok(Some(Attempt::new(key, said.to_string().as_bytes())))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn refused(keys: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for key in keys {
            headers.append(HEADER, HeaderValue::from_bytes(key).unwrap());
        }
        attempt(&headers, &async_graphql::Request::new("{ a }")).unwrap_err().errors.remove(0).message
    }

    #[test]
    fn a_key_that_is_none_is_refused_with_what_one_is() {
        let long = [b'k'; LONGEST + 1];
        for keys in [&[&b""[..]][..], &[b"two words"], &["schl\u{fc}ssel".as_bytes()], &[&long]] {
            assert!(refused(keys).contains("1 to 255 visible ASCII"), "{keys:?}");
        }
        assert!(refused(&[b"one", b"one"]).contains("twice"));
    }
}
