//! The sockets: how many are open at once, how long a client may take to say what it wants, and how long an answer waits
//! for a client that does not read it. It knows nothing of what is asked on them; bodies have a limit of their own.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{
    body::Incoming,
    server::conn::http1::Builder,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;

/// How many clients over the limit are told so at once; further ones are cut off.
const TURNED_AWAY: usize = 64;
/// How long telling one may take.
const TELLING: Duration = Duration::from_secs(2);
/// How long to wait where the system has no descriptor for another socket.
const NO_DESCRIPTOR: Duration = Duration::from_secs(1);

/// The limits of the sockets.
#[derive(Debug, Clone)]
pub struct Sockets {
    /// How many may be open.
    pub most: usize,
    /// How long a client may take over the headers of a request, and how long a socket may be idle between two.
    pub header_time: Duration,
    /// How long an answer waits for a client to read on.
    pub write_time: Duration,
}

/// An open connection: its place, and that somebody waits for it when the service stops. Every request on it carries
/// this, so that one which becomes a WebSocket holds on to both.
#[derive(Clone)]
pub(super) struct Connection(#[expect(dead_code, reason = "it is held, not read")] Arc<Held>);

struct Held {
    _place: OwnedSemaphorePermit,
    _running: watch::Receiver<()>,
}

/// Serves what comes in until told to stop, then waits for the requests and WebSockets that are running.
pub async fn serve(listener: TcpListener, router: Router, limits: &Sockets, stopping: impl Future<Output = ()>) {
    let (open, told) = (Arc::new(Semaphore::new(limits.most)), Arc::new(Semaphore::new(TURNED_AWAY)));
    let (service, running) = (TowerToHyperService::new(router), watch::Sender::new(()));
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_time);
    let mut stopping = pin!(stopping);
    loop {
        let stream = tokio::select! {
            stream = accept(&listener) => stream,
            () = &mut stopping => break,
        };
        if let Ok(place) = Arc::clone(&open).try_acquire_owned() {
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(limits.write_time));
            let mut told = running.subscribe();
            let connection = Connection(Arc::new(Held { _place: place, _running: running.subscribe() }));
            let service = service.clone();
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(connection.clone());
                service.call(request)
            });
            let serving = http.serve_connection(TokioIo::new(Box::pin(stream)), service).with_upgrades();
            tokio::spawn(async move {
                let mut serving = pin!(serving);
                // How a client went away is nobody's concern.
                tokio::select! {
                    _ = &mut serving => return,
                    _ = told.changed() => serving.as_mut().graceful_shutdown(),
                }
                let _ = serving.await;
            });
        } else if let Ok(place) = Arc::clone(&told).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(TELLING, turn_away(stream)).await;
                drop(place);
            });
        }
    }
    drop(listener);
    let _ = running.send(());
    running.closed().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(error) if is_one_clients(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no further socket can be opened");
                tokio::time::sleep(NO_DESCRIPTOR).await;
            }
        }
    }
}

fn is_one_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// Answers without reading the request, then reads what was sent already, so that the answer is not lost to a reset.
async fn turn_away(mut stream: TcpStream) -> io::Result<()> {
    const BODY: &str = "{\"errors\":[{\"message\":\"Too many connections are open; try again in a moment.\",\
                        \"extensions\":{\"code\":\"UNAVAILABLE\"}}]}";
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\
         Retry-After: 1\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{BODY}",
        BODY.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    let mut sent = [0; 4096];
    while stream.read(&mut sent).await? > 0 {}
    Ok(())
}
