//! Writes that wait share one durable commit: each is answered for itself, and one that is refused leaves nothing behind,
//! nor takes anything from those beside it.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, SqliteTransactionMode, TransactionOptions, TransactionTrait as _};
use serde_json::{Value, json};

use crate::support::{Server, codes, commit_plan, entries, on_postgres, verified};

const REFUSED: &str = r#"{ plan(team: "PAY") { revision drift { refusals } } }"#;

/// How many entries of each kind of write come at once.
const EACH: usize = 20;

/// Holds the log's lock, as another process does that writes.
async fn hold(server: &Server) -> sea_orm::DatabaseTransaction {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let held = server.sql().await.begin_with_options(options).await.unwrap();
    if on_postgres() {
        held.execute_unprepared("SELECT pg_advisory_xact_lock(x'686f6c646c696e65'::bigint)").await.unwrap();
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_4_writes_that_share_a_commit_are_kept_or_refused_each_by_itself() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let (planner, entries_before) = (server.planner(), entries(&server).await);
    let commits_before = server.app.metrics().commits();

    let held = hold(&server).await;
    let mut sent = Vec::new();
    for number in 0..EACH * 2 {
        let (planner, key_result) = (server.planner(), committed.key_results[0].clone());
        sent.push(tokio::spawn(async move {
            if number % 2 == 0 {
                let idea = json!({ "team": "PAY", "title": format!("Idea {number}") });
                planner.mutate("ideaSubmit", idea, "idea { title }").await
            } else {
                planner.mutate("keyResultRemove", json!({ "keyResult": key_result }), "plan { id }").await
            }
        }));
    }
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    held.rollback().await.unwrap();
    let mut answers: Vec<Value> = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }

    for (number, answer) in answers.iter().enumerate() {
        if number % 2 == 0 {
            assert_eq!(answer["idea"]["title"], format!("Idea {number}"), "{answer:#}");
        } else {
            assert_eq!(codes(answer), ["COMMITMENT_LOCKED"], "{answer:#}");
        }
    }
    let commits = server.app.metrics().commits() - commits_before;
    assert!(commits <= 20, "{commits} commits for {} writes", answers.len());
    assert_eq!(entries(&server).await - entries_before, i64::try_from(EACH).unwrap());
    let plan = planner.query(REFUSED).await["plan"].clone();
    assert_eq!(plan, json!({ "revision": 1, "drift": { "refusals": EACH } }));
    verified(&server).await;
}
