//! Whether the past costs more the more has happened since: the same question as of one instant, before and after the
//! history has grown manyfold, in one run. `cargo bench -p holdline-tests --bench as_of`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on says so")]

#[path = "../it/support/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    clippy::expect_used,
    reason = "the stories' support, of which little is needed here"
)]
mod support;

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use serde_json::json;

use self::support::{Caller, Committed, Server, commit_plan, open_meeting, propose};

const READS: usize = 60;
/// Moves and check-ins, a hundred to a round.
const ROUNDS: usize = 30;
const RENEGOTIATIONS: usize = 40;

const QUERY: &str = "query($at: DateTime) {
    plan(team: \"PAY\", asOf: $at) { revision objectives { title keyResults { title current projected progress } } }
    team(key: \"PAY\") { roadmap(asOf: $at) { next(first: 50) { nodes { title keyResults { title } } } } } }";

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let server = Server::start_embedded().await;
        let committed = commit_plan(&server, "PAY").await;
        let items = add(&server.planner(), &committed).await;
        let then = server.now();
        server.signed().await;
        let short = read(&server, &then).await;
        for round in 0..ROUNDS {
            happen(&server.planner(), &committed, &items, round).await;
        }
        for round in 0..RENEGOTIATIONS {
            renegotiate(&server, &committed, round).await;
        }
        server.signed().await;
        let long = read(&server, &then).await;
        println!("as of the beginning, young     {:>8.2} ms", short.as_secs_f64() * 1e3);
        println!("as of the beginning, old       {:>8.2} ms", long.as_secs_f64() * 1e3);
        println!("ratio                          {:>8.2}", long.as_secs_f64() / short.as_secs_f64());
    });
}

async fn read(server: &Server, at: &str) -> Duration {
    let caller = server.planner();
    let mut times = Vec::with_capacity(READS);
    for _ in 0..READS {
        let begin = Instant::now();
        let answer = caller.ask(QUERY, json!({ "at": at })).await;
        times.push(begin.elapsed());
        assert_eq!(answer.data()["team"]["roadmap"]["next"]["nodes"].as_array().unwrap().len(), 40);
    }
    times.sort_unstable();
    times[READS / 2]
}

async fn add(planner: &Caller, committed: &Committed) -> Vec<String> {
    let mut items = Vec::new();
    for place in 0..40 {
        let input = json!({ "team": "PAY", "title": format!("Item {place}"), "horizon": "NEXT",
                            "keyResults": [committed.key_results[place % 4]] });
        let added = planner.done("roadmapItemAdd", input, "roadmapItem { id }").await;
        items.push(added["roadmapItem"]["id"].as_str().unwrap().to_owned());
    }
    items
}

/// Fifty check-ins and fifty moves.
async fn happen(planner: &Caller, committed: &Committed, items: &[String], round: usize) {
    for part in 0..5 {
        let mut mutation = "mutation {".to_owned();
        for place in 0..10 {
            let (key_result, item) = (&committed.key_results[place % 4], &items[(round + place * 7 + part) % 40]);
            let anchor = &items[(round + place * 7 + part + 11) % 40];
            let _ = write!(
                mutation,
                r#" c{place}: checkInRecord(input: {{ keyResult: "{key_result}", kind: PROGRESS, value: "{place}" }}) {{ checkIn {{ id }} }}
                    m{place}: roadmapItemMove(input: {{ roadmapItem: "{item}", after: "{anchor}" }}) {{ roadmapItem {{ id }} }}"#
            );
        }
        mutation.push('}');
        planner.query(&mutation).await;
    }
}

async fn renegotiate(server: &Server, committed: &Committed, round: usize) {
    let changes =
        json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "target": (round + 101).to_string() } }]);
    let (id, digest) = propose(server, &committed.plan, changes).await;
    let meeting = open_meeting(server, "PAY", &[&id]).await;
    let input = json!({ "renegotiation": id, "meeting": meeting, "outcome": "APPROVED", "rationale": "Yes.", "digest": digest });
    server.approver().done("renegotiationDecide", input, "plan { revision }").await;
    server.approver().done("meetingClose", json!({ "meeting": meeting }), "meeting { id }").await;
}
