//! Which key signs the log's checkpoints: found or made at the start, named by the log, and handed over to a next one.
//! Holds the order in which that is safe to be cut short; the signatures are `record`'s, the naming the service's.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use super::App;
use crate::{
    auth::{KeySource, Keys},
    failure::Failure,
    record::{LastSigned, LogKeys, SignedHead, Signer},
    store::Database,
};

/// How long a service that ends waits at most for its last commits to be signed.
const LAST_SIGNED: Duration = Duration::from_secs(5);

/// What signs the log's checkpoints.
pub enum Signing {
    /// Nothing.
    Off,
    /// Nothing: a command beside the service signs nothing of its own.
    Beside(PathBuf),
    /// The key in a data folder, made where there is none.
    Folder(PathBuf),
    /// A key that is at hand.
    With(Box<LogKeys>),
}

impl Signing {
    /// Refuses a file that is not there or empty, where the key beside it signed what was in it.
    pub fn over_nothing(&self, file: &Path) -> Result<(), Failure> {
        let is_there = match fs::metadata(file) {
            Ok(found) => found.len() > 0,
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        match self {
            Self::Folder(folder) if !is_there => LastSigned::beside_key(folder).of_nothing(),
            Self::Beside(folder) if !is_there && file.parent() == Some(folder) => {
                LastSigned::beside_key(folder).of_nothing()
            }
            _ => Ok(()),
        }
    }

    /// Refuses a database whose log does not go on from what the key signed last. A command may be run beside a folder that
    /// has to do with another log.
    pub(super) async fn goes_on_in(&self, database: &Database) -> Result<(), Failure> {
        match self {
            Self::Folder(folder) => database.continues(&LastSigned::beside_key(folder)).await,
            Self::Beside(folder) => {
                let last = LastSigned::beside_key(folder);
                if database.is_of(&last).await? { database.continues(&last).await } else { Ok(()) }
            }
            Self::Off | Self::With(_) => Ok(()),
        }
    }
}

/// The key of the service's own tokens. None is made in a folder without the checkpoint key that the log names.
pub(super) async fn own_keys(database: &Database, from: KeySource) -> Result<Keys, Failure> {
    match from {
        KeySource::Given(keys) => Ok(keys),
        KeySource::Folder(folder) => {
            if Keys::load(&folder)?.is_none()
                && let Some(recorded) = database.log_key().await?
            {
                LogKeys::must_fit(&folder, &recorded)?;
            }
            Ok(Keys::load_or_create(&folder)?)
        }
    }
}

impl App {
    /// Writes what a start of the service writes, changed settings and the key that signs, and starts the signer. A
    /// command writes none of it.
    pub(super) async fn sign(&self, signing: &Signing) -> Result<Signer, Failure> {
        let (keys, folder) = match signing {
            Signing::Off | Signing::Beside(_) => return Ok(Signer::none()),
            Signing::With(keys) => (LogKeys::clone(keys), None),
            Signing::Folder(folder) => {
                let named = self.database.log_key().await?;
                (LogKeys::load_or_make(folder, named.as_deref())?, Some(folder))
            }
        };
        self.service.start_seen(&self.operator().await?, &keys).await?;
        let keys = match folder {
            Some(folder) if keys.retiring().is_some() => self.take_over(keys, folder).await?,
            _ => keys,
        };
        let heard = (self.service.committed(), self.feed.length());
        Ok(Signer::start(self.database.clone(), keys, self.clock.clone(), heard))
    }

    /// Has the first checkpoint of a new key, which the log names, signed by the old key too; answers with the new one
    /// alone.
    async fn take_over(&self, keys: LogKeys, folder: &Path) -> Result<LogKeys, Failure> {
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
        self.service.log_key_seen(&self.operator().await?, &keys).await?;
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

    /// Has the last commits signed before the process ends, unless that takes long.
    pub(super) async fn sign_last(&self) {
        let last = self.known_length();
        if self.signer().newest().is_some() && self.signer().covering(last, LAST_SIGNED).await.is_none() {
            tracing::warn!("the last commits are not signed yet; the next start signs them");
        }
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
