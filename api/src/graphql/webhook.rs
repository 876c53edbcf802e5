//! Webhooks in the API: where the log is told, and how far each has come. The secret is in no field: it is shown once,
//! by the mutation that makes it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use holdline_domain::{audit::AuditAction as Happened, ids::WebhookId, permission::action::ManageWebhooks};

use super::{
    audit::AuditAction,
    fault::Fault,
    input::shown,
    page::{Connection, PageArgs, Total, connect},
    scalars::DateTime,
    session::session,
    team::{self, Team},
    webhook_delivery::{self, DeliveryStatus, WebhookDelivery},
};
use crate::store::StoredWebhook;

/// A webhook.
pub(super) struct Webhook(pub(super) Arc<StoredWebhook>);

/// A webhook that may be seen, for the payload of a mutation about it.
pub(super) async fn load_maybe(ctx: &Context<'_>, id: Option<WebhookId>) -> Result<Option<Webhook>, Fault> {
    let Some(id) = id else { return Ok(None) };
    let session = session(ctx);
    session.require::<ManageWebhooks>()?;
    Ok(session.reader().webhook(id).await?.map(|stored| Webhook(Arc::new(stored))))
}

/// Where entries of the log are told as they are written, each at least once and those of one plan in order. What is sent
/// is described in docs/webhooks.md. Needs the scope admin.
#[Object]
impl Webhook {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.webhook.id.to_string())
    }
    /// Of which team's entries; null for those of all, and of none.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Team>, Fault> {
        match self.0.webhook.team {
            Some(id) => team::load(ctx, id).await.map(Some),
            None => Ok(None),
        }
    }
    /// Where it is told.
    async fn url(&self) -> &str {
        self.0.webhook.terms.url.as_str()
    }
    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.0.webhook.terms.description.as_ref().map(holdline_domain::text::Line::as_str)
    }
    /// What is told; everything where the list is empty.
    async fn actions(&self) -> Vec<AuditAction> {
        self.0.webhook.terms.actions.iter().copied().map(Into::into).collect()
    }
    /// Whether anything is told.
    async fn enabled(&self) -> bool {
        self.0.webhook.is_on()
    }
    /// Why nothing is told.
    async fn disabled_because(&self) -> Option<&str> {
        self.0.webhook.disabled_because.as_ref().map(holdline_domain::text::Prose::as_str)
    }
    /// Until when what is told is signed with the secret before, too; null where it is not.
    async fn overlap_until(&self, ctx: &Context<'_>) -> Option<DateTime> {
        let now = session(ctx).now();
        self.0.webhook.overlap_until.filter(|until| now < *until).map(DateTime)
    }
    /// How many entries wait to be told, those that failed and are tried again among them.
    async fn pending(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        let backlog = session(ctx).reader().webhook_backlog(self.0.webhook.id).await?;
        Ok(i32::try_from(backlog.pending).unwrap_or(i32::MAX))
    }
    /// How many entries could not be told and are tried no more, until webhookRedeliver says so.
    async fn dead(&self, ctx: &Context<'_>) -> Result<i32, Fault> {
        let backlog = session(ctx).reader().webhook_backlog(self.0.webhook.id).await?;
        Ok(i32::try_from(backlog.dead).unwrap_or(i32::MAX))
    }
    /// The position in the log from which on nothing was looked at for it yet.
    async fn next_seq(&self, ctx: &Context<'_>) -> Result<i64, Fault> {
        Ok(session(ctx).reader().webhook_backlog(self.0.webhook.id).await?.cursor)
    }
    /// What it is told, or was in the last 7 days, in the order of the log.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand like this.")] status: Option<DeliveryStatus>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<WebhookDelivery>, Fault> {
        webhook_delivery::page(ctx, self.0.webhook.id, status, &PageArgs { first, after, last, before }).await
    }
    /// Grows by one with each change.
    async fn version(&self) -> i32 {
        shown(self.0.webhook.version)
    }
}

/// The actions of an input, each once and in the order of the log's own list.
pub(super) fn actions(said: Option<Vec<AuditAction>>) -> Vec<Happened> {
    let said = said.unwrap_or_default();
    Happened::ALL.into_iter().filter(|action| said.contains(&AuditAction::from(*action))).collect()
}

/// Queries about webhooks.
#[derive(Default)]
pub(super) struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// The webhooks that the token sees, the oldest first; those that are told of all teams only where it holds all.
    /// Needs the scope admin.
    async fn webhooks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the start; 50 where left out, at most 250.")] first: Option<i32>,
        #[graphql(desc = "Only those after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end, at most 250.")] last: Option<i32>,
        #[graphql(desc = "Only those before this cursor.")] before: Option<String>,
    ) -> Result<Connection<Webhook>, Fault> {
        let session = session(ctx);
        session.require::<ManageWebhooks>()?;
        let request = PageArgs { first, after, last, before }.request("webhooks")?;
        let page = session.reader().webhooks(&request).await?;
        Ok(connect("webhooks", page, Total::Webhooks, |stored| Webhook(Arc::new(stored))))
    }
}

impl Webhook {
    /// The secret of its current generation.
    pub(super) fn secret(&self, ctx: &Context<'_>) -> String {
        let webhook = &self.0.webhook;
        let secret = session(ctx).app().keys().webhook_secret(webhook.id, webhook.generation);
        format!("whsec_{}", STANDARD.encode(secret))
    }
}
