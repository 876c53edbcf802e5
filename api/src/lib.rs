//! Holdline: keeps a product team's quarter from being quietly rewritten.
//! The layers, from the outside in: `http`, `graphql`, `service`, `store`; the rules are in `holdline-domain`. `brief`
//! writes a meeting's page, `record` is the Merkle tree and its checkpoints.

pub mod app;
pub mod auth;
pub mod brief;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crm;
pub mod failure;
pub mod graphql;
pub mod http;
pub mod key_file;
pub mod metrics;
mod outgoing;
pub mod record;
pub mod service;
pub mod store;
pub mod trace;
pub mod webhook;

/// Rows are made on the database's threads and let go of on others, where the C library's allocator makes each wait for the
/// other. SQLite asks this one, too. How it is set is in `.cargo/config.toml`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
