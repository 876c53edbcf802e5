//! A request that is not executed: its status, code and sentence, from whichever check refused it.
//! One constructor per kind of refusal, so that a status and its code are paired in one place. It renders nothing.

use async_graphql::parser::Error as ParseError;
use async_graphql::{ErrorExtensionValues, ServerError};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};

use super::limits::TooMuch;
use super::points::{Overspent, Spent};
use super::scan::TooLarge;
use super::validate::Invalid;
use super::validate::given::Unfit;

/// Why a request is answered without being executed.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The HTTP status, unless `is_well_formed` and the answer is `application/json`.
    pub status: StatusCode,
    /// The errors of the answer: one, or all that is wrong with a document.
    pub errors: Vec<ServerError>,
    /// Whether the HTTP request was in order and only the GraphQL in it was not: `application/json` then answers 200.
    pub is_well_formed: bool,
    /// A header that the status calls for.
    pub header: Option<Box<(HeaderName, HeaderValue)>>,
    /// What the request cost, where it came as far as its price.
    pub spent: Option<Spent>,
}

impl Refusal {
    /// A refusal with this status, code and sentence.
    #[must_use]
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, errors: vec![coded(message, code)], is_well_formed: false, header: None, spent: None }
    }

    /// 400 for a request that cannot be read; `field` names the parameter at fault.
    #[must_use]
    pub fn malformed(message: impl Into<String>, field: Option<&str>) -> Self {
        let mut error = coded(message, "INVALID");
        if let Some(field) = field {
            error.extensions.get_or_insert_default().set("field", field);
        }
        Self { errors: vec![error], ..Self::new(StatusCode::BAD_REQUEST, "INVALID", "") }
    }

    /// 400 for a variable without its value or with a wrong one, in a request that is otherwise in order.
    #[must_use]
    pub fn variable(message: impl Into<String>, field: &str) -> Self {
        Self { is_well_formed: true, ..Self::malformed(message, Some(field)) }
    }

    /// 405 with the methods that are open.
    #[must_use]
    pub fn method(message: &str, allowed: &'static str) -> Self {
        let header = Some(Box::new((header::ALLOW, HeaderValue::from_static(allowed))));
        Self { header, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "INVALID", message) }
    }

    /// 401 with the scheme that is expected.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        let header = Some(Box::new((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))));
        Self { header, ..Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message) }
    }

    /// 403 for somebody who is known and may do nothing here.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", message)
    }

    /// 504 for a request that took too long.
    #[must_use]
    pub fn timeout(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GATEWAY_TIMEOUT, "TIMEOUT", message)
    }

    /// 503 for what may be sent again in a moment.
    #[must_use]
    pub fn busy(message: &str) -> Self {
        let header = Some(Box::new((header::RETRY_AFTER, HeaderValue::from_static("1"))));
        let message = format!("{message} Try again in a moment.");
        Self { header, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message) }
    }

    /// 429 for somebody who has as much as they may have, until some of it is given back.
    #[must_use]
    pub fn limited(message: &str) -> Self {
        let header = Some(Box::new((header::RETRY_AFTER, HeaderValue::from_static("1"))));
        let mut error = coded(message, "RATE_LIMITED");
        error.extensions.get_or_insert_default().set("retryAfterMs", 1_000);
        Self { errors: vec![error], header, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "") }
    }

    /// The same, with what the request cost until then.
    #[must_use]
    pub fn costing(self, spent: Spent) -> Self {
        Self { spent: Some(spent), ..self }
    }

    fn document(errors: Vec<ServerError>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, errors, is_well_formed: true, header: None, spent: None }
    }
}

impl From<Overspent> for Refusal {
    fn from(Overspent { wait, spent }: Overspent) -> Self {
        let seconds = wait.as_secs_f64().ceil();
        let message = format!(
            "Too few points are left for this request; enough will be there in {seconds} s. Ask for less at once, or less \
             often: extensions.cost says what a request costs."
        );
        let mut error = coded(message, "RATE_LIMITED");
        let millis = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        error.extensions.get_or_insert_default().set("retryAfterMs", millis);
        let header =
            HeaderValue::try_from(seconds.to_string()).ok().map(|value| Box::new((header::RETRY_AFTER, value)));
        let spent = Some(spent);
        Self { errors: vec![error], header, spent, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", "") }
    }
}

impl From<TooLarge> for Refusal {
    fn from(why: TooLarge) -> Self {
        Self::document(vec![coded(why.to_string(), why.code())])
    }
}

impl From<TooMuch> for Refusal {
    fn from(why: TooMuch) -> Self {
        let locations = if let TooMuch::Cycle(at) = &why { vec![*at] } else { Vec::new() };
        Self::document(vec![ServerError { locations, ..coded(why.to_string(), why.code()) }])
    }
}

impl From<Invalid> for Refusal {
    fn from(why: Invalid) -> Self {
        match why {
            Invalid::Faults(faults) => Self::document(faults.into_iter().map(ServerError::from).collect()),
            Invalid::TooManyLooks => {
                let message = "The document's fields meet under one key too often to be compared. Use fewer fragments.";
                Self::document(vec![coded(message, "QUERY_TOO_COMPLEX")])
            }
        }
    }
}

impl From<Unfit> for Refusal {
    fn from(why: Unfit) -> Self {
        Self::variable(why.sentence, &why.field)
    }
}

impl From<ParseError> for Refusal {
    // The parser's own text quotes the line of the document, however long, so only its position is used.
    fn from(error: ParseError) -> Self {
        let what = match &error {
            ParseError::MultipleOperations { .. } => "an operation without a name must be the only one",
            ParseError::OperationDuplicated { .. } => "two operations have the same name",
            ParseError::FragmentDuplicated { .. } => "two fragments have the same name",
            ParseError::MissingOperation => "it has no operation",
            ParseError::RecursionLimitExceeded => "it nests too deep",
            _ => "syntax error",
        };
        let locations: Vec<_> = error.positions().collect();
        let place = locations.first().map(|at| format!(" at line {}, column {}", at.line, at.column));
        let message = format!("The document is not valid GraphQL: {what}{}.", place.unwrap_or_default());
        Self::document(vec![ServerError { locations, ..coded(message, "GRAPHQL_PARSE_FAILED") }])
    }
}

/// An error that carries its code.
#[must_use]
pub fn coded(message: impl Into<String>, code: &str) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    ServerError { extensions: Some(extensions), ..ServerError::new(message, None) }
}
