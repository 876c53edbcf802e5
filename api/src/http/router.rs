//! The routes, and the order in which a GraphQL request over HTTP is judged: method, media types and origin; who is calling, and
//! whether points are left; the body's size; the document and its price; then execution under a time limit. Each
//! judgement lives in its own module.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{any, get, post};
use holdline_domain::actor::Teams;
use tokio::sync::watch;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use super::accept::{self, Media};
use super::answers::Bill;
use super::door::{DOOR, Door, RequestIds, bearer, subject, unavailable};
use super::frame::{RequestId, frame};
use super::gate::Admitted;
use super::kept::{Answer, Asked};
use super::points::Spent;
use super::refusal::Refusal;
use super::request::Held;
use super::settings::HttpSettings;
use super::{etag, events, graphiql, hooks, idempotency, origin, pages, request, response, websocket};
use crate::app::{Answered, App, Entrant};
use crate::store::Attempt;

/// All routes of the service; streams end when it is stopping.
pub fn router(
    app: Arc<App>,
    settings: HttpSettings,
    request_ids: RequestIds,
    stopping: watch::Receiver<bool>,
) -> Router {
    let pages = origin::pages(&settings.allowed_origins);
    let door = Arc::new(Door::new(app, settings, request_ids, stopping));
    // Events are passed on one by one, and not collected until there is enough to pack.
    let worth = SizeAbove::new(COMPRESSED).and(NotForContentType::SSE);
    let packed = CompressionLayer::new().compress_when(worth);
    let routes = Router::new()
        // What is asked for is worth the work, for those who pay for it; GraphiQL's files are kept by browsers.
        .route("/graphql", any(graphql).layer(packed.clone()))
        .route("/graphql/ws", any(websocket::upgrade))
        .route("/graphql/assets/{file}", get(graphiql::asset))
        .route("/hooks/{name}", post(hooks::take))
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/.well-known/holdline-checkpoint", get(checkpoint))
        .merge(pages::routes().layer(packed))
        .merge(pages::open())
        .fallback(nothing)
        .method_not_allowed_fallback(no_such_method);
    let routes = if let Some(pages) = pages { routes.layer(pages) } else { routes };
    routes.layer(from_fn_with_state(door.clone(), frame)).with_state(door)
}

/// Reading as much of a body as this costs a point.
pub(super) const KIBIBYTE: u64 = 1_024;

/// The smallest answer that is compressed, in bytes.
const COMPRESSED: u64 = 1_024;

async fn graphql(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let wants_page = head.method == Method::GET && !request::has_query(head.uri.query().unwrap_or_default());
    if wants_page && accept::prefers_html(&head.headers) {
        return graphiql::page();
    }
    // Who wants events and gets a refusal tells it by its status.
    let events = accept::prefers_events(&head.headers);
    let media = if events { Media::GraphqlResponse } else { accept::negotiate(&head.headers).unwrap_or(Media::Json) };
    Box::pin(answer(&door, &head, body, media)).await.unwrap_or_else(|refusal| response::refused(refusal, media))
}

async fn answer(door: &Arc<Door>, head: &Parts, body: Body, media: Media) -> Result<Response, Refusal> {
    check_method(head)?;
    check_accept(&head.headers)?;
    let HttpSettings { public_url, allowed_origins, .. } = &door.settings;
    origin::check(&head.headers, public_url.as_deref(), allowed_origins)?;
    let entrant = match door.app.authenticate(bearer(&head.headers)).await {
        Ok(entrant) => entrant,
        Err(why) => {
            request::discard(body, door.settings.body_time).await;
            return Err(why.into());
        }
    };
    let subject = subject(&entrant.identity);
    let paid = door.points.charge(&subject, DOOR, 0)?;
    let body = door.room.read(body, door.settings.body_time).await.map_err(|refusal| refusal.costing(paid))?;
    let read = body.bytes.len() as u64 / KIBIBYTE;
    let paid = if read > 0 { door.points.charge(&subject, read, DOOR)? } else { paid };
    let events = accept::prefers_events(&head.headers);
    let asked = Asked::of(head, &body.bytes);
    if let Some(kept) = door.kept.find(&asked, entrant.arrival.stamp, door.app.clock().now()).filter(|_| !events) {
        let paid = door.points.charge(&subject, kept.price, DOOR + read)?;
        door.app.metrics().recalled();
        return Ok(recalled(head, &kept, media, paid));
    }
    let admitted = admit(door, head, body).map_err(|refusal| refusal.costing(paid))?;
    let paid = door.points.charge(&subject, admitted.price, DOOR + read)?;
    let answered = if events {
        let points = Arc::clone(&door.points);
        let bill = Bill { points, subject, price: admitted.price, paid: Some(paid) };
        follow(door, head, entrant, admitted, bill).await
    } else {
        run(door, head, entrant, admitted, media, (paid, asked)).await
    };
    answered.map_err(|refusal| refusal.costing(paid))
}

