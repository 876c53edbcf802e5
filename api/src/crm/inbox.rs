//! The task that reads what CRMs sent: takes the messages that wait, turns what they say of deals into posts of customer
//! requests, and keeps what was refused with its reason. A message that was read twice, late or out of order does no harm:
//! a deal is one deal, and the newest word about it counts.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use holdline_domain::{deal::DealStatus, refusal::Refusals, text::Line, time::Timestamp};
use holdline_entity::hook_event::HookEventStatus;
use tokio::sync::Notify;

use super::{
    Change, DealState, Hook, Hooks, Told,
    hubspot::{DELETED, DELETION},
};
use crate::{
    app::App,
    failure::Failure,
    service::{Caller, PostMode, RequestUpsert},
    store::StoredHookEvent,
};

/// How many messages are taken at once.
const AT_ONCE: usize = 50;
/// How many posts go into one transaction.
const POSTS: usize = 500;
/// How often it is looked for messages that another process left behind.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked for what can be forgotten, in looks.
const FORGET: u64 = 3_600;

/// The hooks, and that something came in.
#[derive(Debug, Default)]
pub struct Inbox {
    hooks: Hooks,
    came: Notify,
}

/// A post, and the part of a message that it came from.
type Post = (Arc<str>, RequestUpsert);

/// What is to be done with the parts of a hook's messages.
#[derive(Default)]
struct Sorted {
    posts: Vec<Post>,
    changed: BTreeMap<String, Vec<Change>>,
    refused: Vec<(String, Refusals)>,
}

impl Inbox {
    /// The inbox of some hooks.
    #[must_use]
    pub fn of(hooks: Hooks) -> Self {
        Self { hooks, came: Notify::new() }
    }

    /// The hooks.
    #[must_use]
    pub const fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Says that something came in.
    pub fn ring(&self) {
        self.came.notify_one();
    }

    /// Reads what comes in, for as long as the process serves.
    pub async fn run(&self, app: &Arc<App>) {
        if self.hooks.is_empty() {
            return std::future::pending().await;
        }
        if let Err(failure) = app.database().within(app.database().hooks_begin()).await {
            tracing::warn!(%failure, "what an earlier process was about to read waits for a while");
        }
        for look in 0_u64.. {
            match Box::pin(app.database().within(self.turn(app))).await {
                // There may be more.
                Ok(true) => continue,
                Ok(false) => {}
                Err(failure) => tracing::warn!(%failure, "what CRMs sent is still to be read"),
            }
            if look % FORGET == 0 {
                let _ = app.database().within(app.database().hooks_forget(app.clock().now())).await;
            }
            let _ = tokio::time::timeout(LOOK, self.came.notified()).await;
        }
    }

    /// Reads what waits; answers whether anything did.
    async fn turn(&self, app: &Arc<App>) -> Result<bool, Failure> {
        let taken = app.database().hooks_take(AT_ONCE).await?;
        if taken.is_empty() {
            return Ok(false);
        }
        let mut by_hook: BTreeMap<String, Vec<StoredHookEvent>> = BTreeMap::new();
        for event in taken {
            by_hook.entry(event.hook.clone()).or_default().push(event);
        }
        for (name, events) in by_hook {
            let Some(hook) = self.hooks.get(&name) else {
                // It was taken out of the settings; whoever puts it back finds the messages.
                let refused = events.iter().map(|event| event.refused(app, "There is no such hook any more."));
                let (done, refused) = (events.iter().map(|event| event.id).collect::<Vec<_>>(), refused.collect());
                app.database().hooks_done(&done, refused).await?;
                continue;
            };
            // Asked for anew: whoever it was may have been erased since.
            let caller = app.hook_caller(hook).await?;
            read_all(app, hook, &caller, &events).await?;
        }
        Ok(true)
    }
}

/// Reads messages of one hook together, or one by one where something is wrong with one of them: it is refused, and holds
/// up no other. What cannot be reached at the moment is waited for.
async fn read_all(app: &Arc<App>, hook: &Hook, caller: &Caller, events: &[StoredHookEvent]) -> Result<(), Failure> {
    if !matches!(tried(app, hook, caller, events).await, Err(Failure::Internal(_))) {
        return Ok(());
    }
    for event in events {
        let one = std::slice::from_ref(event);
        if let Err(Failure::Internal(why)) = tried(app, hook, caller, one).await {
            tracing::error!(%why, hook = %hook.name, event = %event.id, "what a CRM sent could not be read");
            let reason = "INTERNAL: It could not be read; the log says why.";
            app.database().hooks_done(&[event.id], vec![event.refused(app, reason)]).await?;
        }
    }
    Ok(())
}

