//! A client that costs as little as possible: requests written as bytes on connections that are kept, answers read to
//! their `content-length`. It shares the machine with what it measures.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection that is kept.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a request and reads its answer's body.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> &[u8] {
        self.stream.write_all(request).await.unwrap();
        self.read.clear();
        loop {
            let read = self.stream.read_buf(&mut self.read).await.unwrap();
            assert!(read > 0, "the service hung up: {}", String::from_utf8_lossy(&self.read));
            let Some(head) = self.read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let headers = std::str::from_utf8(&self.read[..head]).unwrap();
            assert!(headers.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(&self.read));
            let length = headers.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let end = head + 4 + length.parse::<usize>().unwrap();
            while self.read.len() < end {
                assert!(self.stream.read_buf(&mut self.read).await.unwrap() > 0, "the service hung up");
            }
            return &self.read[head + 4..end];
        }
    }
}

/// A POST of a body to `/graphql`.
pub(crate) fn post(token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// What a run came to.
pub(crate) struct Run {
    latencies: Vec<Duration>,
    time: Duration,
}

impl Run {
    pub(crate) const fn count(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn per_second(&self) -> f64 {
        f64::from(u32::try_from(self.count()).unwrap()) / self.time.as_secs_f64()
    }

    /// A quantile of the latencies, in milliseconds.
    pub(crate) fn quantile(&self, part: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list"
        )]
        let place = ((self.count() - 1) as f64 * part) as usize;
        self.latencies[place].as_secs_f64() * 1e3
    }
}

/// Asks over some connections at once for a while; each request is made from its number.
pub(crate) async fn drive(
    address: &str,
    connections: usize,
    time: Duration,
    request: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> Run {
    let (next, request) = (Arc::new(AtomicU64::new(0)), Arc::new(request));
    let mut clients = Vec::new();
    let begun = Instant::now();
    for _ in 0..connections {
        let (next, request, mut connection) =
            (Arc::clone(&next), Arc::clone(&request), Connection::open(address).await);
        clients.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while begun.elapsed() < time {
                let asked = request(next.fetch_add(1, Ordering::Relaxed));
                let sent = Instant::now();
                let answer = connection.ask(&asked).await;
                latencies.push(sent.elapsed());
                assert!(!answer.starts_with(b"{\"errors\""), "{}", String::from_utf8_lossy(answer));
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await.unwrap());
    }
    let time = begun.elapsed();
    latencies.sort_unstable();
    Run { latencies, time }
}
