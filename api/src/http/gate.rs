//! The gate in front of `execute`: scan the text, parse it, choose the operation, hold it to the limits, judge it and the
//! variables, in that order, so that nothing that could hurt a later step reaches it. It knows nothing of tokens or
//! bodies, and it hands the parsed document on, so that nothing is parsed twice; a text that passed before is neither parsed nor judged again.

use std::sync::Arc;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use axum::http::Method;

use super::known::Known;
use super::limits;
use super::price::price;
use super::refusal::Refusal;
use super::request::Params;
use super::scan::scan;
use super::validate;
use super::validate::given;
use super::validate::lift::lift;
use super::validate::once::once;
use super::validate::published::Published;
use super::validate::subscription::write_out;

/// A request that may be executed.
pub struct Admitted {
    /// The request, with its document parsed.
    pub request: async_graphql::Request,
    /// Whether it reads, changes or follows something.
    pub operation: OperationType,
    /// What it costs, in points.
    pub price: u64,
}

/// The request to execute, or why it is not executed.
pub fn admit(
    published: &Published,
    known: &Known,
    query: String,
    params: Params,
    method: &Method,
) -> Result<Admitted, Refusal> {
    let found = known.find(&query);
    let judged = found.is_some();
    let document = if let Some(document) = found {
        document
    } else {
        scan(&query)?;
        Arc::new(parse_query(&query)?)
    };
    let operation = choose(&document, params.operation_name.as_deref())?;
    match operation.ty {
        OperationType::Query | OperationType::Subscription => {}
        OperationType::Mutation if method == Method::POST => {}
        OperationType::Mutation => return Err(Refusal::method("A mutation is sent by POST.", "POST")),
    }
    let mut variables = params.variables;
    let weight = limits::check(published, &document, operation, &variables)?;
    if !judged {
        validate::judge(published, &query, &document)?;
        known.keep(&query, Arc::clone(&document));
    }
    given::settle(published, operation, &mut variables)?;
    let operation = operation.ty;
    let price = price(operation, &weight, &variables);
    let mut document = Arc::unwrap_or_clone(document);
    once(&mut document, params.operation_name.as_deref(), &variables);
    write_out(&mut document);
    lift(&mut document);
    let mut request = async_graphql::Request::new(query).variables(variables);
    request.operation_name = params.operation_name;
    request.set_parsed_query(document);
    Ok(Admitted { request, operation, price })
}

fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Result<&'a OperationDefinition, Refusal> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        (DocumentOperations::Multiple(_), None) => {
            let message = "The document has several operations. Say which one to run in `operationName`.";
            return Err(Refusal::malformed(message, Some("operationName")));
        }
    };
    let missing = || Refusal::malformed("The document has no operation named `operationName`.", Some("operationName"));
    found.map(|operation| &operation.node).ok_or_else(missing)
}
