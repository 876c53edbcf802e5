//! A service that is killed while it tells a webhook loses nothing that was committed: the real binary is killed again and
//! again under load, and its receiver has every entry in the end.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Got, Manner, Process, Receiver, fresh_database, holdline};

/// How often the service is killed.
const KILLS: u64 = 8;
const SETTINGS: [&str; 3] = ["--webhook-allow-http", "--webhook-allow-network", "127.0.0.0/8"];

async fn ask(url: &str, token: &str, query: &str, variables: &Value) -> Option<Value> {
    let body = json!({ "query": query, "variables": variables });
    let request = reqwest::Client::new().post(format!("{url}/graphql")).bearer_auth(token);
    request.json(&body).send().await.ok()?.json().await.ok()
}

/// Submits ideas until the service is gone.
async fn write(url: String, token: String, client: u64) {
    for n in 0.. {
        let title = format!("Idea {client} {n}");
        let submit =
            "mutation($title: String!) { ideaSubmit(input: { team: \"LOAD\", title: $title }) { idea { id } } }";
        if ask(&url, &token, submit, &json!({ "title": title })).await.is_none() {
            return;
        }
    }
}

/// The positions of all entries that the webhook wants.
async fn wanted(url: &str, token: &str) -> BTreeSet<i64> {
    let query =
        "query($after: String) { auditLog(filter: { action: { eq: IDEA_SUBMITTED } }, orderBy: SEQ_ASC, first: 250,
        after: $after) { nodes { seq } pageInfo { endCursor hasNextPage } } }";
    let (mut seqs, mut after) = (BTreeSet::new(), Value::Null);
    loop {
        let page = ask(url, token, query, &json!({ "after": after })).await.unwrap()["data"]["auditLog"].clone();
        seqs.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["seq"].as_i64().unwrap()));
        if page["pageInfo"]["hasNextPage"] != true {
            return seqs;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_9_every_committed_entry_is_told_whenever_the_service_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    // Every ninth entry is not taken at first sight.
    let seen: Arc<Mutex<HashMap<i64, u32>>> = Arc::default();
    let counting = Arc::clone(&seen);
    let receiver = Receiver::behaving(move |got, _| {
        let mut seen = counting.lock().unwrap();
        let times = seen.entry(got.seq()).or_default();
        *times += 1;
        Manner::Says(if got.seq() % 9 == 0 && *times == 1 { 503 } else { 200 }, Vec::new())
    })
    .await;
    let mut process = Process::start(&database, folder.path(), &SETTINGS).await;
    let said = ["--subject", "load", "--scopes", "read,admin,ideas:write,audit:read", "--teams", "*"];
    let token = Process::token(&database, folder.path(), &said).await;
    let begin = "mutation($url: String!) { teamCreate(input: { key: \"LOAD\", name: \"Load\" }) { team { id } }
        webhookCreate(input: { url: $url, actions: [IDEA_SUBMITTED] }) { webhook { id } } }";
    let made = ask(&process.address, &token, begin, &json!({ "url": receiver.url })).await.unwrap();
    assert!(made["data"]["webhookCreate"]["webhook"]["id"].is_string(), "{made:#}");

    for kill in 0..KILLS {
        let writing: Vec<_> =
            (0..3).map(|client| tokio::spawn(write(process.address.clone(), token.clone(), client))).collect();
        tokio::time::sleep(Duration::from_millis(60 + kill * 97 % 400)).await;
        let id = process.child.id().unwrap();
        assert!(Command::new("kill").args(["-9", &id.to_string()]).status().await.unwrap().success());
        for client in writing {
            client.await.unwrap();
        }
        process = Process::start(&database, folder.path(), &SETTINGS).await;
    }

    let wanted = wanted(&process.address, &token).await;
    let all = |got: &[Got]| {
        let told: BTreeSet<_> = got.iter().map(Got::seq).collect();
        let again = |seq: &i64| seq % 9 != 0 || got.iter().filter(|got| got.seq() == *seq).count() > 1;
        told.is_superset(&wanted) && wanted.iter().all(again)
    };
    let got = receiver.until_it("every entry", all).await;
    println!("{KILLS} kills: {} entries, told {} times", wanted.len(), got.len());
    assert!(wanted.len() >= 8, "{}", wanted.len());
    let verified = holdline(&database, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{} {}", verified.out, verified.err);
}