/// Reads messages; one that makes the reading panic is as bad as one that makes it fail.
async fn tried(app: &Arc<App>, hook: &Hook, caller: &Caller, events: &[StoredHookEvent]) -> Result<(), Failure> {
    let read = AssertUnwindSafe(read(app, hook, caller, events)).catch_unwind().await;
    let done = read.unwrap_or_else(|_| Err(Failure::internal("reading it panicked")));
    if let Err(failure) = &done {
        tracing::warn!(%failure, hook = %hook.name, "what a CRM sent is still to be read");
    }
    done
}

/// Reads messages of one hook.
async fn read(app: &Arc<App>, hook: &Hook, caller: &Caller, events: &[StoredHookEvent]) -> Result<(), Failure> {
    let mut sorted = sort(hook, events);
    let known = app.database().hook_deals_learn(&hook.reading.system, &sorted.changed).await?;
    for (id, state) in &known {
        match whole(hook, id, state) {
            Ok(post) => sorted.posts.extend(post.map(|post| (Arc::from(id.as_str()), post))),
            Err(refusals) => sorted.refused.push((told(id, &sorted.changed), refusals)),
        }
    }
    for posts in sorted.posts.chunks(POSTS) {
        let upserts = posts.iter().map(|(_, post)| Ok(post.clone())).collect();
        let posted = app.service().customer_requests_upsert(caller, upserts, PostMode::SkipFailed).await?;
        for ((part, _), result) in posts.iter().zip(posted.results) {
            if let Err(refusals) = result {
                let text = if known.contains_key(&**part) { told(part, &sorted.changed) } else { part.to_string() };
                sorted.refused.push((text, refusals));
            }
        }
    }
    let first = events.first();
    let refused = sorted.refused.into_iter().filter_map(|(part, refusals)| {
        let event = StoredHookEvent { body: part.into_bytes(), xml: false, ..first?.clone() };
        Some(event.refused(app, &refusals.to_string()))
    });
    let done: Vec<_> = events.iter().map(|event| event.id).collect();
    app.database().hooks_done(&done, refused.collect()).await
}

fn sort(hook: &Hook, events: &[StoredHookEvent]) -> Sorted {
    let mut sorted = Sorted::default();
    for (part, said) in events.iter().flat_map(|event| hook.parts(event.xml, &event.body)) {
        match said {
            Ok(Told::Changed(id, changes)) => {
                let mapped = |name: &str| hook.reading.names.iter().any(|(_, known)| known == name);
                let wanted: Vec<_> =
                    changes.into_iter().filter(|change| change.name == DELETION || mapped(&change.name)).collect();
                if !wanted.is_empty() {
                    sorted.changed.entry(id).or_default().extend(wanted);
                }
            }
            Ok(Told::Whole(values)) => match hook.reading.post(&|name| values.get(name).cloned().unwrap_or_default()) {
                Ok(post) => sorted.posts.push((Arc::from(part), post)),
                Err(refusals) => sorted.refused.push((part, refusals)),
            },
            Err(refusals) => sorted.refused.push((part, refusals)),
        }
    }
    sorted
}

/// The whole of a deal as far as it is known; nothing while it asks for nothing.
fn whole(hook: &Hook, id: &str, state: &DealState) -> Result<Option<RequestUpsert>, Refusals> {
    let reading = &hook.reading;
    if reading.name("idea").is_none_or(|name| state.get(name).trim().is_empty()) {
        return Ok(None);
    }
    // What an event says of itself has no name among the properties.
    let external = reading.name("external_id").unwrap_or_default();
    let said = |name: &str| if name == external { id.to_owned() } else { state.get(name).to_owned() };
    let mut post = reading.post(&said)?;
    if let Some(deal) = &mut post.post.deal {
        if state.get(DELETION) == "true" {
            (deal.terms.stage, deal.terms.status) = (Line::parse(DELETED).ok(), DealStatus::Lost);
        }
        deal.source_updated_at = Timestamp::from_micros(state.stamp());
    }
    Ok(Some(post))
}

/// What was told of a deal, as events that say it again.
fn told(id: &str, changed: &BTreeMap<String, Vec<Change>>) -> String {
    let events = changed.get(id).into_iter().flatten().map(|change| match change.name.as_str() {
        DELETION => serde_json::json!({
            "subscriptionType": if change.value == "true" { "deal.deletion" } else { "deal.restore" },
            "objectId": id, "occurredAt": change.at / 1_000,
        }),
        _ => serde_json::json!({
            "subscriptionType": "deal.propertyChange", "objectId": id, "propertyName": change.name,
            "propertyValue": change.value, "occurredAt": change.at / 1_000,
        }),
    });
    events.collect::<serde_json::Value>().to_string()
}

impl StoredHookEvent {
    /// The same, refused.
    fn refused(&self, app: &App, reason: &str) -> Self {
        // A text of PostgreSQL's has no NUL.
        let reason = Some(reason.replace('\0', "\u{fffd}"));
        Self { id: app.next_id(), status: HookEventStatus::Refused, reason, ..self.clone() }
    }
}
