//! Gives every error of an executed request its code, in one place. An error that a resolver coded stays as it is; one
//! that nobody coded is the schema's refusal of the document, of a value, or a fault of ours, and a fault's text goes to
//! the log and never to the client.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use axum::http::StatusCode;

use super::validate::fault::MAX_FAULTS;

// Validation reports every unknown field and quotes its name; a page of them helps nobody and doubles the traffic.
const MAX_ERRORS: usize = MAX_FAULTS;
const MAX_MESSAGE: usize = 400;

/// Codes the errors of a response, hides what is internal, and shortens what echoes the document.
pub fn tidy(response: &mut Response, request_id: &str) {
    let was_refused = is_request_error(response);
    for error in &mut response.errors {
        if code(error).is_none() {
            assign(error, request_id);
        }
    }
    if was_refused {
        response.errors.truncate(MAX_ERRORS);
    }
}

/// Whether the request was refused before any resolver ran, so that the answer has no `data`.
#[must_use]
pub fn is_request_error(response: &Response) -> bool {
    response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty())
}

/// The status that a request error's code calls for. It is 400 wherever the client can put the request right.
#[must_use]
pub fn status_of(error: &ServerError) -> StatusCode {
    match code(error) {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN") => StatusCode::FORBIDDEN,
        Some("IDEMPOTENCY_IN_FLIGHT") => StatusCode::CONFLICT,
        Some("IDEMPOTENCY_KEY_REUSED") => StatusCode::UNPROCESSABLE_ENTITY,
        Some("RATE_LIMITED") => StatusCode::TOO_MANY_REQUESTS,
        Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        Some("UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
        Some("TIMEOUT") => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The error that stands for any fault of ours.
#[must_use]
pub fn internal(request_id: &str) -> ServerError {
    let mut error = super::refusal::coded("internal error", "INTERNAL");
    error.extensions.get_or_insert_default().set("requestId", request_id);
    error
}

fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

fn assign(error: &mut ServerError, request_id: &str) {
    let code = if error.source.is_none() && error.path.is_empty() {
        "GRAPHQL_VALIDATION_FAILED"
    } else if error.source.is_none() && is_coercion(&error.message) {
        "INVALID"
    } else {
        tracing::error!(request_id, error = %error.message, path = ?error.path, "a resolver failed");
        let shown = internal(request_id);
        (error.message, error.extensions, error.source) = (shown.message, shown.extensions, None);
        return;
    };
    shorten(&mut error.message);
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
}

// async-graphql gives a value that it cannot coerce no code and no type of its own, only one of these openings. An
// uncoded error with any other text may be anything, so it is treated as a fault.
fn is_coercion(message: &str) -> bool {
    ["Failed to parse \"", "Expected input type \"", "Variable "].iter().any(|opening| message.starts_with(opening))
}

fn shorten(message: &mut String) {
    if message.len() > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        message.push('…');
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_graphql::PathSegment;

    use super::*;

    fn tidied(mut error: ServerError, path: bool) -> (String, String) {
        error.path = if path { vec![PathSegment::Field("plan".to_owned())] } else { Vec::new() };
        let mut response = Response::from_errors(vec![error]);
        tidy(&mut response, "r1");
        let error = response.errors.remove(0);
        (code(&error).unwrap_or_default().to_owned(), error.message)
    }

    #[test]
    fn each_kind_of_uncoded_error_gets_its_code_and_a_fault_loses_its_text() {
        let plain = |message: &str| ServerError::new(message, None);
        let sourced = ServerError { source: Some(Arc::new("db".to_owned())), ..plain("database gone") };

        let cases = [
            (plain("Unknown field"), false, "GRAPHQL_VALIDATION_FAILED", "Unknown field"),
            (plain("Failed to parse \"Int\": no"), true, "INVALID", "Failed to parse \"Int\": no"),
            (
                plain("Expected input type \"Int\", found 1.5."),
                true,
                "INVALID",
                "Expected input type \"Int\", found 1.5.",
            ),
            (plain("Data `Pool` does not exist."), true, "INTERNAL", "internal error"),
            (sourced.clone(), true, "INTERNAL", "internal error"),
            (sourced, false, "INTERNAL", "internal error"),
            (super::super::refusal::coded("slow down", "RATE_LIMITED"), false, "RATE_LIMITED", "slow down"),
        ];

        for (error, path, code, message) in cases {
            assert_eq!(tidied(error, path), (code.to_owned(), message.to_owned()));
        }
    }

    #[test]
    fn a_long_message_is_cut_at_a_character_and_many_errors_are_cut_to_a_page() {
        let long = ServerError::new("é".repeat(5_000), None);

        assert!(tidied(long.clone(), false).1.len() <= MAX_MESSAGE + '…'.len_utf8());

        let mut response = Response::from_errors(vec![long; 500]);
        tidy(&mut response, "r1");
        assert_eq!(response.errors.len(), MAX_ERRORS);
    }
}
