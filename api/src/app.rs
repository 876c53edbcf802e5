//! The composition root: database, clock, ids, keys and use cases, wired together once.
//! Nothing else constructs a writer, reads the clock's source or knows which key signs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_graphql::{Request, Response};
use holdline_domain::{
    actor::{Actor, Teams},
    permission::Role,
    person::{Person, PersonKind},
    refusal::{Code, Refusal},
    text::Line,
    time::FiscalCalendar,
};

use crate::{
    auth::{Identity, Keys},
    clock::{Clock, Ids},
    failure::Failure,
    graphql::{self, Schema, Session},
    http::{HttpSettings, router},
    service::{Caller, Service},
    store::{Database, DatabaseUrl, Reader, Writer},
};

/// What the service needs to run.
pub struct Options {
    /// Where the database is.
    pub database: DatabaseUrl,
    /// The organization's calendar.
    pub calendar: FiscalCalendar,
    /// The keys that tokens are checked with.
    pub keys: Keys,
    /// The clock.
    pub clock: Clock,
}

/// The service, wired.
pub struct App {
    database: Database,
    service: Service,
    keys: Keys,
    clock: Clock,
    ids: Ids,
    schema: Schema,
    people: Mutex<HashMap<(String, String), Person>>,
}

/// Why nobody is let in.
#[derive(Debug)]
pub enum Unauthenticated {
    /// The token is missing or no good, in a sentence.
    Token(String),
    /// The database that knows the revoked ones does not answer.
    Unavailable,
}

/// How many people are remembered between requests before all are looked up anew.
const PEOPLE: usize = 10_000;

/// How long a request may take to read, and how long to answer.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How long open requests have to finish once the service is asked to stop.
const DRAIN: Duration = Duration::from_secs(15);

impl App {
    /// Opens the store, brings its schema up to date, starts the writer and records changed settings.
    pub async fn open(options: Options) -> Result<Arc<Self>, Failure> {
        Self::over(Database::open(&options.database).await?, options).await
    }

