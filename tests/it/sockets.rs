//! Sockets: how many there may be, how slow a client may be, and that one which is cut off costs the others nothing.

use std::time::Duration;

use holdline::http::{HttpSettings, Sockets};
use holdline_domain::permission::Role;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Server, teams};

const HEADERS: &str = "POST /graphql HTTP/1.1\r\nHost: holdline\r\nContent-Type: application/json\r\n";

/// A server with few sockets and little patience.
async fn strict(most: usize) -> Server {
    let short = Duration::from_millis(500);
    let sockets = Sockets { most, header_time: short, write_time: short };
    Server::behind(HttpSettings { sockets, body_time: short, ..HttpSettings::default() }).await
}

async fn socket(server: &Server) -> TcpStream {
    let address = server.url.trim_start_matches("http://").trim_end_matches("/graphql");
    TcpStream::connect(address).await.unwrap()
}

/// What the server says until it closes the socket.
async fn said(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await;
    // A reset closes it, too.
    let _ = read.expect("the socket is closed");
    String::from_utf8(said).unwrap()
}

async fn works(server: &Server) -> bool {
    reqwest::get(server.url.replace("/graphql", "/healthz")).await.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test]
async fn invariant_12_one_socket_too_many_is_told_to_come_back_and_a_free_place_is_given_again() {
    let server = strict(4).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut stream = socket(&server).await;
        stream.write_all(HEADERS.as_bytes()).await.unwrap();
        open.push(stream);
    }

    let mut over = socket(&server).await;
    over.write_all(b"GET /healthz HTTP/1.1\r\nHost: holdline\r\n\r\n").await.unwrap();
    over.shutdown().await.unwrap();
    let refusal = said(&mut over).await;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("Retry-After: 1"), "{refusal}");
    let length = refusal.split("Content-Length: ").nth(1).unwrap().split_once("\r\n").unwrap().0;
    assert_eq!(refusal.split("\r\n\r\n").nth(1).unwrap().len(), length.parse::<usize>().unwrap());

    drop(open);
    for _ in 0..100 {
        if works(&server).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no place was given again");
}

#[tokio::test]
async fn invariant_12_a_client_that_is_slow_with_its_headers_or_its_body_is_cut_off() {
    let server = strict(16).await;
    let token = server.planner().token().to_owned();
    let body = format!("{HEADERS}Authorization: Bearer {token}\r\nContent-Length: 100\r\n\r\n{{\"query\"");
    let anonymous = format!("{HEADERS}Content-Length: 100\r\n\r\n{{\"query\"");
    let table = [("", ""), ("GET /gr", ""), (HEADERS, ""), (&body, "HTTP/1.1 408 "), (&anonymous, "HTTP/1.1 401 ")];
    for (sent, expected) in table {
        let mut stream = socket(&server).await;
        stream.write_all(sent.as_bytes()).await.unwrap();

        let said = said(&mut stream).await;

        assert!(said.starts_with(expected) && said.contains(expected), "{sent:?}: {said}");
        assert!(expected.is_empty() == said.is_empty() || said.starts_with("HTTP/1.1 408"), "{sent:?}: {said}");
        assert!(works(&server).await, "{sent:?}");
    }
}

#[tokio::test]
async fn invariant_12_a_client_that_does_not_read_its_answers_is_cut_off() {
    let server = strict(16).await;
    let address = server.url.replace("/graphql", "/graphql/assets/graphiql.min.js");
    let path = address.split_once("127.0.0.1").unwrap().1.split_once('/').unwrap().1;
    let mut stream = socket(&server).await;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: holdline\r\n\r\n");

    let mut sent = 0;
    // Each answer is a megabyte; the buffers between us hold a few.
    let cut = async {
        while stream.write_all(request.as_bytes()).await.is_ok() {
            sent += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), cut).await.expect("the socket is closed");

    assert!(sent > 1 && works(&server).await, "{sent}");
}

#[tokio::test]
async fn clients_that_go_away_at_any_moment_leave_nothing_behind_for_the_next() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let viewer = server.caller("v", Role::Viewer, "*");
    let query = "{ teams(first: 5) { nodes { key plans(first: 5) { nodes { id } } } } }";
    for n in 0..600 {
        // Spread over the first milliseconds, so that each step of an answer is left at some time.
        let _ = tokio::time::timeout(Duration::from_micros(500 + n * 37 % 9_000), viewer.send(query)).await;
    }

    teams(&server, &["OPS"]).await;
    let asking: Vec<_> = (0..40)
        .map(|_| {
            let viewer = viewer.clone();
            tokio::spawn(async move { viewer.query(query).await["teams"]["nodes"].as_array().unwrap().len() })
        })
        .collect();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), 2);
    }
}
