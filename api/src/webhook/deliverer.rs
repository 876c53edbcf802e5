//! The task that tells the log to every webhook: puts new entries into the outbox, takes what is due, and sends it, a few
//! at a time for each webhook, so that a receiver that hangs delays nobody but itself. Runs in every process that serves;
//! they share the work through the outbox.

use std::{collections::HashMap, sync::Arc, time::Duration};

use holdline_domain::{ids::WebhookId, text::Prose, time::Timestamp, webhook::Webhook};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Targets,
    payload::Payload,
    schedule,
    sender::{Message, Sender, Sent},
};
use crate::{
    app::App,
    clock::random_bytes,
    failure::Failure,
    store::{Attempted, Due, Next},
};

/// How many things are sent to one webhook at once.
const AT_ONCE: usize = 4;
/// How often it is looked for what has become due.
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked for what can be forgotten, in microseconds: each hour, and at the start.
const FORGET: u64 = 60 * 60 * 1_000_000;
/// How long an entry waits for a checkpoint that covers it; then it is told without.
const SIGNED: Duration = Duration::from_secs(3);

/// Tells the log to every webhook.
#[derive(Clone)]
pub struct Deliverer {
    app: Arc<App>,
    sender: Sender,
}

impl Deliverer {
    /// A task that is still to be run; it sends nowhere but where it may.
    #[must_use]
    pub fn new(app: Arc<App>, targets: Targets) -> Self {
        Self { app, sender: Sender::new(targets) }
    }

    /// Goes on for as long as the process serves; `length` tells of each time the log is longer.
    pub async fn run(self, mut length: watch::Receiver<u64>) {
        let (mut sending, mut busy) = (JoinSet::new(), HashMap::<WebhookId, usize>::new());
        let (mut forgotten, mut failing) = (i64::MIN, false);
        // Every change of a webhook is an entry of the log: while that is no longer, they are what they were.
        let mut webhooks: Option<(u64, Vec<Webhook>)> = None;
        if let Err(failure) = self.app.database().within(self.app.database().webhooks_begin()).await {
            tracing::warn!(%failure, "what an earlier process was about to tell waits for a while");
        }
        loop {
            let known = *length.borrow_and_update();
            let current = webhooks.take_if(|(length, _)| *length == known).map(|(_, webhooks)| webhooks);
            match Box::pin(self.app.database().within(self.turn(known, current, &mut sending, &mut busy))).await {
                Ok(current) => {
                    failing = false;
                    webhooks = Some((known, current));
                }
                Err(failure) if failing => tracing::debug!(%failure, "webhooks still wait"),
                Err(failure) => {
                    tracing::warn!(%failure, "webhooks wait until the database answers");
                    failing = true;
                }
            }
            let now = self.app.clock().now();
            if now.micros().abs_diff(forgotten) > FORGET && !self.forget(now).await {
                forgotten = now.micros();
            }
            tokio::select! {
                changed = length.changed() => if changed.is_err() { return },
                Some(done) = sending.join_next(), if !sending.is_empty() => free(done, &mut busy),
                () = tokio::time::sleep(LOOK), if webhooks.as_ref().is_none_or(|(_, all)| !all.is_empty()) => {}
            }
            while let Some(done) = sending.try_join_next() {
                free(done, &mut busy);
            }
        }
    }

    /// Forgets some of what was told long ago; answers whether there may be more.
    async fn forget(&self, now: Timestamp) -> bool {
        let more = self.app.database().within(self.app.database().webhooks_forget(now)).await;
        more.unwrap_or_else(|failure| {
            tracing::warn!(%failure, "what webhooks were told long ago is kept for another hour");
            false
        })
    }

    /// Puts what is new into the outbox, and begins to send what is due; answers with the webhooks, loaded where they are
    /// not known.
    async fn turn(
        &self,
        known: u64,
        current: Option<Vec<Webhook>>,
        sending: &mut JoinSet<WebhookId>,
        busy: &mut HashMap<WebhookId, usize>,
    ) -> Result<Vec<Webhook>, Failure> {
        let webhooks = match current {
            Some(webhooks) => webhooks,
            None => self.app.database().webhooks_on().await?,
        };
        if webhooks.is_empty() {
            return Ok(webhooks);
        }
        // The task may begin before anybody told it how long the log is.
        let length = if known == 0 { self.app.database().log_length().await? } else { known };
        while self.app.database().fan_out(&webhooks, length, self.app.clock().now(), self.app.ids()).await? {}
        for id in self.app.database().webhooks_due(self.app.clock().now()).await? {
            let Some(webhook) = webhooks.iter().find(|webhook| webhook.id == id) else { continue };
            let taken = busy.entry(id).or_default();
            let free = AT_ONCE.saturating_sub(*taken);
            if free == 0 {
                continue;
            }
            for due in self.app.database().take_due(id, self.app.clock().now(), free).await? {
                *taken += 1;
                let (deliverer, webhook) = (self.clone(), webhook.clone());
                sending.spawn(async move {
                    deliverer.tell(&webhook, due).await;
                    webhook.id
                });
            }
        }
        Ok(webhooks)
    }

