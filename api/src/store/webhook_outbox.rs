//! The outbox of the webhooks, which is the log itself: a cursor for each, and a row for each entry that is still to be
//! told or was told lately. Beside the record: plain tables, changed in transactions of their own. Several processes
//! share the work; one takes what no other has taken, and what it took falls back to all when its lease ends.

use holdline_domain::{
    audit::AuditAction,
    ids::{Id, WebhookDeliveryId, WebhookId},
    time::Timestamp,
    webhook::Webhook,
};
use holdline_entity::webhook;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _, Value,
};
use uuid::Uuid;

use super::{Database, row, tx::Tx, webhook::read};
use crate::{clock::Ids, failure::Failure};

/// How many entries are looked at for a webhook at once.
const LOOKED_AT: i64 = 500;
/// How many entries wait for one webhook at most; the rest stay in the log until there is room.
const WAITING: i64 = 10_000;
/// How long whoever took something has for it, in microseconds: twice what sending may take.
const LEASE: i64 = 30_000_000;
/// How long what was told is remembered, in microseconds: 7 days.
const REMEMBERED: i64 = 7 * 24 * 60 * 60 * 1_000_000;
/// How many deliveries are forgotten at once.
const FORGOTTEN: usize = 5_000;

/// Something to be told now.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Due {
    id: Uuid,
    /// The entry.
    pub seq: i64,
    /// How often it was tried.
    pub attempts: i32,
}

impl Due {
    /// The delivery.
    #[must_use]
    pub fn id(&self) -> WebhookDeliveryId {
        self.id.into()
    }
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub struct Attempted {
    /// When it was sent.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub millis: u32,
    /// What the receiver answered, if it did.
    pub status_code: Option<u16>,
    /// Why it counts as failed.
    pub error: Option<String>,
}

/// What is to be done after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it was told.
    Done,
    /// It is tried again at an instant.
    Again(Timestamp),
    /// It is tried no more, unless somebody says so.
    Dead,
}

#[derive(FromQueryResult)]
struct Cursor {
    webhook_id: Uuid,
    seq: i64,
}

#[derive(FromQueryResult)]
struct Looked {
    seq: i64,
    action: String,
    team_id: Option<Uuid>,
    plan_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Old {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Waiting {
    webhook_id: Uuid,
}

impl Database {
    /// The time that leases are compared by: the database's own where several processes share it.
    pub(super) const fn lease_clock(&self) -> &'static str {
        match self.backend {
            DbBackend::Postgres => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
            _ => "CAST(strftime('%s', 'now') AS INTEGER) * 1000000",
        }
    }

    pub(super) const fn skip_locked(&self) -> &'static str {
        match self.backend {
            DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
            _ => "",
        }
    }

