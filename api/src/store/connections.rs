//! The connections of an open database, opened anew all together where it falls silent: a machine that is gone, or a
//! firewall that has forgotten them, closes none. sqlx 0.9 waits for one that is given back for as long as the kernel does,
//! a quarter of an hour, and keeps its place in the pool; so the pools are left behind.

use std::{
    sync::{Arc, PoisonError, RwLock, atomic::AtomicU64},
    time::Duration,
};

use sea_orm::DatabaseConnection;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use super::{
    Database,
    pools::{counted, lasting, postgres, readers, shared},
};
use crate::{failure::Failure, metrics::Metrics};

/// How long a piece of work may take with all that it asks the database. Each statement has a time limit there; a database
/// whose machine is gone keeps none.
const LONGEST: Duration = Duration::from_secs(30);

/// How long new connections may take.
const PATIENCE: Duration = Duration::from_secs(5);

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
    async fn embedded(url: &str, lines: &Arc<AtomicU64>) -> Result<Self, Failure> {
        let writes = sea_orm::Database::connect(lasting(url)).await?;
        let reads = sea_orm::Database::connect(readers(url)).await?;
        Ok(Self::of(writes, reads, sea_orm::Database::connect(counted(shared(url, 1), lines)).await?))
    }

    /// Those of PostgreSQL.
    async fn served(url: &str, lines: &Arc<AtomicU64>) -> Result<Self, Failure> {
        let writes = sea_orm::Database::connect(postgres(url, SHARED.0)).await?;
        let reads = sea_orm::Database::connect(postgres(url, SHARED.1)).await?;
        Ok(Self::of(writes, reads, sea_orm::Database::connect(counted(postgres(url, 1), lines)).await?))
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

    pub(super) async fn close(&self) -> Result<(), Failure> {
        self.line.clone().close().await?;
        self.writes.clone().close().await?;
        Ok(self.reads.clone().close().await?)
    }
}

/// The pools that are in use.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    /// Where they are opened anew; none for those that never fall silent.
    url: Option<String>,
    pools: RwLock<Arc<Pools>>,
    /// How often a line was opened so far.
    lines: Arc<AtomicU64>,
    metrics: Metrics,
    /// The turn of whoever opens them anew.
    renewing: Semaphore,
}

impl Connections {
    pub(super) async fn embedded(url: &str, metrics: &Metrics) -> Result<Self, Failure> {
        let lines = Arc::default();
        Ok(Self::of(None, Pools::embedded(url, &lines).await?, lines, metrics))
    }

    pub(super) async fn served(url: &str, metrics: &Metrics) -> Result<Self, Failure> {
        let lines = Arc::default();
        Ok(Self::of(Some(url.to_owned()), Pools::served(url, &lines).await?, lines, metrics))
    }

    pub(super) fn single(connection: DatabaseConnection, metrics: &Metrics) -> Self {
        Self::of(None, Pools::single(connection), Arc::default(), metrics)
    }

    fn of(url: Option<String>, pools: Pools, lines: Arc<AtomicU64>, metrics: &Metrics) -> Self {
        let (pools, metrics) = (RwLock::new(pools.measured(metrics)), metrics.clone());
        Self(Arc::new(Inner { url, pools, lines, metrics, renewing: Semaphore::new(1) }))
    }

    pub(super) fn current(&self) -> Arc<Pools> {
        Arc::clone(&self.0.pools.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn lines(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.0.lines)
    }

    async fn renew(self, since: Instant) {
        let (Some(url), Ok(_turn)) = (&self.0.url, self.0.renewing.try_acquire()) else { return };
        if self.current().opened_at > since {
            return;
        }
        // A server that answers nobody, or slowly, is waited for.
        match timeout(PATIENCE, Pools::served(url, &self.0.lines)).await {
            Ok(Ok(fresh)) => {
                tracing::warn!("the database answers new connections and not the open ones: all were opened anew");
                let fresh = fresh.measured(&self.0.metrics);
                let silent =
                    std::mem::replace(&mut *self.0.pools.write().unwrap_or_else(PoisonError::into_inner), fresh);
                // Whoever still reads through them goes on.
                let _ = timeout(LONGEST, silent.close()).await;
            }
            Ok(Err(failure)) => tracing::warn!(%failure, "the database answers no new connection"),
            Err(_) => tracing::warn!("the database answers no new connection in time"),
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

    /// Work that is given up where the database has fallen silent.
    pub async fn within<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let since = Instant::now();
        timeout(LONGEST, work).await.unwrap_or_else(|_| {
            self.fell_silent(since);
            Err(Failure::Unavailable("the database says nothing".into()))
        })
    }

    /// Says that what was begun then was not answered in time: all connections that are older are opened anew, if the
    /// database answers new ones.
    pub(super) fn fell_silent(&self, since: Instant) {
        tokio::spawn(self.connections.clone().renew(since));
    }
}
