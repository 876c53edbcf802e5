//! The composition root: database, clock, ids, keys and use cases, wired together once.
//! Nothing else constructs a writer, reads the clock's source or knows which key signs.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use holdline_domain::{
    actor::Teams,
    refusal::{Code, Refusal},
    time::FiscalCalendar,
};
use tokio::sync::Mutex;

use crate::{
    auth::{KeySource, Keys, Trust, Verifier},
    clock::{Clock, Ids},
    crm::{Hooks, Inbox},
    failure::Failure,
    graphql::{self, Schema},
    http::{self, HttpSettings, router, validate::published::Published},
    metrics::Metrics,
    record::Signer,
    service::Service,
    store::{Arrivals, Database, DatabaseUrl, Feed, Reader, Writer},
    webhook::{Deliverer, Targets},
};

mod erasure;
mod fingerprint;
mod operator;
mod request;
mod settled;
mod signing;

pub use request::{Answered, Entrant, Unauthenticated};
pub use signing::Signing;

/// What the service needs to run.
pub struct Options {
    /// Where the database is.
    pub database: DatabaseUrl,
    /// The organization's calendar.
    pub calendar: FiscalCalendar,
    /// The key that the service's own tokens are signed and checked with.
    pub keys: KeySource,
    /// The provider whose tokens are accepted beside them.
    pub provider: Option<Trust>,
    /// The clock.
    pub clock: Clock,
    /// What signs the log's checkpoints.
    pub signing: Signing,
    /// How often a serving process compares the database with what this build needs.
    pub check_every: Duration,
    /// The front door.
    pub http: HttpSettings,
    /// Where webhooks may be sent.
    pub targets: Targets,
    /// The hooks of CRMs.
    pub hooks: Hooks,
}

/// The service, wired.
pub struct App {
    database: Database,
    service: Service,
    tokens: Verifier,
    arrivals: Arrivals,
    clock: Clock,
    ids: Ids,
    schema: Schema,
    published: Published,
    check_every: Duration,
    http: HttpSettings,
    targets: Targets,
    inbox: Inbox,
    /// What signs, once the start got so far that it does.
    signing: Mutex<Signing>,
    signer: OnceLock<Signer>,
    feed: Feed,
    /// Held by whoever empties the embedded database's journal.
    emptying: Arc<Mutex<()>>,
}

/// How often a serving process compares the database with what this build needs, unless a test cannot wait.
pub const CHECK_EVERY: Duration = Duration::from_mins(5);

/// How long open requests have to finish once the service is asked to stop.
const DRAIN: Duration = Duration::from_secs(15);

/// The schema, and what it says of itself.
type Describing = tokio::task::JoinHandle<Option<(Schema, Published)>>;

/// Builds the schema beside the opening of the database: each takes a part of the time that a start may take.
fn describe() -> Describing {
    let described = |schema| Published::of(&schema).map(|published| (schema, published));
    tokio::task::spawn_blocking(move || described(graphql::schema()))
}

async fn bring_up_to_date(database: &Database) -> Result<(), Failure> {
    if !database.behind().await? {
        return Ok(());
    }
    database.migrate().await.map_err(|failure| {
        tracing::error!(%failure, "the schema is behind");
        let message = "The database's schema is behind, and this login cannot bring it up to date.";
        let remedy = "Run holdline migrate with HOLDLINE_OWNER_DATABASE_URL set to the owner's login.";
        Refusal::new(Code::Conflict, message).remedy(remedy).into()
    })
}

impl App {
    /// Opens the store, brings its schema up to date, starts the writer and records changed settings.
    pub async fn open(options: Options) -> Result<Arc<Self>, Failure> {
        if let DatabaseUrl::Sqlite(file) = &options.database {
            options.signing.over_nothing(file)?;
        }
        let describing = describe();
        Self::wire(Database::open(&options.database).await?, options, describing).await
    }

    /// Wires the service over a database that is open already.
    pub async fn over(database: Database, options: Options) -> Result<Arc<Self>, Failure> {
        Self::wire(database, options, describe()).await
    }

