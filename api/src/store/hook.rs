//! How the messages of CRMs are kept until they are read, and those that were refused after. Beside the record: a message
//! that was read is gone, because what came of it is in the log.

use std::collections::BTreeMap;

use holdline_domain::{ids::HookEventId, text::Line, time::Timestamp};
use holdline_entity::{
    hook_deal,
    hook_event::{ActiveModel, Column, Entity, HookEventStatus, Model},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, Condition, ConnectionTrait, DbBackend, EntityTrait as _, PaginatorTrait as _,
    QueryFilter as _, QuerySelect as _, sea_query::OnConflict,
};

use super::{Access, Database, Page, PageRequest, page, row, tx::Tx};
use crate::{
    crm::{Change, DealState},
    failure::Failure,
};

/// How long whoever took a message has for it, in microseconds.
const LEASE: i64 = 30_000_000;
/// How many rows go into one statement, which has so many parameters at most.
const ROWS: usize = 500;
/// How long a refused message is kept, in microseconds: 30 days.
const REMEMBERED: i64 = 30 * 24 * 60 * 60 * 1_000_000;

/// A message.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of the API, where they are described")]
pub struct StoredHookEvent {
    pub id: HookEventId,
    pub hook: String,
    pub team: String,
    pub xml: bool,
    pub body: Vec<u8>,
    pub status: HookEventStatus,
    pub reason: Option<String>,
    pub received_at: Timestamp,
}

fn read(row: Model) -> Result<StoredHookEvent, Failure> {
    Ok(StoredHookEvent {
        id: row.id.into(),
        hook: row.hook,
        team: row.team,
        xml: row.xml,
        body: row.body,
        status: row.status,
        reason: row.reason,
        received_at: row::timestamp(row.received_at)?,
    })
}

fn kept(event: StoredHookEvent) -> ActiveModel {
    ActiveModel {
        id: Set(event.id.uuid()),
        hook: Set(event.hook),
        team: Set(event.team),
        xml: Set(event.xml),
        body: Set(event.body),
        status: Set(event.status),
        reason: Set(event.reason),
        received_at: Set(event.received_at.micros()),
        leased_until: Set(None),
    }
}

/// Those of the teams that a token holds.
fn seen(access: &Access) -> Condition {
    match access {
        Access::All => Condition::all(),
        Access::Only(teams) => {
            let keys = holdline_entity::team::Entity::find()
                .select_only()
                .column(holdline_entity::team::Column::Key)
                .filter(holdline_entity::team::Column::Id.is_in(teams.iter().map(|team| team.uuid())));
            Condition::all().add(Column::Team.in_subquery(sea_orm::QuerySelect::query(&mut keys.clone()).to_owned()))
        }
    }
}

fn of(access: &Access, status: Option<HookEventStatus>) -> sea_orm::Select<Entity> {
    let query = Entity::find().filter(seen(access));
    match status {
        Some(status) => query.filter(Column::Status.eq(status)),
        None => query,
    }
}

/// Messages in the order of their ids, which is that of their arrival.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    status: Option<HookEventStatus>,
    request: &PageRequest<uuid::Uuid>,
) -> Result<Page<StoredHookEvent, uuid::Uuid>, Failure> {
    let rows = page::by_column(db, of(access, status), Column::Id, request).await?;
    page::cut(rows, request, |row: &Model| row.id, read)
}

pub(super) async fn count(
    db: &impl ConnectionTrait,
    access: &Access,
    status: Option<HookEventStatus>,
) -> Result<i64, Failure> {
    Ok(i64::try_from(of(access, status).count(db).await?).unwrap_or(i64::MAX))
}

pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    id: HookEventId,
) -> Result<Option<StoredHookEvent>, Failure> {
    Entity::find_by_id(id.uuid()).filter(seen(access)).one(db).await?.map(read).transpose()
}

impl Database {
    /// Keeps a message until it is read.
    pub async fn hook_keep(&self, event: StoredHookEvent) -> Result<(), Failure> {
        self.writable()?;
        Entity::insert(kept(event)).exec_without_returning(&self.writes()).await?;
        Ok(())
    }

    /// Lets go of what an earlier process of an embedded database had taken; there is no other one.
    pub async fn hooks_begin(&self) -> Result<(), Failure> {
        if self.backend == DbBackend::Sqlite {
            let sql = "UPDATE hook_event SET leased_until = NULL WHERE leased_until IS NOT NULL";
            row::run(&self.writes(), sql, []).await?;
        }
        Ok(())
    }

