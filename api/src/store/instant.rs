//! The time of a database that several processes write, each by the clock of its own machine: no entry is stamped before
//! the moment at which its writer got the log's lock, by the database's clock. So what is read as of an instant that this
//! clock has passed, with no writer under way, is what will be read as of it for ever (invariant 5).

use std::time::Duration;

use holdline_domain::time::Timestamp;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};

use super::{Database, row, writer::LOG_LOCK};
use crate::failure::Failure;

/// How far ahead of the database's clock an instant may be for somebody to wait until that has passed it.
const AHEAD: Duration = Duration::from_secs(5);

#[derive(FromQueryResult)]
struct Now {
    now: i64,
}

/// What time it is by PostgreSQL's clock.
pub(super) async fn now(db: &impl ConnectionTrait) -> Result<Timestamp, Failure> {
    const NOW: &str = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now";
    let told = row::rows::<Now>(db, NOW, []).await?.pop().ok_or_else(|| row::missing("time"))?;
    row::timestamp(told.now)
}

impl Database {
    /// Whether several processes may write it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// Waits until whatever any process of a shared database will write is stamped after an instant, or is there; of an
    /// instant after now, after now. Answers what now is: by this machine's clock or the database's, whichever is later.
    pub async fn passed(&self, at: Timestamp, by_machine: Timestamp) -> Result<Timestamp, Failure> {
        // One at a time, so that those who wait for a long write leave the connections to others.
        let _turn = self.passing.acquire().await.map_err(Failure::internal)?;
        self.within(async {
            let by_database = now(&self.reads()).await?;
            let later = by_database.max(by_machine);
            let ahead = at.min(later).micros().saturating_sub(by_database.micros());
            let ahead = Duration::from_micros(u64::try_from(ahead).unwrap_or(0));
            if ahead > AHEAD {
                let why = format!("this machine's clock is {} s ahead of the database's", ahead.as_secs());
                return Err(Failure::Unavailable(why));
            }
            tokio::time::sleep(ahead).await;
            // Whoever writes now is waited for; whoever gets the lock later reads a later time.
            self.reads().execute_unprepared(&format!("SELECT pg_advisory_xact_lock_shared({LOG_LOCK})")).await?;
            Ok(later)
        })
        .await
    }
}