    async fn wire(database: Database, options: Options, describing: Describing) -> Result<Arc<Self>, Failure> {
        database.durable().await?;
        // Before anything is written there, unless only this build's schema can say.
        let behind = database.is_begun().await? && database.behind().await?;
        if !behind {
            options.signing.goes_on_in(&database).await?;
        }
        bring_up_to_date(&database).await?;
        if behind {
            options.signing.goes_on_in(&database).await?;
        }
        let ids = Ids::random(options.clock.clone());
        let writer = Writer::start(database.clone(), options.clock.clone(), ids.clone());
        let service = Service::new(writer, options.calendar, options.targets.clone());
        let tokens = Verifier::new(signing::own_keys(&database, options.keys).await?, options.provider, &options.clock);
        let (clock, check_every, http) = (options.clock, options.check_every, options.http);
        let (targets, inbox) = (options.targets, Inbox::of(options.hooks));
        let described = describing.await.map_err(Failure::internal)?;
        let (schema, published) = described.ok_or_else(|| Failure::internal("the schema does not answer itself"))?;
        let (signing, signer, emptying) = (options.signing.into(), OnceLock::new(), Arc::default());
        let app = Arc::new(Self {
            arrivals: Arrivals::over(&database),
            database,
            service,
            tokens,
            clock,
            ids,
            schema,
            published,
            check_every,
            http,
            targets,
            inbox,
            signing,
            signer,
            feed: Feed::default(),
            emptying,
        });
        // A process that ended between an erasure and this left the journal as it was.
        app.empty_journal().await;
        app.check_fingerprint().await?;
        Ok(app)
    }

    /// The use cases.
    #[must_use]
    pub const fn service(&self) -> &Service {
        &self.service
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The schema as its clients know it.
    #[must_use]
    pub const fn published(&self) -> &Published {
        &self.published
    }

    /// The key of the service's own tokens.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        self.tokens.own()
    }

    /// Where what CRMs send comes in.
    #[must_use]
    pub const fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// What this process counts of itself.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        self.database.metrics()
    }

    /// What is kept beside the record.
    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// The id source.
    pub(crate) const fn ids(&self) -> &Ids {
        &self.ids
    }

    /// A further id.
    pub(crate) fn next_id<T: From<uuid::Uuid>>(&self) -> T {
        self.ids.next()
    }

    /// How long the log is, told as it grows.
    #[must_use]
    pub const fn feed(&self) -> &Feed {
        &self.feed
    }

    /// A reader for what some teams hold.
    #[must_use]
    pub fn reader(&self, teams: Teams) -> Reader {
        Reader::new(self.database.clone(), teams)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        self.database.ping().await
    }

    /// Whether nobody but the machine's operator has used this store yet.
    pub async fn unused(&self) -> Result<bool, Failure> {
        self.database.unused().await
    }

    /// Serves until told to stop, then lets open requests finish for a while.
    pub async fn serve(
        self: Arc<Self>,
        listener: tokio::net::TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) {
        let (ids, settings) = (self.ids.clone(), self.http.clone());
        let request_ids = Arc::new(move || ids.next::<uuid::Uuid>().simple().to_string());
        let (told, mut tell) = tokio::sync::watch::channel(false);
        let stopping = async move {
            shutdown.await;
            let _ = told.send(true);
        };
        let checking = Arc::clone(&self).keep_checking();
        let refreshing = self.tokens.clone().keep_keys();
        let feeding = Arc::clone(&self);
        let feeding = Box::pin(async move { feeding.feed.keep(&feeding.database, feeding.service.committed()).await });
        let telling = Box::pin(Deliverer::new(Arc::clone(&self), self.targets.clone()).run(self.feed.length()));
        let reading = Arc::clone(&self);
        let reading = Box::pin(async move { reading.inbox.run(&reading).await });
        let app = Arc::clone(&self);
        let (sockets, router) = (settings.sockets.clone(), router(self, settings, request_ids, tell.clone()));
        let serving = http::serve(listener, router, &sockets, stopping);
        let overdue = async {
            let _ = tell.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            () = serving => {}
            () = overdue => {}
            () = checking => {}
            () = refreshing => {}
            () = feeding => {}
            () = telling => {}
            () = reading => {}
        }
        app.sign_last().await;
    }
}
