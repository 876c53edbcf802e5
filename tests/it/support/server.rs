//! A server of one's own: in this process, on a free port, over a fresh database, with a clock that the test sets.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::DateTime;
use holdline::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::{Grant, Keys, Trust},
    clock::Clock,
    crm::Hooks,
    http::{Allowance, HttpSettings},
    record::{CheckpointKey, LogKeys, SignedHead},
    store::{Database, DatabaseUrl},
    webhook::Targets,
};
use holdline_domain::{
    actor::Teams,
    permission::{Role, Scope},
    person::PersonKind,
    text::{Line, TeamKey},
    time::{FiscalCalendar, Timestamp},
};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection};
use tokio::sync::{OnceCell, oneshot};

use super::Caller;

/// Mid-quarter of 2026-Q4, where every story begins.
const BEGIN: &str = "2026-11-02T09:00:00Z";

static NEXT: AtomicU64 = AtomicU64::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// The role that the service runs as on PostgreSQL; it owns nothing.
const SERVICE_ROLE: &str = "holdline_service";

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) app: Arc<App>,
    pub(crate) database: DatabaseUrl,
    clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    folder: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(folder.path()).await;
        Self::over(database, folder).await
    }

    /// A server on the embedded database, whatever the stories run on.
    pub(crate) async fn start_embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::over(DatabaseUrl::in_folder(folder.path()), folder).await
    }

    /// A server over a database that is there already.
    pub(crate) async fn over(database: DatabaseUrl, folder: tempfile::TempDir) -> Self {
        Self::with(database, folder, CHECK_EVERY, None, (roomy(), here(), Hooks::default())).await
    }

    /// A server behind a front door of its own.
    pub(crate) async fn behind(http: HttpSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(folder.path()).await;
        Self::with(database, folder, CHECK_EVERY, None, (http, here(), Hooks::default())).await
    }

    /// A server that accepts a provider's tokens beside its own.
    pub(crate) async fn trusting(provider: Trust) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = fresh_database(folder.path()).await;
        Self::with(database, folder, CHECK_EVERY, Some(provider), (roomy(), here(), Hooks::default())).await
    }

    /// A server that compares its database with its needs every so often.
    pub(crate) async fn checking(database: DatabaseUrl, folder: tempfile::TempDir, check_every: Duration) -> Self {
        Self::with(database, folder, check_every, None, (roomy(), here(), Hooks::default())).await
    }

    /// A server whose webhooks reach no further than this.
    pub(crate) async fn sending(database: DatabaseUrl, folder: tempfile::TempDir, targets: Targets) -> Self {
        Self::with(database, folder, CHECK_EVERY, None, (roomy(), targets, Hooks::default())).await
    }

    /// A server with the hooks of a settings file.
    pub(crate) async fn hooked(database: DatabaseUrl, folder: tempfile::TempDir, file: &str) -> Self {
        let hooks = Hooks::parse(file, calendar()).unwrap();
        Self::with(database, folder, CHECK_EVERY, None, (roomy(), here(), hooks)).await
    }

    async fn with(
        database: DatabaseUrl,
        folder: tempfile::TempDir,
        check_every: Duration,
        provider: Option<Trust>,
        (http, targets, hooks): (HttpSettings, Targets, Hooks),
    ) -> Self {
        let begin = DateTime::parse_from_rfc3339(BEGIN).unwrap().timestamp_micros();
        let clock = Arc::new(AtomicI64::new(begin));
        let reading = Arc::clone(&clock);
        let calendar = calendar();
        let keys = Keys::load_or_create(folder.path()).unwrap();
        // Every reading is a microsecond later, so that no two entries share an instant unless a test freezes it.
        let tick = move || Timestamp::from_micros(reading.fetch_add(1, Ordering::SeqCst)).unwrap();
        let signing = Signing::With(Box::new(LogKeys::of(CheckpointKey::of("holdline/test", &[7; 32]))));
        let options = Options {
            database: database.clone(),
            calendar,
            keys: keys.into(),
            provider,
            clock: Clock::from_fn(tick),
            signing,
            check_every,
            http,
            targets,
            hooks,
        };
        let app = App::open(options).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(Arc::clone(&app).serve(listener, async {
            let _ = stopped.await;
        }));
        Self { url, app, database, clock, stop: Some(stop), folder }
    }

    /// How many statements its database was asked.
    pub(crate) fn statements(&self) -> u64 {
        self.app.metrics().statements()
    }

    /// Tells it to stop.
    pub(crate) fn stop(&mut self) {
        let _ = self.stop.take().unwrap().send(());
    }

    /// Sets the clock.
    pub(crate) fn set_clock(&self, instant: &str) {
        let micros = DateTime::parse_from_rfc3339(instant).unwrap().timestamp_micros();
        self.clock.store(micros, Ordering::SeqCst);
    }

    /// The folder of its keys and, on SQLite, of its database.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Sets the clock forward by some seconds.
    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// What time it is there, in seconds.
    pub(crate) fn seconds(&self) -> i64 {
        self.clock.load(Ordering::SeqCst) / 1_000_000
    }

    /// What time it is there.
    pub(crate) fn now(&self) -> String {
        Timestamp::from_micros(self.clock.load(Ordering::SeqCst)).unwrap().to_string()
    }

    /// Somebody in a role, for some teams or, with `*`, for all.
    pub(crate) fn caller(&self, subject: &str, role: Role, teams: &str) -> Caller {
        self.caller_with(subject, role.scopes(), teams)
    }

    /// Somebody with some scopes.
    pub(crate) fn caller_with(&self, subject: &str, scopes: &[Scope], teams: &str) -> Caller {
        self.issue(subject, None, scopes, teams, None)
    }

    /// Somebody whose token says a name, too.
    pub(crate) fn called(&self, subject: &str, name: &str, role: Role) -> Caller {
        self.issue(subject, Some(Line::parse(name).unwrap()), role.scopes(), "*", None)
    }

    /// An integration that posts for one CRM system.
    pub(crate) fn integration(&self, system: &str, teams: &str) -> Caller {
        self.issue(system, None, Role::Integration.scopes(), teams, Some(Line::parse(system).unwrap()))
    }

    fn issue(&self, subject: &str, name: Option<Line>, scopes: &[Scope], teams: &str, system: Option<Line>) -> Caller {
        let teams = match teams {
            "*" => Teams::All,
            keys => Teams::Only(keys.split(',').map(|key| TeamKey::parse(key).unwrap()).collect()),
        };
        let grant = Grant {
            subject: Line::parse(subject).unwrap(),
            name,
            kind: PersonKind::Person,
            scopes: scopes.iter().copied().collect(),
            teams,
            system,
            token_id: holdline::clock::Ids::random(Clock::system()).next(),
            life: 90 * 24 * 60 * 60,
        };
        let issued = self.app.keys().issue(&grant, self.app.clock().now()).unwrap();
        Caller::new(&self.url, issued.token, issued.token_id)
    }

    pub(crate) fn admin(&self) -> Caller {
        self.caller("admin", Role::Admin, "*")
    }

    pub(crate) fn planner(&self) -> Caller {
        self.caller("planner", Role::Planner, "*")
    }

    pub(crate) fn approver(&self) -> Caller {
        self.caller("approver", Role::Approver, "*")
    }

    pub(crate) fn auditor(&self) -> Caller {
        self.caller("auditor", Role::Auditor, "*")
    }

    /// The newest checkpoint, once it covers everything that was committed so far.
    pub(crate) async fn signed(&self) -> Arc<SignedHead> {
        let committed = *self.app.service().committed().borrow();
        self.app.signer().covering(committed, Duration::from_secs(20)).await.expect("the log is signed")
    }

    /// A connection of the service's own role, beside the service.
    pub(crate) async fn sql(&self) -> DatabaseConnection {
        match &self.database {
            DatabaseUrl::Sqlite(file) => {
                sea_orm::Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
            }
            DatabaseUrl::Postgres(url) => sea_orm::Database::connect(url).await.unwrap(),
        }
    }
}

