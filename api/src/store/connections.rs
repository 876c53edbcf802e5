//! The connections of an open database, opened anew all together where it falls silent: a machine that is gone, or a
//! firewall that has forgotten them, closes none. sqlx 0.9 asks each that is given back whether it is there, waits for the
//! answer for as long as the kernel does, a quarter of an hour, and keeps its place in the pool; so the pools are left behind.

use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock, Weak, atomic::AtomicU64},
    time::Duration,
};

use futures_util::future::join;
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::{
    Database,
    own_file::{Found, OwnFile},
    pools::{PATIENCE, Silence, counted, lasting, postgres, readers, shared, there},
};
use crate::{failure::Failure, metrics::Metrics};

/// How long a piece of work may take with all that it asks the database. Each statement has a time limit there; a database
/// whose machine is gone keeps none.
const LONGEST: Duration = Duration::from_secs(30);

/// How long new connections may take.
const OPENING: Duration = Duration::from_secs(5);

/// What the tables behind every request are asked with new connections, so that a slow database is not taken for a silent
/// one.
const QUESTIONS: [&str; 2] = ["SELECT 1 FROM revoked_token LIMIT 1", "SELECT 1 FROM person LIMIT 1"];

/// How many connections write to PostgreSQL, and how many read.
const SHARED: (u32, u32) = (2, 12);

/// The pools that were opened together.
pub(super) struct Pools {
    pub(super) writes: DatabaseConnection,
    pub(super) reads: DatabaseConnection,
    /// What every request asks first goes through one connection of its own.
    pub(super) line: DatabaseConnection,
    pub(super) opened_at: Instant,
}

impl Pools {
    fn of(writes: DatabaseConnection, reads: DatabaseConnection, line: DatabaseConnection) -> Self {
        Self { writes, reads, line, opened_at: Instant::now() }
    }

    /// Those of SQLite.
    async fn embedded(file: &Path, lines: &Arc<AtomicU64>) -> Result<Self, Failure> {
        let url = there(file);
        let writes = sea_orm::Database::connect(lasting(&format!("{url}c"))).await?;
        let reads = sea_orm::Database::connect(readers(&url)).await?;
        Ok(Self::of(writes, reads, sea_orm::Database::connect(counted(shared(&url, 1), lines, None)).await?))
    }

    /// Those of PostgreSQL; they tell of its silence.
    async fn served(url: &str, lines: &Arc<AtomicU64>, silence: &Silence) -> Result<Self, Failure> {
        let writes = sea_orm::Database::connect(postgres(url, SHARED.0, silence)).await?;
        let reads = sea_orm::Database::connect(postgres(url, SHARED.1, silence)).await?;
        let line = sea_orm::Database::connect(counted(postgres(url, 1, silence), lines, Some(silence))).await?;
        Ok(Self::of(writes, reads, line))
    }

    /// Whether whoever comes would be answered through these.
    async fn answer(&self) -> Result<(), Failure> {
        self.line.ping().await?;
        for question in QUESTIONS {
            self.line.execute_unprepared(question).await?;
        }
        Ok(())
    }

    /// One connection for everything.
    fn single(connection: DatabaseConnection) -> Self {
        Self::of(connection.clone(), connection.clone(), connection)
    }

    fn measured(mut self, metrics: &Metrics) -> Arc<Self> {
        for connection in [&mut self.writes, &mut self.reads, &mut self.line] {
            let metrics = metrics.clone();
            connection.set_metric_callback(move |asked| metrics.asked(asked.elapsed));
        }
        Arc::new(self)
    }

    /// Those of SQLite give out no connection from now on; what runs is let finish.
    fn abandon(&self) {
        for connection in [&self.line, &self.reads, &self.writes] {
            let pool = connection.get_sqlite_connection_pool().clone();
            // It is closed at once, and has its connections closed once that is waited for.
            drop(pool.close());
            tokio::spawn(async move { pool.close().await });
        }
    }

    /// Closes all of them, as far as they can be within half a minute; none is given out any more. The one that writes goes
    /// last and alone: SQLite puts the journal away with the last connection, and of two that go at once each takes the
    /// other for it.
    pub(super) async fn close(&self) -> Result<(), Failure> {
        let (line, writes, reads) = (self.line.clone(), self.writes.clone(), self.reads.clone());
        let closing = async {
            let (line, reads) = join(line.close(), reads.close()).await;
            line.and(reads).and(writes.close().await)
        };
        Ok(timeout(LONGEST, closing).await.unwrap_or(Ok(()))?)
    }
}

