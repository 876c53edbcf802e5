//! `holdline serve`: opens the store, binds the address, says where it is, and stops gracefully when asked to.
//! Refuses to speak TLS, which is ended in front of it.

use std::sync::Arc;

use clap::Args;
use holdline_domain::{actor::Teams, permission::Role, person::PersonKind, text::Line};
use tokio::net::TcpListener;

use super::{Ended, demo, output, stop::Stop, store, store::Outside};
use crate::{
    app::{App, Signing},
    auth::{Grant, KeySource, Keys},
    clock::Ids,
    config::{DoorSettings, HookSettings, LogFormat, ProviderSettings, Settings, WebhookSettings},
    http::serve_metrics,
};

const HELP: &str = "\
Examples:
  holdline serve
  holdline serve --listen 127.0.0.1:9000 --data-dir /var/lib/holdline
  HOLDLINE_DATABASE_URL=postgres://service:…@db/holdline holdline serve
  holdline serve --demo
  holdline serve --oidc-issuer https://id.example.com/realms/main --oidc-audience holdline-api \
    --oidc-jwks-url https://id.example.com/realms/main/protocol/openid-connect/certs \
    --oidc-roles-claim realm_access.roles --oidc-role planner=okr-planners --oidc-teams-claim okr_teams";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Serve {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "HOLDLINE_LISTEN", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Where Prometheus reads /metrics, without a token: an address that only it reaches, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS", env = "HOLDLINE_METRICS_LISTEN")]
    metrics_listen: Option<String>,
    /// Show it all in a throw-away store, with a clock of its own set to mid-quarter
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    door: DoorSettings,
    #[command(flatten)]
    provider: ProviderSettings,
    #[command(flatten)]
    webhooks: WebhookSettings,
    #[command(flatten)]
    hooks: HookSettings,
}

impl Serve {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        if self.demo {
            if self.provider.is_given() {
                return Err(Stop::new(
                    "The demo has people of its own: leave out the --oidc settings (HOLDLINE_OIDC_…).",
                ));
            }
            return demo::run(&self.listen, self.metrics_listen.as_deref(), settings, self.door.settings()?).await;
        }
        let (http, provider, targets) = (self.door.settings()?, self.provider.trust()?, self.webhooks.targets());
        let hooks = self.hooks.hooks(settings.calendar()?)?;
        let (stopped, public_url) = (shutdown()?, http.public_url.clone());
        settings.prepare_folder()?;
        if settings.is_open_to_others() {
            tracing::warn!(
                "the data folder can be read by others than its owner, and so can an embedded database in it: chmod 700 {}",
                settings.folder().display()
            );
        }
        let (keys, is_new) =
            (KeySource::Folder(settings.folder().to_owned()), Keys::load(settings.folder())?.is_none());
        let signing = Signing::Folder(settings.folder().to_owned());
        let store = store::serving(settings, keys, signing, Outside { provider, http, targets, hooks }).await?;
        let (listener, address) = bind(&self.listen, LISTEN).await?;
        tell_metrics(&store.app, self.metrics_listen.as_deref()).await?;
        output::say(&format!("Holdline is at http://{address}"))?;
        if store.app.unused().await? {
            let base = public_url.unwrap_or_else(|| format!("http://{address}"));
            welcome(&store.app, &base, settings)?;
        } else if is_new {
            tracing::warn!(
                "signing.key was not there and was made anew: tokens of before are not taken, webhooks have other secrets, \
                 and published links lead nowhere. If that is not meant, stop, and put the key back"
            );
        }
        Ok(serve(store.app.clone(), listener, stopped).await)
    }
}

/// What says where people find the service.
pub(super) const LISTEN: &str = "--listen";

/// Binds an address that a setting names; the answer is what to put into a link.
pub(super) async fn bind(listen: &str, setting: &str) -> Result<(TcpListener, String), Stop> {
    let cannot = |error| Stop::new(format!("Cannot listen on {listen}: {error}. Name another address with {setting}."));
    let listener = TcpListener::bind(listen).await.map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "reachable from other machines without TLS: end TLS in front of it");
    }
    Ok((listener, address.to_string()))
}

/// Serves the metrics on an address of their own, where one is named, for as long as the process runs.
pub(super) async fn tell_metrics(app: &Arc<App>, listen: Option<&str>) -> Result<(), Stop> {
    if let Some(listen) = listen {
        let (listener, address) = bind(listen, "--metrics-listen").await?;
        tracing::info!("metrics are at http://{address}/metrics");
        tokio::spawn(serve_metrics(Arc::clone(app), listener));
    }
    Ok(())
}

/// Serves until told to stop, then lets what is running finish.
pub(super) async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Ended {
    app.serve(listener, stopped).await;
    tracing::info!("stopped");
    Ended::Done
}

/// The links that carry a token in their fragment, which browsers do not send: to the pages, and to GraphiQL.
pub(super) fn links(base: &str, token: &str) -> [String; 2] {
    ["sign-in", "graphql"].map(|page| format!("{base}/{page}#token={token}"))
}

/// Tells whoever starts a new store what is needed next. A link is told to people alone: logs are read by others, too.
fn welcome(app: &App, base: &str, settings: &Settings) -> Result<(), Stop> {
    const UNUSED: &str = "Nobody has used this store yet.";
    let in_json = settings.log_format() == LogFormat::Json;
    if in_json || !output::is_told_to_people() {
        let folder = settings.folder().display();
        let next = format!(
            "{UNUSED} An administrator's token, for {base}/sign-in: holdline token issue --subject admin --role admin \
             --data-dir {folder}"
        );
        if in_json {
            tracing::info!("{next}");
        } else {
            output::tell(&next);
        }
        return Ok(());
    }
    let grant = Grant {
        subject: Line::parse("admin").map_err(Stop::new)?,
        name: None,
        kind: PersonKind::Person,
        scopes: Role::Admin.scopes().iter().copied().collect(),
        teams: Teams::All,
        system: None,
        token_id: Ids::random(app.clock().clone()).next(),
        life: 8 * 60 * 60,
    };
    let issued = app.keys().issue(&grant, app.clock().now())?;
    let [pages, graphiql] = links(base, &issued.token);
    output::tell(&format!(
        "{UNUSED} An administrator's links, good for 8 hours, to the pages and to GraphiQL:\n  \
         {pages}\n  {graphiql}\n\
         Further tokens: holdline token issue --subject NAME --role planner --teams KEY"
    ));
    Ok(())
}

/// Ends with SIGINT or SIGTERM, also one that came before anybody waited.
#[cfg(unix)]
pub(super) fn shutdown() -> Result<impl Future<Output = ()> + Send + 'static, Stop> {
    use tokio::signal::unix::{SignalKind, signal};
    let cannot = |error| Stop::new(format!("Cannot listen for signals: {error}."));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    })
}

/// Ends with an interrupt.
#[cfg(not(unix))]
pub(super) fn shutdown() -> Result<impl Future<Output = ()> + Send + 'static, Stop> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        tracing::info!("stopping");
    })
}
