//! Ranks through the API: a move writes one head row and one version row, and the order stays what was asked for.

use std::fmt::Write as _;

use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::support::{Caller, Server};

/// Adds many items with few requests; answers with their ids in order.
async fn fill(caller: &Caller, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    for from in (0..count).step_by(20) {
        let mut mutation = "mutation {".to_owned();
        for place in from..(from + 20).min(count) {
            let _ = write!(
                mutation,
                r#" i{place}: roadmapItemAdd(input: {{ team: "PAY", title: "{place}", horizon: NEXT }}) {{ roadmapItem {{ id }} }}"#
            );
        }
        mutation.push('}');
        let answer = caller.query(&mutation).await;
        let added = |place: usize| answer[format!("i{place}")]["roadmapItem"]["id"].as_str().unwrap().to_owned();
        ids.extend((from..(from + 20).min(count)).map(added));
    }
    ids
}

/// Every item of NEXT, page by page.
async fn order(caller: &Caller) -> Vec<String> {
    let query = r#"query($after: String) { team(key: "PAY") { roadmap { next(first: 250, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } } }"#;
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = caller.ask(query, json!({ "after": after })).await;
        let page = &answer.data()["team"]["roadmap"]["next"];
        ids.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return ids;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test]
async fn a_move_among_a_thousand_writes_one_row_and_hundreds_leave_them_in_order() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "PAY" }), "team { id }").await;
    let planner = server.planner();
    let mut expected = fill(&planner, 1_000).await;
    let before = counts(&server).await;

    let started = std::time::Instant::now();
    let mut seed = 7_usize;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..300 {
        let item = expected.remove(random(expected.len()));
        let place = random(expected.len());
        let side = if random(2) == 0 { "before" } else { "after" };
        let input = json!({ "roadmapItem": item, side: expected[place] });
        planner.done("roadmapItemMove", input, "roadmapItem { id }").await;
        expected.insert(if side == "before" { place } else { place + 1 }, item);
    }
    println!("300 moves among 1,000 items took {:?}", started.elapsed());

    assert_eq!(order(&planner).await, expected);
    let after = counts(&server).await;
    let grown: Vec<_> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    assert_eq!(grown, [0, 300, 0, 300, 300]);
}

/// Heads, versions, statements of key results, entries of the log, and the steps that the heads count.
async fn counts(server: &Server) -> Vec<i64> {
    let sql = server.sql().await;
    let mut counts = Vec::new();
    for count in [
        "COUNT(*) AS found FROM roadmap_item",
        "COUNT(*) AS found FROM roadmap_item_version",
        "COUNT(*) AS found FROM roadmap_item_key_result",
        "COUNT(*) AS found FROM audit_entry",
        "CAST(SUM(version) AS BIGINT) AS found FROM roadmap_item",
    ] {
        let statement = Statement::from_string(sql.get_database_backend(), format!("SELECT {count}"));
        counts.push(sql.query_one_raw(statement).await.unwrap().unwrap().try_get("", "found").unwrap());
    }
    counts
}
