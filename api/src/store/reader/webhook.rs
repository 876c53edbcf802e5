//! What a snapshot says about webhooks and what they are told.

use std::collections::HashMap;

use holdline_domain::ids::{WebhookDeliveryId, WebhookId};
use holdline_entity::webhook_delivery::DeliveryStatus;

use super::Reader;
use crate::{
    failure::Failure,
    store::{Backlog, Page, PageRequest, StoredAttempt, StoredDelivery, StoredWebhook, webhook, webhook_delivery},
};

impl Reader {
    /// A webhook by its id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<StoredWebhook>, Failure> {
        let s = self.open().await?;
        webhook::by_id(&s.db, &s.access, id).await
    }

    /// A page of webhooks, the oldest first.
    pub async fn webhooks(&self, page: &PageRequest<i64>) -> Result<Page<StoredWebhook, i64>, Failure> {
        let s = self.open().await?;
        webhook::list(&s.db, &s.access, page).await
    }

    /// How many webhooks there are.
    pub async fn webhook_count(&self) -> Result<i64, Failure> {
        let s = self.open().await?;
        Ok(i64::try_from(webhook::count(&s.db, &s.access).await?).unwrap_or(i64::MAX))
    }

    /// How the outbox of a webhook stands.
    pub async fn webhook_backlog(&self, webhook: WebhookId) -> Result<Backlog, Failure> {
        webhook_delivery::backlog(&self.open().await?.db, webhook).await
    }

    /// A page of what a webhook is told, in the order of the log.
    pub async fn webhook_deliveries(
        &self,
        webhook: WebhookId,
        status: Option<DeliveryStatus>,
        page: &PageRequest<i64>,
    ) -> Result<Page<StoredDelivery, i64>, Failure> {
        webhook_delivery::list(&self.open().await?.db, webhook, status, page).await
    }

    /// How many things a webhook is told, or was.
    pub async fn webhook_delivery_count(
        &self,
        webhook: WebhookId,
        status: Option<DeliveryStatus>,
    ) -> Result<i64, Failure> {
        webhook_delivery::count(&self.open().await?.db, webhook, status).await
    }

    /// A delivery by its id, of a webhook that is in sight.
    pub async fn webhook_delivery(&self, id: WebhookDeliveryId) -> Result<Option<StoredDelivery>, Failure> {
        let Some(found) = webhook_delivery::by_id(&self.open().await?.db, id).await? else { return Ok(None) };
        Ok(self.webhook(found.webhook).await?.map(|_| found))
    }

    /// Which of some deliveries are a webhook's.
    pub async fn webhook_deliveries_among(
        &self,
        webhook: WebhookId,
        ids: &[WebhookDeliveryId],
    ) -> Result<Vec<WebhookDeliveryId>, Failure> {
        webhook_delivery::among(&self.open().await?.db, webhook, ids).await
    }

    /// The attempts of some deliveries.
    pub async fn webhook_attempts(
        &self,
        of: &[WebhookDeliveryId],
    ) -> Result<HashMap<WebhookDeliveryId, Vec<StoredAttempt>>, Failure> {
        webhook_delivery::attempts(&self.open().await?.db, of).await
    }
}
