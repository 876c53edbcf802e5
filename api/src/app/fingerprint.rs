//! Watching the record's guards: the comparison at start and every few minutes, and how people are known while the
//! service is read-only. Refuses to know what is compared, which is the store's.

use std::{sync::Arc, time::Duration};

use holdline_domain::{person::Person, text::Line};
use tokio::time::{MissedTickBehavior, interval};

use super::App;
use crate::{failure::Failure, service::Caller, store::Turn};

/// How soon what failed is tried again, where the next look is further away.
const AGAIN: Duration = Duration::from_secs(10);

impl App {
    /// Compares the append-only tables with what this build needs, and is read-only for as long as something differs.
    /// Once nothing does, what a start writes is written, unless it was before.
    pub async fn check_fingerprint(&self) -> Result<(), Failure> {
        match self.database.compare().await? {
            Turn::None => {}
            Turn::ReadOnly(difference) => {
                tracing::error!(%difference, "read-only: what guards the record is not as it must be");
            }
            Turn::Writable => tracing::info!("no longer read-only: what guards the record is as it must be"),
        }
        if self.difference().is_none() { self.begin_writing().await } else { Ok(()) }
    }

    /// In what the database differs from what this build needs, in words; while it does, nothing is written.
    #[must_use]
    pub fn difference(&self) -> Option<String> {
        self.database.difference()
    }

    pub(super) async fn keep_checking(self: Arc<Self>) {
        let mut turns = interval(self.check_every);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first turn comes at once, and the start has just looked.
        turns.tick().await;
        loop {
            turns.tick().await;
            if let Err(failure) = self.check_fingerprint().await {
                tracing::warn!(%failure, "what guards the record could not be looked at, or nothing written; trying again");
                turns.reset_after(AGAIN.min(self.check_every));
            }
        }
    }

    /// What a start writes, once something may be written: changed settings, and the key that signs.
    async fn begin_writing(&self) -> Result<(), Failure> {
        let signing = self.signing.lock().await;
        if self.signer.get().is_none() {
            let signer = self.sign(&signing).await?;
            // Whoever else wants to set it waits for the lock.
            let _ = self.signer.set(signer);
        }
        Ok(())
    }

    /// Finds the caller's person, made on first sight. While the service is read-only, somebody new stays a person of
    /// this request alone.
    pub(super) async fn sight(&self, caller: &mut Caller, name: Option<Line>) -> Result<(), Failure> {
        match self.service.person_seen(caller, name.clone()).await {
            Ok(person) => caller.actor.person = person,
            Err(Failure::ReadOnly) => self.look_up(caller, name).await?,
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    async fn look_up(&self, caller: &mut Caller, name: Option<Line>) -> Result<(), Failure> {
        let unknown = caller.actor.person.clone();
        let (issuer, subject) =
            (unknown.issuer.as_deref().unwrap_or_default(), unknown.subject.as_deref().unwrap_or_default());
        let known = self.database.person(issuer, subject).await?;
        caller.recorded = known.is_some();
        let name = name.or_else(|| Line::parse(subject).ok()).unwrap_or_else(|| unknown.name.clone());
        caller.actor.person = known.unwrap_or(Person { name, ..unknown });
        Ok(())
    }
}
