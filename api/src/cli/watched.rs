//! What `audit watch` asks of a service: its checkpoint, proofs, and how a key handed over to the next.
//! Every answer is read up to a bound and within a time; whether one is true is not judged here.

use std::time::Duration;

use holdline_verify::HandOver;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use super::stop::Stop;
use crate::outgoing;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most that is read of a checkpoint; what is longer is none.
const LONGEST_NOTE: usize = 64 * 1024 + 1;
/// The most that is read of any other answer.
const LONGEST_ANSWER: usize = 1 << 20;

/// Why something was not answered.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The next look may do better.
    Passing(Stop),
    /// It stays so until somebody does something.
    Lasting(Stop),
}

impl Trouble {
    pub(super) fn stop(self) -> Stop {
        match self {
            Self::Passing(stop) | Self::Lasting(stop) => stop,
        }
    }
}

impl From<Stop> for Trouble {
    fn from(stop: Stop) -> Self {
        Self::Lasting(stop)
    }
}

/// The service.
pub(super) struct Service<'w> {
    client: Client,
    url: &'w str,
    token: &'w str,
}

impl<'w> Service<'w> {
    pub(super) fn at(url: &'w str, token: &'w str) -> Result<Self, Stop> {
        let client = Client::builder().timeout(PATIENCE).build();
        let client = client
            .map_err(|error| Stop::new(format!("No connection can be made from here: {}.", outgoing::cause(error))))?;
        Ok(Self { client, url, token })
    }

    fn path(&self, path: &str) -> String {
        format!("{}{path}", self.url.trim_end_matches('/').trim_end_matches("/graphql"))
    }

    fn passing(&self, what: &str) -> Trouble {
        Trouble::Passing(Stop::new(format!("{} {what}.", self.url)))
    }

    fn silent(&self) -> Trouble {
        self.passing("does not answer as a Holdline service does")
    }

    /// The newest checkpoint, or the beginning of whatever is shown as one.
    pub(super) async fn checkpoint(&self) -> Result<String, Trouble> {
        let answer = self.client.get(self.path("/.well-known/holdline-checkpoint")).send().await;
        let answer = answer.map_err(|_| self.silent())?;
        match answer.status() {
            StatusCode::OK => {
                let bytes = self.read(answer, LONGEST_NOTE).await?;
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            StatusCode::NOT_FOUND => Err(self.passing("has signed nothing yet")),
            status => Err(self.passing(&format!("answers with the status {status}"))),
        }
    }

    /// The key that the log names now.
    pub(super) async fn named_key(&self) -> Result<String, Trouble> {
        let query = "{ auditLog(first: 1, filter: { action: { eq: CHECKPOINT_KEY_SET } }) { nodes { after } } }";
        let data = self.ask(query, json!({})).await?;
        let key = data["auditLog"]["nodes"][0]["after"]["checkpointKey"].as_str().map(str::to_owned);
        key.ok_or_else(|| Stop::new("The log names no key, or the token does not hold every team. Say --key.").into())
    }

    /// The proof that the log of `to` entries begins with that of `from`.
    pub(super) async fn growth(&self, from: u64, to: u64) -> Result<Vec<String>, Trouble> {
        let query = "query($from: Int!, $to: Int!) { auditConsistencyProof(from: $from, to: $to) { hashes } }";
        let data = self.ask(query, json!({ "from": from, "to": to })).await?;
        self.hashes(&data["auditConsistencyProof"])
    }

    /// How a key handed over to the next, for somebody who saw the log of some size, if any; none where the log names
    /// no key in its place.
    pub(super) async fn hand_over(&self, key: &str, seen: Option<u64>) -> Result<Option<HandOver>, Trouble> {
        let query = "{ auditLog(first: 250, orderBy: SEQ_ASC, filter: { action: { eq: CHECKPOINT_KEY_SET } }) \
                     { nodes { seq before } } }";
        let data = self.ask(query, json!({})).await?;
        let nodes = data["auditLog"]["nodes"].as_array().cloned().unwrap_or_default();
        let replaced = nodes.iter().find(|node| node["before"]["checkpointKey"].as_str() == Some(key));
        let Some(seq) = replaced.and_then(|node| node["seq"].as_u64()) else { return Ok(None) };
        let first = "query($covering: Int!) { auditCheckpoint(covering: $covering) { note } }";
        let data = self.ask(first, json!({ "covering": seq + 1 })).await?;
        let note = data["auditCheckpoint"]["note"].as_str().map(str::to_owned);
        let note = note.ok_or_else(|| self.passing("shows no checkpoint over the entry that names its key"))?;
        // One that cannot be read is told as such by whoever judges it.
        let size = HandOver::size(&note).unwrap_or(seq + 1);
        let entry =
            "query($seq: Int!, $size: Int!) { auditInclusionProof(seq: $seq, treeSize: $size) { body hashes } }";
        let data = self.ask(entry, json!({ "seq": seq, "size": size })).await?;
        let proof = &data["auditInclusionProof"];
        let (body, inclusion) = (proof["body"].as_str().unwrap_or_default().to_owned(), self.hashes(proof)?);
        let consistency = match seen {
            Some(from) if from < size => self.growth(from, size).await?,
            _ => Vec::new(),
        };
        Ok(Some(HandOver { note, seq, body, inclusion, consistency }))
    }

    fn hashes(&self, proof: &Value) -> Result<Vec<String>, Trouble> {
        let hashes = proof["hashes"].as_array().ok_or_else(|| self.passing("gives no proof"))?;
        Ok(hashes.iter().map(|hash| hash.as_str().unwrap_or_default().to_owned()).collect())
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Value, Trouble> {
        let body = json!({ "query": query, "variables": variables });
        let sent = self.client.post(self.path("/graphql")).bearer_auth(self.token).json(&body).send().await;
        let bytes = self.read(sent.map_err(|_| self.silent())?, LONGEST_ANSWER).await?;
        if bytes.len() >= LONGEST_ANSWER {
            return Err(self.passing("answers with more than 1 MiB"));
        }
        let mut answer: Value = serde_json::from_slice(&bytes).map_err(|_| self.silent())?;
        let error = &answer["errors"][0];
        if error.is_null() {
            return Ok(answer["data"].take());
        }
        let message = error["message"].as_str().unwrap_or("it does not say why");
        let refused = Stop::new(format!("{} refuses: {message}", self.url));
        Err(match error["extensions"]["code"].as_str() {
            Some("UNAUTHENTICATED" | "FORBIDDEN") => Trouble::Lasting(refused),
            _ => Trouble::Passing(refused),
        })
    }

    /// The bytes of an answer, or the first so many.
    async fn read(&self, mut answer: Response, most: usize) -> Result<Vec<u8>, Trouble> {
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| self.silent())? {
            bytes.extend(chunk.iter().take(most - bytes.len()));
            if bytes.len() == most {
                break;
            }
        }
        Ok(bytes)
    }
}
