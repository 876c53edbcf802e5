//! The database schema, step by step: each step is one file and never changes once it has been released.
//! Holds tables, keys and triggers; what the triggers enforce is written in the design of the record (ARCHITECTURE.md).

mod dialect;
mod grants;
mod m0001_log;
mod m0002_plan;
mod m0003_renegotiation;
mod m0004_meeting;
mod m0005_commitment;
mod m0006_guards;
mod m0007_roadmap;
mod m0008_backlog;
mod m0009_meeting_input;
mod m0010_search;
mod m0012_client_request;
mod m0013_erasure;
mod m0014_record;
mod m0015_history;
mod m0016_idempotency;
mod m0017_webhook;
mod m0018_hook;
mod m0019_published_link;
mod m0020_idea_wanted;
mod m0021_demand_order;

pub use grants::grant_service_role;
use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

/// What the steps leave on PostgreSQL of the tables that triggers guard, a line for each column, key and trigger. Printed
/// by the acceptance test `what_the_migrations_leave_is_what_is_printed`, which fails when it drifts.
pub const POSTGRES: &str = include_str!("../postgres.fingerprint");

/// The same of SQLite.
pub const SQLITE: &str = include_str!("../sqlite.fingerprint");

/// The step from which on SQLite's connections overwrite what they free. What was freed before goes with one VACUUM, which
/// no transaction takes, so whoever runs this step has it done before.
pub const OVERWRITES: &str = "m0013_erasure";

/// Runs the steps that a database has not seen.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_log::Step),
            Box::new(m0002_plan::Step),
            Box::new(m0003_renegotiation::Step),
            Box::new(m0004_meeting::Step),
            Box::new(m0005_commitment::Step),
            Box::new(m0006_guards::Step),
            Box::new(m0007_roadmap::Step),
            Box::new(m0008_backlog::Step),
            Box::new(m0009_meeting_input::Step),
            Box::new(m0010_search::Step),
            Box::new(m0012_client_request::Step),
            Box::new(m0013_erasure::Step),
            Box::new(m0014_record::Step),
            Box::new(m0015_history::Step),
            Box::new(m0016_idempotency::Step),
            Box::new(m0017_webhook::Step),
            Box::new(m0018_hook::Step),
            Box::new(m0019_published_link::Step),
            Box::new(m0020_idea_wanted::Step),
            Box::new(m0021_demand_order::Step),
        ]
    }
}
