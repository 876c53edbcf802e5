//! The operations of one socket, each under its client's id. Each runs in a task of its own and holds at most one answer
//! that is still to be sent, so that one whose client does not read waits with its answer in hand and never in the middle
//! of a read, which would hold a connection of the database. All end with the socket.

use std::collections::HashMap;

use async_graphql::{Response as Executed, ServerError, Value};
use axum::extract::ws::Utf8Bytes;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{super::answers::Answers, message};

/// What an operation says.
pub(super) enum Said {
    /// A message for the client.
    Message(Utf8Bytes),
    /// Its last message.
    Last(Utf8Bytes),
    /// The token is not good any more, in a sentence.
    Unauthenticated(String),
}

/// One that is running.
struct Running {
    /// Tells it from an earlier one under the same id.
    number: u64,
    handle: AbortHandle,
}

/// What runs on a socket.
pub(super) struct Operations {
    tasks: JoinSet<()>,
    running: HashMap<String, Running>,
    begun: u64,
    tell: mpsc::Sender<(String, u64, Said)>,
    told: mpsc::Receiver<(String, u64, Said)>,
}

impl Default for Operations {
    fn default() -> Self {
        let (tell, told) = mpsc::channel(1);
        Self { tasks: JoinSet::new(), running: HashMap::new(), begun: 0, tell, told }
    }
}

impl Operations {
    /// Whether an operation of this id is running.
    pub(super) fn has(&self, id: &str) -> bool {
        self.running.contains_key(id)
    }

    /// Passes on what an operation answers, under its id.
    pub(super) fn begin(&mut self, id: String, answers: Answers) {
        while self.tasks.try_join_next().is_some() {}
        self.begun += 1;
        let (number, named, tell) = (self.begun, id.clone(), self.tell.clone());
        let handle = self.tasks.spawn(run(named, number, answers, tell));
        self.running.insert(id, Running { number, handle });
    }

    /// Ends an operation without a word; one that has ended already is nothing new.
    pub(super) fn end(&mut self, id: &str) {
        if let Some(running) = self.running.remove(id) {
            running.handle.abort();
        }
    }

    /// What the next of them says; never returns while there are none.
    pub(super) async fn next(&mut self) -> Said {
        loop {
            // There is always one who could tell: this very socket.
            let Some((id, number, said)) = self.told.recv().await else { std::future::pending().await };
            // What was said before the client had heard enough is not for whatever has its id now.
            if self.running.get(&id).is_none_or(|running| running.number != number) {
                continue;
            }
            if matches!(said, Said::Last(_)) {
                self.running.remove(&id);
            }
            return said;
        }
    }
}

async fn run(id: String, number: u64, mut answers: Answers, tell: mpsc::Sender<(String, u64, Said)>) {
    loop {
        let said = match answers.next().await {
            Some(answer) => said(&id, &answer),
            None => Said::Last(message::complete(&id)),
        };
        let ends = !matches!(said, Said::Message(_));
        // A socket that is gone hears nothing.
        if tell.send((id.clone(), number, said)).await.is_err() || ends {
            return;
        }
    }
}

fn said(id: &str, answer: &Executed) -> Said {
    if let Some(sentence) = unauthenticated(answer) {
        return Said::Unauthenticated(sentence);
    }
    let (message, ends) = message::answer(id, answer);
    if ends { Said::Last(message) } else { Said::Message(message) }
}

/// That whoever subscribed would not be let in any more.
fn unauthenticated(answer: &Executed) -> Option<String> {
    let is = |error: &&ServerError| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        matches!(code, Some(Value::String(code)) if code == "UNAUTHENTICATED")
    };
    answer.errors.iter().find(is).map(|error| error.message.clone())
}