fn calendar() -> FiscalCalendar {
    FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap()
}

/// Receivers are on this machine, and speak no TLS.
fn here() -> Targets {
    Targets { allow_http: true, networks: vec!["127.0.0.0/8".parse().unwrap()] }
}

/// A front door whose points no story spends, but those that are about points.
pub(crate) fn roomy() -> HttpSettings {
    let number = |n| NonZeroU32::new(n).unwrap();
    let allowance = Allowance { limit: number(1_000_000_000), restored: number(1_000_000) };
    HttpSettings { allowance, ..HttpSettings::default() }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// Where a database is for its owner.
pub(crate) fn owner_url(database: &DatabaseUrl) -> DatabaseUrl {
    match (database, postgres()) {
        (DatabaseUrl::Postgres(url), Some(server)) => {
            DatabaseUrl::Postgres(server_url_for(&server, url.rsplit_once('/').unwrap().1))
        }
        (DatabaseUrl::Sqlite(_), _) => database.clone(),
        (DatabaseUrl::Postgres(_), None) => panic!("the stories do not run on PostgreSQL"),
    }
}

/// The one connection of a database's owner, who may do anything to it.
pub(crate) async fn owner_of(database: &DatabaseUrl) -> DatabaseConnection {
    let url = match owner_url(database) {
        DatabaseUrl::Postgres(url) => url,
        DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
    };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

/// A database that nobody used before: a file, or a copy of a migrated template.
pub(crate) async fn fresh_database(folder: &std::path::Path) -> DatabaseUrl {
    let Some(server) = postgres() else { return DatabaseUrl::in_folder(folder) };
    let template = TEMPLATE.get_or_init(|| make_template(&server)).await;
    let name = format!("{}_{}", template, NEXT.fetch_add(1, Ordering::SeqCst));
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    // Copying takes a moment in which nobody else may copy.
    for _ in 0..100 {
        let made = admin.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        if made.is_ok() {
            return DatabaseUrl::Postgres(with_database(&server, &name, SERVICE_ROLE));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the template database could not be copied");
}

/// A database on PostgreSQL in which there is nothing at all, as the service's role opens it, which may do nothing there.
pub(crate) async fn bare_database() -> DatabaseUrl {
    let server = postgres().expect("the stories run on PostgreSQL");
    let template = TEMPLATE.get_or_init(|| make_template(&server)).await;
    let name = format!("{}_{}", template, NEXT.fetch_add(1, Ordering::SeqCst));
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    DatabaseUrl::Postgres(with_database(&server, &name, SERVICE_ROLE))
}

#[expect(clippy::disallowed_methods, reason = "the name of a database of this run, which no rule reads")]
async fn make_template(server: &str) -> String {
    let unique = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let name = format!("holdline_it_{unique}");
    let admin = sea_orm::Database::connect(server).await.unwrap();
    drop_old(&admin).await;
    let role = format!(
        "DO $role$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SERVICE_ROLE}') THEN
           CREATE ROLE {SERVICE_ROLE} LOGIN; END IF; END $role$"
    );
    admin.execute_unprepared(&role).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let owner = server_url_for(server, &name);
    let database = Database::open(&DatabaseUrl::Postgres(owner)).await.unwrap();
    database.migrate().await.unwrap();
    database.grant(SERVICE_ROLE).await.unwrap();
    database.close().await.unwrap();
    name
}

/// Drops what runs of more than an hour ago left behind; a run in another terminal keeps its own.
async fn drop_old(admin: &DatabaseConnection) {
    let old = "SELECT datname FROM pg_database WHERE datname LIKE 'holdline_it_%'
               AND split_part(datname, '_', 3)::bigint < (extract(epoch FROM now()) - 3600) * 1000";
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, old);
    for row in admin.query_all_raw(statement).await.unwrap() {
        let name: String = row.try_get("", "datname").unwrap();
        // Another run may be dropping it too; either is fine.
        let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the one setting of the tests themselves")]
fn postgres() -> Option<String> {
    std::env::var("HOLDLINE_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// Whether the stories run on PostgreSQL.
pub(crate) fn on_postgres() -> bool {
    postgres().is_some()
}

fn server_url_for(server: &str, database: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{database}")
}

fn with_database(server: &str, database: &str, role: &str) -> String {
    let address = server.split("://").nth(1).unwrap().rsplit_once('/').unwrap().0;
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    format!("postgres://{role}@{host}/{database}")
}

/// A copy of a database as it stands, opened by its owner; the other connections to the original are cut for it.
pub(crate) async fn copy_for_owner(database: &DatabaseUrl, folder: &std::path::Path) -> DatabaseUrl {
    let DatabaseUrl::Postgres(url) = database else {
        let copy = DatabaseUrl::in_folder(folder);
        let DatabaseUrl::Sqlite(file) = &copy else { panic!("a folder holds a file") };
        let DatabaseUrl::Sqlite(original) = database else { panic!("a file is no server") };
        let original = sea_orm::Database::connect(format!("sqlite://{}", original.display())).await.unwrap();
        original.execute_unprepared(&format!("VACUUM INTO '{}'", file.display())).await.unwrap();
        return copy;
    };
    let (server, name) = (postgres().unwrap(), url.rsplit_once('/').unwrap().1);
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    let copy = format!("{name}_{}", NEXT.fetch_add(1, Ordering::SeqCst));
    let alone = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    for _ in 0..100 {
        admin.execute_unprepared(&alone).await.unwrap();
        if admin.execute_unprepared(&format!("CREATE DATABASE {copy} TEMPLATE {name}")).await.is_ok() {
            return DatabaseUrl::Postgres(server_url_for(&server, &copy));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the database could not be copied");
}
