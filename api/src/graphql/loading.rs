//! When a request loads: what its resolvers ask for before none of them can go on is one batch for each kind, and what
//! they ask for next waits until those are there. So a level of a query is one statement for each kind of thing in it,
//! whatever else happens to run, and no time is spent waiting for more to be asked.

use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};

use async_graphql::runtime::Timer;
use futures_util::{
    FutureExt as _, Stream, StreamExt as _,
    future::{BoxFuture, ready},
    stream::{self, FuturesUnordered},
    task::{FutureObj, Spawn, SpawnError},
};
use tracing::Instrument as _;

/// The loads that resolvers have asked for and nobody runs yet.
#[derive(Clone, Default)]
pub(super) struct Loads(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl Spawn for Loads {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        let load = FutureObj::new(load.in_current_span().boxed());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(load);
        Ok(())
    }
}

/// What has been asked for is loaded once its load runs.
pub(super) struct AtOnce;

impl Timer for AtOnce {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
}

impl Loads {
    fn take(&self) -> Vec<FutureObj<'static, ()>> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs work, and beside it what it asks to load.
    pub(super) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        // Each in a set of its own, which looks only at what was woken.
        let mut work: FuturesUnordered<_> = std::iter::once(work).collect();
        let mut running = FuturesUnordered::new();
        let done = poll_fn(|cx| {
            loop {
                if let Poll::Ready(Some(done)) = work.poll_next_unpin(cx) {
                    return Poll::Ready(done);
                }
                match running.poll_next_unpin(cx) {
                    // Whoever waited for it can go on.
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) => {
                        let asked = self.take();
                        if asked.is_empty() {
                            return Poll::Pending;
                        }
                        running.extend(asked);
                    }
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await;
        if !running.is_empty() {
            // Nobody waits for them, but a statement that was begun is better ended.
            tokio::spawn(running.collect::<()>());
        }
        done
    }

    /// The same for work that has something to say more than once.
    pub(super) fn beside_each<S: Stream + Send + Unpin>(self, work: S) -> impl Stream<Item = S::Item> {
        stream::unfold((self, work), |(loads, mut work)| async move {
            let said = loads.beside(work.next()).await?;
            Some((said, (loads, work)))
        })
    }
}
