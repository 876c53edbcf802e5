//! What CRMs send: judged by the very bytes that came, kept, and answered at once; it is read afterwards. Whoever is not
//! believed is told nothing but that, and nothing of theirs is kept.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use holdline_entity::hook_event::HookEventStatus;

use super::{
    accept::Media,
    door::{Door, unavailable},
    refusal::Refusal,
    request::discard,
    response,
    router::not_found,
};
use crate::{
    crm::{Envelope, Header, Hook},
    store::StoredHookEvent,
};

/// Takes a message for the hook of a name.
pub(super) async fn take(State(door): State<Arc<Door>>, Path(name): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Some(hook) = door.app.inbox().hooks().get(&name) else {
        discard(body, door.settings.body_time).await;
        return not_found().await;
    };
    let said = |name: &str| header_of(&head.headers, name);
    match keep(&door, hook, &said, head.uri.query(), body).await {
        Ok(()) => answered(hook.acknowledgement(&said)),
        Err(refusal) => response::refused(refusal, Media::GraphqlResponse),
    }
}

async fn keep(door: &Door, hook: &Hook, header: Header<'_>, query: Option<&str>, body: Body) -> Result<(), Refusal> {
    let unbelieved = || {
        let message = "The message is not signed with this hook's secret, or was signed more than five minutes ago.";
        Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
    };
    let token = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    let envelope = Envelope { header, token, at: door.app.clock().now() };
    if !hook.may_enter(&envelope) {
        discard(body, door.settings.body_time).await;
        return Err(unbelieved());
    }
    let held = door.hook_room.read(body, door.settings.body_time).await?;
    if !hook.believes(&envelope, &held.bytes) {
        return Err(unbelieved());
    }
    let event = StoredHookEvent {
        id: door.app.next_id(),
        hook: hook.name.clone(),
        team: hook.reading.team.to_string(),
        xml: Hook::is_xml(header),
        body: held.bytes,
        status: HookEventStatus::Received,
        reason: None,
        received_at: envelope.at,
    };
    door.app.database().hook_keep(event).await.map_err(|failure| {
        tracing::error!(%failure, hook = %hook.name, "what a CRM sent could not be kept");
        unavailable()
    })?;
    door.app.inbox().ring();
    Ok(())
}

/// A header that is there once.
fn header_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?.to_owned();
    values.next().is_none().then_some(value)
}

fn answered(acknowledgement: Option<&'static str>) -> Response {
    let Some(xml) = acknowledgement else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        return response;
    };
    let mut response = Response::new(Body::from(xml));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    response
}
