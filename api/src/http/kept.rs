//! Answers that still hold: a query that was asked before by the same token, in the very same bytes, is answered with what
//! it was answered then, as long as the database says that nothing was committed since. An answer that says something of
//! the time holds for a moment only. What is kept is bounded, and goes with the first commit.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_graphql::Response as Executed;
use axum::http::{HeaderValue, Method, header, request::Parts};
use holdline_domain::time::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use super::etag;
use crate::store::Stamp;

/// How many bytes of answers are kept in all.
const ROOM: usize = 8 * 1024 * 1024;

/// The longest answer that is kept, in bytes.
const LONGEST: usize = 256 * 1024;

/// For how long an answer holds that says something of the time, in microseconds: a second.
const MOMENT: i64 = 1_000_000;

/// For how long whoever asks the same waits for who asked first.
const PATIENCE: Duration = Duration::from_secs(1);

/// A request, known by what was sent: the token, the method, and the body or the query string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Asked([u8; 32]);

impl Asked {
    /// What a request asks for, whose body is this.
    pub(super) fn of(head: &Parts, body: &[u8]) -> Self {
        let token = head.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
        let query = if head.method == Method::POST { "" } else { head.uri.query().unwrap_or_default() };
        let mut hash = Sha256::new();
        for part in [token, head.method.as_str().as_bytes(), query.as_bytes(), body] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

/// An answer that may be given again.
#[derive(Debug)]
pub(super) struct Answer {
    /// What is read costs as much as it did, in points.
    pub(super) price: u64,
    /// The JSON of the answer, from its first byte to where `extensions` follow.
    pub(super) data: Vec<u8>,
    /// Its tag, where it was asked for by GET.
    pub(super) tag: Option<String>,
    /// When it was made, where it says something of the time.
    at: Option<Timestamp>,
}

impl Answer {
    /// What was executed, if it may be given again: nothing failed, and nothing is said but data.
    pub(super) fn of(executed: &Executed, price: u64, method: &Method, timed: Option<Timestamp>) -> Option<Self> {
        let plain = executed.errors.is_empty() && executed.extensions.is_empty() && executed.http_headers.is_empty();
        let mut data = plain.then(|| serde_json::to_vec(executed).ok())??;
        (data.pop()? == b'}').then_some(())?;
        let tag = if *method == Method::GET { etag::tag(executed) } else { None };
        Some(Self { price, data, tag, at: timed })
    }

    /// What keeping it takes, in bytes, with what stands around it.
    fn size(&self) -> usize {
        self.data.len() + 256
    }

    fn holds(&self, now: Timestamp) -> bool {
        self.at.is_none_or(|at| (0..MOMENT).contains(&(now.micros() - at.micros())))
    }
}

/// The answers that still hold.
#[derive(Default)]
pub(super) struct Kept(Mutex<Held>);

#[derive(Default)]
struct Held {
    /// What the database held when these were made, or before.
    stamp: Option<Stamp>,
    answers: HashMap<Asked, Arc<Answer>>,
    bytes: usize,
    /// What is being answered at this moment; whoever holds the other end does it.
    coming: HashMap<(Asked, Stamp), watch::Receiver<()>>,
}

/// Others who ask the same wait until this goes.
pub(super) struct Answering<'k> {
    kept: &'k Kept,
    what: (Asked, Stamp),
    _told: watch::Sender<()>,
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.kept.held().coming.remove(&self.what);
    }
}

impl Kept {
    /// Takes the turn to answer something; or none, once whoever had it is done or takes long. So of many who ask the same
    /// at once, as when a commit has every dashboard ask again, one reads.
    pub(super) async fn turn(&self, asked: Asked, stamp: Stamp) -> Option<Answering<'_>> {
        let mut coming = match self.held().coming.entry((asked, stamp)) {
            Entry::Occupied(coming) => coming.get().clone(),
            Entry::Vacant(nobody) => {
                let (told, coming) = watch::channel(());
                nobody.insert(coming);
                return Some(Answering { kept: self, what: (asked, stamp), _told: told });
            }
        };
        // Nothing is ever sent: the end of the channel is the end of the turn.
        let _ = tokio::time::timeout(PATIENCE, coming.changed()).await;
        None
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was answered, if it still holds for somebody who met the database like this.
    pub(super) fn find(&self, asked: &Asked, stamp: Stamp, now: Timestamp) -> Option<Arc<Answer>> {
        let held = self.held();
        let answer = (held.stamp == Some(stamp)).then(|| held.answers.get(asked))??;
        answer.holds(now).then(|| Arc::clone(answer))
    }

