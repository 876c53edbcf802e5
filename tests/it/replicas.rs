//! Several processes on one PostgreSQL, begun at once on a database that has no schema yet: one migrates, all serve, and
//! whoever is asked answers the same.

use holdline::clock::Clock;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::json;

use crate::support::{Cluster, Process, fresh_database, holdline, on_postgres, owner_of, submit};

const REPLICAS: usize = 4;

const READS: [&str; 3] = [
    "{ ideas(first: 100) { totalCount nodes { id title status demand { requests } } } }",
    "{ auditLog(first: 100) { totalCount nodes { seq action leafHash reason actor { id name } } } }",
    r#"{ team(key: "PAY") { id name version } viewer { person { id } } }"#,
];

#[tokio::test(flavor = "multi_thread")]
async fn four_that_begin_at_once_on_an_empty_database_serve_the_same_story() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    // Its command makes the key that all of them are to have.
    Process::token(&database, folder.path(), &["--subject", "first", "--role", "viewer"]).await;

    let starting = (0..REPLICAS).map(|_| Process::start(&database, folder.path(), &[]));
    let replicas = futures_util::future::join_all(starting).await;
    let calling =
        replicas.iter().map(|replica| replica.caller(&database, folder.path(), "read,admin,ideas:write,audit:read"));
    let callers = futures_util::future::join_all(calling).await;
    callers[0].done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let writing = (0..40).map(|number| {
        let caller = &callers[number % REPLICAS];
        async move { submit(caller, "PAY", &format!("Idea {number}")).await }
    });
    let made = futures_util::future::join_all(writing).await;

    for query in READS {
        let first = callers[0].query(query).await;
        for other in &callers[1..] {
            assert_eq!(other.query(query).await, first, "{query}");
        }
    }
    let ideas = callers[3].query(READS[0]).await;
    let found: Vec<_> = ideas["ideas"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    assert!(ideas["ideas"]["totalCount"] == 40 && made.iter().all(|id| found.contains(&json!(id))), "{ideas:#}");
    let verified = holdline(&database, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// The lock that somebody else who writes the same database holds while they do: "holdline" in ASCII.
const LOG_LOCK: i64 = 0x686f_6c64_6c69_6e65;

#[tokio::test(flavor = "multi_thread")]
async fn invariant_5_an_instant_at_which_another_process_may_still_write_waits_and_the_whole_answer_with_it() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let process = Process::start(&database, folder.path(), &[]).await;
    let caller = process.caller(&database, folder.path(), "read,admin,ideas:write").await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let query = r#"query($at: DateTime!) { team(key: "PAY") { name } plan(team: "PAY", asOf: $at) { id } }"#;
    let ask = |at: String| {
        let caller = caller.clone();
        tokio::spawn(async move { caller.ask(query, json!({ "at": at })).await })
    };
    let owner = owner_of(&database).await;

    let writing = owner.begin().await.unwrap();
    writing.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOG_LOCK})")).await.unwrap();
    writing.execute_unprepared("UPDATE team SET name = 'Pay'").await.unwrap();
    let (long_ago, just_now) = (ask("2026-01-01T00:00:00Z".to_owned()), ask(Clock::system().now().to_string()));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let waited = !just_now.is_finished();
    let before = long_ago.await.unwrap();
    writing.commit().await.unwrap();
    let after = just_now.await.unwrap();

    assert!(waited, "{:#}", after.body);
    assert_eq!((&before.data()["team"]["name"], &after.data()["team"]["name"]), (&json!("Payments"), &json!("Pay")));
}
