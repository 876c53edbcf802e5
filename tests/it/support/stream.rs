//! A subscription as a client sees it: events, one after the other.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Answer, Caller};

/// How long a stream is listened to before it counts as silent.
const MOMENT: Duration = Duration::from_millis(300);

/// An open stream of events.
pub(crate) struct Events {
    answer: reqwest::Response,
    text: String,
}

/// Something that a stream says.
#[derive(Debug, PartialEq)]
pub(crate) enum Event {
    /// An answer.
    Next(Value),
    /// There is nothing more to say.
    Complete,
    /// The stream was cut off.
    Cut,
}

impl Event {
    /// The data of an answer without errors.
    pub(crate) fn data(self) -> Value {
        match self {
            Self::Next(mut answer) if answer.get("errors").is_none() => answer["data"].take(),
            other => panic!("no data in {other:#?}"),
        }
    }

    /// The code of an answer's first error.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Next(answer) => answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default(),
            other => panic!("no code in {other:#?}"),
        }
    }
}

impl Caller {
    /// Subscribes; what comes back is the stream once it is open, or the refusal.
    pub(crate) async fn subscribe(&self, query: &str, variables: Value) -> Result<Events, (u16, Value)> {
        let body = json!({ "query": query, "variables": variables });
        let request = reqwest::Client::new().post(self.url()).bearer_auth(self.token());
        let answer = request.header("accept", "text/event-stream").json(&body).send().await.unwrap();
        if answer.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream") {
            let mut events = Events { answer, text: String::new() };
            // The first thing is a sign of life: by then the service listens.
            events.more().await;
            return Ok(events);
        }
        Err((answer.status().as_u16(), answer.json().await.unwrap()))
    }
}

impl Caller {
    /// The first answer of a subscription, or null where it has nothing to say for now.
    pub(crate) async fn first(&self, query: &str, variables: Value) -> Answer {
        let mut events = match self.subscribe(query, variables).await {
            Ok(events) => events,
            Err((status, body)) => return Answer { status, body },
        };
        let body = match tokio::time::timeout(MOMENT, events.next()).await {
            Ok(Event::Next(body)) => body,
            Ok(other) => panic!("{other:?} and no answer"),
            Err(_) => json!({ "data": null }),
        };
        Answer { status: 200, body }
    }
}

impl Events {
    /// The next event, signs of life aside.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                match event.split_once('\n') {
                    Some(("event: next", data)) => {
                        return Event::Next(serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap());
                    }
                    Some(("event: complete", _)) => return Event::Complete,
                    _ => assert!(event.starts_with(':'), "{event:?}"),
                }
            }
            if !self.more().await {
                return Event::Cut;
            }
        }
    }

    /// Whether there is nothing for a moment.
    pub(crate) async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(MOMENT, self.next()).await.is_err()
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(Duration::from_secs(30), self.answer.chunk()).await;
        let Ok(Some(chunk)) = read.expect("an event or a sign of life") else { return false };
        self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        true
    }
}
