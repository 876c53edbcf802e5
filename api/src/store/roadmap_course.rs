//! How roadmap and commitment stand to each other: which key results are live, which are served, and what crowded in.
//! Looks at every team's items and plans, because what serves a key result does not depend on who asks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use holdline_domain::{
    ids::{KeyResultId, TeamId},
    quantity::Quantity,
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use uuid::Uuid;

use super::{roadmap::source, row};
use crate::failure::Failure;

#[derive(FromQueryResult)]
struct Live {
    key_result_id: Uuid,
    ends_at: i64,
}

/// Those of some key results that the newest revision, up to an instant, keeps, with the end of their quarters.
pub(super) async fn live_until(
    db: &impl ConnectionTrait,
    key_results: &[KeyResultId],
    at: Option<Timestamp>,
) -> Result<HashMap<KeyResultId, Timestamp>, Failure> {
    let sql = format!(
        "SELECT v.key_result_id, q.ends_at
         FROM key_result_version v JOIN plan p ON p.id = v.plan_id JOIN quarter q ON q.label = p.quarter
         WHERE NOT v.dropped AND v.number = (
             SELECT MAX(n.number) FROM key_result_version n
             JOIN plan_revision r ON r.plan_id = n.plan_id AND r.number = n.number
             WHERE n.key_result_id = v.key_result_id AND r.at <= $1)
           AND v.key_result_id IN ({})",
        row::marks(2, key_results.len())
    );
    let instant = Value::from(at.map_or(i64::MAX, Timestamp::micros));
    let values = std::iter::once(instant).chain(key_results.iter().map(|id| id.uuid().into()));
    let rows = row::rows::<Live>(db, &sql, values).await?;
    rows.into_iter().map(|row| Ok((row.key_result_id.into(), row::timestamp(row.ends_at)?))).collect()
}

#[derive(FromQueryResult)]
struct Covered {
    key_result_id: Uuid,
}

/// Those of some key results that an item in plan serves, in NOW or NEXT.
pub(super) async fn covered(
    db: &impl ConnectionTrait,
    key_results: &[KeyResultId],
    at: Option<Timestamp>,
) -> Result<BTreeSet<KeyResultId>, Failure> {
    if key_results.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut values = Vec::new();
    let source = source(at, &mut values);
    let sql = format!(
        "SELECT DISTINCT s.key_result_id FROM {source}
         JOIN roadmap_item_key_result s ON s.item_id = i.id AND s.version = i.content_version
         WHERE i.status = 'IN_PLAN' AND i.horizon IN ('NOW', 'NEXT') AND s.key_result_id IN ({})",
        row::marks(values.len() + 1, key_results.len())
    );
    values.extend(key_results.iter().map(|id| Value::from(id.uuid())));
    let rows = row::rows::<Covered>(db, &sql, values).await?;
    Ok(rows.into_iter().map(|row| row.key_result_id.into()).collect())
}

/// What entered NOW.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Crowding {
    /// How many items, each once.
    pub items: u32,
    /// Their effort when they entered first; an item without one counts 0.
    pub effort: Option<Quantity>,
}

#[derive(FromQueryResult)]
struct Entered {
    item_id: Uuid,
    effort: Option<String>,
}

/// What entered a team's NOW, added there or moved there, after one instant and up to another.
pub(super) async fn crowding(
    db: &impl ConnectionTrait,
    team: TeamId,
    after: Timestamp,
    until: Timestamp,
) -> Result<Crowding, Failure> {
    let sql = "SELECT v.item_id, v.effort FROM roadmap_item_version v JOIN roadmap_item h ON h.id = v.item_id
               LEFT JOIN roadmap_item_version w ON w.item_id = v.item_id AND w.version = v.version - 1
               WHERE h.team_id = $1 AND v.at > $2 AND v.at <= $3 AND v.status = 'IN_PLAN' AND v.horizon = 'NOW'
                 AND (w.item_id IS NULL OR w.horizon <> 'NOW')
               ORDER BY v.item_id, v.version";
    let values: [Value; 3] = [team.uuid().into(), after.micros().into(), until.micros().into()];
    let mut first = BTreeMap::new();
    for row in row::rows::<Entered>(db, sql, values).await? {
        first.entry(row.item_id).or_insert(row.effort);
    }
    let efforts: Result<Vec<_>, _> = first.values().flatten().map(|effort| row::quantity(effort)).collect();
    let items = u32::try_from(first.len()).unwrap_or(u32::MAX);
    Ok(Crowding { items, effort: efforts?.into_iter().reduce(Quantity::plus) })
}
