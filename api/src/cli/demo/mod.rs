//! `holdline serve --demo`: the whole service in a throw-away store, with a story to look at and to carry on.
//! Refuses an existing store; sets its own clock and says so; leaves nothing behind.

mod clock;
mod page;
mod story;

use tempfile::TempDir;

use self::{clock::DemoClock, story::Story};
use super::{Ended, output, serve, stop::Stop};
use crate::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::Keys,
    config::Settings,
    http::HttpSettings,
    store::DatabaseUrl,
};

/// Runs the demo until it is stopped.
pub(super) async fn run(
    listen: &str,
    metrics: Option<&str>,
    settings: &Settings,
    http: HttpSettings,
) -> Result<Ended, Stop> {
    if settings.names_a_store() {
        return Err(Stop::new(
            "The demo has a throw-away store of its own: leave out --data-dir and --database-url, and unset \
             HOLDLINE_DATA_DIR and HOLDLINE_DATABASE_URL.",
        ));
    }
    // From here on a signal stops the demo in good order, so that its folder goes too.
    let stopped = serve::shutdown()?;
    let (listener, address) = serve::bind(listen, serve::LISTEN).await?;
    let folder = tempfile::Builder::new().prefix("holdline-demo-").tempdir();
    let folder = folder.map_err(|error| Stop::new(format!("The demo's throw-away folder cannot be made: {error}.")))?;
    let calendar = settings.calendar()?;
    let clock = DemoClock::new(calendar);
    let database = DatabaseUrl::in_folder(folder.path());
    let (keys, check_every) = (Keys::ephemeral()?, CHECK_EVERY);
    let signing = Signing::Folder(folder.path().to_owned());
    let options = Options {
        database,
        calendar,
        keys: keys.into(),
        provider: None,
        clock: clock.clock(),
        signing,
        check_every,
        http,
        targets: crate::webhook::Targets::default(),
        hooks: crate::crm::Hooks::default(),
    };
    let app = App::open(options).await?;
    serve::tell_metrics(&app, metrics).await?;
    let story = Story::seed(&app, &clock).await?;
    output::tell(&clock.says());
    output::say(&format!("Holdline is at http://{address}"))?;
    output::say(&page::page(&app, &address, &story)?)?;
    let ended = serve::serve(app, listener, stopped).await;
    remove(folder);
    Ok(ended)
}

fn remove(folder: TempDir) {
    if let Err(error) = folder.close() {
        tracing::warn!(%error, "the demo's throw-away folder is still there");
    }
}
