//! Opening the database: embedded SQLite in a file, or PostgreSQL by URL; and bringing its schema up to date.
//! How its connections are kept is `pools`'; refuses to run statements.

use std::{
    path::Path,
    sync::{Arc, RwLock},
};

use holdline_domain::refusal::{Code, Refusal};
use holdline_migration::{Migrator, OVERWRITES};
use holdline_verify::Place;
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, FromQueryResult, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
    sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions},
};
use sea_orm_migration::{MigratorTrait as _, SchemaManager};

use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, timeout},
};

use super::{
    connections::Connections,
    pools::{PATIENCE, hurried, postgres, shared, there},
    row,
    settled::Settled,
};
use crate::{failure::Failure, metrics::Metrics};

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
            return if is_read_as_meant(url) { Ok(Self::Postgres(url.to_owned())) } else { Err(UNREAD) };
        }
        match url.strip_prefix("sqlite://") {
            Some(file) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => Err("a database URL begins with postgres:// or sqlite://"),
        }
    }
}

/// What is said of a PostgreSQL URL that cannot be read, as one with a `/` in its password cannot.
const UNREAD: &str = "it is no URL as it stands. In a user's name or password, write % as %25, / as %2F, # as %23, ? as %3F and \
                      @ as %40; a port is a number up to 65535";

/// Whether a PostgreSQL URL is read at all, which whoever opens it would otherwise repeat, and has its login in front of its
/// host: what stands behind an unescaped character of a password would be taken for a database or a setting, and told.
fn is_read_as_meant(url: &str) -> bool {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let login_ends = rest.find(['/', '?']).is_none_or(|end| !rest[end..].contains('@'));
    login_ends && !rest.contains('#') && url.parse::<PgConnectOptions>().is_ok()
}

/// The advisory lock of the migrations on PostgreSQL: "migrate!" in ASCII.
const MIGRATION_LOCK: i64 = 0x6d69_6772_6174_6521;

/// An open database: a pool that writes and a pool that reads.
#[derive(Clone)]
pub struct Database {
    pub(super) connections: Connections,
    /// SQLite's third connection, which empties the journal and waits for nobody for long: whoever writes waits with it.
    pub(super) journal: Option<DatabaseConnection>,
    pub(super) backend: DbBackend,
    /// What was read before of what never changes.
    pub(super) settled: Settled,
    /// In what the tables differ from what this build needs; while there is something, nothing is written.
    pub(super) difference: Arc<RwLock<Option<String>>>,
    pub(super) metrics: Metrics,
    /// The turn of whoever waits for other processes' writes.
    pub(super) passing: Arc<Semaphore>,
}

