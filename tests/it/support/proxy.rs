//! A wire to PostgreSQL that can fall silent: what went through it goes nowhere any more, and nothing is closed, as where a
//! machine is gone or a firewall has forgotten it. Whoever connects later is heard; the server finds out in its time.

use std::{future::pending, time::Duration};

use holdline::store::DatabaseUrl;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

/// After how long the server gives up a connection whose other end says nothing: as its keepalives have it, which the
/// service sets.
const NOTICED: Duration = Duration::from_secs(30);

pub(crate) struct Proxy {
    silenced: watch::Sender<()>,
    /// The database, through this.
    pub(crate) database: DatabaseUrl,
}

impl Proxy {
    /// None for a database that is no server's.
    pub(crate) async fn before(database: &DatabaseUrl) -> Option<Self> {
        let DatabaseUrl::Postgres(url) = database else { return None };
        let (login, rest) = url.rsplit_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let database = DatabaseUrl::Postgres(format!("{login}@{}/{name}", listener.local_addr().unwrap()));
        let silenced = watch::Sender::new(());
        let (server, hush) = (server.to_owned(), silenced.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                let ((client_says, to_client), (server_says, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(pass(client_says, to_server, hush.subscribe(), Some(NOTICED)));
                tokio::spawn(pass(server_says, to_client, hush.subscribe(), None));
            }
        });
        Some(Self { silenced, database })
    }

    /// From now on, nothing that is connected hears anything.
    pub(crate) fn fall_silent(&self) {
        self.silenced.send_replace(());
    }
}

/// Hands on what is said; once there is silence, the listener is let go of after so long, or never.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut silenced: watch::Receiver<()>,
    noticed: Option<Duration>,
) {
    let mut said = [0; 16 * 1024];
    loop {
        tokio::select! {
            biased;
            _ = silenced.changed() => break,
            read = from.read(&mut said) => match read {
                Ok(read) if read > 0 && to.write_all(&said[..read]).await.is_ok() => {}
                _ => return,
            },
        }
    }
    match noticed {
        Some(noticed) => tokio::time::sleep(noticed).await,
        None => pending().await,
    }
    drop(to);
    pending::<()>().await;
}
