//! How check-ins are found: pages of them, and where a key result stands at an instant.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use holdline_domain::{
    check_in::{CheckIn, CheckInKind, Confidence, Reading},
    ids::{CheckInId, KeyResultId, PersonId, PlanId},
    quantity::Quantity,
    time::Timestamp,
};
use holdline_entity::check_in;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::{Access, Page, PageRequest, page, plan, row, settled::Settled, tx::Tx};
use crate::failure::Failure;

/// A check-in with its instant and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckIn {
    /// What it says.
    pub check_in: CheckIn,
    /// When it took effect.
    pub at: Timestamp,
    /// Its entry.
    pub seq: i64,
}

/// Where a key result stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// The newest value that is no forecast.
    pub current: Option<Quantity>,
    /// The newest forecast.
    pub projected: Option<Quantity>,
    /// The newest confidence that anybody stated.
    pub confidence: Option<Confidence>,
}

/// The key of the list: time first, the log's order within one instant.
pub(super) type Place = (i64, i64);

fn read(row: &check_in::Model) -> Result<StoredCheckIn, Failure> {
    let reading = Reading {
        kind: kind(row.kind),
        value: row::quantity(&row.value)?,
        confidence: row.confidence.map(confidence),
        note: row::maybe(row.note.as_ref(), row::prose)?,
        reason: row::maybe(row.reason.as_ref(), row::prose)?,
    };
    let check_in = CheckIn {
        id: row.id.into(),
        key_result: row.key_result_id.into(),
        reading,
        by: row.by_person.map(PersonId::from),
        took_effect: None,
    };
    Ok(StoredCheckIn { check_in, at: row::timestamp(row.at)?, seq: row.audit_seq })
}

const fn kind(kind: check_in::CheckInKind) -> CheckInKind {
    match kind {
        check_in::CheckInKind::Progress => CheckInKind::Progress,
        check_in::CheckInKind::MidQuarter => CheckInKind::MidQuarter,
        check_in::CheckInKind::Projected => CheckInKind::Projected,
        check_in::CheckInKind::Final => CheckInKind::Final,
        check_in::CheckInKind::Correction => CheckInKind::Correction,
    }
}

const fn confidence(confidence: check_in::Confidence) -> Confidence {
    match confidence {
        check_in::Confidence::OnTrack => Confidence::OnTrack,
        check_in::Confidence::AtRisk => Confidence::AtRisk,
        check_in::Confidence::OffTrack => Confidence::OffTrack,
    }
}

/// A page of check-ins for each key result, oldest first, in one statement: numbered within its key result.
pub(super) async fn pages(
    db: &impl ConnectionTrait,
    key_results: &[KeyResultId],
    until: Option<Timestamp>,
    request: &PageRequest<Place>,
) -> Result<HashMap<KeyResultId, Page<StoredCheckIn, Place>>, Failure> {
    let mut values: Vec<sea_orm::Value> = key_results.iter().map(|id| id.uuid().into()).collect();
    let mut conditions = format!("key_result_id IN ({})", row::marks(1, key_results.len()));
    if let Some(until) = until {
        values.push(until.micros().into());
        let _ = write!(conditions, " AND at <= ${}", values.len());
    }
    for (key, comparison) in [(request.after, ">"), (request.before, "<")] {
        if let Some((at, seq)) = key {
            values.extend([at.into(), seq.into()]);
            let (at, seq) = (values.len() - 1, values.len());
            let _ = write!(conditions, " AND (at, audit_seq) {comparison} (${at}, ${seq})");
        }
    }
    let direction = if request.backward { "DESC" } else { "ASC" };
    values.push(i64::try_from(request.limit + 1).unwrap_or(i64::MAX).into());
    let sql = format!(
        "SELECT * FROM (SELECT c.*, ROW_NUMBER() OVER (
            PARTITION BY key_result_id ORDER BY at {direction}, audit_seq {direction}) AS place
          FROM check_in c WHERE {conditions}) numbered WHERE place <= ${} ORDER BY key_result_id, place",
        values.len()
    );
    let rows = row::rows::<check_in::Model>(db, &sql, values).await?;
    let mut groups: HashMap<Uuid, Vec<check_in::Model>> = HashMap::new();
    for row in rows {
        groups.entry(row.key_result_id).or_default().push(row);
    }
    key_results
        .iter()
        .map(|id| {
            let rows = groups.remove(&id.uuid()).unwrap_or_default();
            Ok((*id, page::cut(rows, request, |row| (row.at, row.audit_seq), |row| read(&row))?))
        })
        .collect()
}