fn admit(door: &Door, head: &Parts, body: Held<'_>) -> Result<Admitted, Refusal> {
    let asked = match head.method {
        Method::POST => request::from_body(&body.bytes)?,
        _ => request::from_query_string(head.uri.query().unwrap_or_default())?,
    };
    drop(body);
    door.admit(asked, &head.method)
}

async fn run(
    door: &Door,
    head: &Parts,
    entrant: Entrant,
    admitted: Admitted,
    media: Media,
    (paid, asked): (Spent, Asked),
) -> Result<Response, Refusal> {
    if admitted.operation == OperationType::Subscription {
        let message = "A subscription is answered as a stream of events: send Accept: text/event-stream.";
        return Err(Refusal::malformed(message, None));
    }
    let (began, stamp) = (door.app.clock().now(), entrant.arrival.stamp);
    let is_query = admitted.operation == OperationType::Query;
    let turn = if is_query { door.kept.turn(asked, stamp).await } else { None };
    if turn.is_none()
        && is_query
        && let Some(kept) = door.kept.find(&asked, stamp, door.app.clock().now())
    {
        door.app.metrics().recalled();
        return Ok(recalled(head, &kept, media, paid));
    }
    let (price, attempt) = (admitted.price, attempt(head, &admitted)?);
    let Answered { response: mut executed, timed } = door.execute(entrant, admitted, request_id(head), attempt).await?;
    let kept = is_query.then(|| Answer::of(&executed, price, &head.method, timed.then_some(began))).flatten();
    if let Some(answer) = kept {
        let answer = door.kept.keep(asked, stamp, answer);
        return Ok(recalled(head, &answer, media, paid));
    }
    let tag = if head.method == Method::GET { etag::tag(&executed) } else { None };
    executed.extensions.insert("cost".to_owned(), paid.extension());
    Ok(tagged(tag.as_deref(), head, response::executed(executed, media, &request_id(head))))
}

/// What was answered before, and what it costs this time.
fn recalled(head: &Parts, answer: &Answer, media: Media, paid: Spent) -> Response {
    tagged(answer.tag.as_deref(), head, response::given(&answer.data, media, paid))
}

fn tagged(tag: Option<&str>, head: &Parts, response: Response) -> Response {
    match tag {
        Some(tag) => etag::tagged(tag, &head.headers, response),
        None => response,
    }
}

/// The answer to somebody who wants events: as many as there are.
async fn follow(
    door: &Arc<Door>,
    head: &Parts,
    entrant: Entrant,
    admitted: Admitted,
    bill: Bill,
) -> Result<Response, Refusal> {
    let attempt = attempt(head, &admitted)?;
    let answers = door.follow(entrant, admitted, bill, request_id(head), attempt).await?;
    Ok(events::stream_of(answers, door.stopping.clone()))
}

fn attempt(head: &Parts, admitted: &Admitted) -> Result<Option<Attempt>, Refusal> {
    match admitted.operation {
        OperationType::Mutation => idempotency::attempt(&head.headers, &admitted.request),
        OperationType::Query | OperationType::Subscription => Ok(None),
    }
}

pub(super) fn request_id(head: &Parts) -> String {
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

// Ready means that a read would be answered now, and a write taken.
async fn ready(State(door): State<Arc<Door>>) -> Response {
    if let Some(difference) = door.app.difference() {
        let message = format!("Nothing is written until this is put right: {difference}.");
        return refused(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message));
    }
    match door.app.ping().await {
        Ok(()) => Response::new(Body::from("ok")),
        Err(_) => refused(unavailable()),
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

async fn no_such_method(uri: axum::http::Uri) -> Response {
    refused(if uri.path().starts_with("/hooks/") {
        Refusal::method("A hook takes what a CRM sends by POST.", "POST")
    } else {
        Refusal::method("This path is read by GET.", "GET, HEAD")
    })
}

async fn nothing(headers: HeaderMap) -> Response {
    match pages::not_found(&headers) {
        Some(page) => page,
        None => not_found().await,
    }
}

pub(super) async fn not_found() -> Response {
    refused(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "There is nothing here. GraphQL is at /graphql."))
}

fn refused(refusal: Refusal) -> Response {
    response::refused(refusal, Media::Json)
}
