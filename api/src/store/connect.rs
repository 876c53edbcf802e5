//! Opening the database: embedded SQLite in a file, or PostgreSQL by URL; and bringing its schema up to date.
//! Holds the settings that durability rests on (WAL with full sync, a write pool of one); refuses to run statements.

use std::{path::Path, time::Duration};

use holdline_migration::Migrator;
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection, DbBackend, TransactionTrait as _};
use sea_orm_migration::MigratorTrait as _;

use crate::failure::Failure;

/// Where the database is.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file of SQLite's.
    Sqlite(std::path::PathBuf),
    /// A PostgreSQL server.
    Postgres(String),
}

impl DatabaseUrl {
    /// The database in a data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::Sqlite(folder.join("holdline.db"))
    }

    /// Reads `postgres://…` or `sqlite://FILE`; the error says what is understood and never repeats the URL, which
    /// may hold a password.
    pub fn parse(url: &str) -> Result<Self, &'static str> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite://") {
            Some(file) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => Err("a database URL begins with postgres:// or sqlite://"),
        }
    }
}

/// The advisory lock of the migrations on PostgreSQL: "migrate!" in ASCII.
const MIGRATION_LOCK: i64 = 0x6d69_6772_6174_6521;

/// An open database: a pool that writes and a pool that reads.
#[derive(Clone)]
pub struct Database {
    pub(super) writes: DatabaseConnection,
    pub(super) reads: DatabaseConnection,
    pub(super) backend: DbBackend,
}

impl Database {
    /// Opens it; a SQLite file is made where there is none.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Failure> {
        match url {
            DatabaseUrl::Sqlite(file) => {
                let url = format!("sqlite://{}?mode=rwc", file.display());
                let writes = sea_orm::Database::connect(sqlite(&url, 1)).await?;
                let reads = sea_orm::Database::connect(sqlite(&url, 4)).await?;
                Ok(Self { writes, reads, backend: DbBackend::Sqlite })
            }
            DatabaseUrl::Postgres(url) => {
                let writes = sea_orm::Database::connect(postgres(url, 2)).await?;
                let reads = sea_orm::Database::connect(postgres(url, 12)).await?;
                Ok(Self { writes, reads, backend: DbBackend::Postgres })
            }
        }
    }

    /// Runs the migrations that are missing. One process at a time: on PostgreSQL an advisory lock sees to it, on
    /// SQLite the lock on the data folder.
    pub async fn migrate(&self) -> Result<(), Failure> {
        let lock = self.writes.begin().await?;
        if self.backend == DbBackend::Postgres {
            lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
            Migrator::up(&self.writes, None).await?;
            return Ok(lock.commit().await?);
        }
        lock.rollback().await?;
        Migrator::up(&self.writes, None).await.map_err(Failure::from)
    }

    /// Whether a migration is missing.
    pub async fn behind(&self) -> Result<bool, Failure> {
        // The other question makes its table first, which a role that owns nothing may not.
        Ok(!Migrator::get_pending_migrations_read_only(&self.writes).await?.is_empty())
    }

    /// Gives the service's own role its rights, where another role owns the tables.
    pub async fn grant(&self, role: &str) -> Result<(), Failure> {
        holdline_migration::grant_service_role(&self.writes, role).await.map_err(Failure::from)
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        self.reads.ping().await.map_err(Failure::from)
    }

    /// Closes its connections.
    pub async fn close(self) -> Result<(), Failure> {
        self.writes.close().await?;
        Ok(self.reads.close().await?)
    }

    /// Counts every statement that this database runs from now on, by calling back.
    pub fn on_statement(&mut self, callback: impl Fn() + Send + Sync + Clone + 'static) {
        let other = callback.clone();
        self.writes.set_metric_callback(move |_| callback());
        self.reads.set_metric_callback(move |_| other());
    }
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = shared(url, connections);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("recursive_triggers", "ON")
            .busy_timeout(Duration::from_secs(5))
    });
    options
}

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = shared(url, connections);
    options.statement_timeout(Duration::from_secs(10)).set_application_name("holdline");
    options
}

fn shared(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}
