//! What the stories share: a server of one's own, callers with tokens, and a committed plan to begin with.

mod caller;
mod command;
mod plan;
mod server;

pub(crate) use caller::{Answer, Caller, codes};
pub(crate) use command::holdline;
pub(crate) use plan::{Committed, commit_plan, digest, open_meeting, propose};
pub(crate) use server::{Server, fresh_database, on_postgres};
