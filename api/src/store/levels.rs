//! How the database stands, for whoever watches the service: its connections, the log's length, the webhooks' outbox.

use sea_orm::{DbBackend, FromQueryResult};

use super::{Database, row};
use crate::{
    failure::Failure,
    metrics::{Levels, Metrics, Stored},
};

#[derive(FromQueryResult)]
struct Row {
    log_entries: i64,
    signed_entries: i64,
    webhook_lag: i64,
    pending: i64,
    dead: i64,
}

const STORED: &str =
    "SELECT l.entries AS log_entries, COALESCE((SELECT MAX(size) FROM checkpoint), 0) AS signed_entries,
    COALESCE((SELECT MAX(l.entries - c.seq) FROM webhook_cursor c JOIN webhook w ON w.id = c.webhook_id
               WHERE w.deleted_at IS NULL AND w.disabled_because IS NULL), 0) AS webhook_lag,
    (SELECT COUNT(*) FROM webhook_delivery WHERE status = 'PENDING') AS pending,
    (SELECT COUNT(*) FROM webhook_delivery WHERE status = 'DEAD') AS dead
  FROM (SELECT COALESCE(MAX(seq) + 1, 0) AS entries FROM audit_entry) l";

impl Database {
    /// What this process counts of itself.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How its parts stand now.
    pub async fn levels(&self) -> Levels {
        let stored = self.stored().await;
        if let Err(failure) = &stored {
            tracing::debug!(%failure, "the database does not say how it stands");
        }
        Levels { pools: self.pools(), stored: stored.ok() }
    }

    async fn stored(&self) -> Result<Stored, Failure> {
        let rows = row::rows::<Row>(&self.reads(), STORED, []).await?;
        let Some(Row { log_entries, signed_entries, webhook_lag, pending, dead }) = rows.into_iter().next() else {
            return Err(row::missing("number"));
        };
        Ok(Stored { log_entries, signed_entries, webhook_lag, pending, dead })
    }

    fn pools(&self) -> Vec<(&'static str, u32, u32)> {
        let of = |connection: &sea_orm::DatabaseConnection| {
            let (size, idle) = if self.backend == DbBackend::Postgres {
                let pool = connection.get_postgres_connection_pool();
                (pool.size(), pool.num_idle())
            } else {
                let pool = connection.get_sqlite_connection_pool();
                (pool.size(), pool.num_idle())
            };
            let idle = u32::try_from(idle).unwrap_or(size);
            (size.saturating_sub(idle), idle)
        };
        let open = self.connections.current();
        let named = |name, (used, idle)| (name, used, idle);
        let pools = [("reads", &open.reads), ("writes", &open.writes), ("arrivals", &open.line)];
        pools.map(|(name, pool)| named(name, of(pool))).into()
    }
}
