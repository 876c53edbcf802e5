//! Webhooks: where the log is told. What is sent there and when is the deliverer's.

use holdline_domain::{
    audit::AuditAction,
    ids::{WebhookDeliveryId, WebhookId},
    permission::action::ManageWebhooks,
    plan::expect_version,
    refusal::Refusal,
    text::{Line, Prose, TeamKey},
    webhook::{Webhook, WebhookEdit, WebhookTerms},
};

use super::{Caller, Service, found};
use crate::{
    failure::Failure,
    store::{Access, Chosen, Claim, Tx},
};

/// A webhook to be made.
#[derive(Debug, Clone)]
pub struct WebhookCreate {
    /// A client-chosen id.
    pub id: Option<Chosen<WebhookId>>,
    /// Of which team's entries; of all where there is none.
    pub team: Option<TeamKey>,
    /// Where it is told.
    pub url: Line,
    /// What it is for.
    pub description: Option<Line>,
    /// What is told; everything where there is none.
    pub actions: Vec<AuditAction>,
}

impl Service {
    /// Makes a webhook.
    pub async fn webhook_create(&self, caller: &Caller, input: WebhookCreate) -> Result<WebhookId, Failure> {
        let permit = caller.actor.require::<ManageWebhooks>()?;
        self.reachable(Some(&input.url)).await?;
        self.write(caller, "webhookCreate", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let team = if let Some(key) = &input.team {
                    Some(found(tx.team(key).await?, "team", "team", key)?.id)
                } else {
                    of_all(tx)?;
                    None
                };
                let terms = WebhookTerms { url: input.url, description: input.description, actions: input.actions };
                let change = Webhook::create(&permit, id, team, terms, tx.webhook_count().await?)?;
                Ok(tx.create(change, input.id).await?.0.id)
            })
        })
        .await
    }

    /// Has what a webhook was to be told told anew: the deliveries named, or all that are dead. Answers how many. It
    /// changes no record, so it is in no log.
    pub async fn webhook_redeliver(
        &self,
        caller: &Caller,
        id: WebhookId,
        named: Option<Vec<WebhookDeliveryId>>,
    ) -> Result<u32, Failure> {
        caller.actor.require::<ManageWebhooks>()?;
        self.write(caller, "webhookRedeliver", move |tx| {
            Box::pin(async move { tx.redeliver(id, named.as_deref()).await })
        })
        .await
    }

    /// Changes a webhook.
    pub async fn webhook_update(
        &self,
        caller: &Caller,
        id: WebhookId,
        edit: WebhookEdit,
        expected: Option<u32>,
    ) -> Result<WebhookId, Failure> {
        let permit = caller.actor.require::<ManageWebhooks>()?;
        self.reachable(edit.url.as_ref()).await?;
        self.write(caller, "webhookUpdate", move |tx| {
            Box::pin(async move {
                let webhook = load(tx, id).await?;
                expect_version("webhook", webhook.version, expected)?;
                Ok(tx.apply(webhook.update(&permit, edit)?).await?.0.id)
            })
        })
        .await
    }

    /// Gives a webhook its next secret.
    pub async fn webhook_rotate_secret(
        &self,
        caller: &Caller,
        id: WebhookId,
        overlap_hours: u32,
        expected: Option<u32>,
    ) -> Result<WebhookId, Failure> {
        let permit = caller.actor.require::<ManageWebhooks>()?;
        self.write(caller, "webhookRotateSecret", move |tx| {
            Box::pin(async move {
                let webhook = load(tx, id).await?;
                expect_version("webhook", webhook.version, expected)?;
                Ok(tx.apply(webhook.rotate(&permit, overlap_hours, tx.now())?).await?.0.id)
            })
        })
        .await
    }

    /// Switches a webhook off.
    pub async fn webhook_disable(&self, caller: &Caller, id: WebhookId, why: Prose) -> Result<(), Failure> {
        let permit = caller.actor.require::<ManageWebhooks>()?;
        self.write(caller, "webhookDisable", move |tx| {
            Box::pin(async move {
                let webhook = load(tx, id).await?;
                // Several entries may have been answered so at once.
                if webhook.is_on() {
                    tx.apply(webhook.disable(&permit, why)?).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Deletes a webhook.
    pub async fn webhook_delete(
        &self,
        caller: &Caller,
        id: WebhookId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<WebhookId, Failure> {
        let permit = caller.actor.require::<ManageWebhooks>()?;
        self.write(caller, "webhookDelete", move |tx| {
            Box::pin(async move {
                let webhook = load(tx, id).await?;
                expect_version("webhook", webhook.version, expected)?;
                Ok(tx.apply(webhook.delete(&permit, reason, tx.now())?).await?.0.id)
            })
        })
        .await
    }

    /// INVALID for a URL that nothing may be sent to.
    async fn reachable(&self, url: Option<&Line>) -> Result<(), Failure> {
        let Some(url) = url else { return Ok(()) };
        let refused = |why| {
            let remedy = "Name a receiver on the internet by https://. Inside a company the operator can allow more: \
                          holdline serve --webhook-allow-network, --webhook-allow-http.";
            Refusal::invalid(&["url"], format!("The URL {why}.")).remedy(remedy)
        };
        Ok(self.targets.check(url.as_str()).await.map_err(refused)?)
    }
}

/// Which deliveries are to be tried anew.
#[derive(Debug, Clone)]
pub enum Redeliver {
    /// These.
    Named(Vec<WebhookDeliveryId>),
    /// All that are dead.
    Dead,
}

async fn load(tx: &Tx, id: WebhookId) -> Result<Webhook, Failure> {
    Ok(found(tx.webhook(id).await?, "webhook", "webhook", id)?)
}

/// What is told of all teams is for who holds all.
fn of_all(tx: &Tx) -> Result<(), Refusal> {
    match tx.access() {
        Access::All => Ok(()),
        Access::Only(_) => {
            let message = "This token does not hold all teams, so a webhook of its names the team.";
            Err(Refusal::invalid(&["team"], message).remedy("Name a team that the token holds."))
        }
    }
}
