//! Several processes on one PostgreSQL, begun at once on a database that has no schema yet: one migrates, all serve, and
//! whoever is asked answers the same.

use serde_json::{Value, json};

use crate::support::{Cluster, Process, holdline};

const REPLICAS: usize = 4;

const READS: [&str; 3] = [
    "{ ideas(first: 100) { totalCount nodes { id title status demand { requests } } } }",
    "{ auditLog(first: 100) { totalCount nodes { seq action leafHash reason actor { id name } } } }",
    r#"{ team(key: "PAY") { id name version } viewer { person { id } } }"#,
];

async fn ask(process: &Process, token: &str, query: &str) -> Value {
    let request = reqwest::Client::new().post(format!("{}/graphql", process.address)).bearer_auth(token);
    let mut answer: Value = request.json(&json!({ "query": query })).send().await.unwrap().json().await.unwrap();
    assert!(answer["errors"].is_null(), "{answer:#}");
    answer["data"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn four_that_begin_at_once_on_an_empty_database_serve_the_same_story() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    let said = ["--subject", "ann", "--scopes", "read,admin,ideas:write,audit:read", "--teams", "*"];
    let token = Process::token(&database, folder.path(), &said).await;

    let starting = (0..REPLICAS).map(|_| Process::start(&database, folder.path(), &[]));
    let replicas = futures_util::future::join_all(starting).await;
    ask(&replicas[0], &token, r#"mutation { teamCreate(input: { key: "PAY", name: "Payments" }) { team { id } } }"#)
        .await;
    let writing = (0..40).map(|number| {
        let submit = format!(
            r#"mutation {{ ideaSubmit(input: {{ team: "PAY", title: "Idea {number}" }}) {{ idea {{ id }} }} }}"#
        );
        let (replica, token) = (&replicas[number % REPLICAS], &token);
        async move { ask(replica, token, &submit).await["ideaSubmit"]["idea"]["id"].as_str().unwrap().to_owned() }
    });
    let made = futures_util::future::join_all(writing).await;

    for query in READS {
        let first = ask(&replicas[0], &token, query).await;
        for other in &replicas[1..] {
            assert_eq!(ask(other, &token, query).await, first, "{query}");
        }
    }
    let ideas = ask(&replicas[3], &token, READS[0]).await;
    let found: Vec<_> = ideas["ideas"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    assert!(ideas["ideas"]["totalCount"] == 40 && made.iter().all(|id| found.contains(&json!(id))), "{ideas:#}");
    let verified = holdline(&database, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}
