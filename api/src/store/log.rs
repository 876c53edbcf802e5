//! Appending to the audit log: the canonical body, its leaf hash, and the row that holds both.
//! The format is written in api/docs/log.md; bodies are kept as bytes and never serialised again.

use std::sync::atomic::Ordering;

use holdline_domain::{
    audit::{Entry, Signatory, Subject},
    facts::{Digest, Facts},
    ids::{AuditEntryId, Id},
    time::Timestamp,
};
use holdline_entity::audit_entry;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait as _, FromQueryResult};

use super::{row, tree, tx::Tx};
use crate::{failure::Failure, record::leaf_hash};

/// The version of the body's format.
const FORMAT: u32 = 1;

/// The last entry's position and time, and its leaf.
#[derive(Debug, FromQueryResult)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) recorded_at: i64,
    leaf_hash: Vec<u8>,
}

impl Head {
    /// How many entries there are.
    pub(super) const fn size(&self) -> u64 {
        self.seq.unsigned_abs() + 1
    }

    pub(super) fn leaf_hash(&self) -> Result<Digest, Failure> {
        tree::hash_of(&self.leaf_hash)
    }
}

pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Option<Head>, Failure> {
    let sql = "SELECT seq, recorded_at, leaf_hash FROM audit_entry ORDER BY seq DESC LIMIT 1";
    Ok(row::rows::<Head>(db, sql, []).await?.pop())
}

/// Appends one entry.
pub(super) async fn append(tx: &Tx, seq: i64, entry: &Entry) -> Result<Digest, Failure> {
    debug_assert_eq!(tx.next_seq.load(Ordering::SeqCst), seq + 1);
    let (row, leaf_hash) = row_of(tx, seq, tx.request_id().as_deref(), entry);
    tx.grow(leaf_hash);
    audit_entry::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(leaf_hash)
}

/// Appends several entries, from a position on, each with the request that it came with, in one statement.
pub(super) async fn append_all<'e>(
    tx: &Tx,
    first: i64,
    entries: impl Iterator<Item = (Option<&'e str>, &'e Entry)>,
) -> Result<(), Failure> {
    let rows = (first..).zip(entries).map(|(seq, (request_id, entry))| {
        let (row, leaf_hash) = row_of(tx, seq, request_id, entry);
        tx.grow(leaf_hash);
        row
    });
    audit_entry::Entity::insert_many(rows).exec_without_returning(&tx.db).await?;
    Ok(())
}

fn row_of(tx: &Tx, seq: i64, request_id: Option<&str>, entry: &Entry) -> (audit_entry::ActiveModel, Digest) {
    let id: AuditEntryId = tx.ids.next();
    let occurred_at = entry.took_effect.unwrap_or(tx.now);
    let body = body(tx, (seq, id), request_id, entry, occurred_at).canonical().into_bytes();
    let leaf_hash = leaf_hash(&body);
    let subject = subject_of(entry.subject);
    let row = audit_entry::ActiveModel {
        seq: Set(seq),
        id: Set(id.uuid()),
        action: Set(entry.action.name().to_owned()),
        actor_id: Set(entry.by.as_ref().map(|by| by.person.id.uuid())),
        team_id: Set(entry.team.map(Id::uuid)),
        quarter: Set(entry.quarter.map(|quarter| quarter.to_string())),
        plan_id: Set(entry.plan.map(Id::uuid)),
        subject_kind: Set(subject.kind.to_owned()),
        subject_id: Set(subject.uuid),
        reason: Set(entry.reason.clone()),
        renegotiation_id: Set(entry.renegotiation.map(Id::uuid)),
        meeting_id: Set(entry.meeting.map(Id::uuid)),
        occurred_at: Set(occurred_at.micros()),
        recorded_at: Set(tx.now.micros()),
        imported: Set(entry.imported()),
        request_id: Set(request_id.map(ToOwned::to_owned)),
        body: Set(body),
        leaf_hash: Set(leaf_hash.bytes().to_vec()),
    };
    (row, leaf_hash)
}

