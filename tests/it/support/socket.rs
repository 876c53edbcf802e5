//! A WebSocket as a client of graphql-transport-ws sees it: messages, one after the other, and how it was closed.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _},
};

use super::{Caller, Server};

/// How long a socket is listened to before it counts as silent.
const MOMENT: Duration = Duration::from_millis(300);

/// An open socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Something that the service says on a socket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// A message.
    Message(Value),
    /// That it closes the socket, and why.
    Closed(u16, String),
    /// Nothing: the socket is gone.
    Cut,
}

impl Told {
    /// The type of a message, or the code of a close.
    pub(crate) fn kind(&self) -> String {
        match self {
            Self::Message(message) => message["type"].as_str().unwrap_or_default().to_owned(),
            Self::Closed(code, _) => code.to_string(),
            Self::Cut => "cut".to_owned(),
        }
    }

    /// What a message carries.
    pub(crate) fn payload(self) -> Value {
        match self {
            Self::Message(mut message) => message["payload"].take(),
            other => panic!("no message: {other:?}"),
        }
    }
}

impl Socket {
    /// Opens a socket with some headers; an error is the status of the refusal.
    pub(crate) async fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let url = format!("{}/ws", server.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(refusal)) => Err(refusal.status().as_u16()),
            // The library wants the protocol that it asked for, or none where it asked for none.
            Err(other) => panic!("{other}"),
        }
    }

    /// Opens a socket for a protocol that is understood, and says nothing yet.
    pub(crate) async fn silent(server: &Server) -> Self {
        Self::open(server, &[("sec-websocket-protocol", "graphql-transport-ws")]).await.unwrap()
    }

    /// Opens a socket as somebody, whom the service lets in.
    pub(crate) async fn of(server: &Server, caller: &Caller) -> Self {
        let mut socket = Self::silent(server).await;
        let authorization = format!("Bearer {}", caller.token());
        socket.send(&json!({ "type": "connection_init", "payload": { "authorization": authorization } })).await;
        assert_eq!(socket.next().await, Told::Message(json!({ "type": "connection_ack" })));
        socket
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.send_frame(Message::text(text)).await;
    }

    /// Sends what may be no message of the protocol; the service may have gone already.
    pub(crate) async fn send_frame(&mut self, frame: Message) {
        let _ = self.0.send(frame).await;
    }

    pub(crate) async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    /// The next message, frames that keep the socket alive aside.
    pub(crate) async fn next(&mut self) -> Told {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(30), self.0.next()).await.expect("a message");
            match frame {
                Some(Ok(Message::Text(text))) => return Told::Message(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Told::Closed(frame.code.into(), frame.reason.to_string());
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return Told::Cut,
            }
        }
    }

    /// Whether there is nothing for a moment.
    pub(crate) async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(MOMENT, self.next()).await.is_err()
    }
}