    /// Wires the service over a database that is open already.
    pub async fn over(database: Database, options: Options) -> Result<Arc<Self>, Failure> {
        if database.behind().await? {
            database.migrate().await.map_err(|failure| {
                tracing::error!(%failure, "the schema is behind");
                Failure::Refused(
                    Refusal::new(
                        Code::Conflict,
                        "The database's schema is behind, and this login cannot bring it up to date.",
                    )
                    .remedy("Run holdline migrate with HOLDLINE_OWNER_DATABASE_URL set to the owner's login.")
                    .into(),
                )
            })?;
        }
        let ids = Ids::random(options.clock.clone());
        let writer = Writer::start(database.clone(), options.clock.clone(), ids.clone());
        let service = Service::new(writer, options.calendar);
        let (keys, clock, schema) = (options.keys, options.clock, graphql::schema());
        let app = Arc::new(Self { database, service, keys, clock, ids, schema, people: Mutex::default() });
        app.service.settings_seen(&app.operator().await?).await?;
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

    /// The keys.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// A reader for what some teams hold.
    #[must_use]
    pub fn reader(&self, teams: Teams) -> Reader {
        Reader::new(self.database.clone(), teams)
    }

    /// Whoever runs a command on the machine itself: an administrator without a token.
    pub async fn operator(&self) -> Result<Caller, Failure> {
        self.operator_as(Role::Admin, None).await
    }

    /// The machine's operator as an integration that posts for a CRM system.
    pub async fn importer(&self, system: &Line) -> Result<Caller, Failure> {
        self.operator_as(Role::Integration, Some(system.to_string())).await
    }

    async fn operator_as(&self, role: Role, system: Option<String>) -> Result<Caller, Failure> {
        let person = Person {
            id: self.ids.next(),
            issuer: Some(crate::auth::ISSUER.to_owned()),
            subject: Some("operator".to_owned()),
            name: Line::parse("operator").map_err(Failure::internal)?,
            kind: PersonKind::Service,
            salt: [0; 32],
        };
        let scopes = role.scopes().iter().copied().collect();
        let (key_id, token_id) = ("none".into(), "command-line".into());
        let actor = Actor { person, scopes, teams: Teams::All, system, key_id, token_id };
        let mut caller = Caller { actor, request_id: None };
        caller.actor.person = self.service.person_seen(&caller, None).await?;
        Ok(caller)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Failure> {
        self.database.ping().await
    }

    /// Whether nobody but the machine's operator has used this store yet.
    pub async fn unused(&self) -> Result<bool, Failure> {
        self.database.unused().await
    }

    /// Whom a token stands for; the refusal is a sentence for whoever sent it.
    pub async fn authenticate(&self, bearer: Option<&str>) -> Result<Identity, Unauthenticated> {
        const HOW: &str = "A token is needed: send Authorization: Bearer TOKEN (holdline token issue makes one).";
        let token = bearer.ok_or_else(|| Unauthenticated::Token(HOW.to_owned()))?;
        let verified = self.keys.verify(token, self.clock.now());
        let identity = verified.map_err(|why| Unauthenticated::Token(why.to_string()))?;
        match self.database.token_revoked(&identity.token_id).await {
            Ok(false) => Ok(identity),
            Ok(true) => Err(Unauthenticated::Token("The token was revoked; ask for another one.".to_owned())),
            Err(failure) => {
                tracing::error!(%failure, "a token could not be checked");
                Err(Unauthenticated::Unavailable)
            }
        }
    }

    /// Runs a request that has passed the gate.
    pub async fn execute(self: &Arc<Self>, request: Request, identity: Identity, request_id: String) -> Response {
        let expires_at = identity.expires_at;
        match self.caller(identity, request_id).await {
            Ok(caller) => self.schema.execute(request.data(Session::new(Arc::clone(self), caller, expires_at))).await,
            Err(failure) => graphql::failed(failure),
        }
    }

    async fn caller(&self, identity: Identity, request_id: String) -> Result<Caller, Failure> {
        let key = (identity.issuer.clone(), identity.subject.clone());
        let known = self.people.lock().ok().and_then(|people| people.get(&key).cloned());
        let known = known.filter(|person| identity.name.as_ref().is_none_or(|name| *name == person.name));
        let unseen = |name: Line| Person {
            id: self.ids.next(),
            issuer: Some(identity.issuer.clone()),
            subject: Some(identity.subject.clone()),
            name,
            kind: identity.kind,
            salt: [0; 32],
        };
        let seen = known.is_some();
        let person = match known {
            Some(person) => person,
            None => unseen(Line::parse("unseen").map_err(Failure::internal)?),
        };
        let actor = Actor {
            person,
            scopes: identity.scopes,
            teams: identity.teams,
            key_id: identity.key_id,
            system: identity.system,
            token_id: identity.token_id,
        };
        let mut caller = Caller { actor, request_id: Some(request_id) };
        if !seen {
            caller.actor.person = self.service.person_seen(&caller, identity.name).await?;
            if let Ok(mut people) = self.people.lock() {
                if people.len() >= PEOPLE {
                    people.clear();
                }
                people.insert(key, caller.actor.person.clone());
            }
        }
        Ok(caller)
    }

    /// Serves until told to stop, then lets open requests finish for a while.
    pub async fn serve(
        self: Arc<Self>,
        listener: tokio::net::TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let ids = self.ids.clone();
        let settings = HttpSettings {
            allowed_origins: Vec::new(),
            time_limit: TIME_LIMIT,
            request_ids: Arc::new(move || ids.next::<uuid::Uuid>().simple().to_string()),
        };
        let (told, mut tell) = tokio::sync::watch::channel(false);
        let stopping = async move {
            shutdown.await;
            let _ = told.send(true);
        };
        let serving = axum::serve(listener, router(self, settings)).with_graceful_shutdown(stopping);
        let overdue = async {
            let _ = tell.wait_for(|stopping| *stopping).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            served = serving => served,
            () = overdue => Ok(()),
        }
    }
}