    /// A transaction beside the record's.
    pub(super) async fn outbox(&self) -> Result<DatabaseTransaction, Failure> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writes().begin_with_options(options).await?)
    }

    /// Lets go of what an earlier process of an embedded database had taken; there is no other one.
    pub async fn webhooks_begin(&self) -> Result<(), Failure> {
        if self.backend == DbBackend::Sqlite {
            row::run(
                &self.writes(),
                "UPDATE webhook_delivery SET leased_until = NULL WHERE leased_until IS NOT NULL",
                [],
            )
            .await?;
        }
        Ok(())
    }

    /// The webhooks that are told something.
    pub async fn webhooks_on(&self) -> Result<Vec<Webhook>, Failure> {
        let sql = "SELECT * FROM webhook WHERE deleted_at IS NULL AND disabled_because IS NULL ORDER BY created_seq";
        let rows = row::rows::<webhook::Model>(&self.reads(), sql, []).await?;
        rows.iter().map(|row| read(row).map(|stored| stored.webhook)).collect()
    }

    /// Puts what is wanted of the entries before a position into the outbox; answers whether there is more.
    pub async fn fan_out(&self, webhooks: &[Webhook], until: u64, now: Timestamp, ids: &Ids) -> Result<bool, Failure> {
        let until = until.cast_signed();
        let lock = if self.backend == DbBackend::Postgres { "FOR UPDATE OF c SKIP LOCKED" } else { "" };
        let behind = "SELECT c.webhook_id, c.seq FROM webhook_cursor c JOIN webhook w ON w.id = c.webhook_id
                      WHERE c.seq < $1 AND w.deleted_at IS NULL AND w.disabled_because IS NULL";
        if row::rows::<Cursor>(&self.reads(), behind, [until.into()]).await?.is_empty() {
            return Ok(false);
        }
        let db = self.outbox().await?;
        let mut more = false;
        for Cursor { webhook_id, seq } in
            row::rows::<Cursor>(&db, &format!("{behind} ORDER BY c.webhook_id {lock}"), [until.into()]).await?
        {
            let Some(webhook) = webhooks.iter().find(|webhook| webhook.id.uuid() == webhook_id) else { continue };
            more |= advance(&db, webhook, (seq, until), now, ids).await?;
        }
        db.commit().await?;
        Ok(more)
    }

    /// The webhooks for which something is due and not taken.
    pub async fn webhooks_due(&self, now: Timestamp) -> Result<Vec<WebhookId>, Failure> {
        let clock = self.lease_clock();
        let sql = format!(
            "SELECT DISTINCT webhook_id FROM webhook_delivery WHERE status = 'PENDING' AND next_at <= $1
             AND (leased_until IS NULL OR leased_until <= {clock})"
        );
        let due = row::rows::<Waiting>(&self.reads(), &sql, [now.micros().into()]).await?;
        Ok(due.into_iter().map(|due| due.webhook_id.into()).collect())
    }

    /// Takes what is due for a webhook, so many at most: of each plan only the first that waits.
    pub async fn take_due(&self, webhook: WebhookId, now: Timestamp, most: usize) -> Result<Vec<Due>, Failure> {
        let (clock, lock) = (self.lease_clock(), self.skip_locked());
        let sql = format!(
            "UPDATE webhook_delivery SET leased_until = {clock} + {LEASE} WHERE id IN (
               SELECT d.id FROM webhook_delivery d WHERE d.webhook_id = $1 AND d.status = 'PENDING' AND d.next_at <= $2
                 AND (d.leased_until IS NULL OR d.leased_until <= {clock})
                 AND NOT EXISTS (SELECT 1 FROM webhook_delivery e WHERE e.webhook_id = d.webhook_id
                                 AND e.plan_id = d.plan_id AND e.status = 'PENDING' AND e.seq < d.seq)
               ORDER BY d.next_at, d.seq LIMIT {most} {lock})
             RETURNING id, seq, attempts"
        );
        let mut due = row::rows::<Due>(&self.writes(), &sql, [webhook.uuid().into(), now.micros().into()]).await?;
        due.sort_by_key(|due| due.seq);
        Ok(due)
    }

    /// Keeps what became of an attempt, and what is to be done next.
    pub async fn settle(&self, delivery: WebhookDeliveryId, done: &Attempted, next: Next) -> Result<(), Failure> {
        let (status, at) = match next {
            Next::Done => ("DELIVERED", done.at),
            Next::Again(at) => ("PENDING", at),
            Next::Dead => ("DEAD", done.at),
        };
        let finished = (next != Next::Again(at)).then(|| done.at.micros());
        let db = self.outbox().await?;
        let sql =
            "INSERT INTO webhook_attempt (delivery_id, at, status_code, error, millis) VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (delivery_id, at) DO NOTHING";
        let attempt = [
            delivery.uuid().into(),
            done.at.micros().into(),
            done.status_code.map(i32::from).into(),
            done.error.clone().into(),
            i32::try_from(done.millis).unwrap_or(i32::MAX).into(),
        ];
        row::run(&db, sql, attempt).await?;
        let sql = "UPDATE webhook_delivery SET status = $2, attempts = attempts + 1, next_at = $3, finished_at = $4,
                   leased_until = NULL WHERE id = $1 AND status = 'PENDING'";
        row::run(&db, sql, [delivery.uuid().into(), status.into(), at.micros().into(), finished.into()]).await?;
        Ok(db.commit().await?)
    }

    /// Forgets what was told more than a week ago, and what waited for a webhook that is gone, so much at once; answers
    /// whether there may be more. What somebody has in hand stays until the next time.
    pub async fn webhooks_forget(&self, now: Timestamp) -> Result<bool, Failure> {
        let (clock, lock) = (self.lease_clock(), self.skip_locked());
        let old = format!(
            "SELECT id FROM webhook_delivery WHERE (leased_until IS NULL OR leased_until <= {clock})
             AND ((status = 'DELIVERED' AND finished_at < $1)
                  OR webhook_id IN (SELECT id FROM webhook WHERE deleted_at IS NOT NULL)) LIMIT {FORGOTTEN} {lock}"
        );
        let before = now.micros().saturating_sub(REMEMBERED);
        let db = self.outbox().await?;
        let old: Vec<Value> =
            row::rows::<Old>(&db, &old, [before.into()]).await?.iter().map(|old| old.id.into()).collect();
        if !old.is_empty() {
            for (table, column) in [("webhook_attempt", "delivery_id"), ("webhook_delivery", "id")] {
                let sql = format!("DELETE FROM {table} WHERE {column} IN ({})", row::marks(1, old.len()));
                row::run(&db, &sql, old.clone()).await?;
            }
        }
        db.commit().await?;
        Ok(old.len() == FORGOTTEN)
    }
}

