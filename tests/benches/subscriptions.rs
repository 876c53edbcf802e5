//! A thousand open subscriptions and one change: how long until all have it, beside how long until a single one has, and
//! what each costs in memory; over server-sent events and over WebSockets, against the real binary, in one run.
//! `cargo bench -p holdline-tests --bench subscriptions`. Wants about 2,100 open files (`ulimit -n`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
    task::JoinSet,
};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

const MANY: usize = 1_000;
const CHANGES: usize = 5;
const FOLLOW: &str = "subscription { auditEntries { node { seq action } } }";

/// The service in a process of its own.
struct Service {
    child: Child,
    address: String,
    token: String,
}

impl Service {
    async fn start(folder: &std::path::Path) -> Self {
        let binary = env!("CARGO_BIN_EXE_holdline-under-test");
        let mut command = Command::new(binary);
        let limits = ["--max-streams", "5000", "--max-connections", "5000", "--points", "1000000000"];
        command.env("HOLDLINE_DATA_DIR", folder).env("HOLDLINE_LOG", "error").kill_on_drop(true);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(limits).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
        let address = line.strip_prefix("Holdline is at ").unwrap().to_owned();
        let said =
            ["token", "issue", "--subject", "bench", "--scopes", "read,admin,audit:read,ideas:write", "--teams", "*"];
        let issued = Command::new(binary).env("HOLDLINE_DATA_DIR", folder).args(said).output().await.unwrap();
        let token = String::from_utf8(issued.stdout).unwrap().trim().to_owned();
        Self { child, address, token }
    }

    /// How much memory it holds, in bytes (Linux, `VmRSS`).
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id().unwrap())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    async fn ask(&self, client: &reqwest::Client, query: &str) -> Value {
        let request = client.post(format!("{}/graphql", self.address)).bearer_auth(&self.token);
        let answer: Value = request.json(&json!({ "query": query })).send().await.unwrap().json().await.unwrap();
        assert!(answer["errors"].is_null(), "{answer:#}");
        answer
    }
}

/// How a subscription is held.
#[derive(Clone, Copy)]
enum Over {
    Events,
    Sockets,
}

/// Opens a subscription; each answer's arrival is sent on.
async fn open(service: &Service, over: Over, tell: tokio::sync::mpsc::UnboundedSender<Instant>, all: &mut JoinSet<()>) {
    match over {
        Over::Events => {
            let request = reqwest::Client::new().post(format!("{}/graphql", service.address));
            let request = request.bearer_auth(&service.token).header("accept", "text/event-stream");
            let mut answer = request.json(&json!({ "query": FOLLOW })).send().await.unwrap();
            answer.chunk().await.unwrap();
            all.spawn(async move {
                while let Ok(Some(chunk)) = answer.chunk().await {
                    if chunk.starts_with(b"event: next") && tell.send(Instant::now()).is_err() {
                        return;
                    }
                }
            });
        }
        Over::Sockets => {
            let url = format!("{}/graphql/ws", service.address.replacen("http", "ws", 1));
            let mut request = url.into_client_request().unwrap();
            request.headers_mut().insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
            let (mut socket, _) = connect_async(request).await.unwrap();
            let init = json!({ "type": "connection_init", "payload": { "token": service.token } });
            socket.send(Message::text(init.to_string())).await.unwrap();
            socket.next().await.unwrap().unwrap();
            let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": FOLLOW } });
            socket.send(Message::text(subscribe.to_string())).await.unwrap();
            all.spawn(async move {
                while let Some(Ok(frame)) = socket.next().await {
                    if matches!(frame, Message::Text(_)) && tell.send(Instant::now()).is_err() {
                        return;
                    }
                }
            });
        }
    }
}

/// For some open subscriptions: until the first, the middle and the last of them had a change (medians of several).
async fn measure(service: &Service, over: Over, count: usize, name: &str) -> Duration {
    let client = reqwest::Client::new();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let before = service.memory();
    let mut all = JoinSet::new();
    for _ in 0..count {
        open(service, over, tell.clone(), &mut all).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = service.memory().saturating_sub(before) / u64::try_from(count).unwrap();
    let mut runs = Vec::new();
    for change in 0..CHANGES {
        let begun = Instant::now();
        let submit = format!(
            "mutation {{ ideaSubmit(input: {{ team: \"B\", title: \"{name} {change}\" }}) {{ idea {{ id }} }} }}"
        );
        service.ask(&client, &submit).await;
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            let at = tokio::time::timeout(Duration::from_mins(1), told.recv()).await.expect("all have it").unwrap();
            times.push(at.duration_since(begun));
        }
        times.sort();
        runs.push((times[0], times[count / 2], times[count - 1]));
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    runs.sort_by_key(|run| run.2);
    let (first, middle, last) = runs[CHANGES / 2];
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{name:<22} {count:>6} {:>9.1} {:>9.1} {:>9.1} {:>9.1}",
        millis(first),
        millis(middle),
        millis(last),
        f64::from(u32::try_from(each).unwrap_or(u32::MAX)) / 1024.0
    );
    all.shutdown().await;
    last
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        println!("{:<22} {:>6} {:>9} {:>9} {:>9} {:>9}", "", "open", "first ms", "middle ms", "last ms", "KiB each");
        for (over, name) in [(Over::Events, "server-sent events"), (Over::Sockets, "WebSockets")] {
            // A process of its own for each, because freed memory is used again.
            let folder = tempfile::tempdir().unwrap();
            let service = Service::start(folder.path()).await;
            let client = reqwest::Client::new();
            service.ask(&client, "mutation { teamCreate(input: { key: \"B\", name: \"B\" }) { team { id } } }").await;
            let one = measure(&service, over, 1, name).await;
            let many = measure(&service, over, MANY, name).await;
            let ratio = many.as_secs_f64() / one.as_secs_f64();
            println!("{name:<22} the last of {MANY} has it after {ratio:.1} times as long as a single one");
        }
    });
}
