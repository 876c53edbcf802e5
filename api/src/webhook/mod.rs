//! Webhooks: telling the log to receivers out there, each at its own pace. `deliverer` is the task that does it,
//! `sender` one attempt, `targets` where anything may be sent at all, `schedule` when it is tried again, `payload` what is
//! said. What waits is the store's outbox; who may say where is the domain's and the service's.

mod deliverer;
mod payload;
mod schedule;
mod sender;
mod targets;

pub use deliverer::Deliverer;
pub use targets::Targets;
