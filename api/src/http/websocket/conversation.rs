//! What is said on a socket, and when: first who is calling, then operations, with a sign of life from either side.
//! Nothing is queued: while the client does not read, nothing more is read for it, and after a while it is let go.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::ws::{Message as Frame, WebSocket},
};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout},
};

use super::{
    super::{
        door::{Door, told},
        refusal::Refusal,
        request::{Params, Said as Asked},
    },
    closing::Closing,
    message::{self, Message},
    operations::{Operations, Said},
    visitor::Visitor,
};

/// How long a client may take to say who it is.
const INIT: Duration = Duration::from_secs(3);

/// How often a client is asked for a sign of life; after twice as long without one it is taken to be gone.
const BEAT: Duration = Duration::from_secs(15);

/// How long a client may take, at the least, to answer that the socket is closed.
const FAREWELL: Duration = Duration::from_secs(2);

/// One socket.
pub(super) struct Conversation {
    socket: WebSocket,
    visitor: Visitor,
    operations: Operations,
    stopping: watch::Receiver<bool>,
    /// How long one message waits for a client that does not read: half of what the socket itself waits, so that there
    /// is time left to say why.
    patience: Duration,
}

/// The socket is closed already, or is to be.
enum End {
    Gone,
    With(Closing),
}

impl From<Closing> for End {
    fn from(closing: Closing) -> Self {
        Self::With(closing)
    }
}

impl Conversation {
    /// `token` is that of the request that became this socket.
    pub(super) fn new(door: Arc<Door>, socket: WebSocket, token: Option<String>) -> Self {
        let (stopping, patience) = (door.stopping.clone(), door.settings.sockets.write_time / 2);
        Self { socket, visitor: Visitor::new(door, token), operations: Operations::default(), stopping, patience }
    }

    /// Holds it to its end; `agreed` says whether both sides mean the same protocol.
    pub(super) async fn hold(mut self, agreed: bool) {
        let ended = if agreed { self.converse().await } else { Err(Closing::PROTOCOL.into()) };
        let Err(End::With(closing)) = ended else { return };
        // What is read for nobody need not be held while the client takes its leave.
        self.operations = Operations::default();
        let patience = FAREWELL.max(self.patience);
        let farewell = async {
            if self.socket.send(Frame::Close(Some(closing.frame()))).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let _ = timeout(patience, farewell).await;
    }

    async fn converse(&mut self) -> Result<(), End> {
        let mut beat = interval_at(Instant::now() + BEAT, BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let late = Instant::now() + INIT;
        let mut silent = false;
        loop {
            tokio::select! {
                biased;
                () = told(&mut self.stopping) => return Err(Closing::GOING_AWAY.into()),
                () = sleep_until(late), if !self.visitor.is_in() => return Err(Closing::INIT_TIMEOUT.into()),
                frame = self.socket.recv() => {
                    silent = false;
                    match frame {
                        Some(Ok(frame)) => self.hear(frame).await?,
                        Some(Err(error)) => return Err(Closing::unreadable(&error).map_or(End::Gone, End::With)),
                        None => return Err(End::Gone),
                    }
                }
                said = self.operations.next() => match said {
                    Said::Message(message) | Said::Last(message) => self.say(Frame::Text(message)).await?,
                    Said::Unauthenticated(why) => return Err(Closing::forbidden(&why).into()),
                },
                _ = beat.tick() => {
                    if std::mem::replace(&mut silent, true) {
                        return Err(End::Gone);
                    }
                    self.say(Frame::Ping(Bytes::new())).await?;
                }
            }
        }
    }

    async fn say(&mut self, frame: Frame) -> Result<(), End> {
        match timeout(self.patience, self.socket.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(Closing::TOO_SLOW.into()),
        }
    }

    async fn hear(&mut self, frame: Frame) -> Result<(), End> {
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Binary(_) => return Err(Closing::NO_TEXT.into()),
            // The library answers a ping, and the reading ends with a close.
            Frame::Ping(_) | Frame::Pong(_) | Frame::Close(_) => return Ok(()),
        };
        self.visitor.pay_for_hearing().await;
        match Message::parse(&text)? {
            Message::Init { token } => {
                self.visitor.enter(token).await?;
                self.say(Frame::Text(message::ACK)).await
            }
            Message::Ping => self.say(Frame::Text(message::PONG)).await,
            Message::Pong => Ok(()),
            Message::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
            Message::Subscribe { id, asked } => self.subscribe(id, asked).await,
        }
    }

    async fn subscribe(&mut self, id: String, asked: Result<(Asked, Params), Refusal>) -> Result<(), End> {
        if self.operations.has(&id) {
            return Err(Closing::taken(&id).into());
        }
        match self.visitor.ask(asked).await? {
            Ok(answers) => {
                self.operations.begin(id, answers);
                Ok(())
            }
            Err(refusal) => self.say(Frame::Text(message::error(&id, &refusal.errors))).await,
        }
    }
}
