//! HTTP: the gate, GraphQL over HTTP by its specification, `GraphiQL`, and the routes. One concern, one file; a request
//! flows from `router` through `request` and `gate` to the schema, and back through `errors` and `response`. There is no
//! rule of the domain here and no resolver.

pub mod accept;
pub mod errors;
pub mod gate;
pub mod graphiql;
mod idempotency;
pub mod limits;
pub mod origin;
pub mod refusal;
pub mod request;
pub mod response;
pub mod router;
pub mod scan;
pub mod validate;
pub mod weigh;

pub use router::{HttpSettings, router};
