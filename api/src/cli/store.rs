//! Opening the store for a command: the lock, the database, the wired service.
//! Holds the lock for as long as the service lives; refuses to know what the command does with it.

use std::sync::Arc;

use super::{
    lock::{self, StoreLock},
    stop::Stop,
};
use crate::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::{KeySource, Keys, Trust},
    clock::Clock,
    config::Settings,
    crm::Hooks,
    http::HttpSettings,
    service::Caller,
    webhook::Targets,
};

/// An open store with its service.
pub(super) struct OpenStore {
    pub(super) app: Arc<App>,
    _lock: StoreLock,
}

/// Opens the store that the settings name for a command, which checks and signs no token, so that the key file may be
/// elsewhere.
pub(super) async fn open(settings: &Settings) -> Result<OpenStore, Stop> {
    let signing = Signing::Beside(settings.folder().to_owned());
    serving(settings, Keys::ephemeral()?.into(), signing, Outside::default()).await
}

/// Opens the store for an import, which must read dates as the service does; answers with who imports, too.
pub(super) async fn importing(settings: &Settings) -> Result<(OpenStore, Caller), Stop> {
    let store = open(settings).await?;
    let operator = store.app.operator().await?;
    store.app.service().settings_agree(&operator).await?;
    Ok((store, operator))
}

/// What a service has to do with the world outside.
#[derive(Default)]
pub(super) struct Outside {
    /// The provider whose tokens it accepts.
    pub(super) provider: Option<Trust>,
    /// Its front door.
    pub(super) http: HttpSettings,
    /// Where its webhooks may be sent.
    pub(super) targets: Targets,
    /// The hooks of CRMs.
    pub(super) hooks: Hooks,
}

/// Opens the store for a command that lets people in.
pub(super) async fn serving(
    settings: &Settings,
    keys: KeySource,
    signing: Signing,
    outside: Outside,
) -> Result<OpenStore, Stop> {
    let database = settings.database()?;
    let lock = lock::hold(&database)?;
    let (calendar, clock) = (settings.calendar()?, Clock::system());
    let Outside { provider, http, targets, hooks } = outside;
    let check_every = CHECK_EVERY;
    let options = Options { database, calendar, keys, provider, clock, signing, check_every, http, targets, hooks };
    Ok(OpenStore { app: App::open(options).await?, _lock: lock })
}
