//! Acceptance tests: through HTTP, the same stories on SQLite and, with `HOLDLINE_TEST_DATABASE_URL`, on PostgreSQL.
//! Each test has a server and a database of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so")]

mod support;

mod commitment;
mod import;
mod meeting;
mod renegotiation;
