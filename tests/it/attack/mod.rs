//! Attacks on the front door and the answer that each must get, as tables: tokens, requests, documents, what is given as
//! data, and sockets. The real binary is attacked with everything several times over; its memory stays as it is.
//! What a team's token may not see has stories of its own, and so have a provider's tokens.

mod data;
mod document;
mod request;
mod socket;
mod token;

use holdline::{auth::Keys, store::DatabaseUrl};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Process, fresh_database};

/// A service of its own process, with one team in it, and those who may ask.
pub(crate) struct Target {
    pub(crate) process: Process,
    folder: tempfile::TempDir,
    /// A token that may read.
    pub(crate) token: String,
    /// Somebody who may do everything.
    pub(crate) everyone: Caller,
    client: reqwest::Client,
}

/// What is sent, and what must come back.
pub(crate) struct Attack {
    name: String,
    method: Method,
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
    expected: Expected,
}

/// What must come back.
#[derive(Debug, Clone)]
enum Expected {
    /// A refusal with this status and code, and no data: a document that was run is answered with 200 and null.
    Refused(u16, &'static str),
    /// Data that is this at a place.
    Data(&'static str, Value),
}

const QUERY: &str = "{ viewer { allTeams } }";

/// What somebody may ask who may do everything but manage the service.
const SCOPES: &str = "read,ideas:write,requests:write,plans:write,meetings:write,audit:read,audit:export,admin";

impl Target {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(folder.path()).await;
        let short = ["--max-connections", "48", "--header-timeout", "1", "--body-timeout", "1", "--write-timeout", "1"];
        let points = ["--points", "1000000000", "--points-per-second", "1000000"];
        let process = Process::start(&database, folder.path(), &[&short[..], &points].concat()).await;
        let token = Self::issue(&database, &folder, &["--subject", "reader", "--role", "viewer"]).await;
        let all = ["--subject", "everyone", "--scopes", SCOPES, "--service", "crm"];
        let all = Self::issue(&database, &folder, &all).await;
        let everyone = Caller::new(&format!("{}/graphql", process.address), all, String::new());
        everyone.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
        Self { process, folder, token, everyone, client: reqwest::Client::new() }
    }

    async fn issue(database: &DatabaseUrl, folder: &tempfile::TempDir, said: &[&str]) -> String {
        Process::token(database, folder.path(), &[said, &["--teams", "*"]].concat()).await
    }

    /// The bytes of the key that signs its tokens, and the key's id.
    fn key(&self) -> (Vec<u8>, String) {
        let bytes = std::fs::read(self.folder.path().join("signing.key")).unwrap();
        (bytes, Keys::load_or_create(self.folder.path()).unwrap().id().to_owned())
    }

    /// What is wrong with the answer, if anything is.
    async fn fault(&self, attack: &Attack) -> Option<String> {
        let url = format!("{}{}", self.process.address, attack.target);
        let mut request = self.client.request(attack.method.clone(), url).body(attack.body.clone());
        for (name, value) in &attack.headers {
            request = request.header(*name, value.clone());
        }
        let answered = async {
            let sent = request.send().await?;
            Ok::<_, reqwest::Error>((sent.status().as_u16(), sent.text().await?))
        };
        let fault = match answered.await {
            Ok((status, text)) if attack.is_met(status, &text, &self.token) => return None,
            Ok((status, text)) => format!("{status} {}", text.chars().take(500).collect::<String>()),
            Err(error) => format!("{error:?}"),
        };
        Some(format!("{}: expected {:?}, got {fault}", attack.name, attack.expected))
    }

    async fn withstands(&self, attacks: &[Attack]) {
        let mut faults = Vec::new();
        for attack in attacks {
            faults.extend(self.fault(attack).await);
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

impl Attack {
    /// A good request by POST of somebody who may read, whose answer is to tell by its status.
    fn post(name: &str, token: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            method: Method::POST,
            target: "/graphql".to_owned(),
            headers: vec![
                ("authorization", format!("Bearer {token}").into_bytes()),
                ("content-type", b"application/json".to_vec()),
                ("accept", b"application/graphql-response+json".to_vec()),
            ],
            body: body.into(),
            expected: Expected::Data("/viewer/allTeams", json!(true)),
        }
    }

    fn document(name: &str, token: &str, document: &str) -> Self {
        Self::post(name, token, json!({ "query": document }).to_string())
    }

    fn with(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    fn by(self, method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), ..self }
    }

    fn refused(self, status: u16, code: &'static str) -> Self {
        Self { expected: Expected::Refused(status, code), ..self }
    }

    fn answers(self, place: &'static str, data: Value) -> Self {
        Self { expected: Expected::Data(place, data), ..self }
    }

    fn is_met(&self, status: u16, text: &str, token: &str) -> bool {
        let inside = ["SELECT ", "sqlx", "sea_orm", "panicked", "signing.key", token];
        if text.len() > 16_384 || inside.iter().any(|word| text.contains(word)) {
            return false;
        }
        let Ok(answer) = serde_json::from_str::<Value>(text) else { return false };
        match &self.expected {
            Expected::Refused(expected, code) => {
                let is_coded = answer["errors"][0]["extensions"]["code"] == *code;
                status == *expected && is_coded && says_nothing(answer.get("data"))
            }
            Expected::Data(place, data) => status == 200 && answer["data"].pointer(place) == Some(data),
        }
    }
}

fn says_nothing(data: Option<&Value>) -> bool {
    data.is_none_or(|data| data.is_null() || data.as_object().is_some_and(|data| data.values().all(Value::is_null)))
}

/// All attacks that are one request.
async fn attacks(target: &Target) -> Vec<Attack> {
    let mut all = token::attacks(target);
    all.extend(request::attacks(&target.token));
    all.extend(document::attacks(&target.token));
    all.extend(data::attacks(target).await);
    all
}

#[tokio::test]
async fn invariant_12_every_attack_gets_its_answer_and_the_memory_stays_flat() {
    let target = Target::start().await;
    let all = attacks(&target).await;
    assert!(all.len() >= 60, "{} attacks", all.len());
    let round = async || {
        target.withstands(&all).await;
        target.withstands(&[Attack::document("afterwards", &target.token, QUERY)]).await;
        target.process.memory()
    };

    let first = round().await;
    let mut last = first;
    for _ in 0..4 {
        last = round().await;
    }

    let grown = last.saturating_sub(first) / 1024;
    assert!(grown < 32 * 1024, "{grown} KiB more after four further rounds of {} attacks", all.len());
}

#[tokio::test]
async fn invariant_12_sockets_that_are_held_or_flooded_leave_room_for_others() {
    let target = Target::start().await;
    socket::attack(&target).await;
    target.withstands(&[Attack::document("afterwards", &target.token, QUERY)]).await;
}
