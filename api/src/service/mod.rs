//! The use cases: one async function per mutation, one file per noun. Each authorises, loads, asks the domain and
//! applies, all inside one `writer.write`. No rule is decided here, and no function sees begin or commit.

mod boundary;
mod check_in;
mod customer_request;
mod erasure;
mod hook_event;
mod idea;
mod import;
mod key_result;
mod meeting;
mod meeting_input;
mod objective;
mod outcome;
mod person;
mod plan;
mod promotion;
mod published_link;
mod renegotiation;
mod roadmap;
mod settings;
mod team;
mod webhook;
mod wish;

use futures_util::future::BoxFuture;
use holdline_domain::{
    actor::Actor,
    refusal::{Refusal, Refusals},
    time::{FiscalCalendar, Quarter, QuarterSpan},
};

use self::outcome::Outcome;
pub use boundary::{BoundaryRef, DecidedRef, QuestionRef, SubjectRef};
pub use check_in::CheckInRecord;
pub use customer_request::{IdeaRef, PostMode, PostedAll, RequestUpsert, Written};
pub use idea::{IdeaEdit, IdeaSubmit};
pub use import::{
    ChangeRow, CheckInRow, ImportFile, ImportedPlan, ImportedRenegotiation, KeyResultRow, PlanImport,
    PlanImportOutcome, RowChange,
};
pub use key_result::{KeyResultAdd, KeyResultEdit, MeasureInput};
pub use meeting::{AttendeeRef, MeetingEdit, MeetingPrepare};
pub use meeting_input::{InputRecord, Way};
pub use objective::{ObjectiveAdd, ObjectiveEdit};
pub use person::PersonRef;
pub use plan::{CapacityEdit, PlanClose, PlanCommit, PlanDraft};
pub use promotion::Promotion;
pub use published_link::PublishedLinkCreate;
pub use renegotiation::{Decide, Draft};
pub use roadmap::{RoadmapItemAdd, RoadmapItemEdit, RoadmapItemMove};
pub use team::TeamCreate;
pub use webhook::{Redeliver, WebhookCreate};
pub use wish::{ChangeRef, WishRef};

use crate::{
    failure::Failure,
    store::{Attempt, Call, Joint, Tx, Writer},
    webhook::Targets,
};

/// Who asks, in which request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The actor of the token.
    pub actor: Actor,
    /// The id of the request, for the log.
    pub request_id: Option<String>,
    /// Whether the actor's person is in the record; whoever is not yet may read and never write.
    pub recorded: bool,
    /// The idempotency key that the request came with.
    pub attempt: Option<Attempt>,
}

impl Caller {
    fn call(&self, mutation: &'static str) -> Call {
        Call { actor: self.actor.clone(), mutation, request_id: self.request_id.clone() }
    }
}

/// The use cases.
#[derive(Clone)]
pub struct Service {
    writer: Writer,
    calendar: FiscalCalendar,
    /// Where webhooks may be sent.
    targets: Targets,
}

impl Service {
    /// The use cases over a writer.
    #[must_use]
    pub const fn new(writer: Writer, calendar: FiscalCalendar, targets: Targets) -> Self {
        Self { writer, calendar, targets }
    }

    /// The organization's calendar.
    #[must_use]
    pub const fn calendar(&self) -> FiscalCalendar {
        self.calendar
    }

    /// The instant before which a snapshot opened from now on is final.
    #[must_use]
    pub fn floor(&self) -> holdline_domain::time::Timestamp {
        self.writer.floor()
    }

    /// How many entries the log has after the newest commit of this process; tells of each further one.
    #[must_use]
    pub fn committed(&self) -> tokio::sync::watch::Receiver<u64> {
        self.writer.committed()
    }

    /// Waits until nothing under way could still be stamped at or before an instant.
    pub async fn settled(&self, at: holdline_domain::time::Timestamp) -> Result<(), Failure> {
        if self.writer.settled(at).await {
            return Ok(());
        }
        Err(Failure::Unavailable("a write has been under way for too long".into()))
    }

    /// A write that has one effect under one idempotency key: what it made is kept with it, and recalled where the
    /// request comes again.
    async fn write<T, F>(&self, caller: &Caller, mutation: &'static str, job: F) -> Result<T, Failure>
    where
        T: Outcome + Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        let Some(attempt) = caller.attempt.clone() else { return self.write_once(caller, mutation, job).await };
        let step = attempt.step();
        self.write_once(caller, mutation, move |tx| {
            Box::pin(async move {
                match tx.kept(&attempt, step).await? {
                    None => {
                        let outcome = job(tx).await?;
                        tx.keep(&attempt, step, outcome.keep().to_string()).await?;
                        Ok(outcome)
                    }
                    Some(_) if T::RUNS_AGAIN => job(tx).await,
                    Some(kept) => serde_json::from_str(&kept)
                        .ok()
                        .and_then(|kept| T::recall(&kept))
                        .ok_or_else(|| Failure::internal("what is kept under an idempotency key is of another kind")),
                }
            })
        })
        .await
    }

    async fn write_once<T, F>(&self, caller: &Caller, mutation: &'static str, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, Failure>> + Send + 'static,
    {
        if !caller.recorded {
            return Err(Failure::ReadOnly);
        }
        self.writer
            .write(caller.call(mutation), move |tx| {
                Box::pin(async move {
                    acts_still(tx).await?;
                    job(tx).await
                })
            })
            .await
    }

    /// A write that may share its statements with others of its kind and caller.
    async fn write_together<J: Joint>(
        &self,
        caller: &Caller,
        mutation: &'static str,
        work: J,
    ) -> Result<J::Done, Failure> {
        if !caller.recorded {
            return Err(Failure::ReadOnly);
        }
        self.writer.write_together(caller.call(mutation), work).await
    }
}

/// Under the lock: since the request began, this process or another may have erased whoever sent it.
async fn acts_still(tx: &Tx) -> Result<(), Failure> {
    match tx.person(tx.actor().person.id).await? {
        Some(person) => Ok(person.still_acts()?),
        None => Ok(()),
    }
}

/// What was loaded, or `NOT_FOUND` at the field that named it.
fn found<T>(loaded: Option<T>, field: &str, noun: &str, named: impl std::fmt::Display) -> Result<T, Refusals> {
    loaded.ok_or_else(|| Refusal::not_found(&[field], noun, &named.to_string()).into())
}

/// The span of a quarter: as it was stored, or as the calendar has it now.
async fn span(tx: &Tx, calendar: FiscalCalendar, quarter: Quarter) -> Result<QuarterSpan, Failure> {
    let stored = tx.quarters().await?;
    Ok(stored.into_iter().find(|span| span.quarter == quarter).unwrap_or_else(|| calendar.span(quarter)))
}

/// The quarter that runs now: a stored one where it holds this instant, else the calendar's.
#[must_use]
pub fn current_quarter(
    stored: &[QuarterSpan],
    calendar: FiscalCalendar,
    now: holdline_domain::time::Timestamp,
) -> QuarterSpan {
    let running = stored.iter().find(|span| span.starts_at <= now && now < span.ends_at);
    running.copied().unwrap_or_else(|| calendar.span(calendar.quarter_at(now)))
}
