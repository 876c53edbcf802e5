//! HTTP: the gate, GraphQL over HTTP by its specification, `GraphiQL`, and the routes. One concern, one file; a request
//! flows from `router` through `request` and `gate` to the schema, and back through `errors` and `response`. There is no
//! rule of the domain here and no resolver.

pub mod accept;
mod answers;
mod documents;
mod door;
pub mod errors;
mod etag;
mod events;
mod frame;
pub mod gate;
pub mod graphiql;
mod hooks;
mod idempotency;
mod kept;
mod known;
pub mod limits;
mod metrics;
pub mod origin;
mod pages;
mod places;
mod points;
mod price;
pub mod refusal;
pub mod request;
pub mod response;
pub mod router;
pub mod scan;
mod settings;
mod sockets;
pub mod validate;
mod websocket;
pub mod weigh;

pub use documents::Documents;
pub use metrics::serve_metrics;
pub use points::Allowance;
pub use router::router;
pub use settings::HttpSettings;
pub use sockets::{Sockets, serve};
