//! One attempt to tell one receiver one thing: signed as Standard Webhooks has it, within bounds of time, followed
//! nowhere, and its answer read no further than its head.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use holdline_domain::time::Timestamp;
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};
use standardwebhooks::Webhook as Signer;
use tokio::{sync::OnceCell, task::spawn_blocking};

use super::Targets;
use crate::outgoing;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the whole of it may take.
const WHOLE: Duration = Duration::from_secs(15);

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sent {
    /// The receiver has it.
    Taken(u16),
    /// The receiver wants no more, ever.
    Gone,
    /// The receiver does not have it, for all that is known.
    Failed {
        /// What it answered, if it did.
        status: Option<u16>,
        /// Why, in words.
        why: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
}

/// Sends.
#[derive(Clone)]
pub(super) struct Sender {
    /// Made with the first message: who is trusted takes time and memory to read.
    client: Arc<OnceCell<Client>>,
    targets: Targets,
}

/// What is sent.
pub(super) struct Message<'m> {
    pub(super) url: &'m str,
    pub(super) id: &'m str,
    pub(super) body: String,
    /// The secrets that it is signed with, the newest first.
    pub(super) secrets: &'m [[u8; 32]],
    pub(super) at: Timestamp,
}

impl Sender {
    pub(super) fn new(targets: Targets) -> Self {
        Self { client: Arc::default(), targets }
    }

    async fn client(&self) -> Result<&Client, String> {
        let targets = self.targets.clone();
        let made = || async { spawn_blocking(|| client(targets)).await.map_err(|error| error.to_string())? };
        self.client.get_or_try_init(made).await
    }

    /// Sends, and says what came of it; the error says why this process can send nothing.
    pub(super) async fn send(&self, message: Message<'_>) -> Result<Sent, String> {
        let url = match self.targets.parse(message.url) {
            Ok(url) if self.targets.permit_literal(&url) => url,
            Ok(_) => return Ok(failed("the URL names an address that is not public".into())),
            Err(why) => return Ok(failed(format!("the URL {why}"))),
        };
        let seconds = message.at.micros().div_euclid(1_000_000);
        let signatures: Result<Vec<_>, _> = message
            .secrets
            .iter()
            .map(|secret| Signer::from_bytes(secret.to_vec())?.sign(message.id, seconds, message.body.as_bytes()))
            .collect();
        let Ok(signatures) = signatures else { return Ok(failed("it could not be signed".into())) };
        let client = self.client().await?;
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(message.body);
        Ok(match request.send().await {
            Ok(answer) => judged(&answer, message.at),
            Err(error) => failed(told(error)),
        })
    }
}

fn client(targets: Targets) -> Result<Client, String> {
    let builder = Client::builder()
        .user_agent("holdline")
        .redirect(Policy::none())
        // A proxy would look up names for us.
        .no_proxy()
        .https_only(!targets.allow_http)
        .dns_resolver(Arc::new(targets))
        .connect_timeout(CONNECT)
        .timeout(WHOLE);
    builder.build().map_err(outgoing::cause)
}

fn judged(answer: &Response, now: Timestamp) -> Sent {
    let status = answer.status();
    if status.is_success() {
        return Sent::Taken(status.as_u16());
    }
    if status == StatusCode::GONE {
        return Sent::Gone;
    }
    let why = if status.is_redirection() {
        format!("the receiver answered {}, and redirects are not followed", status.as_u16())
    } else {
        format!("the receiver answered {}", status.as_u16())
    };
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = asked.and_then(|text| retry_after(text, now));
    Sent::Failed { status: Some(status.as_u16()), why, retry_after }
}

/// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    u64::try_from(date.timestamp_micros().saturating_sub(now.micros())).ok().map(Duration::from_micros)
}

fn failed(why: String) -> Sent {
    Sent::Failed { status: None, why, retry_after: None }
}

fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        format!("no answer within {} s", WHOLE.as_secs())
    } else {
        format!("no connection: {}", outgoing::cause(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_says_when_to_come_back_in_seconds_or_by_a_date() {
        let now = Timestamp::from_micros(1_000_000_000_000_000).unwrap();
        let table = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 09 Sep 2001 01:46:50 GMT", Some(10)),
            ("Sun, 09 Sep 2001 01:46:00 GMT", None),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999999", None),
        ];
        for (text, seconds) in table {
            assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
