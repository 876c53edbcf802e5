//! Mutations about webhooks: who may say where the log is told. Each but redelivery is in the log itself.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use holdline_domain::{ids::WebhookId, permission::action::ManageWebhooks, refusal::Refusal, webhook::WebhookEdit};

use super::{
    audit::AuditAction,
    chosen::chosen,
    fault::Fault,
    ids::{parse, parse_all},
    input::{Fields, edit, expected, line, line_maybe, prose_maybe, team_key},
    session::session,
    user_error::UserError,
    webhook::{self, Webhook},
    webhook_delivery,
};
use crate::{
    failure::Failure,
    service::{Redeliver, WebhookCreate},
};

/// For how many hours both secrets are good where nobody says.
const OVERLAP: i32 = 24;

/// What `webhookCreate` takes.
#[derive(InputObject)]
struct WebhookCreateInput {
    /// An id of your choice; the same content again answers as before.
    id: Option<ID>,
    /// The key of the team whose entries are told; those of all teams, and of none, where left out.
    team: Option<String>,
    /// Where they are told: https://, to an address on the internet unless the operator allows more. It stays in the
    /// log, so it holds no secret: what is sent is known by its signature.
    url: String,
    /// What it is for.
    description: Option<String>,
    /// What is told; everything where left out or empty.
    actions: Option<Vec<AuditAction>>,
}

/// What `webhookUpdate` takes.
#[derive(InputObject)]
struct WebhookUpdateInput {
    /// The webhook.
    webhook: ID,
    /// Another place.
    url: Option<String>,
    /// Another description; null clears it.
    description: MaybeUndefined<String>,
    /// Other actions; an empty list for everything.
    actions: Option<Vec<AuditAction>>,
    /// Whether anything is told. One that is switched on again goes on where it stopped.
    enabled: Option<bool>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `webhookRotateSecret` takes.
#[derive(InputObject)]
struct WebhookRotateSecretInput {
    /// The webhook.
    webhook: ID,
    /// For how many hours what is told is signed with the old secret, too: 0 to 168, 24 where left out.
    overlap_hours: Option<i32>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `webhookDelete` takes.
#[derive(InputObject)]
struct WebhookDeleteInput {
    /// The webhook.
    webhook: ID,
    /// Why.
    reason: Option<String>,
    /// The version you saw; another one is `CONFLICT`.
    expected_version: Option<i32>,
}

/// What `webhookRedeliver` takes.
#[derive(InputObject)]
struct WebhookRedeliverInput {
    /// The webhook.
    webhook: ID,
    /// Which deliveries are told again, at most 250, whether they were told or are dead; all that are dead where left out.
    deliveries: Option<Vec<ID>>,
}

/// What `webhookCreate` answers.
#[derive(SimpleObject)]
struct WebhookCreatePayload {
    /// The webhook; null where it was refused.
    webhook: Option<Webhook>,
    /// What its receiver checks signatures with (`whsec_…`, Standard Webhooks). It is shown here and nowhere else; the
    /// same request again shows it again.
    secret: Option<String>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `webhookUpdate` answers.
#[derive(SimpleObject)]
struct WebhookUpdatePayload {
    /// The webhook; null where it was refused.
    webhook: Option<Webhook>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `webhookRotateSecret` answers.
#[derive(SimpleObject)]
struct WebhookRotateSecretPayload {
    /// The webhook; null where it was refused.
    webhook: Option<Webhook>,
    /// The new secret, shown here and nowhere else.
    secret: Option<String>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `webhookDelete` answers.
#[derive(SimpleObject)]
struct WebhookDeletePayload {
    /// The id of the webhook that is gone; null where it was refused.
    deleted: Option<ID>,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

/// What `webhookRedeliver` answers.
#[derive(SimpleObject)]
struct WebhookRedeliverPayload {
    /// The webhook; null where it was refused.
    webhook: Option<Webhook>,
    /// How many deliveries are told again.
    redelivered: i32,
    /// What stood against it.
    user_errors: Vec<UserError>,
}

impl WebhookCreateInput {
    fn parse(self) -> Result<WebhookCreate, Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(chosen(&self, self.id.as_ref()));
        let team = fields.keep(self.team.as_deref().map(|key| team_key(key, "team")).transpose());
        let url = fields.keep(line(&self.url, "url"));
        let description = fields.keep(line_maybe(self.description.as_deref(), "description"));
        let actions = webhook::actions(self.actions);
        fields.finish(|| Some(WebhookCreate { id: id?, team: team?, url: url?, description: description?, actions }))
    }
}

impl WebhookUpdateInput {
    fn parse(self) -> Result<(WebhookId, WebhookEdit, Option<u32>), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.webhook, &["webhook"]));
        let url = fields.keep(line_maybe(self.url.as_deref(), "url"));
        let description = fields.keep(edit(self.description, |text: String| line(&text, "description")));
        let version = fields.keep(expected(self.expected_version));
        let (actions, enabled) = (self.actions.map(|actions| webhook::actions(Some(actions))), self.enabled);
        fields.finish(|| Some((id?, WebhookEdit { url: url?, description: description?, actions, enabled }, version?)))
    }
}

impl WebhookRedeliverInput {
    fn parse(self) -> Result<(WebhookId, Redeliver), Failure> {
        let mut fields = Fields::default();
        let id = fields.keep(parse(&self.webhook, &["webhook"]));
        let which = match self.deliveries {
            None => Some(Redeliver::Dead),
            Some(ids) if ids.len() > 250 => {
                fields.keep(Err(Refusal::invalid(&["deliveries"], "At most 250 deliveries are told again at once.")))
            }
            Some(ids) => fields.keep(parse_all(&ids, "deliveries")).map(Redeliver::Named),
        };
        fields.finish(|| Some((id?, which?)))
    }
}

fn hours(said: Option<i32>) -> Result<u32, Refusal> {
    let hours = said.unwrap_or(OVERLAP);
    u32::try_from(hours).map_err(|_| Refusal::invalid(&["overlapHours"], "The hours are 0 or more."))
}

/// Mutations about webhooks.
#[derive(Default)]
pub(super) struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Makes a webhook: from now on each entry of the log that it wants is sent to its URL, signed by Standard Webhooks.
    async fn webhook_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook to make.")] input: WebhookCreateInput,
    ) -> Result<WebhookCreatePayload, Fault> {
        let session = session(ctx);
        let job = async { session.service().webhook_create(session.caller(), input.parse()?).await };
        let (id, user_errors) = session.mutate::<ManageWebhooks, _>(job).await?;
        let webhook = webhook::load_maybe(ctx, id).await?;
        let secret = webhook.as_ref().map(|webhook| webhook.secret(ctx));
        Ok(WebhookCreatePayload { webhook, secret, user_errors })
    }

