//! Load: clients that go on writing whatever happens to the service, and what became of all that was acknowledged.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use holdline::store::DatabaseUrl;
use serde_json::{Value, json};

use super::{Process, holdline};

/// How many clients write at once.
const CLIENTS: u64 = 8;

pub(crate) const SUBMIT: &str =
    "mutation($input: IdeaSubmitInput!) { ideaSubmit(input: $input) { idea { id } userErrors { message } } }";

/// Clients that submit one idea after the other, each under a key of its own and again until it is acknowledged.
pub(crate) struct Load {
    /// Where each replica is.
    urls: Arc<Mutex<Vec<String>>>,
    token: String,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeMap<String, String>>>,
    codes: Arc<Mutex<BTreeMap<String, u64>>>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    pub(crate) async fn start(process: &Process, database: &DatabaseUrl, folder: &Path) -> Self {
        Self::over(&[process], database, folder).await
    }

    /// Through several replicas in turn, whichever answers.
    pub(crate) async fn over(replicas: &[&Process], database: &DatabaseUrl, folder: &Path) -> Self {
        let said = ["--subject", "load", "--scopes", "read,admin,ideas:write,audit:read", "--teams", "*"];
        let token = Process::token(database, folder, &said).await;
        let urls: Vec<_> = replicas.iter().map(|replica| format!("{}/graphql", replica.address)).collect();
        let urls = Arc::new(Mutex::new(urls));
        let (stop, acknowledged, codes) = (Arc::default(), Arc::default(), Arc::default());
        let mut load = Self { urls, token, stop, acknowledged, codes, clients: Vec::new() };
        load.ask(
            r#"mutation { teamCreate(input: { key: "PAY", name: "Payments" }) { team { id } } }"#,
            &json!({}),
            "t",
        )
        .await
        .unwrap();
        for client in 0..CLIENTS {
            load.clients.push(tokio::spawn(load.handle().submit_all(client)));
        }
        load
    }

    /// From now on another process is asked in place of one.
    pub(crate) fn replace(&self, place: usize, process: &Process) {
        self.urls.lock().unwrap()[place] = format!("{}/graphql", process.address);
    }

    pub(crate) fn handle(&self) -> Self {
        let (urls, token, stop) = (Arc::clone(&self.urls), self.token.clone(), Arc::clone(&self.stop));
        let (acknowledged, codes) = (Arc::clone(&self.acknowledged), Arc::clone(&self.codes));
        Self { urls, token, stop, acknowledged, codes, clients: Vec::new() }
    }

    pub(crate) async fn ask(&self, query: &str, variables: &Value, key: &str) -> Option<Value> {
        self.ask_at(0, query, variables, key).await
    }

    async fn ask_at(&self, turn: usize, query: &str, variables: &Value, key: &str) -> Option<Value> {
        let url = {
            let urls = self.urls.lock().unwrap();
            urls[turn % urls.len()].clone()
        };
        let request = reqwest::Client::new().post(url).bearer_auth(&self.token).header("Idempotency-Key", key);
        let request = request.timeout(Duration::from_secs(20)).json(&json!({ "query": query, "variables": variables }));
        request.send().await.ok()?.json().await.ok()
    }

    async fn submit_all(self, client: u64) {
        let mut turns = usize::try_from(client).unwrap()..;
        for number in 0_u64.. {
            let title = format!("idea-{client}-{number}");
            let input = json!({ "input": { "team": "PAY", "title": title } });
            loop {
                if self.stop.load(Ordering::SeqCst) {
                    return;
                }
                let answer = self.ask_at(turns.next().unwrap(), SUBMIT, &input, &title).await;
                let made = answer.as_ref().and_then(|answer| answer["data"]["ideaSubmit"]["idea"]["id"].as_str());
                if let Some(id) = made {
                    self.acknowledged.lock().unwrap().insert(title, id.to_owned());
                    break;
                }
                self.note(answer);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Counts what was answered in place of what was asked for.
    pub(crate) fn note(&self, answer: Option<Value>) {
        let code = answer.map_or("none".to_owned(), |answer| {
            answer["errors"][0]["extensions"]["code"].as_str().map_or_else(|| answer.to_string(), str::to_owned)
        });
        *self.codes.lock().unwrap().entry(code).or_default() += 1;
    }

    pub(crate) fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Waits until so many more are acknowledged.
    pub(crate) async fn further(&self, more: usize) {
        let wanted = self.count() + more;
        for _ in 0..600 {
            if self.count() >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {wanted} acknowledged; answers: {:?}", self.count(), self.met());
    }

    /// Ends it; the answer is how often each code was met.
    pub(crate) async fn end(&mut self) -> BTreeMap<String, u64> {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients.drain(..) {
            client.await.unwrap();
        }
        self.met()
    }

    /// What was answered so far in place of what was asked for.
    pub(crate) fn met(&self) -> BTreeMap<String, u64> {
        self.codes.lock().unwrap().clone()
    }

    /// Something else that was acknowledged.
    pub(crate) fn acknowledge(&self, title: &str, id: &str) {
        self.acknowledged.lock().unwrap().insert(title.to_owned(), id.to_owned());
    }

    /// Everything that was acknowledged is there once, under its id; the log verifies.
    pub(crate) async fn kept(&self, process: &Process, database: &DatabaseUrl, folder: &Path) {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut after = Value::Null;
        loop {
            let query = "query($after: String) { ideas(first: 250, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } } }";
            let request = reqwest::Client::new().post(format!("{}/graphql", process.address)).bearer_auth(&self.token);
            let body = json!({ "query": query, "variables": { "after": after } });
            let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
            let page = &answer["data"]["ideas"];
            for node in page["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")) {
                let (title, id) = (node["title"].as_str().unwrap(), node["id"].as_str().unwrap());
                found.entry(title.to_owned()).or_default().push(id.to_owned());
            }
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        for (title, id) in &*self.acknowledged.lock().unwrap() {
            assert_eq!(found.get(title), Some(&vec![id.clone()]), "{title}");
        }
        assert!(found.values().all(|ids| ids.len() == 1), "one was made twice");
        let verified = holdline(database, &["audit", "verify", "--data-dir", folder.to_str().unwrap()]).await;
        assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    }
}

/// Nobody is told that something is wrong inside when the database is away.
pub(crate) fn only_unavailable(codes: &BTreeMap<String, u64>) {
    assert!(codes.keys().all(|code| code == "UNAVAILABLE" || code == "TIMEOUT"), "{codes:?}");
}
