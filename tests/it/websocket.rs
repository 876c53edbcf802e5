//! GraphQL over WebSocket, by the letter of graphql-transport-ws: who is let in, what is told, and with which code a
//! socket is closed. What a subscription tells, and to whom, is the same as over server-sent events.

use std::time::Duration;

use holdline::http::{HttpSettings, Sockets};
use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Server, Socket, Told, on_postgres, roomy, teams, verified};

const ENTRIES: &str = "subscription($after: String) { auditEntries(after: $after) { cursor node { seq action } } }";
const LONG: &str = "subscription { auditEntries { node { after } } }";

async fn submit(server: &Server, title: &str, body: Option<&str>) {
    let keeper = server.caller_with("keeper", &Scope::ALL, "*");
    keeper.done("ideaSubmit", json!({ "team": "PAY", "title": title, "body": body }), "idea { id }").await;
}

async fn seq(socket: &mut Socket, id: &str) -> i64 {
    let told = socket.next().await;
    let Told::Message(message) = &told else { panic!("{told:?}") };
    assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("next")), "{message:#}");
    let payload = told.payload();
    assert!(payload["extensions"]["cost"]["requested"].as_i64().unwrap() > 0, "{payload:#}");
    payload["data"]["auditEntries"]["node"]["seq"].as_i64().unwrap()
}

#[tokio::test]
async fn every_entry_is_told_once_to_each_operation_of_a_socket_until_it_has_heard_enough() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let mut socket = Socket::of(&server, &server.auditor()).await;
    socket.subscribe("a", ENTRIES, json!({})).await;
    socket.subscribe("b", ENTRIES, json!({})).await;
    assert!(socket.is_silent().await);

    submit(&server, "One", None).await;
    let mut told = [socket.next().await, socket.next().await].map(|told| match told {
        Told::Message(message) => message["id"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    });
    told.sort();
    assert_eq!(told, ["a", "b"]);
    socket.send(&json!({ "id": "a", "type": "complete" })).await;
    socket.send(&json!({ "type": "ping" })).await;
    assert_eq!(socket.next().await.kind(), "pong");
    submit(&server, "Two", None).await;
    seq(&mut socket, "b").await;
    assert!(socket.is_silent().await);

    socket.subscribe("a", ENTRIES, json!({})).await;
    assert!(socket.is_silent().await);
    verified(&server).await;
}