    async fn tell(&self, webhook: &Webhook, due: Due) {
        if let Err(failure) = self.try_to_tell(webhook, due).await {
            // Its lease ends, and it is tried again by whoever sees it first.
            tracing::warn!(%failure, webhook = %webhook.id, seq = due.seq, "an entry could not be told");
        }
    }

    async fn try_to_tell(&self, webhook: &Webhook, due: Due) -> Result<(), Failure> {
        let (payload, at) = (self.payload(due.seq).await?, self.app.clock().now());
        let begun = Instant::now();
        let message = Message {
            url: webhook.terms.url.as_str(),
            id: &payload.id,
            body: payload.body,
            secrets: &self.secrets(webhook, at),
            at,
        };
        let sent = self.sender.send(message).await;
        let sent = sent.map_err(|why| Failure::internal(format!("no webhook can be told: {why}")))?;
        let millis = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        let done = |status_code, error| Attempted { at, millis, status_code, error };
        match sent {
            Sent::Taken(status) => self.app.database().settle(due.id(), &done(Some(status), None), Next::Done).await,
            Sent::Gone => {
                let why = "the receiver answered 410: it is gone".to_owned();
                self.app.database().settle(due.id(), &done(Some(410), Some(why)), Next::Dead).await?;
                self.switch_off(webhook.id).await
            }
            Sent::Failed { status, why, retry_after } => {
                let attempts = u32::try_from(due.attempts).unwrap_or(u32::MAX).saturating_add(1);
                let jitter = random_bytes().map_or(0, |[jitter, ..]| jitter);
                let pause = schedule::pause(attempts, retry_after, jitter);
                let next = pause.map_or(Next::Dead, |pause| {
                    Next::Again(later(at, i64::try_from(pause.as_micros()).unwrap_or(i64::MAX)))
                });
                self.app.database().settle(due.id(), &done(status, Some(why)), next).await
            }
        }
    }

    /// What is said of an entry, once a checkpoint covers it, whichever process signed that.
    async fn payload(&self, seq: i64) -> Result<Payload, Failure> {
        let payload = Payload::of(self.app.database(), seq).await?;
        if payload.is_proved {
            return Ok(payload);
        }
        self.app.signer().covering(seq.unsigned_abs() + 1, SIGNED).await;
        Payload::of(self.app.database(), seq).await
    }

    /// The secrets that are good now, the newest first.
    fn secrets(&self, webhook: &Webhook, now: Timestamp) -> Vec<[u8; 32]> {
        let mut secrets = vec![self.app.keys().webhook_secret(webhook.id, webhook.generation)];
        if webhook.overlap_until.is_some_and(|until| now < until) {
            secrets.push(self.app.keys().webhook_secret(webhook.id, webhook.generation.saturating_sub(1)));
        }
        secrets
    }

    async fn switch_off(&self, webhook: WebhookId) -> Result<(), Failure> {
        let why = Prose::parse("The receiver answered 410 Gone.").map_err(Failure::internal)?;
        // Asked for anew: whoever the operator was may have been erased since.
        let operator = self.app.operator().await?;
        match self.app.service().webhook_disable(&operator, webhook, why).await {
            // Somebody deleted it in the meantime.
            Err(Failure::Refused(_)) | Ok(()) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

fn later(at: Timestamp, by: i64) -> Timestamp {
    Timestamp::from_micros(at.micros().saturating_add(by)).unwrap_or(at)
}

fn free(done: Result<WebhookId, tokio::task::JoinError>, busy: &mut HashMap<WebhookId, usize>) {
    match done {
        Ok(id) => {
            if let Some(taken) = busy.get_mut(&id) {
                *taken = taken.saturating_sub(1);
            }
        }
        // Which one it was is not known: better to send a little more at once than never again.
        Err(error) if error.is_panic() => {
            tracing::error!("telling a webhook panicked");
            busy.clear();
        }
        Err(_) => {}
    }
}
