//! Several processes on one PostgreSQL, begun at once on a database that has no schema yet: one migrates, all serve, and
//! whoever is asked answers the same.

use serde_json::json;

use crate::support::{Cluster, Process, holdline, submit};

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
