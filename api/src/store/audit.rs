//! How the audit log is read: entries by position or id, and pages of them under a filter.

use holdline_domain::{
    facts::Digest,
    ids::{AuditEntryId, MeetingId, PersonId, PlanId, RenegotiationId, TeamId},
    time::Timestamp,
};
use holdline_entity::audit_entry::{Column, Entity as Log, Model};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Value,
};
use uuid::Uuid;

use super::{Access, AuditColumn, AuditQuery, Page, PageRequest, filter, page, row};
use crate::failure::Failure;

/// An entry of the log.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of the log's format, ARCHITECTURE.md")]
pub struct StoredEntry {
    pub seq: i64,
    pub id: AuditEntryId,
    pub action: String,
    pub actor: Option<PersonId>,
    pub team: Option<TeamId>,
    pub quarter: Option<String>,
    pub plan: Option<PlanId>,
    pub subject_kind: String,
    pub subject: Option<Uuid>,
    pub reason: Option<String>,
    pub renegotiation: Option<RenegotiationId>,
    pub meeting: Option<MeetingId>,
    pub occurred_at: Timestamp,
    pub recorded_at: Timestamp,
    pub imported: bool,
    pub request_id: Option<String>,
    pub body: Vec<u8>,
    pub leaf_hash: Digest,
}

pub(super) fn read(row: Model) -> Result<StoredEntry, Failure> {
    let leaf: [u8; 32] = row.leaf_hash.try_into().map_err(|_| row::altered("leaf hash", "is not 32 bytes"))?;
    Ok(StoredEntry {
        seq: row.seq,
        id: row.id.into(),
        action: row.action,
        actor: row.actor_id.map(PersonId::from),
        team: row.team_id.map(TeamId::from),
        quarter: row.quarter,
        plan: row.plan_id.map(PlanId::from),
        subject_kind: row.subject_kind,
        subject: row.subject_id,
        reason: row.reason,
        renegotiation: row.renegotiation_id.map(RenegotiationId::from),
        meeting: row.meeting_id.map(MeetingId::from),
        occurred_at: row::timestamp(row.occurred_at)?,
        recorded_at: row::timestamp(row.recorded_at)?,
        imported: row.imported,
        request_id: row.request_id,
        body: row.body,
        leaf_hash: leaf.into(),
    })
}

/// Entries by their position.
pub(super) async fn by_seq(
    db: &impl ConnectionTrait,
    access: &Access,
    seqs: &[i64],
) -> Result<Vec<StoredEntry>, Failure> {
    let query = Log::find().filter(Column::Seq.is_in(seqs.iter().copied()));
    query.filter(super::audit_filter::seen(access)).all(db).await?.into_iter().map(read).collect()
}

/// So many entries from a position on, whoever may see them.
pub(super) async fn from(db: &impl ConnectionTrait, seq: u64, count: u64) -> Result<Vec<StoredEntry>, Failure> {
    let query = Log::find().filter(Column::Seq.gte(seq.cast_signed())).order_by_asc(Column::Seq).limit(count);
    query.all(db).await?.into_iter().map(read).collect()
}

/// An entry by id.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    id: AuditEntryId,
) -> Result<Option<StoredEntry>, Failure> {
    let query = Log::find().filter(Column::Id.eq(id.uuid())).filter(super::audit_filter::seen(access));
    query.one(db).await?.map(read).transpose()
}

/// A page of entries under a filter.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    access: &Access,
    wanted: &AuditQuery,
    descending: bool,
    request: &PageRequest<i64>,
) -> Result<Page<StoredEntry, i64>, Failure> {
    let mut values = Vec::new();
    let mut sql = format!("SELECT * FROM audit_entry WHERE {}", conditions(access, wanted, &mut values));
    sql.push_str(&page::keyset("seq", descending, request, &mut values));
    let rows = row::rows::<Model>(db, &sql, values).await?;
    page::cut(rows, request, |row| row.seq, read)
}

/// How many entries a filter finds.
pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, wanted: &AuditQuery) -> Result<i64, Failure> {
    let mut values = Vec::new();
    let conditions = conditions(access, wanted, &mut values);
    row::counted(db, &format!("SELECT COUNT(*) AS found FROM audit_entry WHERE {conditions}"), values).await
}

fn conditions(access: &Access, wanted: &AuditQuery, values: &mut Vec<Value>) -> String {
    let from = values.len() + 1;
    let seen = filter::seen(access, "team_id", values);
    let teams = match access {
        Access::All => None,
        Access::Only(teams) => Some(row::marks(from, teams.len())),
    };
    format!("{seen} AND {}", wanted.sql(&|column: AuditColumn| column.sql(teams.as_deref()), values))
}

impl StoredEntry {
    /// What was, and what is: the two halves of the body that a reader asks for most.
    pub fn before_after(&self) -> Result<(serde_json::Value, serde_json::Value), Failure> {
        let mut body: serde_json::Value =
            serde_json::from_slice(&self.body).map_err(|_| row::altered("audit body", "is not JSON"))?;
        Ok((body["before"].take(), body["after"].take()))
    }
}
