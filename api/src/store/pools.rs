//! The pools: how many connections there are, for how long, and what is said to each when it is opened and given back.
//! Holds the settings that durability rests on (WAL with full sync, a write pool of one).

use std::{
    io::ErrorKind,
    net::IpAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectOptions,
    sqlx::{self, Connection as _, pool::PoolOptions, postgres::PgSslMode},
};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

/// A connection that lay idle for so long is asked whether it is still there before it is used.
const IDLE: Duration = Duration::from_secs(1);

/// How long a connection to PostgreSQL may take to say that it is there.
pub(super) const PATIENCE: Duration = Duration::from_secs(1);

/// After how long without use a connection of SQLite's that reads is closed.
const QUIET: Duration = Duration::from_secs(3);

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    waiting(url, connections, Duration::from_secs(5))
}

/// A file of SQLite's that is there: a connection that made another one in the place of a file that was moved away would lose
/// what is in its journal.
pub(super) fn there(file: &Path) -> String {
    format!("sqlite://{}?mode=rw", file.display())
}

/// The connection that writes is there for as long as the process: without any, SQLite puts the journal's file away, and
/// who reads the store from outside takes it for one that nobody serves.
pub(super) fn lasting(url: &str) -> ConnectOptions {
    let mut options = sqlite(url, 1);
    options.idle_timeout(None).max_lifetime(None);
    options
}

/// As many connections as read at once; those that nobody needs are closed, since each holds the whole schema with its
/// triggers in memory. Opening one takes two milliseconds.
pub(super) fn readers(url: &str) -> ConnectOptions {
    let mut options = sqlite(url, 4);
    options.idle_timeout(QUIET);
    options
}

/// A connection that is opened when it is needed, soon gives up where somebody is in the way, and is closed again.
pub(super) fn hurried(url: &str) -> ConnectOptions {
    let mut options = waiting(url, 1, Duration::from_millis(200));
    options.connect_lazy(true);
    options.map_sqlx_sqlite_pool_opts(|pool| pool.after_release(|_, _| Box::pin(async { Ok(false) })));
    options
}

/// Tells that a connection was silent: since when.
pub(super) type Silence = watch::Sender<Instant>;

/// A connection that is opened when it is needed; how often it was is counted.
pub(super) fn counted(
    mut options: ConnectOptions,
    opened: &Arc<AtomicU64>,
    silence: Option<&Silence>,
) -> ConnectOptions {
    let (sqlite, postgres) = (Arc::clone(opened), Arc::clone(opened));
    options.connect_lazy(true).map_sqlx_sqlite_pool_opts(move |pool| counting(pool, Arc::clone(&sqlite)));
    if let Some(silence) = silence.cloned() {
        options.map_sqlx_postgres_pool_opts(move |pool| counting(answering(pool, &silence), Arc::clone(&postgres)));
    }
    options
}

/// A connection that says nothing is let go of, and its place with it: when it is given back, where the server may only be
/// at work for somebody who went away, and when it lay idle, which is told. The library asks again when it is given back,
/// after this, and waits for ever.
fn answering(pool: PoolOptions<sqlx::Postgres>, silence: &Silence) -> PoolOptions<sqlx::Postgres> {
    let silence = silence.clone();
    pool.after_release(|connection, _| Box::pin(answers(connection))).before_acquire(move |connection, meta| {
        let (is_fresh, silence, asked) = (meta.idle_for < IDLE, silence.clone(), Instant::now());
        Box::pin(async move {
            let answer = if is_fresh { Ok(true) } else { answers(connection).await };
            if let Err(sqlx::Error::Io(why)) = &answer
                && why.kind() == ErrorKind::TimedOut
            {
                silence.send_replace(asked);
            }
            answer
        })
    })
}

async fn answers(connection: &mut sqlx::PgConnection) -> Result<bool, sqlx::Error> {
    let silent = |_| sqlx::Error::Io(ErrorKind::TimedOut.into());
    timeout(PATIENCE, connection.ping()).await.map_err(silent)?.map(|()| true)
}

fn counting<D: sqlx::Database>(pool: PoolOptions<D>, opened: Arc<AtomicU64>) -> PoolOptions<D> {
    pool.after_connect(move |_, _| {
        opened.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    })
}

fn waiting(url: &str, connections: u32, patience: Duration) -> ConnectOptions {
    let mut options = shared(url, connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("recursive_triggers", "ON")
            // What is erased is overwritten, not only let go of.
            .pragma("secure_delete", "ON")
            // What the journal took once is given back, in bytes.
            .pragma("journal_size_limit", "67108864")
            .busy_timeout(patience)
    });
    // Where the disk is full SQLite may end a transaction by itself, and sqlx, whose ROLLBACK then fails, goes on counting
    // it as open: whatever follows on that connection is a part of nothing. So it is closed.
    options.map_sqlx_sqlite_pool_opts(|pool| {
        pool.after_release(|connection, _| {
            Box::pin(async move {
                // A rollback that is still on its way is done before this is answered.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
    });
    options
}

pub(super) fn postgres(url: &str, connections: u32, silence: &Silence) -> ConnectOptions {
    let mut options = shared(url, connections);
    options.statement_timeout(Duration::from_secs(10)).set_application_name("holdline");
    let unsaid = !["sslmode=", "ssl-mode="].iter().any(|said| url.contains(said));
    options.map_sqlx_postgres_opts(move |postgres| {
        // Whatever the server or the role says: an answer waits for the disk.
        let postgres = postgres.options([("synchronous_commit", "on")]);
        // The server soon finds out that nobody is here any more, and lets go of what was locked.
        let postgres = postgres.options([
            ("idle_in_transaction_session_timeout", "30s"),
            ("tcp_keepalives_idle", "15"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        let unsaid = unsaid && matches!(postgres.get_ssl_mode(), PgSslMode::Prefer);
        // Nobody listens in on this machine, and sqlx 0.9 over TLS waits 40 ms with each statement over 16 KiB.
        if unsaid && is_here(postgres.get_host()) { postgres.ssl_mode(PgSslMode::Disable) } else { postgres }
    });
    let silence = silence.clone();
    options.map_sqlx_postgres_pool_opts(move |pool| answering(pool, &silence));
    options
}

/// Whether a host is this machine: a socket's folder, or an address that leads back.
fn is_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.starts_with('/') || host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

pub(super) fn shared(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        // One that is in use is not asked each time whether it still is.
        .test_before_acquire_if_idle_for(IDLE)
        .acquire_timeout(Duration::from_secs(5))
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_a_socket_or_an_address_that_leads_back() {
        let table = [
            ("127.0.0.1", true),
            ("127.1.2.3", true),
            ("[::1]", true),
            ("localhost", true),
            ("/var/run/postgresql", true),
            ("10.0.0.1", false),
            ("db.example.com", false),
            ("localhost.example.com", false),
        ];
        for (host, expected) in table {
            assert_eq!(is_here(host), expected, "{host}");
        }
    }
}