/// The pools that are in use.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    pools: RwLock<Arc<Pools>>,
    /// How often a line was opened so far.
    lines: Arc<AtomicU64>,
    metrics: Metrics,
    silence: Silence,
    /// SQLite's file, where it is written.
    own_file: Option<OwnFile>,
}

impl Connections {
    pub(super) async fn embedded(file: &Path, metrics: &Metrics) -> Result<Self, Failure> {
        let lines = Arc::default();
        let pools = Pools::embedded(file, &lines).await?;
        Ok(Self::of(pools, lines, metrics, watch::Sender::new(Instant::now()), Some(OwnFile::of(file))))
    }

    pub(super) async fn served(url: &str, metrics: &Metrics) -> Result<Self, Failure> {
        let (lines, silence) = (Arc::default(), watch::Sender::new(Instant::now()));
        let told = silence.subscribe();
        let connections = Self::of(Pools::served(url, &lines, &silence).await?, lines, metrics, silence, None);
        tokio::spawn(renew(Arc::downgrade(&connections.0), url.to_owned(), told));
        Ok(connections)
    }

    pub(super) fn single(connection: DatabaseConnection, metrics: &Metrics) -> Self {
        Self::of(Pools::single(connection), Arc::default(), metrics, watch::Sender::new(Instant::now()), None)
    }

    fn of(pools: Pools, lines: Arc<AtomicU64>, metrics: &Metrics, silence: Silence, own_file: Option<OwnFile>) -> Self {
        let (pools, metrics) = (RwLock::new(pools.measured(metrics)), metrics.clone());
        Self(Arc::new(Inner { pools, lines, metrics, silence, own_file }))
    }

    /// Whether SQLite's file is in its place no more; looks each time.
    pub(super) fn lost(&self) -> bool {
        let found = self.0.own_file.as_ref().map_or(Found::Here, OwnFile::find);
        if found == Found::Missed {
            self.0.current().abandon();
        }
        found != Found::Here
    }

    pub(super) fn current(&self) -> Arc<Pools> {
        self.lost();
        self.0.current()
    }

    pub(super) fn lines(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.lines)
    }

    /// Says that what was begun then was not answered, and should have been.
    pub(super) fn fell_silent(&self, since: Instant) {
        self.0.silence.send_replace(since);
    }
}

impl Inner {
    fn current(&self) -> Arc<Pools> {
        Arc::clone(&self.pools.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Opens all connections anew, if new ones are answered.
    async fn renew(&self, url: &str) -> Result<(), Failure> {
        let opening = timeout(OPENING, Pools::served(url, &self.lines, &self.silence));
        let fresh = opening.await.map_err(|_| silent())??;
        timeout(PATIENCE, fresh.answer()).await.map_err(|_| silent())??;
        let fresh = fresh.measured(&self.metrics);
        let left = std::mem::replace(&mut *self.pools.write().unwrap_or_else(PoisonError::into_inner), fresh);
        self.metrics.renewed();
        tracing::warn!("the database answers new connections and was silent on open ones: all were opened anew");
        // Whoever still reads through them goes on.
        tokio::spawn(async move { left.close().await });
        Ok(())
    }
}

/// Opens all connections anew where one that is as old was silent, for as long as somebody uses them.
async fn renew(connections: Weak<Inner>, url: String, mut told: watch::Receiver<Instant>) {
    while told.changed().await.is_ok() {
        let Some(connections) = connections.upgrade() else { return };
        let since = *told.borrow_and_update();
        if connections.current().opened_at <= since
            && let Err(failure) = connections.renew(&url).await
        {
            tracing::warn!(%failure, "the database is silent, and no connection could be opened anew");
        }
    }
}

impl Database {
    pub(super) fn writes(&self) -> DatabaseConnection {
        self.connections.current().writes.clone()
    }

    pub(super) fn reads(&self) -> DatabaseConnection {
        self.connections.current().reads.clone()
    }

    /// Whether it answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        let reads = self.reads();
        Ok(timeout(OPENING, reads.ping()).await.map_err(|_| silent())??)
    }

    /// Work that is given up where the database has fallen silent.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        timeout(LONGEST, work).await.unwrap_or_else(|_| Err(silent()))
    }
}

fn silent() -> Failure {
    Failure::Unavailable("the database says nothing".into())
}
