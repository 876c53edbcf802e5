//! Tells this process how long the log is, as soon as it is longer: after a commit of its own at once, on PostgreSQL
//! after another process's by notification. Holds a number and no entry: the table is the truth.

use std::time::Duration;

use holdline_domain::time::Timestamp;
use sea_orm::{DbBackend, sqlx::postgres::PgListener};
use tokio::{sync::watch, time::Instant};

use super::{Database, log, row};
use crate::failure::Failure;

/// The channel on which a commit is announced on PostgreSQL.
pub(super) const CHANNEL: &str = "holdline_log";

/// A notification may be lost with its connection, so the log is looked at anyway, this often.
const LOOK: Duration = Duration::from_secs(2);

/// How many entries the log has, as far as this process knows.
#[derive(Debug)]
pub struct Feed(watch::Sender<u64>);

impl Default for Feed {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Feed {
    /// Tells of each time the log is known to be longer.
    #[must_use]
    pub fn length(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }

    fn tell(&self, length: u64) {
        self.0.send_if_modified(|known| length > std::mem::replace(known, length.max(*known)));
    }

    /// Keeps telling, for as long as the process serves.
    pub async fn keep(&self, database: &Database, mut committed: watch::Receiver<u64>) {
        let mut others = Others::of(database);
        loop {
            let own = *committed.borrow_and_update();
            self.tell(own);
            tokio::select! {
                changed = committed.changed() => if changed.is_err() { return },
                announced = others.heard() => match database.within(database.log_length()).await {
                    Ok(length) => {
                        if !announced && length > *self.0.borrow() {
                            others.listen_anew();
                        }
                        self.tell(length);
                    }
                    Err(failure) => tracing::warn!(%failure, "the log's length could not be read"),
                },
            }
        }
    }
}

impl Database {
    /// How many entries the log has, and when the last of them was made; none where it is empty.
    pub async fn log_end(&self) -> Result<Option<(u64, Timestamp)>, Failure> {
        let head = log::head(&self.reads()).await?;
        head.map(|head| Ok((head.size(), row::timestamp(head.recorded_at)?))).transpose()
    }

    /// How many entries the log has.
    pub async fn log_length(&self) -> Result<u64, Failure> {
        Ok(self.log_end().await?.map_or(0, |(length, _)| length))
    }
}

/// What other processes commit.
enum Others<'d> {
    /// There are none: SQLite has one writing process.
    None,
    /// They announce it, for as long as the connections are those that this one was opened with.
    Heard(&'d Database, Option<(PgListener, Instant)>),
}

impl<'d> Others<'d> {
    fn of(database: &'d Database) -> Self {
        if database.backend == DbBackend::Postgres { Self::Heard(database, None) } else { Self::None }
    }

    /// Lets go of a listener that was told nothing of what was committed.
    fn listen_anew(&mut self) {
        if let Self::Heard(_, listener) = self {
            *listener = None;
        }
    }

    /// Returns when something may have been committed; whether that was announced, or nobody listened yet.
    async fn heard(&mut self) -> bool {
        let Self::Heard(database, listener) = self else { return std::future::pending().await };
        let opened_at = database.connections.current().opened_at;
        if listener.as_ref().is_none_or(|(_, with)| *with != opened_at) {
            let listening = database.within(async {
                let made = PgListener::connect_with(database.reads().get_postgres_connection_pool()).await;
                let mut made = made.map_err(|error| Failure::Unavailable(error.to_string()))?;
                made.listen(CHANNEL).await.map_err(|error| Failure::Unavailable(error.to_string()))?;
                Ok(made)
            });
            match listening.await {
                // What was committed before anybody listened is looked for at once.
                Ok(made) => {
                    *listener = Some((made, opened_at));
                    return true;
                }
                Err(error) => {
                    tracing::warn!(%error, "other processes' commits are not heard of");
                    *listener = None;
                }
            }
        }
        let Some((heard, _)) = listener else {
            tokio::time::sleep(LOOK).await;
            return true;
        };
        tokio::select! {
            notified = heard.recv() => {
                if notified.is_err() {
                    *listener = None;
                }
                true
            }
            () = tokio::time::sleep(LOOK) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_longer_log_is_told() {
        let feed = Feed::default();
        let mut length = feed.length();
        let told = |length: &mut watch::Receiver<u64>| {
            let changed = length.has_changed().unwrap();
            (changed, *length.borrow_and_update())
        };

        feed.tell(3);
        assert_eq!(told(&mut length), (true, 3));
        feed.tell(3);
        feed.tell(2);
        assert_eq!(told(&mut length), (false, 3));
        feed.tell(4);
        assert_eq!(told(&mut length), (true, 4));
    }
}
