//! What the stories share: a server of one's own, callers with tokens, and a committed plan to begin with.

mod backlog;
mod caller;
mod cluster;
mod command;
mod complete;
mod disk;
mod load;
mod plan;
mod process;
mod proof;
mod provider;
mod proxy;
mod receiver;
mod server;
mod socket;
mod stream;
mod tampered;
mod visitor;

pub(crate) use backlog::{COUNTED, DEMAND, ask_for, but, deal, demand, entries, keeper, submit, tally, teams};
pub(crate) use caller::{Answer, Caller, codes};
pub(crate) use cluster::Cluster;
pub(crate) use command::{Ran, holdline, verified};
pub(crate) use complete::skipped;
pub(crate) use disk::Disk;
pub(crate) use load::{Load, SUBMIT, only_unavailable};
pub(crate) use plan::{Committed, commit_plan, digest, open_meeting, propose};
pub(crate) use process::Process;
pub(crate) use proof::{consistent, root_over, shown};
pub(crate) use provider::{AUDIENCE, ISSUER, Reply, TestKey, TestProvider, compose, trust};
pub(crate) use proxy::Proxy;
pub(crate) use receiver::{Got, Manner, Receiver};
pub(crate) use server::{
    Server, bare_database, copy_for_owner, fresh_database, on_postgres, owner_of, owner_url, roomy,
};
pub(crate) use socket::{Socket, Told};
pub(crate) use stream::{Event, Events};
pub(crate) use tampered::{Said, Tampered, said};
pub(crate) use visitor::{Page, Visitor};
