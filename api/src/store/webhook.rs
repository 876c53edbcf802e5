//! How webhooks are kept and found. A head row whose history is the log's; deleted ones stay, and are not found.

use holdline_domain::{
    audit::AuditAction,
    ids::{Id, WebhookId},
    time::Timestamp,
    webhook::{Webhook, WebhookTerms},
};
use holdline_entity::{
    webhook::{ActiveModel, Column, Entity, Model},
    webhook_cursor,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
};

use super::{Access, Apply, Page, PageRequest, page, row, tx::Tx};
use crate::failure::Failure;

/// A webhook with when it was made.
#[derive(Debug, Clone)]
pub struct StoredWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The entry that made it.
    pub created_seq: i64,
}

pub(super) fn read(row: &Model) -> Result<StoredWebhook, Failure> {
    let actions = row
        .actions
        .split_whitespace()
        .map(|name| AuditAction::parse(name).ok_or_else(|| row::altered("webhook action", "is none of the log's")));
    let webhook = Webhook {
        id: row.id.into(),
        team: row.team_id.map(Into::into),
        terms: WebhookTerms {
            url: row::line(&row.url)?,
            description: row::maybe(row.description.as_ref(), row::line)?,
            actions: actions.collect::<Result<_, _>>()?,
        },
        generation: row::count(row.generation)?,
        overlap_until: row.overlap_until.map(row::timestamp).transpose()?,
        disabled_because: row::maybe(row.disabled_because.as_ref(), row::prose)?,
        deleted_at: row.deleted_at.map(row::timestamp).transpose()?,
        version: row::count(row.version)?,
    };
    Ok(StoredWebhook { webhook, created_seq: row.created_seq })
}

/// Those that are there, as far as a token sees them: one that is told of all teams is for who holds all.
fn seen(access: &Access) -> Condition {
    let there = Condition::all().add(Column::DeletedAt.is_null());
    match access {
        Access::All => there,
        Access::Only(teams) => there.add(Column::TeamId.is_in(teams.iter().map(|team| team.uuid()))),
    }
}

pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    id: WebhookId,
) -> Result<Option<StoredWebhook>, Failure> {
    Entity::find_by_id(id.uuid()).filter(seen(access)).one(db).await?.as_ref().map(read).transpose()
}

/// Webhooks, the oldest first.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    request: &PageRequest<i64>,
) -> Result<Page<StoredWebhook, i64>, Failure> {
    let rows = page::by_column(db, Entity::find().filter(seen(access)), Column::CreatedSeq, request).await?;
    page::cut(rows, request, |row: &Model| row.created_seq, |row| read(&row))
}

pub(super) async fn count(db: &impl ConnectionTrait, access: &Access) -> Result<u64, Failure> {
    Ok(Entity::find().filter(seen(access)).count(db).await?)
}

impl Tx {
    /// A webhook by its id.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, Failure> {
        Ok(by_id(&self.db, &self.access(), id).await?.map(|stored| stored.webhook))
    }

    /// How many webhooks there are, of whatever team.
    pub async fn webhook_count(&self) -> Result<usize, Failure> {
        Ok(usize::try_from(count(&self.db, &Access::All).await?).unwrap_or(usize::MAX))
    }
}

impl Apply for Webhook {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let actions: Vec<_> = self.terms.actions.iter().map(|action| action.name()).collect();
        let first = self.version == 1;
        let row = ActiveModel {
            id: Set(self.id.uuid()),
            team_id: Set(self.team.map(Id::uuid)),
            url: Set(self.terms.url.to_string()),
            description: Set(self.terms.description.as_ref().map(ToString::to_string)),
            actions: Set(actions.join(" ")),
            generation: Set(row::stored(self.generation)?),
            overlap_until: Set(self.overlap_until.map(Timestamp::micros)),
            disabled_because: Set(self.disabled_because.as_ref().map(ToString::to_string)),
            deleted_at: Set(self.deleted_at.map(Timestamp::micros)),
            version: Set(row::stored(self.version)?),
            created_seq: if first { Set(seq) } else { NotSet },
            audit_seq: Set(seq),
        };
        if first {
            Entity::insert(row).exec_without_returning(&tx.db).await?;
            // The first thing that it may be told is that it is there.
            let cursor = webhook_cursor::ActiveModel { webhook_id: Set(self.id.uuid()), seq: Set(seq) };
            webhook_cursor::Entity::insert(cursor).exec_without_returning(&tx.db).await?;
            return Ok(());
        }
        let before = row::stored(self.version - 1)?;
        let update = Entity::update_many().set(row).filter(Column::Id.eq(self.id.uuid()));
        let done = update.filter(Column::Version.eq(before)).exec(&tx.db).await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Failure::internal("a webhook moved under the lock")) }
    }
}
