//! The sockets: how many are open at once, how long a client may take to say what it wants, and how long an answer waits
//! for a client that does not read it. It knows nothing of what is asked on them; bodies have a limit of their own.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1::Builder;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
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

/// Serves what comes in until told to stop, then waits for the requests that are running.
pub async fn serve(listener: TcpListener, router: Router, limits: &Sockets, stopping: impl Future<Output = ()>) {
    let (open, told) = (Arc::new(Semaphore::new(limits.most)), Arc::new(Semaphore::new(TURNED_AWAY)));
    let (service, running) = (TowerToHyperService::new(router), GracefulShutdown::new());
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
            let serving = http.serve_connection(TokioIo::new(Box::pin(stream)), service.clone());
            let serving = running.watch(serving);
            tokio::spawn(async move {
                // How a client went away is nobody's concern.
                let _ = serving.await;
                drop(place);
            });
        } else if let Ok(place) = Arc::clone(&told).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = timeout(TELLING, turn_away(stream)).await;
                drop(place);
            });
        }
    }
    drop(listener);
    running.shutdown().await;
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
