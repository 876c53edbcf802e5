//! Invariant 9, and 4 and 7 with it: a service that is killed loses nothing that it acknowledged, and leaves nothing
//! half done; the log verifies each time. Invariant 7 with them: what is sent again under its key or its id is made once.
//! The real binary is killed under load, again and again, and started over the same store.

use std::{
    collections::HashMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use holdline::store::DatabaseUrl;
use serde_json::{Value, json};
use tokio::process::Command;
use uuid::Uuid;

use crate::support::{Process, SUBMIT, deal, fresh_database, holdline};

/// How often the service is killed where nobody says.
const KILLS: u64 = 20;

/// How many clients write at once.
const CLIENTS: u64 = 4;

/// A service of its own process.
struct Service {
    process: Process,
    url: String,
    token: String,
    client: reqwest::Client,
}

impl Service {
    async fn start(database: &DatabaseUrl, folder: &Path) -> Self {
        let process = Process::start(database, folder, &[]).await;
        let scopes = "read,admin,ideas:write,requests:write,audit:read";
        let said = ["--subject", "load", "--scopes", scopes, "--teams", "*", "--service", "crm"];
        let token = Process::token(database, folder, &said).await;
        Self { url: format!("{}/graphql", process.address), process, token, client: reqwest::Client::new() }
    }

    /// What the service answers; nothing where it is gone.
    async fn ask(&self, query: &str, variables: &Value) -> Option<Value> {
        self.ask_under("none", query, variables).await
    }

    /// The same under an idempotency key, which only mutations have a use for.
    async fn ask_under(&self, key: &str, query: &str, variables: &Value) -> Option<Value> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(&self.url).bearer_auth(&self.token).header("Idempotency-Key", key);
        request.json(&body).send().await.ok()?.json().await.ok()
    }

    /// Sends an idea; the answer is its id.
    async fn submit(&self, number: u64) -> Option<String> {
        let answer = self.ask_under(&format!("idea-{number}"), SUBMIT, &json!({ "input": idea(number) })).await?;
        let made = &answer["data"]["ideaSubmit"];
        assert_eq!(made["userErrors"], json!([]), "{answer:#}");
        let id = made["idea"]["id"].as_str().unwrap().to_owned();
        assert!(chosen(number).is_none_or(|chosen| chosen == id), "{answer:#}");
        Some(id)
    }
}

/// The id of every other idea is chosen by its client; the others are known again by their key alone.
fn chosen(number: u64) -> Option<String> {
    // Version 7 of RFC 9562, as ids are: the number where the time would be.
    let bits = u128::from(number) << 80 | 0x7000_8000_0000_0000_0000;
    (number / CLIENTS).is_multiple_of(2).then(|| holdline_domain::ids::IdeaId::from(Uuid::from_u128(bits)).to_string())
}

/// An idea with two requests: three entries of one transaction.
fn idea(number: u64) -> Value {
    let asks = [0, 1].map(|ask| json!({ "deal": deal(&format!("{number}-{ask}"), "10", None) }));
    json!({ "id": chosen(number), "team": "LOAD", "title": format!("Idea {number}"), "customerRequests": asks })
}

/// Ideas by number, and the ids of those that were acknowledged.
#[derive(Default)]
struct Sent {
    asked: Vec<u64>,
    acknowledged: HashMap<u64, String>,
}

/// Writes until the service is gone.
async fn write(service: Arc<Service>, sent: Arc<Mutex<Sent>>, over: Arc<AtomicBool>, from: u64) {
    for number in (from..).step_by(usize::try_from(CLIENTS).unwrap()) {
        if over.load(Ordering::SeqCst) {
            return;
        }
        sent.lock().unwrap().asked.push(number);
        let Some(id) = service.submit(number).await else { return };
        sent.lock().unwrap().acknowledged.insert(number, id);
    }
}

/// What there is of an idea: how many requests stand behind it, and how many entries tell of it.
async fn found(service: &Service, id: &str) -> Option<(i64, i64)> {
    let query = "query($id: ID!) { node(id: $id) { ... on Idea { demand { requests } history { totalCount } } } }";
    let answer = service.ask(query, &json!({ "id": id })).await.unwrap();
    let idea = &answer["data"]["node"];
    assert!(answer["errors"].is_null(), "{answer:#}");
    Some((idea["demand"]["requests"].as_i64()?, idea["history"]["totalCount"].as_i64()?))
}

#[expect(clippy::disallowed_methods, reason = "a setting of the tests themselves")]
fn kills() -> u64 {
    std::env::var("HOLDLINE_TEST_KILLS").ok().map_or(KILLS, |kills| kills.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_9_what_was_acknowledged_survives_a_kill_and_the_rest_is_whole_or_absent() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let mut service = Service::start(&database, folder.path()).await;
    let made = "mutation { teamCreate(input: { key: \"LOAD\", name: \"Load\" }) { team { id } } }";
    assert!(service.ask(made, &json!({})).await.unwrap()["data"]["teamCreate"]["team"]["id"].is_string());
    let (mut survived, mut cut, mut all) = (0, 0, 0);

    for kill in 0..kills() {
        let (sent, over) = (Arc::new(Mutex::new(Sent::default())), Arc::new(AtomicBool::new(false)));
        let shared = Arc::new(service);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let from = kill * 100_000 + client;
                tokio::spawn(write(Arc::clone(&shared), Arc::clone(&sent), Arc::clone(&over), from))
            })
            .collect();
        // Spread over the first third of a second, so that each phase of a write is hit at some time.
        tokio::time::sleep(Duration::from_micros(40_000 + kill * 7_919 % 300 * 1_000)).await;
        let id = shared.process.child.id().unwrap();
        assert!(Command::new("kill").args(["-9", &id.to_string()]).status().await.unwrap().success());
        over.store(true, Ordering::SeqCst);
        for client in clients {
            client.await.unwrap();
        }
        drop(shared);

        service = Service::start(&database, folder.path()).await;
        let verified = holdline(&database, &["audit", "verify"]).await;
        assert_eq!(verified.code, 0, "kill {kill}: {} {}", verified.out, verified.err);
        let sent = std::mem::take(&mut *sent.lock().unwrap());
        for number in &sent.asked {
            let acknowledged = sent.acknowledged.get(number);
            if let Some(id) = acknowledged.cloned().or_else(|| chosen(*number)) {
                let there = found(&service, &id).await;
                survived += u64::from(acknowledged.is_some());
                cut += u64::from(there.is_none());
                assert!(there == Some((2, 1)) || there.is_none() && acknowledged.is_none(), "{id} {there:?}");
            }
            let again = service.submit(*number).await.unwrap();
            assert!(acknowledged.is_none_or(|id| *id == again), "{acknowledged:?} {again}");
            assert_eq!(found(&service, &again).await, Some((2, 1)));
        }
        all += sent.asked.len();
        let made = service.ask("{ ideas { totalCount } }", &json!({})).await.unwrap();
        assert_eq!(made["data"]["ideas"]["totalCount"], json!(all), "each was made once");
    }

    println!("{} kills: {survived} acknowledged writes survived, {cut} were cut off and left nothing", kills());
    assert!(survived > 0, "nothing was acknowledged before any kill");
}
