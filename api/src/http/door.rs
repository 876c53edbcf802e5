//! What every way in shares, HTTP and WebSocket alike: who is calling, what their document costs, and running it within
//! the time limit. Holds no protocol: which bytes a refusal or an answer becomes is the caller's.

use std::sync::Arc;

use async_graphql::{Response as Executed, parser::types::OperationType};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use holdline_domain::{published_link::PublishedLink, text::TeamKey};
use tokio::sync::watch;
use tracing::Instrument as _;

use super::{
    answers::{Answers, Bill},
    gate::{self, Admitted},
    kept::Kept,
    known::Known,
    places::Places,
    points::Points,
    refusal::Refusal,
    request::{Params, Room, Said},
    settings::HttpSettings,
};
use crate::{
    app::{Answered, App, Entrant, Unauthenticated},
    auth::Identity,
    graphql,
    store::Attempt,
    trace,
};

/// Makes the id of a request.
pub(super) type RequestIds = Arc<dyn Fn() -> String + Send + Sync>;

/// What every request costs, whatever it asks.
pub(super) const DOOR: u64 = 1;

/// How many bodies of the full size are held at once.
const BODIES: usize = 64;

/// How many messages of CRMs of the full size are held at once.
const MESSAGES: usize = 16;

/// How many bodies of the full size the tokens of those who sign in may fill.
const SIGN_INS: usize = 4;

/// The way in.
pub(super) struct Door {
    pub(super) app: Arc<App>,
    pub(super) settings: HttpSettings,
    pub(super) request_ids: RequestIds,
    pub(super) points: Arc<Points>,
    pub(super) room: Room,
    /// The documents that passed before.
    known: Known,
    /// The answers that still hold.
    pub(super) kept: Kept,
    /// Where what CRMs send is held: of its own, so that nobody who knows no token takes the API's.
    pub(super) hook_room: Room,
    /// Where the tokens of those who sign in are held: nobody knows yet whether they are any good.
    pub(super) sign_in_room: Room,
    /// The streams of answers that each subject has open.
    pub(super) streams: Places,
    /// The WebSockets that each subject has open.
    pub(super) sockets: Places,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Door {
    pub(super) fn new(
        app: Arc<App>,
        settings: HttpSettings,
        request_ids: RequestIds,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let (points, room) = (Arc::new(Points::new(settings.allowance)), Room::new(BODIES));
        let streams = Places::new("streams", settings.streams);
        let sockets = Places::new("WebSockets", settings.streams);
        let (hook_room, sign_in_room) = (Room::new(MESSAGES), Room::new(SIGN_INS));
        let (known, kept) = (Known::default(), Kept::default());
        Self {
            app,
            settings,
            request_ids,
            points,
            room,
            known,
            kept,
            hook_room,
            sign_in_room,
            streams,
            sockets,
            stopping,
        }
    }

    /// A request that may be executed, and what it costs.
    pub(super) fn admit(&self, (said, params): (Said, Params), method: &Method) -> Result<Admitted, Refusal> {
        self.admit_text(self.settings.documents.text(said)?, params, method)
    }

    /// The same for a document of ours.
    pub(super) fn admit_text(&self, text: String, params: Params, method: &Method) -> Result<Admitted, Refusal> {
        gate::admit(self.app.published(), &self.known, text, params, method)
    }

    /// Runs an operation that is answered once.
    pub(super) async fn execute(
        &self,
        entrant: Entrant,
        admitted: Admitted,
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Result<Answered, Refusal> {
        let operation = match admitted.operation {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        let span = trace::document(operation, admitted.request.operation_name.as_deref());
        let request = (admitted.request, admitted.operation == OperationType::Mutation);
        let executing = self.app.execute(request, entrant, request_id, attempt);
        self.within_time(executing.instrument(span)).await
    }

    /// Runs an operation for somebody who came earlier, as the database knows them now.
    pub(super) async fn execute_later(
        &self,
        identity: Identity,
        admitted: Admitted,
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Result<Executed, Refusal> {
        match self.within_time(self.app.meet(identity)).await? {
            Ok(entrant) => Ok(Box::pin(self.execute(entrant, admitted, request_id, attempt)).await?.response),
            Err(failure) => Ok(graphql::failed(failure)),
        }
    }

    /// Runs a query for whoever knows a published link of a team.
    pub(super) async fn execute_published(
        &self,
        link: &PublishedLink,
        team: &TeamKey,
        admitted: Admitted,
        request_id: String,
    ) -> Result<Executed, Refusal> {
        self.within_time(self.app.execute_published(admitted.request, link, team, request_id)).await
    }

    async fn within_time<T>(&self, execution: impl Future<Output = T>) -> Result<T, Refusal> {
        let time_limit = self.settings.request_time;
        tokio::time::timeout(time_limit, execution).await.map_err(|_| {
            let seconds = time_limit.as_secs_f32();
            Refusal::timeout(format!(
                "The request took longer than {seconds} s. Ask for less; a mutation may have been carried out all the same: \
                 send it again under the same Idempotency-Key to learn what became of it."
            ))
        })
    }

    /// Runs an operation that is answered as often as there is something to say; one that is answered once runs when its
    /// answer is asked for.
    pub(super) async fn follow(
        self: &Arc<Self>,
        entrant: Entrant,
        admitted: Admitted,
        bill: Bill,
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Result<Answers, Refusal> {
        let place = self.streams.take(&bill.subject)?;
        let once = admitted.operation != OperationType::Subscription;
        let answers = if once {
            let (door, id) = (Arc::clone(self), request_id.clone());
            let executed = async move { door.execute_later(entrant.identity, admitted, id, attempt).await };
            let answered = executed.map(|executed| executed.unwrap_or_else(|why| Executed::from_errors(why.errors)));
            stream::once(answered).boxed()
        } else {
            self.app.follow(admitted.request, entrant, request_id.clone()).await
        };
        Ok(Answers::new(answers, bill, request_id, place, once))
    }
}

/// Whose points and places somebody's requests take.
pub(super) fn subject(identity: &Identity) -> String {
    format!("{}\n{}", identity.issuer, identity.subject)
}

/// The token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).map(HeaderValue::to_str)?.ok().and_then(bearer_of)
}

/// The token that `Bearer TOKEN` carries.
pub(super) fn bearer_of(said: &str) -> Option<&str> {
    let (scheme, token) = said.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// Returns once the service is to stop.
pub(super) async fn told(stopping: &mut watch::Receiver<bool>) {
    // Nobody is left to tell: then nobody serves any more.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// What is answered while the database does not.
pub(super) fn unavailable() -> Refusal {
    let message = "The service cannot reach its database at the moment; try again shortly.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
}

impl From<Unauthenticated> for Refusal {
    fn from(why: Unauthenticated) -> Self {
        match why {
            Unauthenticated::Token(sentence) => Self::unauthenticated(sentence),
            Unauthenticated::Role(sentence) => Self::forbidden(sentence),
            Unauthenticated::Unavailable => unavailable(),
        }
    }
}
