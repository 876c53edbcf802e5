//! A provider's keys as they were read last, and when they are read again: every so often, and for an unknown key.
//! Holds the bounds of both; refuses to go on for ever with keys that can no longer be confirmed.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use holdline_domain::time::Timestamp;
use tokio::sync::Mutex;

use super::{
    Pace, Refused, Source,
    jwks::{KeySet, PublicKey},
};
use crate::clock::Clock;

/// How soon keys that could not be read are tried again.
const RETRY: Duration = Duration::from_mins(1);

/// A provider's keys.
pub(super) struct KeyRing {
    source: Source,
    pace: Pace,
    clock: Clock,
    held: RwLock<Option<Held>>,
    /// When the keys were last asked for. Whoever holds it is the only one who asks.
    turn: Mutex<Option<Timestamp>>,
}

/// A set of keys, and when it was confirmed last.
#[derive(Clone)]
struct Held {
    set: Arc<KeySet>,
    at: Timestamp,
}

impl KeyRing {
    pub(super) fn new(source: Source, pace: Pace, clock: Clock) -> Self {
        Self { source, pace, clock, held: RwLock::new(None), turn: Mutex::new(None) }
    }

    /// The key of an id; one that is unknown is looked for at the source, unless that was asked a moment ago.
    pub(super) async fn key(self: &Arc<Self>, kid: &str) -> Result<Arc<PublicKey>, Refused> {
        if let Some(key) = self.set().and_then(|set| set.get(kid)) {
            return Ok(key);
        }
        let (ring, wanted) = (Arc::clone(self), kid.to_owned());
        // In a task of its own, so that a caller who hangs up does not take everybody's answer along.
        let _ = tokio::spawn(async move { ring.look_for(&wanted).await }).await;
        self.set().ok_or(Refused::NoKeys)?.get(kid).ok_or(Refused::UnknownKey)
    }

    /// Whether a key is among them, as they were read last.
    pub(super) fn holds(&self, kid: &str) -> bool {
        self.set().is_some_and(|set| set.get(kid).is_some())
    }

    /// Reads the keys again every so often, sooner after a failure.
    pub(super) async fn keep(&self) {
        loop {
            let confirmed = {
                let mut asked = self.turn.lock().await;
                !self.is_due(*asked) || self.ask(&mut asked).await
            };
            let pause = if confirmed { self.pace.refresh } else { self.pace.refresh.min(RETRY) };
            tokio::time::sleep(pause).await;
        }
    }

    async fn look_for(&self, kid: &str) {
        // Everybody else with an unknown key waits here, and then finds what the first one fetched.
        let mut asked = self.turn.lock().await;
        if self.set().is_none_or(|set| set.get(kid).is_none()) && self.is_due(*asked) {
            self.ask(&mut asked).await;
        }
    }

    fn is_due(&self, asked: Option<Timestamp>) -> bool {
        asked.is_none_or(|asked| self.is_past(asked, self.pace.floor))
    }

    async fn ask(&self, asked: &mut Option<Timestamp>) -> bool {
        *asked = Some(self.clock.now());
        match self.source.read(self.pace.limit).await.and_then(|bytes| KeySet::parse(&bytes)) {
            Ok(set) => {
                self.hold(set);
                true
            }
            Err(why) => {
                self.complain(&why);
                false
            }
        }
    }

    fn hold(&self, set: KeySet) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let before = held.as_ref().map(|held| Arc::clone(&held.set));
        if before.as_ref().is_none_or(|before| before.ids() != set.ids() || before.ignored() != set.ignored()) {
            tracing::info!(source = %self.source, keys = ?set.ids(), "the sign-in provider's keys were read");
            if set.ids().is_empty() {
                tracing::warn!(source = %self.source, "the sign-in provider publishes no key that can be used");
            }
            for ignored in set.ignored() {
                tracing::warn!(source = %self.source, key = %ignored, "a key of the sign-in provider is not used");
            }
        }
        *held = Some(Held { set: Arc::new(set), at: self.clock.now() });
    }

    fn complain(&self, why: &str) {
        let source = &self.source;
        if self.set().is_some() {
            let hours = self.pace.keep.as_secs() / 3600;
            tracing::warn!(
                %source, why,
                "the sign-in provider's keys could not be read; the last ones go on for {hours} hours since they were read"
            );
        } else {
            tracing::error!(%source, why, "the sign-in provider's keys could not be read; its tokens are refused until they are");
        }
    }

    /// The keys, while they may be believed.
    fn set(&self) -> Option<Arc<KeySet>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        (!self.is_past(held.at, self.pace.keep)).then_some(held.set)
    }

    // A clock that was set back has passed everything: better to ask once more than to wait for it to catch up.
    fn is_past(&self, since: Timestamp, span: Duration) -> bool {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        !(0..span).contains(&self.clock.now().micros().saturating_sub(since.micros()))
    }
}