    /// Takes messages that are to be read, the oldest first, so many at most.
    pub async fn hooks_take(&self, most: usize) -> Result<Vec<StoredHookEvent>, Failure> {
        let waiting = "SELECT COUNT(*) AS found FROM hook_event WHERE status = 'RECEIVED'";
        if row::counted(&self.reads(), waiting, []).await? == 0 {
            return Ok(Vec::new());
        }
        let (clock, lock) = (self.lease_clock(), self.skip_locked());
        let sql = format!(
            "UPDATE hook_event SET leased_until = {clock} + {LEASE} WHERE id IN (
               SELECT id FROM hook_event WHERE status = 'RECEIVED' AND (leased_until IS NULL OR leased_until <= {clock})
               ORDER BY id LIMIT {most} {lock})
             RETURNING *"
        );
        let mut taken = row::rows::<Model>(&self.writes(), &sql, []).await?;
        taken.sort_by_key(|row| row.id);
        taken.into_iter().map(read).collect()
    }

    /// Lets go of messages that were read, and keeps the parts of them that were refused.
    pub async fn hooks_done(&self, done: &[HookEventId], refused: Vec<StoredHookEvent>) -> Result<(), Failure> {
        let db = self.outbox().await?;
        Entity::delete_many().filter(Column::Id.is_in(done.iter().map(|id| id.uuid()))).exec(&db).await?;
        let mut refused = refused.into_iter().map(kept).peekable();
        while refused.peek().is_some() {
            Entity::insert_many(refused.by_ref().take(ROWS)).exec_without_returning(&db).await?;
        }
        Ok(db.commit().await?)
    }

    /// Forgets what was refused more than 30 days ago.
    pub async fn hooks_forget(&self, now: Timestamp) -> Result<(), Failure> {
        let before = now.micros().saturating_sub(REMEMBERED);
        let sql = "DELETE FROM hook_event WHERE status = 'REFUSED' AND received_at < $1";
        row::run(&self.writes(), sql, [before.into()]).await
    }

    /// Learns what changed of deals; answers with what is known of each now.
    pub async fn hook_deals_learn(
        &self,
        system: &Line,
        changes: &BTreeMap<String, Vec<Change>>,
    ) -> Result<BTreeMap<String, DealState>, Failure> {
        let db = self.outbox().await?;
        let mut known = BTreeMap::new();
        for (id, changes) in changes {
            // Made first, so that there is a row to lock.
            let new = hook_deal::ActiveModel {
                system: Set(system.to_string()),
                external_id: Set(id.clone()),
                state: Set("{\"properties\":{},\"stamp\":0}".to_owned()),
            };
            let key = [hook_deal::Column::System, hook_deal::Column::ExternalId];
            let kept = OnConflict::columns(key).do_nothing().to_owned();
            hook_deal::Entity::insert(new).on_conflict(kept).exec_without_returning(&db).await?;
            let lock = if self.backend == DbBackend::Postgres { "FOR UPDATE" } else { "" };
            let sql = format!("SELECT * FROM hook_deal WHERE system = $1 AND external_id = $2 {lock}");
            let found = row::rows::<hook_deal::Model>(&db, &sql, [system.as_str().into(), id.as_str().into()]).await?;
            let text = found.first().map(|row| row.state.as_str()).unwrap_or_default();
            let mut state: DealState =
                serde_json::from_str(text).map_err(|_| row::altered("deal", "is not what was written"))?;
            if state.learn(changes) {
                let text = serde_json::to_string(&state).map_err(Failure::internal)?;
                let sql = "UPDATE hook_deal SET state = $3 WHERE system = $1 AND external_id = $2";
                row::run(&db, sql, [system.as_str().into(), id.as_str().into(), text.into()]).await?;
            }
            known.insert(id.clone(), state);
        }
        db.commit().await?;
        Ok(known)
    }
}

impl Tx {
    /// Forgets a name that a CRM told bit by bit.
    pub(super) async fn forget_in_hooks(&self, name: &str) -> Result<(), Failure> {
        let written = serde_json::to_string(name).map_err(Failure::internal)?;
        let sql = "SELECT * FROM hook_deal WHERE state LIKE $1 ESCAPE '!'";
        let quoted: String = written.trim_matches('"').chars().flat_map(escaped).collect();
        for row in row::rows::<hook_deal::Model>(&self.db, sql, [format!("%{quoted}%").into()]).await? {
            let Ok(mut state) = serde_json::from_str::<DealState>(&row.state) else { continue };
            if state.forget(name) {
                let text = serde_json::to_string(&state).map_err(Failure::internal)?;
                let sql = "UPDATE hook_deal SET state = $3 WHERE system = $1 AND external_id = $2";
                row::run(&self.db, sql, [row.system.into(), row.external_id.into(), text.into()]).await?;
            }
        }
        Ok(())
    }
}

/// A character as LIKE takes it for itself.
fn escaped(character: char) -> impl Iterator<Item = char> {
    ['%', '_', '!'].contains(&character).then_some('!').into_iter().chain([character])
}

impl Tx {
    /// Has a refused message read again.
    pub async fn hook_retry(&self, id: HookEventId) -> Result<(), Failure> {
        let sql = "UPDATE hook_event SET status = 'RECEIVED', reason = NULL, leased_until = NULL
                   WHERE id = $1 AND status = 'REFUSED'";
        row::run(&self.db, sql, [id.uuid().into()]).await
    }

    /// Forgets a refused message.
    pub async fn hook_discard(&self, id: HookEventId) -> Result<(), Failure> {
        Entity::delete_by_id(id.uuid()).filter(Column::Status.eq(HookEventStatus::Refused)).exec(&self.db).await?;
        Ok(())
    }

    /// Whether a message was refused whose team the caller holds.
    pub async fn hook_is_refused(&self, id: HookEventId) -> Result<bool, Failure> {
        let found = by_id(&self.db, &self.access(), id).await?;
        Ok(found.is_some_and(|event| event.status == HookEventStatus::Refused))
    }
}
