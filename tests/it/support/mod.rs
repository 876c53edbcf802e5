//! What the stories share: a server of one's own, callers with tokens, and a committed plan to begin with.

mod backlog;
mod caller;
mod command;
mod plan;
mod server;

pub(crate) use backlog::{COUNTED, DEMAND, ask_for, but, deal, demand, entries, keeper, submit, tally, teams};
pub(crate) use caller::{Answer, Caller, codes};
pub(crate) use command::holdline;
pub(crate) use plan::{Committed, commit_plan, digest, open_meeting, propose};
pub(crate) use server::{Server, fresh_database, on_postgres};