fn body(
    tx: &Tx,
    (seq, id): (i64, AuditEntryId),
    request_id: Option<&str>,
    entry: &Entry,
    occurred_at: Timestamp,
) -> Facts {
    Facts::map([
        ("format", Facts::Int(FORMAT)),
        ("seq", Facts::text(seq)),
        ("id", Facts::text(id)),
        ("action", Facts::text(entry.action.name())),
        ("subject", subject_of(entry.subject).facts()),
        ("team", Facts::maybe(entry.team)),
        ("quarter", Facts::maybe(entry.quarter)),
        ("plan", Facts::maybe(entry.plan)),
        ("reason", Facts::maybe(entry.reason.as_ref())),
        ("renegotiation", Facts::maybe(entry.renegotiation)),
        ("meeting", Facts::maybe(entry.meeting)),
        ("digest", Facts::maybe(entry.digest)),
        ("occurredAt", Facts::text(occurred_at)),
        ("recordedAt", Facts::text(tx.now)),
        ("imported", Facts::Bool(entry.imported())),
        ("by", entry.by.as_ref().map_or(Facts::Null, signatory)),
        ("requestId", Facts::maybe(request_id)),
        ("before", entry.before.clone()),
        ("after", entry.after.clone()),
    ])
}

fn signatory(by: &Signatory) -> Facts {
    Facts::map([
        ("person", Facts::text(by.person.id)),
        ("commitment", Facts::text(by.person.commitment())),
        ("issuer", Facts::maybe(by.person.issuer.as_ref())),
        ("role", Facts::text(by.role)),
        ("key", Facts::text(&by.key_id)),
        ("token", Facts::text(&by.token_id)),
    ])
}

struct SubjectColumns {
    kind: &'static str,
    uuid: Option<uuid::Uuid>,
    id: Option<String>,
}

impl SubjectColumns {
    fn facts(self) -> Facts {
        Facts::map([("kind", Facts::text(self.kind)), ("id", Facts::maybe(self.id))])
    }
}

fn subject_of(subject: Subject) -> SubjectColumns {
    let (kind, uuid, id) = match subject {
        Subject::Team(id) => ("TEAM", Some(id.uuid()), Some(id.to_string())),
        Subject::Plan(id) => ("PLAN", Some(id.uuid()), Some(id.to_string())),
        Subject::Objective(id) => ("OBJECTIVE", Some(id.uuid()), Some(id.to_string())),
        Subject::KeyResult(id) => ("KEY_RESULT", Some(id.uuid()), Some(id.to_string())),
        Subject::CheckIn(id) => ("CHECK_IN", Some(id.uuid()), Some(id.to_string())),
        Subject::Renegotiation(id) => ("RENEGOTIATION", Some(id.uuid()), Some(id.to_string())),
        Subject::Meeting(id) => ("MEETING", Some(id.uuid()), Some(id.to_string())),
        Subject::MeetingInput(id) => ("MEETING_INPUT", Some(id.uuid()), Some(id.to_string())),
        Subject::RoadmapItem(id) => ("ROADMAP_ITEM", Some(id.uuid()), Some(id.to_string())),
        Subject::Idea(id) => ("IDEA", Some(id.uuid()), Some(id.to_string())),
        Subject::CustomerRequest(id) => ("CUSTOMER_REQUEST", Some(id.uuid()), Some(id.to_string())),
        Subject::Person(id) => ("PERSON", Some(id.uuid()), Some(id.to_string())),
        Subject::PublishedLink(id) => ("PUBLISHED_LINK", Some(id.uuid()), Some(id.to_string())),
        Subject::Webhook(id) => ("WEBHOOK", Some(id.uuid()), Some(id.to_string())),
        Subject::Service => ("SERVICE", None, None),
    };
    SubjectColumns { kind, uuid, id }
}
