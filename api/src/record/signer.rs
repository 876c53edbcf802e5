//! The signer: the one task of this process that signs checkpoints, after the commits that they cover.
//! Commits within a second share one, unless somebody asks for theirs: then it is signed at once. Refuses to sign anything
//! but what is committed; that only one process signs at a time, and never two roots of one size, is the store's to see to.

use std::{sync::Arc, time::Duration};

use holdline_domain::{facts::Digest, time::Timestamp};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::LogKeys;
use crate::{clock::Clock, store::Database};

/// What was signed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// How many entries it covers.
    pub size: u64,
    /// Their tree's root.
    pub root: Digest,
    /// The note.
    pub note: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

/// How long the signer rests after signing, so that a busy log is not signed entry by entry.
const REST: Duration = Duration::from_millis(50);

/// How long what was committed waits for others to share its checkpoint, while nobody asks for one.
const LINGER: Duration = Duration::from_secs(1);

/// How long it waits after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// Knows what was signed last, and has more signed.
#[derive(Debug, Clone)]
pub struct Signer {
    told: watch::Receiver<Option<Arc<SignedHead>>>,
    /// How many entries somebody wants covered.
    wanted: watch::Sender<u64>,
}

impl Signer {
    /// Starts the task; `committed` tells how many entries there are by this process's commits, `followed` by anybody's.
    #[must_use]
    pub fn start(
        database: Database,
        keys: LogKeys,
        clock: Clock,
        (committed, followed): (watch::Receiver<u64>, watch::Receiver<u64>),
    ) -> Self {
        let ((tell, told), (wanted, asked)) = (watch::channel(None), watch::channel(0));
        tokio::spawn(run(database, keys, clock, Heard { committed, followed, asked }, tell));
        Self { told, wanted }
    }

    /// One that signs nothing: a command that has no key.
    #[must_use]
    pub fn none() -> Self {
        Self { told: watch::channel(None).1, wanted: watch::channel(0).0 }
    }

    /// The newest checkpoint that this process signed, or found signed by another one.
    #[must_use]
    pub fn newest(&self) -> Option<Arc<SignedHead>> {
        self.told.borrow().clone()
    }

    /// Has so many entries covered soon, without waiting for it.
    pub fn ask(&self, size: u64) {
        self.wanted.send_if_modified(|wanted| {
            let more = size > *wanted;
            *wanted = size.max(*wanted);
            more
        });
    }

    /// A checkpoint that covers some entries, once there is one; none if that takes too long.
    pub async fn covering(&self, size: u64, patience: Duration) -> Option<Arc<SignedHead>> {
        self.ask(size);
        let mut told = self.told.clone();
        let covers = |head: &Option<Arc<SignedHead>>| head.as_ref().is_some_and(|head| head.size >= size);
        let waited = timeout(patience, told.wait_for(covers)).await;
        waited.ok()?.ok()?.clone()
    }
}

/// Whether there is more than was signed, once there is; or whether there never will be.
async fn beyond(heard: &mut watch::Receiver<u64>, signed: u64) -> bool {
    heard.wait_for(|size| *size > signed).await.is_ok()
}

/// What the signer listens to.
struct Heard {
    committed: watch::Receiver<u64>,
    followed: watch::Receiver<u64>,
    asked: watch::Receiver<u64>,
}

async fn run(
    database: Database,
    keys: LogKeys,
    clock: Clock,
    Heard { mut committed, mut followed, mut asked }: Heard,
    told: watch::Sender<Option<Arc<SignedHead>>>,
) {
    let (mut failing, mut before) = (false, None);
    loop {
        match database.within(database.sign_head(&keys, clock.now())).await {
            Ok(head) => {
                failing = false;
                let signed = head.as_ref().map_or(0, |head| head.size);
                told.send_replace(head.map(Arc::new));
                // Whatever was asked for, a log that is shorter now is not looked at again and again.
                sleep(if before.replace(signed) == Some(signed) { LINGER } else { REST }).await;
                // The head may have been read after a commit that is still to be heard of.
                tokio::select! {
                    true = beyond(&mut asked, signed) => {}
                    true = beyond(&mut followed, signed) => {}
                    more = beyond(&mut committed, signed) => if !more {
                        return;
                    },
                }
                let _ = timeout(LINGER, beyond(&mut asked, signed)).await;
            }
            Err(failure) => {
                if !failing {
                    tracing::error!(%failure, "no checkpoint could be signed; trying again until it works");
                }
                failing = true;
                sleep(AFTER_FAILURE).await;
                if committed.has_changed().is_err() {
                    return;
                }
            }
        }
    }
}
