//! Which key signs the log's checkpoints: found or made at the start, named by the log, and handed over to a next one.
//! Holds the order in which that is safe to be cut short; the signatures are `record`'s, the naming the service's.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::App;
use crate::{
    failure::Failure,
    record::{LogKeys, SignedHead, Signer},
};

/// What signs the log's checkpoints.
pub enum Signing {
    /// Nothing: a command that runs beside the service signs nothing of its own.
    Off,
    /// The key in a data folder, made where there is none.
    Folder(PathBuf),
    /// A key that is at hand.
    With(Box<LogKeys>),
}

impl App {
    /// Starts the signer, once the log names its key.
    pub(super) async fn sign(&self, signing: &Signing) -> Result<Signer, Failure> {
        let (keys, folder) = match signing {
            Signing::Off => return Ok(Signer::none()),
            Signing::With(keys) => (LogKeys::clone(keys), None),
            Signing::Folder(folder) => {
                let named = self.database.log_key().await?;
                (LogKeys::load_or_make(folder, named.as_deref())?, Some(folder))
            }
        };
        let keys = match folder {
            Some(folder) if keys.retiring().is_some() => self.take_over(keys, folder).await?,
            _ => keys,
        };
        self.service.log_key_seen(&self.operator().await?, &keys).await?;
        let committed = self.service.committed();
        Ok(Signer::start(self.database.clone(), keys, self.clock.clone(), committed))
    }

    /// Has a new key named by the log and its first checkpoint signed by the old key too; answers with the new one
    /// alone.
    async fn take_over(&self, keys: LogKeys, folder: &Path) -> Result<LogKeys, Failure> {
        self.service.log_key_seen(&self.operator().await?, &keys).await?;
        self.database.sign_head(&keys, self.clock.now()).await?;
        LogKeys::settle(folder)?;
        Ok(keys.settled())
    }

    /// Makes a new checkpoint key in a data folder and lets it take over; answers with what it is checked with.
    pub async fn rotate_log_key(&self, folder: &Path) -> Result<String, Failure> {
        let named = self.database.log_key().await?;
        let keys = LogKeys::load_or_make(folder, named.as_deref())?;
        self.service.log_key_seen(&self.operator().await?, &keys).await?;
        let keys = if keys.retiring().is_some() { keys } else { keys.rotated(folder)? };
        Ok(self.take_over(keys, folder).await?.current().verifier())
    }

    /// Signs what is committed now; answers with the newest checkpoint, none for an empty log.
    pub async fn sign_now(&self, folder: &Path) -> Result<Option<SignedHead>, Failure> {
        let named = self.database.log_key().await?;
        let keys = LogKeys::load_or_make(folder, named.as_deref())?;
        self.service.log_key_seen(&self.operator().await?, &keys).await?;
        self.database.sign_head(&keys, self.clock.now()).await
    }

    /// Has all that is committed signed soon, without waiting for it.
    pub(crate) fn ask_signed(&self) {
        self.signer().ask(self.known_length());
    }

    /// Has all that is committed signed, and waits for it, but not long.
    pub(crate) async fn all_signed(&self, patience: Duration) {
        self.signer().covering(self.known_length(), patience).await;
    }

    /// How long the log is as far as this process knows, by its own commits and by those that it was told of.
    fn known_length(&self) -> u64 {
        (*self.service.committed().borrow()).max(*self.feed.length().borrow())
    }

    /// What was signed last.
    #[must_use]
    pub fn signer(&self) -> Signer {
        self.signer.get().cloned().unwrap_or_else(Signer::none)
    }
}
