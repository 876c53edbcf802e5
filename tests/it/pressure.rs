//! What presses on a service from within and without: all connections of its database are in use, its clock jumps, its
//! clients are slow. What cannot be done is said, what is acknowledged is kept once, and the log verifies.

use std::{sync::Arc, time::Duration};

use holdline_domain::actor::Teams;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpSocket, TcpStream},
    time::sleep,
};

use crate::support::{Caller, Server, entries, submit, teams, verified};

const IDEAS: &str = "{ ideas(first: 100) { totalCount nodes { title } } }";
const LONG: &str = "{ ideas(first: 100) { nodes { title body } } }";
const SUBMIT: &str =
    r#"mutation { ideaSubmit(input: { team: "PAY", title: "Once" }) { idea { title } userErrors { message } } }"#;

#[tokio::test(flavor = "multi_thread")]
async fn while_every_connection_is_in_use_reads_are_refused_and_writes_are_kept_and_told_later() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let planner = server.planner();
    planner.query(IDEAS).await;
    server.signed().await;
    let before = entries(&server).await;
    let mut held = Vec::new();
    loop {
        let reader = server.app.reader(Teams::All);
        let opened = tokio::time::timeout(Duration::from_millis(500), reader.team_count(false)).await;
        let Ok(opened) = opened else { break };
        opened.unwrap();
        held.push(reader);
    }
    assert!((3..=12).contains(&held.len()), "{}", held.len());

    // Who asks is found out over a connection of its own.
    let forged = reqwest::Client::new().post(planner.url()).bearer_auth("forged").json(&json!({}));
    let forged = forged.send().await.unwrap();
    let (read, written) = tokio::join!(planner.ask(IDEAS, json!({})), planner.ask_under("once", SUBMIT, json!({})));
    drop(held);
    let told = planner.ask_under("once", SUBMIT, json!({})).await;

    assert_eq!(forged.status(), 401);
    assert_eq!((read.code(), written.code()), ("UNAVAILABLE", "UNAVAILABLE"), "{:#}{:#}", read.body, written.body);
    assert_eq!(told.data()["ideaSubmit"]["idea"]["title"], "Once");
    let ideas = planner.query(IDEAS).await;
    assert_eq!((&ideas["ideas"]["totalCount"], entries(&server).await - before), (&json!(1), 1), "{ideas:#}");
    verified(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_5_a_clock_that_jumps_back_and_forth_under_load_leaves_the_log_in_order() {
    const CLIENTS: usize = 6;
    const EACH: usize = 12;
    let server = Arc::new(Server::start().await);
    teams(&server, &["PAY"]).await;
    let planners: Vec<_> = (0..CLIENTS).map(|_| server.planner()).collect();
    // No token is used before it was issued.
    server.pass(86_400);
    let jumping = Arc::clone(&server);
    let jumps = tokio::spawn(async move {
        for seconds in [3_600, -7_200, 7_200, -40_000, 36_500].iter().cycle() {
            jumping.pass(*seconds);
            sleep(Duration::from_millis(3)).await;
        }
    });
    let writing = planners.iter().enumerate().map(async |(client, planner)| {
        for number in 0..EACH {
            submit(planner, "PAY", &format!("Idea {client}-{number}")).await;
        }
    });
    futures_util::future::join_all(writing).await;
    jumps.abort();

    let log = "{ auditLog(first: 100) { totalCount nodes { seq action occurredAt } } }";
    let told = server.auditor().query(log).await;
    let nodes = told["auditLog"]["nodes"].as_array().unwrap();
    let times: Vec<_> = nodes.iter().map(|node| node["occurredAt"].as_str().unwrap()).collect();
    // The newest comes first.
    assert!(times.iter().rev().is_sorted() && times.last() < times.first(), "{times:?}");
    let submitted = nodes.iter().filter(|node| node["action"] == "IDEA_SUBMITTED").count();
    let ideas = server.planner().query(IDEAS).await;
    assert_eq!((submitted, &ideas["ideas"]["totalCount"]), (CLIENTS * EACH, &json!(CLIENTS * EACH)));
    verified(&server).await;
}

/// How many answers a slow client asks for and does not read; what the sockets between us hold at most is some 4 MiB.
const UNREAD: usize = 60;

/// Headers that never end, a body that does not come, or answers that nobody reads.
async fn slow(planner: &Caller, number: usize) -> TcpStream {
    let address = planner.url().trim_start_matches("http://").trim_end_matches("/graphql").parse().unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let token = planner.token();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    );
    let body = json!({ "query": format!("{LONG} # {number}") }).to_string();
    let said = match number % 3 {
        0 => head,
        1 => format!("{head}content-length: 1000\r\n\r\n{{"),
        _ => format!("{head}content-length: {}\r\n\r\n{body}", body.len()).repeat(UNREAD),
    };
    stream.write_all(said.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_12_slow_clients_take_nothing_from_those_beside_them() {
    const SLOW: usize = 90;
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let planner = server.planner();
    for number in 0..20 {
        let input = json!({ "team": "PAY", "title": format!("Idea {number}"), "body": "x".repeat(7_900) });
        planner.done("ideaSubmit", input, "idea { id }").await;
    }
    let long = planner.ask(LONG, json!({})).await.body.to_string().len();
    assert!(long * UNREAD > 8 << 20, "{long}");
    let mut held = Vec::new();
    for number in 0..SLOW {
        held.push(slow(&planner, number).await);
    }

    let work = async {
        for number in 0..30 {
            submit(&planner, "PAY", &format!("Further {number}")).await;
            let ideas: Value = planner.query(IDEAS).await;
            assert_eq!(ideas["ideas"]["totalCount"], 21 + number, "{ideas:#}");
        }
    };
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("those beside slow clients are served");

    drop(held);
    verified(&server).await;
}
