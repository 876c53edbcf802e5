//! Opening the store for a command: the lock, the database, the wired service.
//! Holds the lock for as long as the service lives; refuses to know what the command does with it.

use std::sync::Arc;

use super::{
    lock::{self, StoreLock},
    stop::Stop,
};
use crate::{
    app::{App, Options},
    auth::Keys,
    clock::Clock,
    config::Settings,
};

/// An open store with its service.
pub(super) struct OpenStore {
    pub(super) app: Arc<App>,
    _lock: StoreLock,
}

/// Opens the store that the settings name.
pub(super) async fn open(settings: &Settings, keys: Keys) -> Result<OpenStore, Stop> {
    let database = settings.database()?;
    let lock = lock::hold(&database)?;
    let options = Options { database, calendar: settings.calendar()?, keys, clock: Clock::system() };
    Ok(OpenStore { app: App::open(options).await?, _lock: lock })
}
