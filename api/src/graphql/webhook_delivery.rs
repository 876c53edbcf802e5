//! What a webhook is told, and each attempt: the delivery log.

use async_graphql::{ComplexObject, Context, Enum, ID, Object, SimpleObject};
use holdline_domain::{
    ids::{WebhookDeliveryId, WebhookId},
    permission::action::{ManageWebhooks, ReadAudit},
    refusal::{Code, Refusal},
};
use holdline_entity::webhook_delivery::DeliveryStatus as Stored;

use super::{
    audit::{self, AuditEntry},
    fault::Fault,
    input::shown,
    loaders::unshare,
    page::{Connection, PageArgs, Total, connect},
    scalars::DateTime,
    session::session,
    webhook::{self, Webhook},
    webhook_loaders::AttemptsOf,
};
use crate::{
    failure::Failure,
    store::{StoredAttempt, StoredDelivery},
};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Stored", name = "WebhookDeliveryStatus")]
pub(super) enum DeliveryStatus {
    /// It is still to be told, for the first time or again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was tried as often as it is, and is tried no more: a dead letter.
    Dead,
}

/// An entry that a webhook is told, or was.
pub(super) struct WebhookDelivery(pub(super) StoredDelivery);

/// An attempt to tell a webhook an entry.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct WebhookAttempt {
    /// When it was sent.
    at: DateTime,
    /// What the receiver answered; null where it did not.
    status_code: Option<i32>,
    /// Why it counts as failed; null where it does not.
    error: Option<String>,
    #[graphql(skip)]
    millis: i32,
}

#[ComplexObject]
impl WebhookAttempt {
    /// How long it took, in milliseconds.
    async fn duration_ms(&self) -> i32 {
        self.millis
    }
}

impl From<StoredAttempt> for WebhookAttempt {
    fn from(stored: StoredAttempt) -> Self {
        let StoredAttempt { at, status_code, error, millis } = stored;
        Self { at: DateTime(at), status_code, error, millis }
    }
}

/// An entry of the log that a webhook is told, or was in the last 7 days. Needs the scope admin.
#[Object]
impl WebhookDelivery {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }
    /// Where it is told.
    async fn webhook(&self, ctx: &Context<'_>) -> Result<Option<Webhook>, Fault> {
        webhook::load_maybe(ctx, Some(self.0.webhook)).await
    }
    /// What is told; needs the scope audit:read.
    async fn entry(&self, ctx: &Context<'_>) -> Result<AuditEntry, Fault> {
        session(ctx).require::<ReadAudit>()?;
        audit::at(ctx, self.0.seq).await
    }
    /// Where it stands.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }
    /// When it is tried next; null where it is tried no more.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        (self.0.status == Stored::Pending).then_some(DateTime(self.0.next_at))
    }
    /// How often it failed since it was last to be told anew.
    async fn failures(&self) -> i32 {
        let done = u32::from(self.0.status == Stored::Delivered);
        shown(self.0.attempts.saturating_sub(done))
    }
    /// Every attempt, the first one first.
    async fn attempts(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>, Fault> {
        let found = session(ctx).loader().load_one(AttemptsOf(self.0.id)).await.map_err(unshare)?;
        Ok(found.unwrap_or_default().into_iter().map(Into::into).collect())
    }
}

/// A page of what a webhook is told.
pub(super) async fn page(
    ctx: &Context<'_>,
    webhook: WebhookId,
    status: Option<DeliveryStatus>,
    args: &PageArgs,
) -> Result<Connection<WebhookDelivery>, Fault> {
    let session = session(ctx);
    session.require::<ManageWebhooks>()?;
    let query = format!("deliveries {webhook} {status:?}");
    let status = status.map(Into::into);
    let page = session.reader().webhook_deliveries(webhook, status, &args.request(&query)?).await?;
    Ok(connect(&query, page, Total::Deliveries(webhook, status), WebhookDelivery))
}

/// Deliveries that must all be this webhook's.
pub(super) async fn all_of(
    ctx: &Context<'_>,
    webhook: WebhookId,
    ids: Vec<WebhookDeliveryId>,
) -> Result<Vec<WebhookDeliveryId>, Failure> {
    let there = session(ctx).reader().webhook_deliveries_among(webhook, &ids).await?;
    match ids.iter().position(|id| !there.contains(id)) {
        None => Ok(ids),
        Some(place) => {
            let message = format!("There is no delivery {} of this webhook.", ids[place]);
            Err(Refusal::new(Code::NotFound, message).at(&["deliveries", &place.to_string()]).into())
        }
    }
}