    /// Keeps what somebody was answered who met the database like this, and lets go of what was answered before.
    pub(super) fn keep(&self, asked: Asked, stamp: Stamp, answer: Answer) -> Arc<Answer> {
        let answer = Arc::new(answer);
        let mut held = self.held();
        if answer.size() > LONGEST || held.stamp > Some(stamp) {
            return answer;
        }
        if held.stamp < Some(stamp) || held.bytes + answer.size() > ROOM {
            (held.stamp, held.bytes) = (Some(stamp), 0);
            held.answers.clear();
        }
        held.bytes += answer.size();
        if let Some(before) = held.answers.insert(asked, Arc::clone(&answer)) {
            held.bytes -= before.size();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn asked(method: Method, uri: &str, token: &str, body: &str) -> Asked {
        let request = Request::builder().method(method).uri(uri).header(header::AUTHORIZATION, token);
        Asked::of(&request.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    fn answer(bytes: usize, at: Option<i64>) -> Answer {
        let at = at.map(|micros| Timestamp::from_micros(micros).unwrap());
        Answer { price: 1, data: vec![b' '; bytes], tag: None, at }
    }

    const NOW: Timestamp = Timestamp::EPOCH;

    #[test]
    fn what_is_asked_differs_by_token_method_address_and_body_and_by_where_one_ends() {
        let one = asked(Method::POST, "/graphql", "Bearer a", "{}");

        for other in [
            asked(Method::POST, "/graphql", "Bearer b", "{}"),
            asked(Method::GET, "/graphql", "Bearer a", "{}"),
            asked(Method::GET, "/graphql?query=%7B%7D", "Bearer a", ""),
            asked(Method::POST, "/graphql", "Bearer a", "{} "),
            asked(Method::POST, "/graphql", "Bearer a{", "}"),
        ] {
            assert_ne!(one, other);
        }
        // A body says everything that a POST asks.
        assert_eq!(one, asked(Method::POST, "/graphql?again", "Bearer a", "{}"));
    }

    #[test]
    fn an_answer_is_found_in_the_state_that_it_was_made_in_and_no_other() {
        let (kept, what) = (Kept::default(), asked(Method::POST, "/", "", "{}"));
        let [first, second] = Stamp::first_two();

        kept.keep(what, first, answer(9, None));
        assert!(kept.find(&what, first, NOW).is_some() && kept.find(&what, second, NOW).is_none());
        kept.keep(what, second, answer(9, None));
        // Whoever met the first state and took long replaces nothing.
        kept.keep(what, first, answer(9, None));
        assert!(kept.find(&what, first, NOW).is_none() && kept.find(&what, second, NOW).is_some());
    }

    #[test]
    fn an_answer_that_says_something_of_the_time_holds_for_a_second() {
        let (kept, what, [stamp, _]) = (Kept::default(), asked(Method::POST, "/", "", "{}"), Stamp::first_two());
        kept.keep(what, stamp, answer(9, Some(0)));

        for (micros, holds) in [(0, true), (999_999, true), (1_000_000, false), (-1, false)] {
            let now = Timestamp::from_micros(micros).unwrap();
            assert_eq!(kept.find(&what, stamp, now).is_some(), holds, "{micros}");
        }
    }

    #[test]
    fn what_is_kept_has_its_bounds() {
        let (kept, [stamp, _]) = (Kept::default(), Stamp::first_two());
        let long = asked(Method::POST, "/", "", "long");
        kept.keep(long, stamp, answer(LONGEST, None));
        assert!(kept.find(&long, stamp, NOW).is_none());

        for number in 0..1_000 {
            let what = asked(Method::POST, "/", "", &number.to_string());
            kept.keep(what, stamp, answer(LONGEST / 2, None));
            kept.keep(what, stamp, answer(LONGEST / 2, None));
            assert!(kept.find(&what, stamp, NOW).is_some(), "{number}");
            let held = kept.held();
            let sizes: usize = held.answers.values().map(|answer| answer.size()).sum();
            assert!(sizes == held.bytes && sizes <= ROOM, "{sizes} of {}", held.bytes);
        }
    }
}
