//! When a request loads: what its resolvers ask for before none of them can go on is one batch for each kind, up to 1,000,
//! and what they ask for next waits until those are there. So a level of a query is one statement for each kind of thing in
//! it, whatever else happens to run, and no time is spent waiting for more to be asked.

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
use tokio::runtime::Handle;
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

/// How long loads that nobody waits for may still take: as long as a statement may.
const LONGEST: Duration = Duration::from_secs(10);

/// Loads that were begun. Where nobody waits for them any more they go on by themselves: a statement that was sent is
/// better ended.
#[derive(Default)]
struct Running(FuturesUnordered<FutureObj<'static, ()>>);

impl Drop for Running {
    fn drop(&mut self) {
        if let (false, Ok(runtime)) = (self.0.is_empty(), Handle::try_current()) {
            let rest = std::mem::take(&mut self.0).collect::<()>();
            runtime.spawn(async { tokio::time::timeout(LONGEST, rest).await });
        }
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
        let mut running = Running::default();
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(Some(done)) = work.poll_next_unpin(cx) {
                    return Poll::Ready(done);
                }
                match running.0.poll_next_unpin(cx) {
                    // Whoever waited for it can go on.
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) => {
                        let asked = self.take();
                        if asked.is_empty() {
                            return Poll::Pending;
                        }
                        running.0.extend(asked);
                    }
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    /// The same for work that has something to say more than once.
    pub(super) fn beside_each<S: Stream + Send + Unpin>(self, work: S) -> impl Stream<Item = S::Item> {
        stream::unfold((self, work), |(loads, mut work)| async move {
            let said = loads.beside(work.next()).await?;
            Some((said, (loads, work)))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{future::join_all, task::SpawnExt as _};
    use tokio::sync::oneshot;

    use super::*;

    /// Asks for a load and waits for it; the load notes how many were asked for when it began.
    async fn asking(loads: &Loads, asked: &Arc<AtomicUsize>, begun: &Arc<Mutex<Vec<usize>>>) {
        let (told, tell) = oneshot::channel();
        asked.fetch_add(1, Ordering::SeqCst);
        let (asked, begun) = (Arc::clone(asked), Arc::clone(begun));
        let load = async move {
            begun.lock().unwrap().push(asked.load(Ordering::SeqCst));
            tokio::task::yield_now().await;
            told.send(()).unwrap();
        };
        loads.spawn(load).unwrap();
        tell.await.unwrap();
    }

    #[tokio::test]
    async fn loads_begin_once_all_is_asked_for_and_a_level_begins_after_the_one_before() {
        let (loads, asked, begun) = (Loads::default(), Arc::default(), Arc::default());
        let resolver = async || {
            asking(&loads, &asked, &begun).await;
            asking(&loads, &asked, &begun).await;
        };

        loads.beside(join_all((0..3).map(|_| resolver())).boxed()).await;

        assert_eq!(*begun.lock().unwrap(), [3, 3, 3, 6, 6, 6]);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_ended_or_begun_with_what_comes_next() {
        let (loads, ended) = (Loads::default(), Arc::new(AtomicUsize::new(0)));
        let load = || {
            let ended = Arc::clone(&ended);
            async move {
                tokio::task::yield_now().await;
                ended.fetch_add(1, Ordering::SeqCst);
            }
        };
        let begins = async {
            loads.spawn(load()).unwrap();
            tokio::task::yield_now().await;
            // Asked for while another runs, by what then ends.
            loads.spawn(load()).unwrap();
        };

        loads.beside(begins.boxed()).await;
        while ended.load(Ordering::SeqCst) < 1 {
            tokio::task::yield_now().await;
        }
        let waits = async {
            while ended.load(Ordering::SeqCst) < 2 {
                tokio::task::yield_now().await;
            }
        };
        loads.beside(waits.boxed()).await;
    }
}
