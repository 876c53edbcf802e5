//! Acceptance tests: through HTTP, the same stories on SQLite and, with `HOLDLINE_TEST_DATABASE_URL`, on PostgreSQL.
//! Each test has a server and a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

mod support;

mod backlog;
mod backlog_list;
mod backlog_sight;
mod bad_input;
mod checkpoint;
mod commitment;
mod cost;
mod customer_request;
mod deals;
mod demand;
mod disposition;
mod erasure;
mod export;
mod filter;
mod fingerprint;
mod front_door;
mod idempotency;
mod import;
mod kill;
mod lineage;
mod locked;
mod log_key;
mod meeting;
mod meeting_input;
mod oidc;
mod oidc_attacks;
mod oidc_keys;
mod people;
mod permission;
mod promotion;
mod race;
mod ranking;
mod renegotiation;
mod retry;
mod roadmap;
mod rules;
mod schema;
mod shape;
mod sight;
mod sql;
mod sql_meeting;
mod state_machine;
mod story;
mod validation;
mod verify;
mod verify_edges;
mod watch;
mod watch_key;
mod wednesday;
mod world;
