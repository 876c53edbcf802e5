//! How long a refusal takes: each attack that would keep a plain server busy for seconds, over HTTP, beside the
//! smallest query that is answered, in one run. `cargo bench -p holdline-tests --bench refusal`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

use std::{
    fmt::Write as _,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use holdline::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::{Grant, Keys},
    clock::{Clock, Ids},
    http::{Allowance, HttpSettings},
    store::DatabaseUrl,
};
use holdline_domain::{actor::Teams, permission::Role, person::PersonKind, text::Line, time::FiscalCalendar};
use serde_json::json;

const TIMES: usize = 300;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let (url, token) = serve(folder.path()).await;
        let client = reqwest::Client::new();
        let answered = measure(&client, &url, &token, "{ viewer { allTeams } }", 200).await;
        let base = answered[TIMES / 2];
        println!("{:<34} {:>9} {:>9} {:>7}", "", "median µs", "p99 µs", "ratio");
        show("a query that is answered", &answered, base);
        for (name, document) in attacks() {
            show(name, &measure(&client, &url, &token, &document, 400).await, base);
        }
        show("a token that is none", &measure(&client, &url, "a.b.c", "{ __typename }", 401).await, base);
    });
}

fn show(name: &str, times: &[Duration], base: Duration) {
    let (median, slow) = (times[TIMES / 2], times[TIMES * 99 / 100]);
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let ratio = median.as_secs_f64() / base.as_secs_f64();
    println!("{name:<34} {:>9.0} {:>9.0} {ratio:>7.2}", micros(median), micros(slow));
}

fn doubling(levels: usize) -> String {
    let mut text = String::from("{ ...f0 }");
    for n in 0..levels {
        let _ = write!(text, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1);
    }
    text + &format!(" fragment f{levels} on Query {{ __typename }}")
}

/// What costs a plain server most, each as large as the gate lets it come.
fn attacks() -> Vec<(&'static str, String)> {
    let nested = |open: &str, levels: usize, close: &str| format!("{}1{}", open.repeat(levels), close.repeat(levels));
    let aliases: Vec<_> = (0..1_300).map(|n| format!("a{n}: __typename")).collect();
    let overlapping: Vec<_> = (0..300).map(|n| format!("fragment f{n} on Query {{ viewer {{ name }} }}")).collect();
    let spreads: Vec<_> = (0..300).map(|n| format!("...f{n}")).collect();
    vec![
        ("20,000 nested lists", format!("{{ team(key: {}) {{ id }} }}", nested("[", 20_000, "]"))),
        ("15,000 nested objects", format!("{{ team(key: {}) {{ id }} }}", nested("{a:", 15_000, "}"))),
        ("fragments that double 100 times", doubling(100)),
        ("fragments that double 25 times", doubling(25)),
        ("1,300 aliases", format!("{{ {} }}", aliases.join(" "))),
        ("3,900 fields", format!("{{ {} }}", "__typename ".repeat(3_900))),
        ("1,900 directives", format!("{{ __typename {} }}", "@x ".repeat(1_900))),
        ("300 fragments that overlap", format!("{{ {} }} {}", spreads.join(" "), overlapping.join(" "))),
        ("pages of pages", "{ teams(first: 250) { nodes { plans(first: 250) { nodes { id } } } } }".to_owned()),
        ("64 KiB of one name", format!("{{ {} }}", "x".repeat(65_000))),
        ("a syntax error after 60 KiB", format!("{{ viewer {{ name }} }} # {}\n}}", "x".repeat(60_000))),
    ]
}

async fn serve(folder: &std::path::Path) -> (String, String) {
    let number = |n| NonZeroU32::new(n).unwrap();
    let allowance = Allowance { limit: number(1_000_000_000), restored: number(1_000_000) };
    let (clock, keys) = (Clock::system(), Keys::ephemeral().unwrap());
    let options = Options {
        database: DatabaseUrl::in_folder(folder),
        calendar: FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap(),
        keys: keys.into(),
        provider: None,
        clock: clock.clone(),
        signing: Signing::Off,
        check_every: CHECK_EVERY,
        http: HttpSettings { allowance, ..HttpSettings::default() },
        targets: holdline::webhook::Targets::default(),
        hooks: holdline::crm::Hooks::default(),
    };
    let app = App::open(options).await.unwrap();
    let grant = Grant {
        subject: Line::parse("reader").unwrap(),
        name: None,
        kind: PersonKind::Person,
        scopes: Role::Viewer.scopes().iter().copied().collect(),
        teams: Teams::All,
        system: None,
        token_id: Ids::random(clock.clone()).next(),
        life: 3_600,
    };
    let token = app.keys().issue(&grant, clock.now()).unwrap().token;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    tokio::spawn(Arc::clone(&app).serve(listener, std::future::pending()));
    (url, token)
}

/// The times of so many requests, sorted; each must be answered with this status.
async fn measure(client: &reqwest::Client, url: &str, token: &str, document: &str, status: u16) -> Vec<Duration> {
    let body = json!({ "query": document }).to_string();
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let request = client.post(url).bearer_auth(token).header("content-type", "application/json");
        let request = request.header("accept", "application/graphql-response+json").body(body.clone());
        let begin = Instant::now();
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{}", answer.text().await.unwrap());
        let _ = answer.bytes().await.unwrap();
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    times
}
