//! What CRMs sent that is still to be read, or was refused, with the reason: to be read again once the cause is mended,
//! or to be forgotten. What was read and taken is in the log and not here.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use holdline_domain::permission::action::ManageHooks;
use holdline_entity::hook_event::HookEventStatus as Stored;

use super::{
    fault::Fault,
    ids::parse,
    page::{Connection, PageArgs, Total, connect},
    scalars::DateTime,
    session::session,
    user_error::UserError,
};
use crate::store::StoredHookEvent;

/// Where a message of a CRM stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Stored")]
pub(super) enum HookEventStatus {
    /// It is still to be read.
    Received,
    /// It was refused, and waits for somebody to have it read again or forgotten; after 30 days it is forgotten.
    Refused,
}

/// A message of a CRM.
pub(super) struct HookEvent(pub(super) StoredHookEvent);

/// What a CRM sent to a hook: a message that is still to be read, or the part of one that was refused.
#[Object]
impl HookEvent {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// The name of the hook, the last part of its path.
    async fn hook(&self) -> &str {
        &self.0.hook
    }
    /// When it came.
    async fn received_at(&self) -> DateTime {
        DateTime(self.0.received_at)
    }
    /// Where it stands.
    async fn status(&self) -> HookEventStatus {
        self.0.status.into()
    }
    /// Why it was refused.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }
    /// What was sent, as text.
    async fn body(&self) -> String {
        String::from_utf8_lossy(&self.0.body).into_owned()
    }
}

/// Queries about what CRMs sent.
#[derive(Default)]
pub(super) struct HookEventQuery;

#[Object]
impl HookEventQuery {
    /// What CRMs sent that is still to be read or was refused, the oldest first. Needs the scope admin.
    async fn hook_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand like this.")] status: Option<HookEventStatus>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<HookEvent>, Fault> {
        let session = session(ctx);
        session.require::<ManageHooks>()?;
        let query = format!("hookEvents {status:?}");
        let request = PageArgs { first, after, last, before }.request(&query)?;
        let status = status.map(Into::into);
        let page = session.reader().hook_events(status, &request).await?;
        Ok(connect(&query, page, Total::HookEvents(status), HookEvent))
    }
}

/// What `hookEventRetry` takes.
#[derive(InputObject)]
struct HookEventRetryInput {
    /// The refused message.
    hook_event: ID,
}

/// What `hookEventDiscard` takes.
#[derive(InputObject)]
struct HookEventDiscardInput {
    /// The refused message.
    hook_event: ID,
}

/// What `hookEventRetry` answers.
#[derive(SimpleObject)]
struct HookEventRetryPayload {
    /// The message that is read again; null where it was refused.
    hook_event: Option<HookEvent>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `hookEventDiscard` answers.
#[derive(SimpleObject)]
struct HookEventDiscardPayload {
    /// The id of the message that is gone; null where it was refused.
    discarded: Option<ID>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// Mutations about what CRMs sent.
#[derive(Default)]
pub(super) struct HookEventMutation;

#[Object]
impl HookEventMutation {
    /// Has a refused message read again, once its cause is mended. Changes no record by itself, so it is in no log.
    async fn hook_event_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: HookEventRetryInput,
    ) -> Result<HookEventRetryPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let id = parse(&input.hook_event, &["hookEvent"])?;
            session.service().hook_event_retry(session.caller(), id).await?;
            session.app().inbox().ring();
            Ok(id)
        };
        let (id, user_errors) = session.mutate::<ManageHooks, _>(job).await?;
        let hook_event = match id {
            Some(id) => session.reader().hook_event(id).await?.map(HookEvent),
            None => None,
        };
        Ok(HookEventRetryPayload { hook_event, user_errors })
    }

    /// Forgets a refused message.
    async fn hook_event_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The message.")] input: HookEventDiscardInput,
    ) -> Result<HookEventDiscardPayload, Fault> {
        let session = session(ctx);
        let job = async {
            session.service().hook_event_discard(session.caller(), parse(&input.hook_event, &["hookEvent"])?).await
        };
        let (id, user_errors) = session.mutate::<ManageHooks, _>(job).await?;
        Ok(HookEventDiscardPayload { discarded: id.map(|id| ID(id.to_string())), user_errors })
    }
}
