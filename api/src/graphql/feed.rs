//! The log as it grows: entries under a filter, each once and in order, from a position on. What is in the table is read
//! page by page; when that is done, the next commit wakes the reader. Rights are asked for anew before each entry.

use std::{collections::VecDeque, time::Duration};

use tokio::sync::watch;

use super::{fault::Fault, session::Session};
use crate::store::{AuditQuery, PageRequest, StoredEntry};

/// How many entries are read at once.
const PAGE: u64 = 100;

/// Who follows what, and how far they have come.
pub(super) struct Feed<'s> {
    session: &'s Session,
    wanted: AuditQuery,
    /// The last position that was passed on or passed over.
    at: i64,
    ready: VecDeque<StoredEntry>,
    length: watch::Receiver<u64>,
}

impl<'s> Feed<'s> {
    /// What comes after a position, or after now.
    pub(super) async fn begin(session: &'s Session, wanted: AuditQuery, after: Option<i64>) -> Result<Self, Fault> {
        let length = session.log_length();
        let at = match after {
            Some(after) => after,
            None => end(session).await?,
        };
        Ok(Self { session, wanted, at, ready: VecDeque::new(), length })
    }

    /// The next entry, whenever it comes.
    pub(super) async fn next(&mut self) -> Result<StoredEntry, Fault> {
        loop {
            // No snapshot is held while a client takes its time.
            self.session.reader().refresh().await;
            self.session.still_admitted().await?;
            if let Some(entry) = self.ready.pop_front() {
                self.at = entry.seq;
                return Ok(entry);
            }
            self.length.borrow_and_update();
            self.read().await?;
            if self.ready.is_empty() {
                self.session.reader().refresh().await;
                let _ = tokio::time::timeout(self.session.left().min(LONGEST), self.length.changed()).await;
            }
        }
    }

    async fn read(&mut self) -> Result<(), Fault> {
        let reader = self.session.reader();
        let request = PageRequest { after: Some(self.at), before: None, limit: PAGE, backward: false };
        let page = reader.within(reader.audit_log(&self.wanted, false, &request)).await?;
        if page.items.is_empty() {
            // Nothing up to here is wanted, in this snapshot or ever after.
            self.at = self.at.max(end(self.session).await?);
        }
        self.ready.extend(page.items.into_iter().map(|(_, entry)| entry));
        Ok(())
    }
}

/// A token's end and revocation are looked for at least this often.
const LONGEST: Duration = Duration::from_mins(1);

async fn end(session: &Session) -> Result<i64, Fault> {
    let reader = session.reader();
    let size = reader.within(reader.log_size()).await?;
    Ok(i64::try_from(size).unwrap_or(i64::MAX) - 1)
}
