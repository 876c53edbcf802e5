//! The routes, and the order in which a GraphQL request is judged: method, media types and origin; who is calling, and
//! whether points are left; the body's size; the document and its price; then execution under a time limit. Each
//! judgement lives in its own module.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::Response as Executed;
use async_graphql::parser::types::OperationType;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get};
use futures_util::{FutureExt, StreamExt as _, stream};
use holdline_domain::actor::Teams;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use super::accept::{self, Media};
use super::events::{self, Bill, Places};
use super::gate::Admitted;
use super::points::{Points, Spent};
use super::refusal::Refusal;
use super::request::Room;
use super::settings::HttpSettings;
use super::{etag, gate, graphiql, idempotency, origin, request, response};
use crate::app::{App, Unauthenticated};
use crate::auth::Identity;

/// Makes the id of a request.
pub type RequestIds = Arc<dyn Fn() -> String + Send + Sync>;

/// How many bodies of the full size are held at once.
const BODIES: usize = 64;
/// What every request costs, whatever it asks.
const DOOR: u64 = 1;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct RequestId(String);

struct Door {
    app: Arc<App>,
    settings: HttpSettings,
    request_ids: RequestIds,
    points: Arc<Points>,
    room: Room,
    streams: Places,
    stopping: watch::Receiver<bool>,
}

/// All routes of the service; streams end when it is stopping.
pub fn router(
    app: Arc<App>,
    settings: HttpSettings,
    request_ids: RequestIds,
    stopping: watch::Receiver<bool>,
) -> Router {
    let (points, room) = (Arc::new(Points::new(settings.allowance)), Room::new(BODIES));
    let (pages, streams) = (origin::pages(&settings.allowed_origins), Places::new(settings.streams));
    let door = Arc::new(Door { app, settings, request_ids, points, room, streams, stopping });
    // Events are passed on one by one, and not collected until there is enough to pack.
    let worth = SizeAbove::new(COMPRESSED).and(NotForContentType::SSE);
    let packed = CompressionLayer::new().compress_when(worth);
    let routes = Router::new()
        // Only what somebody with a token asked for is worth the work; the assets of the page are kept by browsers.
        .route("/graphql", any(graphql).layer(packed))
        .route("/graphql/assets/{file}", get(graphiql::asset))
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/.well-known/holdline-checkpoint", get(checkpoint))
        .fallback(not_found)
        .method_not_allowed_fallback(async || refused(Refusal::method("This path is read by GET.", "GET, HEAD")));
    let routes = if let Some(pages) = pages { routes.layer(pages) } else { routes };
    routes.layer(from_fn_with_state(door.clone(), frame)).with_state(door)
}

/// The smallest answer that is compressed, in bytes.
const COMPRESSED: u64 = 1_024;

// Outermost: gives every answer its id and headers, panics included.
async fn frame(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    let id = (door.request_ids)();
    request.extensions_mut().insert(RequestId(id.clone()));
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(request_id = %id, "a request panicked");
        response::failed(&id)
    });
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

async fn graphql(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let wants_page = head.method == Method::GET && !request::has_query(head.uri.query().unwrap_or_default());
    if wants_page && accept::prefers_html(&head.headers) {
        return graphiql::page();
    }
    // Who wants events and gets a refusal tells it by its status.
    let events = accept::prefers_events(&head.headers);
    let media = if events { Media::GraphqlResponse } else { accept::negotiate(&head.headers).unwrap_or(Media::Json) };
    answer(&door, &head, body, media).await.unwrap_or_else(|refusal| response::refused(refusal, media))
}

async fn answer(door: &Door, head: &Parts, body: Body, media: Media) -> Result<Response, Refusal> {
    check_method(head)?;
    check_accept(&head.headers)?;
    origin::check(&head.headers, &door.settings.allowed_origins)?;
    let identity = match door.app.authenticate(bearer(&head.headers)).await {
        Ok(identity) => identity,
        Err(why) => {
            request::discard(body, door.settings.body_time).await;
            return Err(why.into());
        }
    };
    let subject = format!("{}\n{}", identity.issuer, identity.subject);
    let paid = door.points.charge(&subject, DOOR, 0)?;
    let admitted = admit(door, head, body).await.map_err(|refusal| refusal.costing(paid))?;
    let paid = door.points.charge(&subject, admitted.price, DOOR)?;
    let answered = if accept::prefers_events(&head.headers) {
        let bill = Bill { points: Arc::clone(&door.points), subject, price: admitted.price, paid: Some(paid) };
        follow(door, head, identity, admitted, bill).await
    } else {
        run(door, head, identity, admitted, media, paid).await
    };
    answered.map_err(|refusal| refusal.costing(paid))
}

