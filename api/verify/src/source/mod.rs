//! Where a log is read from: an export, or a database.

mod beside;
pub(crate) mod database;
pub(crate) mod export;
#[cfg(test)]
mod export_tests;
pub(crate) mod open;
mod postgres;
mod snapshot;
mod sqlite;

pub use self::sqlite::DAMAGED;
