//! Erasing a person, and what the embedded database needs so that no page with their name stays behind.
//! Holds the emptying of its journal, at once or as soon as nobody is in the way; the erasing is the service's.

use std::{sync::Arc, time::Duration};

use holdline_domain::{ids::PersonId, text::Prose};
use tokio::sync::Mutex;

use super::App;
use crate::{failure::Failure, service::Caller, store::Database};

/// How long an answer waits for the journal to be empty, which goes on being tried after it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long after a first try the journal is tried again; each further pause is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

impl App {
    /// Erases a person, and sees to it that the embedded database keeps no page with their name. False where its
    /// journal still does, because somebody who is reading is in the way.
    pub async fn person_erase(&self, caller: &Caller, id: PersonId, reason: Option<Prose>) -> Result<bool, Failure> {
        self.service.person_erase(caller, id, reason).await?;
        Ok(self.empty_journal().await)
    }

    /// Empties the embedded database's journal, by a task of its own: whoever asked may go away, and the trying goes on
    /// until it is empty or the process ends; the next start then begins with it. False where it is not empty yet.
    pub(super) async fn empty_journal(&self) -> bool {
        let emptying = tokio::spawn(keep_emptying(self.database.clone(), Arc::clone(&self.emptying)));
        tokio::time::timeout(PATIENCE, emptying).await.is_ok()
    }
}

async fn keep_emptying(database: Database, turn: Arc<Mutex<()>>) {
    let _turn = turn.lock().await;
    let mut pause = FIRST_PAUSE;
    while !emptied(&database).await {
        tokio::time::sleep(pause).await;
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

async fn emptied(database: &Database) -> bool {
    database.empty_journal().await.unwrap_or_else(|failure| {
        tracing::debug!(%failure, "the journal could not be emptied");
        false
    })
}