    /// Changes a webhook, or switches it off and on.
    async fn webhook_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook and what changes.")] input: WebhookUpdateInput,
    ) -> Result<WebhookUpdatePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, edit, version) = input.parse()?;
            session.service().webhook_update(session.caller(), id, edit, version).await
        };
        let (id, user_errors) = session.mutate::<ManageWebhooks, _>(job).await?;
        Ok(WebhookUpdatePayload { webhook: webhook::load_maybe(ctx, id).await?, user_errors })
    }

    /// Gives a webhook its next secret. For some hours what is told carries both signatures, so that its receiver can
    /// change over in its own time.
    async fn webhook_rotate_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook and for how long both secrets are good.")] input: WebhookRotateSecretInput,
    ) -> Result<WebhookRotateSecretPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.webhook, &["webhook"]));
            let hours = fields.keep(hours(input.overlap_hours));
            let version = fields.keep(expected(input.expected_version));
            let (id, hours, version) = fields.finish(|| Some((id?, hours?, version?)))?;
            session.service().webhook_rotate_secret(session.caller(), id, hours, version).await
        };
        let (id, user_errors) = session.mutate::<ManageWebhooks, _>(job).await?;
        let webhook = webhook::load_maybe(ctx, id).await?;
        let secret = webhook.as_ref().map(|webhook| webhook.secret(ctx));
        Ok(WebhookRotateSecretPayload { webhook, secret, user_errors })
    }

    /// Deletes a webhook; what it was told stays in the log, what still waits is told no more.
    async fn webhook_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook and why.")] input: WebhookDeleteInput,
    ) -> Result<WebhookDeletePayload, Fault> {
        let session = session(ctx);
        let job = async {
            let mut fields = Fields::default();
            let id = fields.keep(parse(&input.webhook, &["webhook"]));
            let reason = fields.keep(prose_maybe(input.reason.as_deref(), "reason"));
            let version = fields.keep(expected(input.expected_version));
            let (id, reason, version) = fields.finish(|| Some((id?, reason?, version?)))?;
            session.service().webhook_delete(session.caller(), id, reason, version).await
        };
        let (id, user_errors) = session.mutate::<ManageWebhooks, _>(job).await?;
        Ok(WebhookDeletePayload { deleted: id.map(|id| ID(id.to_string())), user_errors })
    }

    /// Has dead letters told again, or what was told before: from the first attempt on, at once. Changes no record, so
    /// it is in no log.
    async fn webhook_redeliver(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The webhook and what is told again.")] input: WebhookRedeliverInput,
    ) -> Result<WebhookRedeliverPayload, Fault> {
        let session = session(ctx);
        let job = async {
            let (id, which) = input.parse()?;
            let reader = session.reader();
            if reader.webhook(id).await?.is_none() {
                return Err(Refusal::not_found(&["webhook"], "webhook", &id.to_string()).into());
            }
            let named = match which {
                Redeliver::Dead => None,
                Redeliver::Named(ids) => Some(webhook_delivery::all_of(ctx, id, ids).await?),
            };
            let count = session.service().webhook_redeliver(session.caller(), id, named).await?;
            Ok((id, count))
        };
        let (done, user_errors) = session.mutate::<ManageWebhooks, _>(job).await?;
        let webhook = webhook::load_maybe(ctx, done.map(|(id, _)| id)).await?;
        let redelivered = done.map_or(0, |(_, count)| i32::try_from(count).unwrap_or(i32::MAX));
        Ok(WebhookRedeliverPayload { webhook, redelivered, user_errors })
    }
}
