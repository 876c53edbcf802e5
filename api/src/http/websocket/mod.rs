//! GraphQL over WebSocket by the protocol graphql-transport-ws (github.com/enisdenjo/graphql-ws, PROTOCOL.md): the way from
//! a request to a socket. `message` holds the protocol's words, `closing` its close codes, `conversation` what is said
//! when, `operations` what runs on a socket, `visitor` who is at its other end. Rights, price and limits are those of HTTP.

mod closing;
mod conversation;
mod message;
mod operations;
mod visitor;

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts as _, Request, State, WebSocketUpgrade},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};

use self::conversation::Conversation;
use super::{
    accept::Media,
    door::{Door, bearer},
    origin,
    refusal::Refusal,
    response,
    settings::HttpSettings,
    sockets::Connection,
};

/// The protocol, as a client asks for it.
const PROTOCOL: &str = "graphql-transport-ws";

/// The longest message that is read, in bytes: a document of the full size, as JSON writes it, and its variables.
const LONGEST: usize = 128 * 1024;

/// What is read at once; it is held for as long as the socket is open.
const READ_BUFFER: usize = 4 * 1024;

/// Answers a request to speak the protocol on this socket from now on.
pub(super) async fn upgrade(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (mut head, _) = request.into_parts();
    let HttpSettings { public_url, allowed_origins, .. } = &door.settings;
    if let Err(refusal) = origin::check(&head.headers, public_url.as_deref(), allowed_origins) {
        return response::refused(refusal, Media::Json);
    }
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut head, &()).await else {
        return response::refused(no_upgrade(), Media::Json);
    };
    // Without a write buffer of its own, so that an answer that cannot be sent is noticed at once.
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0);
    let upgrade = upgrade.max_message_size(LONGEST).max_frame_size(LONGEST).protocols([PROTOCOL]);
    let agreed = upgrade.selected_protocol().is_some();
    let token = bearer(&head.headers).map(str::to_owned);
    // The socket counts as a connection for as long as it is open.
    let connection = head.extensions.get::<Connection>().cloned();
    upgrade.on_upgrade(move |socket| async move {
        Conversation::new(door, socket, token).hold(agreed).await;
        drop(connection);
    })
}

fn no_upgrade() -> Refusal {
    const UPGRADE: HeaderName = header::UPGRADE;
    let message = "This path speaks WebSocket, with the subprotocol graphql-transport-ws. Requests over HTTP go to \
                   /graphql, subscriptions as well: with Accept: text/event-stream.";
    let header = Some(Box::new((UPGRADE, HeaderValue::from_static("websocket"))));
    Refusal { header, ..Refusal::new(StatusCode::UPGRADE_REQUIRED, "INVALID", message) }
}
