//! Writes that wait share one durable commit: each is answered for itself, and one that is refused leaves nothing behind,
//! nor takes anything from those beside it.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, SqliteTransactionMode, TransactionOptions, TransactionTrait as _};
use serde_json::{Value, json};

use crate::support::{
    Caller, Server, ask_for, codes, commit_plan, deal, demand, entries, keeper, on_postgres, submit, teams, verified,
};

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

/// Posts that come while another process holds the lock, and so wait together; each answer with its request's id.
async fn posted_together(server: &Server, posts: Vec<(Caller, Value)>) -> Vec<(String, Value)> {
    const POST: &str = "mutation($input: CustomerRequestUpsertInput!) { customerRequestUpsert(input: $input) {
      customerRequest { id note deal { externalId } } userErrors { code message field } } }";
    let held = hold(server).await;
    let post_one = |(caller, input): (Caller, Value)| {
        tokio::spawn(async move {
            let body = json!({ "query": POST, "variables": { "input": input } });
            let sent = reqwest::Client::new().post(caller.url()).bearer_auth(caller.token()).json(&body);
            let answer = sent.send().await.unwrap();
            let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
            (id, answer.json::<Value>().await.unwrap()["data"]["customerRequestUpsert"].clone())
        })
    };
    let sent: Vec<_> = posts.into_iter().map(post_one).collect();
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    held.rollback().await.unwrap();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap());
    }
    answers
}

fn post(idea: &str, name: &str, amount: &str) -> Value {
    json!({ "idea": { "id": idea }, "deal": deal(name, amount, None), "note": format!("Said by {name}.") })
}