impl Tx {
    /// Has deliveries tried anew from the first attempt on: those named, or all that are dead. Answers how many.
    pub async fn redeliver(&self, webhook: WebhookId, named: Option<&[WebhookDeliveryId]>) -> Result<u32, Failure> {
        let mut values = vec![webhook.uuid().into(), self.now().micros().into()];
        let which = match named {
            None => "status = 'DEAD'".to_owned(),
            Some(named) => {
                values.extend(named.iter().map(|id| Value::from(id.uuid())));
                format!("status <> 'PENDING' AND id IN ({})", row::marks(3, named.len()))
            }
        };
        let sql = format!(
            "UPDATE webhook_delivery SET status = 'PENDING', attempts = 0, next_at = $2, finished_at = NULL,
             leased_until = NULL WHERE webhook_id = $1 AND {which}"
        );
        let statement = sea_orm::Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        Ok(u32::try_from(self.db.execute_raw(statement).await?.rows_affected()).unwrap_or(u32::MAX))
    }
}

/// Looks at the next entries for one webhook, whose cursor is locked; answers whether there are further ones.
async fn advance(
    db: &impl ConnectionTrait,
    webhook: &Webhook,
    (from, until): (i64, i64),
    now: Timestamp,
    ids: &Ids,
) -> Result<bool, Failure> {
    let waiting = "SELECT COUNT(*) AS found FROM webhook_delivery WHERE webhook_id = $1 AND status = 'PENDING'";
    if row::counted(db, waiting, [webhook.id.uuid().into()]).await? >= WAITING {
        return Ok(false);
    }
    let sql = format!(
        "SELECT seq, action, team_id, plan_id FROM audit_entry WHERE seq >= $1 AND seq < $2 ORDER BY seq LIMIT {LOOKED_AT}"
    );
    let looked = row::rows::<Looked>(db, &sql, [from.into(), until.into()]).await?;
    let Some(last) = looked.last().map(|entry| entry.seq) else { return Ok(false) };
    for entry in looked {
        let action = AuditAction::parse(&entry.action);
        if !action.is_some_and(|action| webhook.wants(entry.team_id.map(Into::into), action)) {
            continue;
        }
        let id: WebhookDeliveryId = ids.next();
        let sql = "INSERT INTO webhook_delivery (id, webhook_id, seq, plan_id, status, attempts, next_at)
                   VALUES ($1, $2, $3, $4, 'PENDING', 0, $5)";
        let webhook = Id::uuid(webhook.id);
        let values = [id.uuid().into(), webhook.into(), entry.seq.into(), entry.plan_id.into(), now.micros().into()];
        row::run(db, sql, values).await?;
    }
    let sql = "UPDATE webhook_cursor SET seq = $2 WHERE webhook_id = $1";
    row::run(db, sql, [webhook.id.uuid().into(), (last + 1).into()]).await?;
    Ok(last + 1 < until)
}
