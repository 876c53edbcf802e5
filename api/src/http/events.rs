//! Answers as a stream of server-sent events, by the GraphQL over SSE protocol in its distinct connections mode: `next`
//! for each answer, `complete` at the end. Nothing is read ahead of the client, and a stream ends without `complete` when
//! the service stops, so that the client comes back.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::stream;
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};

use super::{answers::Answers, door::told, response::body};

/// How often a silent stream says that it is still there, for those who would cut it off.
const ALIVE: Duration = Duration::from_secs(12);

/// A stream that is open.
struct Open {
    answers: Answers,
    alive: Interval,
    stopping: watch::Receiver<bool>,
    complete: bool,
}

/// The answer that goes on for as long as there is something to say.
pub(super) fn stream_of(answers: Answers, stopping: watch::Receiver<bool>) -> Response {
    let mut alive = interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let open = Open { answers, alive, stopping, complete: false };
    let events = stream::unfold(open, |mut open| async move {
        let event = open.event().await?;
        Some((Ok::<_, Infallible>(event), open))
    });
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    // Some proxies collect an answer before they pass it on, unless they are told.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

impl Open {
    async fn event(&mut self) -> Option<Bytes> {
        if self.complete {
            return None;
        }
        tokio::select! {
            biased;
            () = told(&mut self.stopping) => return None,
            answer = self.answers.next() => match answer {
                // JSON has no line ends of its own, so that one line holds it all.
                Some(answer) => return Some([b"event: next\ndata: ", &body(&answer)[..], b"\n\n"].concat().into()),
                None => self.complete = true,
            },
            // The first comes at once, and shows that the stream is open.
            _ = self.alive.tick() => return Some(Bytes::from_static(b":\n\n")),
        }
        Some(Bytes::from_static(b"event: complete\ndata:\n\n"))
    }
}