/// The requests that wrote the newest entries about customer requests, and the things that they wrote about.
async fn written(server: &Server, count: usize) -> Vec<(String, String)> {
    let query = r"query($first: Int) { auditLog(first: $first, filter: { action: { eq: CUSTOMER_REQUEST_UPSERTED } }) {
      nodes { requestId subject { ... on CustomerRequest { id } } } } }";
    let found = keeper(server).ask(query, json!({ "first": count })).await;
    let nodes = found.data()["auditLog"]["nodes"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{nodes:#?}")).to_owned();
    nodes.iter().map(|node| (text(&node["requestId"]), text(&node["subject"]["id"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_that_wait_together_take_the_statements_of_a_few_and_each_entry_names_its_own_request() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let ideas = [submit(&keeper, "PAY", "Export").await, submit(&keeper, "PAY", "Import").await];
    server.signed().await;
    let before = server.statements();
    ask_for(&keeper, &ideas[0], deal("first", "1", None)).await;
    server.signed().await;
    let alone = server.statements() - before;

    let posts = (0..30).map(|n| (keeper.clone(), post(&ideas[n % 2], &n.to_string(), "2")));
    let (before, entries_before) = (server.statements(), entries(&server).await);
    let answers = posted_together(&server, posts.collect()).await;
    let together = server.statements() - before;

    let mut told: Vec<_> = answers
        .iter()
        .enumerate()
        .map(|(n, (request, answer))| {
            let posted = &answer["customerRequest"];
            assert_eq!(posted["note"], format!("Said by {n}."), "{answer:#}");
            assert_eq!(posted["deal"]["externalId"], n.to_string(), "{answer:#}");
            (request.clone(), posted["id"].as_str().unwrap().to_owned())
        })
        .collect();
    let mut wrote = written(&server, 30).await;
    told.sort();
    wrote.sort();
    assert_eq!(wrote, told);
    assert_eq!(entries(&server).await - entries_before, 30);
    for (idea, amount) in ideas.iter().zip(["31", "30"]) {
        assert_eq!(demand(&keeper, idea).await["open"]["amounts"][0]["amount"], amount);
    }
    // Each reads its deal for the answer.
    assert!(together < 30 * alone / 2, "{together} statements for 30 posts, {alone} for one");
    verified(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_posts_that_wait_together_those_that_are_refused_are_refused_alone() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let (unknown, chosen) = ("idea_01h455vb4pex5vsknk084sn02q", "request_01h455vb4pex5vsknk084sn02q");
    let choosing = |name: &str| {
        let mut post = post(&idea, name, "2");
        post["id"] = chosen.into();
        post
    };
    let foreign = json!({ "idea": { "external": { "system": "crm", "externalId": "F-1", "title": "Left behind", "team": "NONE" } },
                          "account": "An account" });
    let posts = (0..24).map(|n| match n % 8 {
        1 => post(unknown, &n.to_string(), "2"),
        3 => post(&idea, "the same deal", "2"),
        5 => choosing(&n.to_string()),
        6 => foreign.clone(),
        _ => post(&idea, &n.to_string(), "2"),
    });
    let entries_before = entries(&server).await;

    let answers = posted_together(&server, posts.map(|post| (keeper.clone(), post)).collect()).await;

    let mut chosen_by = 0;
    let mut once = std::collections::BTreeSet::new();
    for (n, (_, answer)) in answers.iter().enumerate() {
        let found = (codes(answer), answer["customerRequest"]["note"].clone());
        let refused = |code: &str| (vec![code.to_owned()], Value::Null);
        match n % 8 {
            1 | 6 => assert_eq!(found, refused("NOT_FOUND"), "{n}"),
            5 if answer["customerRequest"].is_object() => chosen_by += 1,
            5 => assert_eq!(found, refused("CONFLICT"), "{n}"),
            3 => drop(once.insert(answer["customerRequest"]["id"].as_str().unwrap().to_owned())),
            _ => assert_eq!(found, (vec![], json!(format!("Said by {n}."))), "{n}"),
        }
    }
    // 12 that nothing stands against, one of those that chose the same id, one for the deal that three were sent for.
    assert_eq!((chosen_by, once.len(), entries(&server).await - entries_before), (1, 1, 14));
    assert_eq!(demand(&keeper, &idea).await["requests"], 14);
    assert_eq!(keeper.query("{ ideas { totalCount } }").await["ideas"]["totalCount"], 1);
    verified(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_refused_among_many_leaves_the_others_together() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let unknown = "idea_01h455vb4pex5vsknk084sn02q";
    let posts = (0..64).map(|n| (keeper.clone(), post(if n == 20 { unknown } else { &idea }, &n.to_string(), "2")));
    server.signed().await;
    let before = server.statements();
    ask_for(&keeper, &idea, deal("first", "1", None)).await;
    server.signed().await;
    let alone = server.statements() - before;

    let before = server.statements();
    let answers = posted_together(&server, posts.collect()).await;
    let together = server.statements() - before;

    for (n, (_, answer)) in answers.iter().enumerate() {
        assert_eq!(codes(answer), if n == 20 { vec!["NOT_FOUND"] } else { vec![] }, "{n}");
    }
    assert_eq!(demand(&keeper, &idea).await["requests"], 64);
    assert!(together < 64 * alone / 4, "{together} statements for 64 posts, {alone} for one");
    verified(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn posts_of_different_tokens_wait_together_and_are_each_judged_by_their_own() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let keeper = keeper(&server);
    let ideas = [submit(&keeper, "PAY", "Export").await, submit(&keeper, "OPS", "Import").await];
    let (pay, ops) = (server.integration("crm", "PAY"), server.integration("crm", "OPS"));
    let posts = (0..16).map(|n| {
        let caller = if n % 4 < 2 { &pay } else { &ops };
        (caller.clone(), post(&ideas[n % 2], &n.to_string(), "2"))
    });

    let answers = posted_together(&server, posts.collect()).await;

    for (n, (_, answer)) in answers.iter().enumerate() {
        let own = (n % 4 < 2) == (n % 2 == 0);
        assert_eq!(codes(answer), if own { vec![] } else { vec!["NOT_FOUND".to_owned()] }, "{n}: {answer:#}");
    }
    verified(&server).await;
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
