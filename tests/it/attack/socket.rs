//! Sockets that are held, flooded or spoken to in another tongue, on a server with 48 of them and a second's patience.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Duration, timeout},
};

use super::Target;

const LIMIT: Duration = Duration::from_secs(30);

async fn open(target: &Target) -> TcpStream {
    TcpStream::connect(target.process.address.trim_start_matches("http://")).await.unwrap()
}

/// Sends some bytes; answers with what came back until the socket was closed.
async fn send(target: &Target, bytes: &[u8]) -> String {
    let mut stream = open(target).await;
    // The server may have closed it before everything was written.
    let _ = stream.write_all(bytes).await;
    let mut said = Vec::new();
    let _ = timeout(LIMIT, stream.read_to_end(&mut said)).await.expect("the socket is closed");
    String::from_utf8_lossy(&said).into_owned()
}

/// What is no request, or two, and how its answer begins; nothing where there is none.
fn tongues() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let headers: Vec<_> = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let headers = headers.concat();
    let post = "POST /graphql HTTP/1.1\r\nHost: a\r\n";
    vec![
        ("nothing", Vec::new(), ""),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20), "HTTP/1.1 400 "),
        ("noise", vec![0xff; 4_096], "HTTP/1.1 400 "),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), ""),
        ("200 headers", format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{headers}\r\n").into_bytes(), "HTTP/1.1 431 "),
        (
            "a header of a megabyte",
            format!("GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(1_000_000)).into_bytes(),
            "HTTP/1.1 431 ",
        ),
        (
            "a path of a megabyte",
            format!("GET /{} HTTP/1.1\r\n\r\n", "y".repeat(1_000_000)).into_bytes(),
            "HTTP/1.1 431 ",
        ),
        (
            "two lengths",
            format!("{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello").into_bytes(),
            "HTTP/1.1 400 ",
        ),
        ("a length below nothing", format!("{post}Content-Length: -1\r\n\r\n").into_bytes(), "HTTP/1.1 400 "),
        (
            "a chunk beyond all",
            format!("{post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n").into_bytes(),
            "HTTP/1.1 4",
        ),
        ("a header that never ends", b"GET /healthz HTTP/1.1\r\nX-Slow: ".to_vec(), ""),
    ]
}

/// Holds every socket with half a header, byte by byte, for as long as the server lets it.
async fn hold(target: &Target) {
    let mut held = Vec::new();
    for _ in 0..48 {
        let mut stream = open(target).await;
        stream.write_all(b"POST /graphql HTTP/1.1\r\nHost: a\r\n").await.unwrap();
        held.push(stream);
    }
    let over = send(target, b"").await;
    assert!(over.starts_with("HTTP/1.1 503 "), "{over}");
    for stream in &mut held {
        let mut said = Vec::new();
        let _ = timeout(LIMIT, stream.read_to_end(&mut said)).await.expect("a held socket is closed");
        assert_eq!(said, b"");
    }
}

/// Opens and leaves sockets as fast as it goes.
async fn flood(target: &Target) {
    for _ in 0..300 {
        drop(open(target).await);
    }
}

pub(super) async fn attack(target: &Target) {
    for (name, bytes, expected) in tongues() {
        let said = send(target, &bytes).await;
        assert!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{name}: {said}");
    }
    let before = target.process.memory();
    for _ in 0..3 {
        hold(target).await;
        flood(target).await;
        // What was left behind is cleared away within the time for headers.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
    let grown = target.process.memory().saturating_sub(before) / 1024;
    assert!(grown < 32 * 1024, "{grown} KiB more");
}