impl Database {
    /// Opens it; a SQLite file is made where there is none.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Failure> {
        let metrics = Metrics::default();
        match url {
            DatabaseUrl::Sqlite(file) => {
                let connections = Connections::embedded(file, &metrics).await?;
                let journal = Some(sea_orm::Database::connect(hurried(&there(file))).await?);
                Ok(Self::of(connections, metrics, journal, DbBackend::Sqlite))
            }
            DatabaseUrl::Postgres(url) => {
                let connections = reached(url, Connections::served(url, &metrics).await).await?;
                Ok(Self::of(connections, metrics, None, DbBackend::Postgres))
            }
        }
    }

    fn of(connections: Connections, metrics: Metrics, journal: Option<DatabaseConnection>, backend: DbBackend) -> Self {
        let settled = Settled::default();
        Self {
            connections,
            journal,
            backend,
            settled,
            difference: Arc::default(),
            metrics,
            passing: Semaphore::new(1).into(),
        }
    }

    /// Opens one that is there, to read from and nothing else; also beside a service that has it open.
    pub async fn open_to_read(url: &DatabaseUrl) -> Result<Self, Failure> {
        let (connection, backend) = match url {
            DatabaseUrl::Sqlite(file) if !file.exists() => return Err(nothing_there()),
            DatabaseUrl::Sqlite(file) => {
                let immutable = if Place::Sqlite(file.clone()).immutable()? { "&immutable=true" } else { "" };
                let url = format!("sqlite://{}?mode=ro{immutable}", file.display());
                (sea_orm::Database::connect(shared(&url, 1)).await?, DbBackend::Sqlite)
            }
            DatabaseUrl::Postgres(url) => {
                let opened = sea_orm::Database::connect(postgres(url, 1, &watch::Sender::new(Instant::now()))).await;
                (reached(url, opened.map_err(Failure::from)).await?, DbBackend::Postgres)
            }
        };
        let metrics = Metrics::default();
        let database = Self::of(Connections::single(connection, &metrics), metrics, None, backend);
        if database.behind().await? {
            return Err(nothing_there());
        }
        Ok(database)
    }

    /// Runs the migrations that are missing, all or none: one that is killed half-way leaves nothing. One process at a
    /// time: on PostgreSQL an advisory lock sees to it, on SQLite the lock on the data folder.
    pub async fn migrate(&self) -> Result<(), Failure> {
        if !self.behind().await? {
            return Ok(());
        }
        let postgres = self.backend == DbBackend::Postgres;
        if !postgres && !self.steps().await?.iter().any(|step| step == OVERWRITES) {
            self.writes().execute_unprepared("VACUUM").await?;
        }
        // On SQLite it waits here for whoever writes; a transaction that read first would be refused at once.
        let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() };
        let steps = self.writes().begin_with_options(options).await?;
        if postgres {
            // Large tables take their time, and so does whoever migrates already.
            steps.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            steps.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        }
        Migrator::up(&steps, None).await?;
        Ok(steps.commit().await?)
    }

    /// From now on SQLite keeps what a savepoint would put back in memory, which is as much as a request changes; by itself it
    /// makes a file for it. Not before: a migration may change whole tables.
    pub(super) async fn undo_in_memory(&self) {
        if self.backend == DbBackend::Sqlite
            && let Err(error) = self.writes().execute_unprepared("PRAGMA temp_store = MEMORY").await
        {
            tracing::debug!(%error, "savepoints go on making files");
        }
    }

    /// Whether a migration is missing. Further ones, of a build that is newer than this one, do not matter.
    pub async fn behind(&self) -> Result<bool, Failure> {
        let steps = self.steps().await?;
        Ok(Migrator::migrations().iter().any(|step| !steps.iter().any(|known| known == step.name())))
    }

    /// Whether any migration was run on it.
    pub async fn is_begun(&self) -> Result<bool, Failure> {
        Ok(!self.steps().await?.is_empty())
    }

    /// The names of the migrations that this database has seen.
    pub(super) async fn steps(&self) -> Result<Vec<String>, Failure> {
        // The migrator's own questions make its table first, or fail on a step that they do not know.
        if !SchemaManager::new(&self.reads()).has_table("seaql_migrations").await? {
            return Ok(Vec::new());
        }
        let seen = row::rows::<Seen>(&self.reads(), "SELECT version FROM seaql_migrations", []).await?;
        Ok(seen.into_iter().map(|seen| seen.version).collect())
    }

    /// Gives the service's own role its rights, where another role owns the tables.
    pub async fn grant(&self, role: &str) -> Result<(), Failure> {
        holdline_migration::grant_service_role(&self.writes(), role).await.map_err(Failure::from)
    }

    /// Closes its connections.
    pub async fn close(self) -> Result<(), Failure> {
        if let Some(journal) = self.journal {
            journal.close().await?;
        }
        self.connections.current().close().await
    }
}

/// What was opened; or why the server was not reached, which a pool keeps to itself when it gives up.
async fn reached<T>(url: &str, opened: Result<T, Failure>) -> Result<T, Failure> {
    match opened {
        Err(Failure::Unavailable(why)) => Err(Failure::Unavailable(unreachable(url).await.unwrap_or(why))),
        opened => opened,
    }
}

async fn unreachable(url: &str) -> Option<String> {
    let options = url.parse::<PgConnectOptions>().ok()?;
    let server = match options.get_socket() {
        Some(folder) => format!("PostgreSQL at {}", folder.display()),
        None => format!("PostgreSQL at {}:{}", options.get_host(), options.get_port()),
    };
    match timeout(PATIENCE, PgConnection::connect_with(&options)).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(format!("{server}: {error}")),
        Err(_) => Some(format!("{server} does not say a word")),
    }
}

fn nothing_there() -> Failure {
    let message = "There is no record of this version to read: no database, or one that an older version has served.";
    let remedy = "Name the right one with --data-dir or --database-url, or run holdline migrate first.";
    Refusal::new(Code::NotFound, message).remedy(remedy).into()
}

#[derive(FromQueryResult)]
struct Seen {
    version: String,
}