#[tokio::test]
async fn whoever_is_cut_off_resumes_after_the_last_cursor_and_has_every_entry_once() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();
    let first = auditor.query("{ auditLog(orderBy: SEQ_ASC, first: 1) { edges { cursor } } }").await;
    let mut cursor = first["auditLog"]["edges"][0]["cursor"].clone();
    for n in 0..20 {
        submit(&server, &format!("Idea {n}"), None).await;
    }
    let last = auditor.query("{ auditLog { totalCount } }").await["auditLog"]["totalCount"].as_i64().unwrap() - 1;

    let mut seen = Vec::new();
    while seen.last() != Some(&last) {
        let mut socket = Socket::of(&server, &auditor).await;
        socket.subscribe("1", ENTRIES, json!({ "after": cursor })).await;
        for _ in 0..=seen.len() % 4 {
            let told = socket.next().await.payload()["data"]["auditEntries"].take();
            cursor = told["cursor"].clone();
            seen.push(told["node"]["seq"].as_i64().unwrap());
            if seen.last() == Some(&last) {
                break;
            }
        }
    }

    assert_eq!(seen, (1..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn queries_and_mutations_are_answered_once_and_what_cannot_run_is_an_error_of_its_own() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let mut socket = Socket::of(&server, &server.caller("writer", Role::Contributor, "PAY")).await;

    socket.subscribe("q", "{ viewer { allTeams } }", json!({})).await;
    assert_eq!(socket.next().await.payload()["data"], json!({ "viewer": { "allTeams": false } }));
    assert_eq!(socket.next().await, Told::Message(json!({ "id": "q", "type": "complete" })));
    let submit = "mutation($input: IdeaSubmitInput!) { ideaSubmit(input: $input) { idea { title } } }";
    socket.subscribe("m", submit, json!({ "input": { "team": "PAY", "title": "Over the wire" } })).await;
    assert_eq!(socket.next().await.payload()["data"]["ideaSubmit"]["idea"]["title"], "Over the wire");
    assert_eq!(socket.next().await.kind(), "complete");

    for (query, code) in [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { auditEntries { node { seq } }", "GRAPHQL_PARSE_FAILED"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        (&format!("{{ viewer {{ {} }} }}", "allTeams ".repeat(4_000)), "QUERY_TOO_LARGE"),
    ] {
        socket.subscribe("x", query, json!({})).await;
        let told = socket.next().await;
        assert_eq!(told.kind(), "error", "{told:?}");
        assert_eq!(told.payload()[0]["extensions"]["code"], code, "{query}");
    }
    socket.subscribe("x", ENTRIES, json!({})).await;
    let forbidden = socket.next().await.payload();
    assert_eq!(forbidden["errors"][0]["extensions"]["code"], "FORBIDDEN", "{forbidden:#}");
    assert_eq!(socket.next().await.kind(), "complete");
}

/// What is sent, once the socket is open, and the code that it is closed with.
fn missteps(token: &str) -> Vec<(Vec<Message>, u16)> {
    let text = |value: Value| Message::text(value.to_string());
    let init = || text(json!({ "type": "connection_init", "payload": { "token": token } }));
    let subscribe = || text(json!({ "id": "1", "type": "subscribe", "payload": { "query": ENTRIES } }));
    vec![
        (vec![subscribe()], 4401),
        (vec![init(), init()], 4429),
        (vec![init(), subscribe(), subscribe()], 4409),
        (vec![text(json!({ "type": "connection_init" }))], 4403),
        (vec![text(json!({ "type": "connection_init", "payload": { "token": "a.b.c" } }))], 4403),
        (vec![init(), Message::text("ping")], 4400),
        (vec![init(), text(json!({ "type": "start", "id": "1" }))], 4400),
        (vec![init(), text(json!({ "type": "subscribe", "id": "1" }))], 4400),
        (vec![init(), Message::binary(b"{}".to_vec())], 4400),
        (vec![init(), Message::text("[".repeat(100_000))], 4400),
        (vec![init(), Message::text(" ".repeat(200_000))], 1009),
        (vec![Message::text("x".repeat(200_000))], 1009),
        (vec![], 4408),
    ]
}

#[tokio::test]
async fn each_misstep_closes_the_socket_with_the_code_of_the_protocol() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();

    for (sent, code) in missteps(auditor.token()) {
        let mut socket = Socket::silent(&server).await;
        for frame in sent.clone() {
            socket.send_frame(frame).await;
        }
        let closed = loop {
            match socket.next().await {
                Told::Message(_) => {}
                closed => break closed,
            }
        };
        assert_eq!(closed.kind(), code.to_string(), "{closed:?} for {sent:.200?}");
    }
    let mut strange = Socket::open(&server, &[]).await.unwrap();
    assert_eq!(strange.next().await.kind(), "4406");
    let elsewhere = [("origin", "https://evil.example"), ("sec-websocket-protocol", "graphql-transport-ws")];
    assert_eq!(Socket::open(&server, &elsewhere).await.err(), Some(403));
    let plain = reqwest::get(format!("{}/ws", server.url)).await.unwrap();
    assert_eq!((plain.status().as_u16(), plain.headers()["upgrade"].to_str().unwrap()), (426, "websocket"));
    // Nobody else was disturbed, and the header is as good as the first message.
    let authorization = format!("Bearer {}", auditor.token());
    let header = [("authorization", authorization.as_str()), ("sec-websocket-protocol", "graphql-transport-ws")];
    let mut known = Socket::open(&server, &header).await.unwrap();
    known.send(&json!({ "type": "connection_init" })).await;
    assert_eq!(known.next().await.kind(), "connection_ack");
}

#[tokio::test]
async fn a_socket_is_closed_as_forbidden_when_its_token_ends_with_or_without_an_operation() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let (revoked, aging) = (server.caller("a", Role::Auditor, "*"), server.caller("b", Role::Auditor, "*"));
    let (mut following, mut idle) = (Socket::of(&server, &revoked).await, Socket::of(&server, &aging).await);
    following.subscribe("1", ENTRIES, json!({})).await;
    assert!(following.is_silent().await);

    server.admin().done("tokenRevoke", json!({ "token": revoked.token_id(), "reason": "Lost." }), "__typename").await;
    let closed = following.next().await;
    assert!(matches!(&closed, Told::Closed(4403, why) if why.contains("revoked")), "{closed:?}");

    server.pass(91 * 24 * 60 * 60);
    idle.subscribe("1", "{ viewer { allTeams } }", json!({})).await;
    let closed = idle.next().await;
    assert!(matches!(&closed, Told::Closed(4403, why) if why.contains("expired")), "{closed:?}");
}

