//! The session of one request: who asks, the snapshot it reads, and the way to the use cases.
//! Holds the two paths' beginnings: `read` for queries, `mutate` for mutations; both ask for the scope first.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, Request, Response, dataloader::DataLoader};
use futures_util::{FutureExt as _, Stream, future::BoxFuture};
use holdline_domain::{
    permission::{Action, action::ReadPlans},
    time::Timestamp,
};

use tokio::sync::watch;

use super::{
    Schema,
    fault::Fault,
    loaders::Loaders,
    loading::{AtOnce, Loads},
    looks_back,
    user_error::UserError,
};
use crate::{
    app::App,
    failure::Failure,
    record::Signer,
    service::{Caller, Service},
    store::Reader,
};

/// What every resolver of a request shares.
pub struct Session {
    app: Arc<App>,
    caller: Caller,
    expires_at: Timestamp,
    reader: Reader,
    loader: DataLoader<Loaders>,
    loads: Loads,
    /// From when on the past may still change for what is read here.
    floor: Timestamp,
    /// When a query or mutation began: its now.
    began: Option<Timestamp>,
    /// Why the newest past could not be settled.
    unsettled: Option<Failure>,
    /// Whether anything here asked what time it is.
    clock_read: Arc<AtomicBool>,
}

impl Session {
    /// A session for a caller; nothing is read yet.
    #[must_use]
    pub fn new(app: Arc<App>, caller: Caller, expires_at: Timestamp) -> Self {
        let floor = app.floor();
        let reader = app.reader(caller.actor.teams.clone());
        let loaders = Loaders::new(reader.clone());
        let loads = Loads::default();
        let loader = DataLoader::new(loaders, loads.clone(), AtOnce);
        Self {
            app,
            caller,
            expires_at,
            reader,
            loader,
            loads,
            floor,
            began: None,
            unsettled: None,
            clock_read: Arc::default(),
        }
    }

    /// Runs a query or a mutation of this session. Where it looks at the newest past, that is settled first: all of an
    /// answer is read from one snapshot.
    pub fn execute(mut self, schema: &Schema, request: Request) -> BoxFuture<'_, Response> {
        let loads = self.loads.clone();
        async move {
            let newest = looks_back::newest(&request).filter(|at| *at >= self.floor);
            let began = match newest {
                Some(at) => self.app.settled(at).await,
                None => Ok(self.app.clock().now()),
            };
            match began {
                Ok(now) => {
                    self.began = Some(now);
                    self.floor = newest.map_or(self.floor, |at| at.min(now).next());
                }
                // Whoever looks there is told.
                Err(failure) => self.unsettled = Some(failure),
            }
            loads.beside(schema.execute(request.data(self))).await
        }
        .boxed()
    }

    /// Runs a subscription of this session.
    pub fn follow(self, schema: &Schema, request: Request) -> impl Stream<Item = Response> + Send + use<> {
        let loads = self.loads.clone();
        loads.beside_each(schema.execute_stream(request.data(self)))
    }

    /// Becomes true once something here asks what time it is.
    #[must_use]
    pub fn looks_at_clock(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.clock_read)
    }

    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    pub(super) const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    pub(super) fn service(&self) -> &Service {
        self.app.service()
    }

    pub(super) fn signer(&self) -> Signer {
        self.app.signer()
    }

    /// What this session reads through.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    pub(super) const fn loader(&self) -> &DataLoader<Loaders> {
        &self.loader
    }

    /// Tells of each time the log is known to be longer.
    pub(super) fn log_length(&self) -> watch::Receiver<u64> {
        self.app.feed().length()
    }

    /// For how long the token is good.
    pub(super) fn left(&self) -> Duration {
        let micros = self.expires_at.micros().saturating_sub(self.now().micros());
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }

    /// Whether the token that began all this would still be let in.
    pub(super) async fn still_admitted(&self) -> Result<(), Fault> {
        if self.left().is_zero() {
            return Err(Fault::unauthenticated("The token has expired; subscribe again with another one."));
        }
        if !self.app.is_believed(&self.caller.actor) {
            return Err(Fault::unauthenticated(
                "The key that signed the token is not believed any more; sign in again.",
            ));
        }
        if self.app.is_revoked(&self.caller.actor).await? {
            return Err(Fault::unauthenticated("The token was revoked; ask for another one."));
        }
        Ok(())
    }

    /// What time it is; whoever asks makes the answer one that is true for a moment.
    pub(super) fn now(&self) -> Timestamp {
        self.clock_read.store(true, Ordering::Relaxed);
        self.app.clock().now()
    }

    /// Whether an instant is after now, which is when the request began.
    pub(super) fn is_future(&self, at: Timestamp) -> bool {
        let now = self.now();
        at > self.began.unwrap_or(now)
    }

    /// Makes sure that what is read as of an instant is what will be read as of it for ever: an instant that a write
    /// under way could still be stamped with waits for that write.
    pub(super) async fn settle(&self, at: Timestamp) -> Result<(), Fault> {
        if at >= self.floor {
            if let Some(failure) = &self.unsettled {
                return Err(failure.again().into());
            }
            // Whoever waits for a write holds no connection.
            self.reader.refresh().await;
            self.app.settled(at).await?;
            self.reader.refresh().await;
        }
        Ok(())
    }

    pub(super) fn require<A: Action>(&self) -> Result<(), Fault> {
        Ok(self.caller.actor.require::<A>().map(|_| ())?)
    }

    /// Runs a mutation: the scope first, then the job, then a fresh snapshot for what the payload shows.
    pub(super) async fn mutate<A: Action, T>(
        &self,
        job: impl Future<Output = Result<T, Failure>>,
    ) -> Result<(Option<T>, Vec<UserError>), Fault> {
        self.require::<A>()?;
        let outcome = job.await;
        self.reader.refresh().await;
        match outcome {
            Ok(done) => Ok((Some(done), Vec::new())),
            Err(Failure::Refused(refusals)) => Ok((None, refusals.into_list().into_iter().map(Into::into).collect())),
            Err(failure) => Err(failure.into()),
        }
    }
}

/// The session, for what needs no scope.
pub(super) fn session<'c>(ctx: &Context<'c>) -> &'c Session {
    ctx.data_unchecked::<Session>()
}

/// The session, once the caller is known to hold `read`.
pub(super) fn reading<'c>(ctx: &'c Context<'_>) -> Result<&'c Session, Fault> {
    let session = session(ctx);
    session.require::<ReadPlans>()?;
    Ok(session)
}