/// How many check-ins a key result has.
pub(super) async fn count(
    db: &impl ConnectionTrait,
    key_result: KeyResultId,
    until: Option<Timestamp>,
) -> Result<i64, Failure> {
    let until = until.map_or(i64::MAX, Timestamp::micros);
    let sql = "SELECT COUNT(*) AS found FROM check_in WHERE key_result_id = $1 AND at <= $2";
    row::counted(db, sql, [key_result.uuid().into(), until.into()]).await
}

#[derive(FromQueryResult)]
struct Newest {
    id: Uuid,
    current: Option<String>,
    projected: Option<String>,
    confidence: Option<check_in::Confidence>,
}

/// Where key results stand at an instant.
pub(super) async fn standings(
    db: &impl ConnectionTrait,
    key_results: &[KeyResultId],
    at: Timestamp,
) -> Result<HashMap<KeyResultId, Standing>, Failure> {
    let newest = |column: &str, condition: &str| {
        format!(
            "(SELECT c.{column} FROM check_in c WHERE c.key_result_id = k.id AND {condition} AND c.at <= $1
              ORDER BY c.at DESC, c.audit_seq DESC LIMIT 1) AS"
        )
    };
    // Each condition is that of an index, so that one row is read of each, however many check-ins there are.
    let sql = format!(
        "SELECT k.id, {} current, {} projected, {} confidence FROM key_result k WHERE k.id IN ({})",
        newest("value", "c.kind <> 'PROJECTED'"),
        newest("value", "c.kind = 'PROJECTED'"),
        newest("confidence", "c.confidence IS NOT NULL"),
        row::marks(2, key_results.len())
    );
    let ids = key_results.iter().map(|id| sea_orm::Value::from(id.uuid()));
    let values = std::iter::once(sea_orm::Value::from(at.micros())).chain(ids);
    let mut standings = HashMap::new();
    for row in row::rows::<Newest>(db, &sql, values).await? {
        let standing = Standing {
            current: row::maybe(row.current.as_ref(), row::quantity)?,
            projected: row::maybe(row.projected.as_ref(), row::quantity)?,
            confidence: row.confidence.map(confidence),
        };
        standings.insert(row.id.into(), standing);
    }
    Ok(standings)
}

/// A check-in by id, if the caller may see its plan.
pub(super) async fn by_id(
    db: &impl ConnectionTrait,
    access: &Access,
    known: &Settled,
    id: CheckInId,
) -> Result<Option<StoredCheckIn>, Failure> {
    let Some(row) = check_in::Entity::find_by_id(id.uuid()).one(db).await? else { return Ok(None) };
    let seen = !plan::load(db, access, known, &[row.plan_id.into()]).await?.is_empty();
    if seen { read(&row).map(Some) } else { Ok(None) }
}

impl Tx {
    /// The key results of a plan that have a FINAL check-in.
    pub async fn finals(&self, plan: PlanId) -> Result<BTreeSet<KeyResultId>, Failure> {
        let ids: Vec<Uuid> = check_in::Entity::find()
            .select_only()
            .column(check_in::Column::KeyResultId)
            .filter(check_in::Column::PlanId.eq(plan.uuid()))
            .filter(check_in::Column::Kind.eq(check_in::CheckInKind::Final))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(ids.into_iter().map(KeyResultId::from).collect())
    }

    /// Every check-in of some key results.
    pub async fn check_ins(&self, key_results: &[KeyResultId]) -> Result<Vec<StoredCheckIn>, Failure> {
        let rows = check_in::Entity::find()
            .filter(check_in::Column::KeyResultId.is_in(key_results.iter().map(|id| id.uuid())))
            .all(&self.db)
            .await?;
        rows.iter().map(read).collect()
    }
}