#[tokio::test]
async fn sockets_are_told_to_come_back_when_the_service_stops() {
    let mut server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let mut socket = Socket::of(&server, &server.auditor()).await;
    socket.subscribe("1", ENTRIES, json!({})).await;
    assert!(socket.is_silent().await);

    server.stop();

    assert_eq!(socket.next().await.kind(), "1001");
}

#[tokio::test]
async fn invariant_12_whoever_does_not_read_is_let_go_and_told_why_and_has_missed_nothing_that_cannot_be_asked_for() {
    let second = Duration::from_secs(1);
    let sockets = Sockets { most: 64, header_time: second, write_time: 16 * second };
    let server = Server::behind(HttpSettings { sockets, ..roomy() }).await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();
    let (mut slow, mut quick) = (Socket::of(&server, &auditor).await, Socket::of(&server, &auditor).await);
    for id in 0..20 {
        slow.subscribe(&id.to_string(), LONG, json!({})).await;
    }
    quick.subscribe("1", ENTRIES, json!({})).await;
    assert!(quick.is_silent().await);

    // Twenty times as much as this is more than the buffers of both ends take.
    let ideas = 80;
    for n in 0..ideas {
        submit(&server, &format!("Idea {n}"), Some(&"x".repeat(7_900))).await;
        seq(&mut quick, "1").await;
    }
    tokio::time::sleep(9 * second).await;

    let mut heard = 0;
    let closed = loop {
        match slow.next().await {
            Told::Message(_) => heard += 1,
            closed => break closed,
        }
    };
    assert!(heard < 20 * ideas, "the client never fell behind");
    assert!(matches!(&closed, Told::Closed(1013, why) if why.contains("cursor")), "{closed:?} after {heard}");
    submit(&server, "Everybody else goes on", None).await;
    seq(&mut quick, "1").await;
}

#[tokio::test]
async fn invariant_12_a_subject_has_so_many_sockets_and_operations() {
    let server = Server::behind(HttpSettings { streams: 3, ..HttpSettings::default() }).await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Socket::of(&server, &auditor).await);
    }

    let mut over = Socket::silent(&server).await;
    over.send(&json!({ "type": "connection_init", "payload": { "token": auditor.token() } })).await;
    assert_eq!(over.next().await.kind(), "1013");
    for id in ["1", "2", "3"] {
        open[0].subscribe(id, ENTRIES, json!({})).await;
    }
    assert!(open[0].is_silent().await);
    open[1].subscribe("4", ENTRIES, json!({})).await;
    let refused = open[1].next().await;
    assert_eq!(refused.kind(), "error");
    assert_eq!(refused.payload()[0]["extensions"]["code"], "RATE_LIMITED");
    open[0].send(&json!({ "id": "1", "type": "complete" })).await;
    open[0].send(&json!({ "type": "ping" })).await;
    assert_eq!(open[0].next().await.kind(), "pong");
    open[1].subscribe("4", ENTRIES, json!({})).await;
    assert!(open[1].is_silent().await);
}

#[tokio::test]
async fn invariant_12_an_open_socket_counts_as_a_connection() {
    let half = Duration::from_millis(500);
    let sockets = Sockets { most: 2, header_time: half, write_time: half };
    let server = Server::behind(HttpSettings { sockets, ..HttpSettings::default() }).await;
    let auditor = server.auditor();
    let (first, _second) = (Socket::of(&server, &auditor).await, Socket::of(&server, &auditor).await);
    let healthy = || async {
        let answer = reqwest::get(server.url.replace("/graphql", "/healthz")).await;
        answer.map(|answer| answer.status().as_u16()).unwrap_or_default()
    };

    assert_ne!(healthy().await, 200);
    drop(first);
    for _ in 0..100 {
        if healthy().await == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the place was not given back");
}

#[tokio::test]
async fn what_another_replica_commits_is_told_on_a_socket_too() {
    if !on_postgres() {
        return;
    }
    let here = Server::start().await;
    teams(&here, &["PAY"]).await;
    let there = Server::over(here.database.clone(), tempfile::tempdir().unwrap()).await;
    let mut socket = Socket::of(&here, &here.auditor()).await;
    socket.subscribe("1", ENTRIES, json!({})).await;
    assert!(socket.is_silent().await);

    submit(&there, "Over there", None).await;

    assert!(seq(&mut socket, "1").await > 0);
}