async fn admit(door: &Door, head: &Parts, body: Body) -> Result<Admitted, Refusal> {
    let body = door.room.read(body, door.settings.body_time).await?;
    let (said, params) = match head.method {
        Method::POST => request::from_body(&body.bytes)?,
        _ => request::from_query_string(head.uri.query().unwrap_or_default())?,
    };
    drop(body);
    gate::admit(door.app.published(), door.settings.documents.text(said)?, params, &head.method)
}

async fn run(
    door: &Door,
    head: &Parts,
    identity: Identity,
    admitted: Admitted,
    media: Media,
    paid: Spent,
) -> Result<Response, Refusal> {
    if admitted.operation == OperationType::Subscription {
        let message = "A subscription is answered as a stream of events: send Accept: text/event-stream.";
        return Err(Refusal::malformed(message, None));
    }
    let mut executed = execute(door, head, identity, admitted).await?;
    let tag = if head.method == Method::GET { etag::tag(&executed) } else { None };
    executed.extensions.insert("cost".to_owned(), paid.extension());
    let response = response::executed(executed, media, &request_id(head));
    Ok(match tag {
        Some(tag) => etag::tagged(&tag, &head.headers, response),
        None => response,
    })
}

/// The answer to somebody who wants events: as many as there are.
async fn follow(
    door: &Door,
    head: &Parts,
    identity: Identity,
    admitted: Admitted,
    bill: Bill,
) -> Result<Response, Refusal> {
    let (place, id) = (door.streams.take(&bill.subject)?, request_id(head));
    let answers = if admitted.operation == OperationType::Subscription {
        door.app.follow(admitted.request, identity, id.clone()).await
    } else {
        stream::iter([execute(door, head, identity, admitted).await?]).boxed()
    };
    Ok(events::stream_of(answers, bill, place, id, door.stopping.clone()))
}

async fn execute(door: &Door, head: &Parts, identity: Identity, admitted: Admitted) -> Result<Executed, Refusal> {
    let attempt = match admitted.operation {
        OperationType::Mutation => idempotency::attempt(&head.headers, &admitted.request)?,
        OperationType::Query | OperationType::Subscription => None,
    };
    let time_limit = door.settings.request_time;
    let execution = door.app.execute(admitted.request, identity, request_id(head), attempt);
    tokio::time::timeout(time_limit, execution).await.map_err(|_| {
        let seconds = time_limit.as_secs_f32();
        Refusal::timeout(format!(
            "The request took longer than {seconds} s. Ask for less; a mutation may have been carried out all the same: \
             send it again under the same Idempotency-Key to learn what became of it."
        ))
    })
}

fn request_id(head: &Parts) -> String {
    head.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

fn check_method(head: &Parts) -> Result<(), Refusal> {
    match head.method {
        Method::GET => Ok(()),
        Method::POST => request::check_content_type(&head.headers),
        _ => Err(Refusal::method("GraphQL is sent by POST, or by GET for queries.", "GET, POST")),
    }
}

fn check_accept(headers: &HeaderMap) -> Result<(), Refusal> {
    if accept::prefers_events(headers) || accept::negotiate(headers).is_some() {
        return Ok(());
    }
    let message =
        "Accept `application/graphql-response+json` or `application/json`, or `text/event-stream` for events.";
    Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, "INVALID", message))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

// Ready means that a read would be answered now, and a write taken.
async fn ready(State(door): State<Arc<Door>>) -> Response {
    if door.app.ping().await.is_err() {
        return refused(unavailable());
    }
    match door.app.difference() {
        None => Response::new(Body::from("ok")),
        Some(difference) => {
            let message = format!("The service is read-only until what guards the record is repaired: {difference}.");
            refused(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message))
        }
    }
}

// The newest checkpoint, open to everybody: what was said to one must be the same as what was said to all.
async fn checkpoint(State(door): State<Arc<Door>>) -> Response {
    match door.app.reader(Teams::All).checkpoint().await {
        Ok(Some(head)) => response::plain(head.note),
        Ok(None) => refused(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "Nothing is signed yet.")),
        Err(failure) => {
            tracing::error!(%failure, "the checkpoint could not be read");
            refused(unavailable())
        }
    }
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

fn unavailable() -> Refusal {
    let message = "The service cannot reach its database at the moment; try again shortly.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
}

async fn not_found() -> Response {
    refused(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here. GraphQL is at /graphql."))
}

fn refused(refusal: Refusal) -> Response {
    response::refused(refusal, Media::Json)
}
