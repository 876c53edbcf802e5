//! Answers that follow one another: each is paid for before the next is read, says what it cost, and hides what is
//! internal. How they are written down is the protocol's: server-sent events or a WebSocket.

use std::sync::Arc;

use async_graphql::Response as Executed;
use futures_util::{StreamExt as _, stream::BoxStream};

use super::{
    errors::tidy,
    places::Place,
    points::{Points, Spent},
};

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

/// The answers to one operation, as many as there are.
pub(super) struct Answers {
    coming: BoxStream<'static, Executed>,
    bill: Bill,
    request_id: String,
    /// Whether there is one answer and no more.
    once: bool,
    ended: bool,
    /// What was paid for the next answer.
    paid: Option<async_graphql::Value>,
    _place: Place,
}

impl Answers {
    pub(super) const fn new(
        coming: BoxStream<'static, Executed>,
        bill: Bill,
        request_id: String,
        place: Place,
        once: bool,
    ) -> Self {
        Self { coming, bill, request_id, once, ended: false, paid: None, _place: place }
    }

    /// The next answer, whenever it comes; none at the end. Nothing is lost where the waiting is broken off.
    pub(super) async fn next(&mut self) -> Option<Executed> {
        if self.ended {
            return None;
        }
        if self.paid.is_none() {
            self.paid = Some(self.bill.pay().await);
        }
        let mut answer = self.coming.next().await?;
        // Nothing is paid to learn that there is no more.
        self.ended = self.once;
        tidy(&mut answer, &self.request_id);
        answer.extensions.extend(self.paid.take().map(|cost| ("cost".to_owned(), cost)));
        Some(answer)
    }
}
