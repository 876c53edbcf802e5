//! What the outbox of a webhook says of itself: what waits, what was told, what is dead, and each attempt.

use std::collections::HashMap;

use holdline_domain::{
    ids::{WebhookDeliveryId, WebhookId},
    time::Timestamp,
};
use holdline_entity::{
    webhook_attempt,
    webhook_delivery::{self, Column, DeliveryStatus, Entity, Model},
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::{Page, PageRequest, page, row};
use crate::failure::Failure;

/// An entry that a webhook is told, or was.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of the API, where they are described")]
pub struct StoredDelivery {
    pub id: WebhookDeliveryId,
    pub webhook: WebhookId,
    pub seq: i64,
    pub status: DeliveryStatus,
    pub attempts: u32,
    pub next_at: Timestamp,
}

/// An attempt.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of the API, where they are described")]
pub struct StoredAttempt {
    pub at: Timestamp,
    pub status_code: Option<i32>,
    pub error: Option<String>,
    pub millis: i32,
}

/// How a webhook's outbox stands.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of the API, where they are described")]
pub struct Backlog {
    pub cursor: i64,
    pub pending: i64,
    pub dead: i64,
}

fn read(row: &Model) -> Result<StoredDelivery, Failure> {
    Ok(StoredDelivery {
        id: row.id.into(),
        webhook: row.webhook_id.into(),
        seq: row.seq,
        status: row.status,
        attempts: row::count(row.attempts)?,
        next_at: row::timestamp(row.next_at)?,
    })
}

fn of(webhook: WebhookId, status: Option<DeliveryStatus>) -> sea_orm::Select<Entity> {
    let query = Entity::find().filter(Column::WebhookId.eq(webhook.uuid()));
    match status {
        Some(status) => query.filter(Column::Status.eq(status)),
        None => query,
    }
}

/// The deliveries of a webhook in the order of the log.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    webhook: WebhookId,
    status: Option<DeliveryStatus>,
    request: &PageRequest<i64>,
) -> Result<Page<StoredDelivery, i64>, Failure> {
    let rows = page::by_column(db, of(webhook, status), Column::Seq, request).await?;
    page::cut(rows, request, |row: &Model| row.seq, |row| read(&row))
}

pub(super) async fn count(
    db: &impl ConnectionTrait,
    webhook: WebhookId,
    status: Option<DeliveryStatus>,
) -> Result<i64, Failure> {
    Ok(i64::try_from(of(webhook, status).count(db).await?).unwrap_or(i64::MAX))
}

pub(super) async fn by_id(db: &impl ConnectionTrait, id: WebhookDeliveryId) -> Result<Option<StoredDelivery>, Failure> {
    Entity::find_by_id(id.uuid()).one(db).await?.as_ref().map(read).transpose()
}

/// The attempts of some deliveries, the first of each first.
pub(super) async fn attempts(
    db: &impl ConnectionTrait,
    of: &[WebhookDeliveryId],
) -> Result<HashMap<WebhookDeliveryId, Vec<StoredAttempt>>, Failure> {
    let query = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.is_in(of.iter().map(|id| id.uuid())))
        .order_by_asc(webhook_attempt::Column::At);
    let mut attempts: HashMap<WebhookDeliveryId, Vec<StoredAttempt>> = HashMap::new();
    for row in query.all(db).await? {
        attempts.entry(row.delivery_id.into()).or_default().push(StoredAttempt {
            at: row::timestamp(row.at)?,
            status_code: row.status_code,
            error: row.error,
            millis: row.millis,
        });
    }
    Ok(attempts)
}

#[derive(FromQueryResult)]
struct Position {
    seq: i64,
}

/// How the outbox of a webhook stands.
pub(super) async fn backlog(db: &impl ConnectionTrait, webhook: WebhookId) -> Result<Backlog, Failure> {
    let sql = "SELECT seq FROM webhook_cursor WHERE webhook_id = $1";
    let cursor = row::rows::<Position>(db, sql, [webhook.uuid().into()]).await?.first().map_or(0, |row| row.seq);
    let pending = count(db, webhook, Some(DeliveryStatus::Pending)).await?;
    Ok(Backlog { cursor, pending, dead: count(db, webhook, Some(DeliveryStatus::Dead)).await? })
}

/// Which of some deliveries are a webhook's.
pub(super) async fn among(
    db: &impl ConnectionTrait,
    webhook: WebhookId,
    ids: &[WebhookDeliveryId],
) -> Result<Vec<WebhookDeliveryId>, Failure> {
    let found: Vec<uuid::Uuid> = of(webhook, None)
        .filter(webhook_delivery::Column::Id.is_in(ids.iter().map(|id| id.uuid())))
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().map(Into::into).collect())
}
