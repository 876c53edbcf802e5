//! The gate in front of `execute`: scan the text, parse it, choose the operation, and hold it to the limits, in that
//! order, so that nothing that could hurt a later step reaches it. It knows nothing of tokens or bodies, and it hands
//! the parsed document on, so that nothing is parsed twice.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Value, Variables};
use axum::http::Method;

use super::limits;
use super::refusal::Refusal;
use super::request::Params;
use super::scan::scan;

/// The request to execute, or why it is not executed.
pub fn admit(params: Params, method: &Method) -> Result<async_graphql::Request, Refusal> {
    scan(&params.query)?;
    let document = parse_query(&params.query)?;
    let operation = choose(&document, params.operation_name.as_deref())?;
    match operation.ty {
        OperationType::Query => {}
        OperationType::Mutation if method == Method::POST => {}
        OperationType::Mutation => return Err(Refusal::method("A mutation is sent by POST.", "POST")),
        OperationType::Subscription => {
            let message = "Subscriptions are not served on this path; it answers queries and mutations.";
            return Err(Refusal::malformed(message, None));
        }
    }
    check_variables(operation, &params.variables)?;
    limits::check(&document, operation, &params.variables)?;
    let mut request = async_graphql::Request::new(params.query).variables(params.variables);
    request.operation_name = params.operation_name;
    request.set_parsed_query(document);
    Ok(request)
}

// async-graphql notices a missing value only when it reaches the argument, after the fields before it have run.
fn check_variables(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    let missing = operation.variable_definitions.iter().map(|definition| &definition.node).find(|definition| {
        let given = variables.get(&definition.name.node);
        let is_null = given.is_some_and(|value| *value == Value::Null);
        let is_absent = given.is_none() && definition.default_value.is_none();
        !definition.var_type.node.nullable && (is_null || is_absent)
    });
    let Some(definition) = missing else { return Ok(()) };
    let name: String = definition.name.node.chars().take(60).collect();
    Err(Refusal::variable(format!("The variable `${name}` needs a value and has none."), &format!("variables.{name}")))
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
