//! Answers as a stream of server-sent events, by the GraphQL over SSE protocol in its distinct connections mode: `next`
//! for each answer, `complete` at the end. Nothing is read ahead of the client, each answer is paid for, and a stream ends
//! without `complete` when the service stops, so that the client comes back.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::Response as Executed;
use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header},
    response::Response,
};
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};

use super::{
    errors::tidy,
    points::{Points, Spent},
    refusal::Refusal,
    response::body,
};

/// How often a silent stream says that it is still there, for those who would cut it off.
const ALIVE: Duration = Duration::from_secs(12);

/// How many streams each subject has open.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// A subject's place, given back when the stream ends.
#[derive(Debug)]
pub(super) struct Place {
    subject: String,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

impl Places {
    pub(super) fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// A place for one more stream of somebody.
    pub(super) fn take(&self, subject: &str) -> Result<Place, Refusal> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let open = taken.entry(subject.to_owned()).or_default();
        if *open >= self.most {
            return Err(Refusal::limited(&format!(
                "{open} streams are open for this subject, which is the most. Close one, or ask for more in one stream."
            )));
        }
        *open += 1;
        Ok(Place { subject: subject.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = taken.get_mut(&self.subject) {
            *open -= 1;
            if *open == 0 {
                taken.remove(&self.subject);
            }
        }
    }
}

/// Who pays for each answer, and how much.
pub(super) struct Bill {
    pub(super) points: Arc<Points>,
    pub(super) subject: String,
    pub(super) price: u64,
    /// What was paid for the first one already.
    pub(super) paid: Option<Spent>,
}

impl Bill {
    /// Pays, if need be later; the answer is what it cost.
    async fn pay(&mut self) -> async_graphql::Value {
        if let Some(paid) = self.paid.take() {
            return paid.extension();
        }
        loop {
            match self.points.charge(&self.subject, self.price, 0) {
                Ok(spent) => return spent.extension(),
                Err(overspent) => tokio::time::sleep(overspent.wait).await,
            }
        }
    }
}

/// A stream that is open.
struct Open {
    answers: BoxStream<'static, Executed>,
    bill: Bill,
    request_id: String,
    alive: Interval,
    stopping: watch::Receiver<bool>,
    complete: bool,
    _place: Place,
}

/// The answer that goes on for as long as there is something to say.
pub(super) fn stream_of(
    answers: BoxStream<'static, Executed>,
    bill: Bill,
    place: Place,
    request_id: String,
    stopping: watch::Receiver<bool>,
) -> Response {
    let mut alive = interval(ALIVE);
    alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let open = Open { answers, bill, request_id, alive, stopping, complete: false, _place: place };
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

async fn told(stopping: &mut watch::Receiver<bool>) {
    // Nobody is left to tell: then nobody serves any more.
    let _ = stopping.wait_for(|stopping| *stopping).await;
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
                Some(answer) => return Some(self.next(answer).await),
                None => self.complete = true,
            },
            // The first comes at once, and shows that the stream is open.
            _ = self.alive.tick() => return Some(Bytes::from_static(b":\n\n")),
        }
        Some(Bytes::from_static(b"event: complete\ndata:\n\n"))
    }

    async fn next(&mut self, mut answer: Executed) -> Bytes {
        tidy(&mut answer, &self.request_id);
        answer.extensions.insert("cost".to_owned(), self.bill.pay().await);
        // JSON has no line ends of its own, so that one line holds it all.
        [b"event: next\ndata: ", &body(&answer)[..], b"\n\n"].concat().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_so_many_places_and_gets_each_back() {
        let places = Places::new(2);
        let (first, _second) = (places.take("a").unwrap(), places.take("a").unwrap());

        assert!(places.take("a").unwrap_err().errors[0].message.starts_with("2 streams are open"));
        assert!(places.take("b").is_ok());
        drop(first);
        assert!(places.take("a").is_ok());
        assert_eq!(places.taken.lock().unwrap().len(), 1);
    }
}
