//! How lineage is walked: from a target upwards, one statement a step; each ancestor says whether the caller may see it.

use std::collections::{BTreeMap, BTreeSet};

use holdline_domain::{
    ids::ObjectiveId,
    lineage::{Ancestor, Lineage},
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::{Access, Page, PageRequest, page, row, tx::Tx};
use crate::failure::Failure;

#[derive(FromQueryResult)]
struct Step {
    id: Uuid,
    team_id: Uuid,
    starts_at: i64,
    contributes_to: Option<Uuid>,
}

/// The present parent of each objective that is live: of the newest version, or of the draft where there is none.
const PRESENT: &str = "SELECT o.id, p.team_id, q.starts_at,
    CASE WHEN v.objective_id IS NULL THEN d.contributes_to ELSE v.contributes_to END AS contributes_to
  FROM objective o JOIN plan p ON p.id = o.plan_id JOIN quarter q ON q.label = p.quarter
  LEFT JOIN objective_draft d ON d.objective_id = o.id
  LEFT JOIN objective_version v ON v.objective_id = o.id AND v.number = (
    SELECT MAX(n.number) FROM objective_version n WHERE n.objective_id = o.id)
  WHERE (v.objective_id IS NOT NULL OR d.objective_id IS NOT NULL) AND (v.dropped IS NULL OR NOT v.dropped)";

async fn ancestors(db: &impl ConnectionTrait, access: &Access, targets: &[ObjectiveId]) -> Result<Lineage, Failure> {
    let mut found = BTreeMap::new();
    let mut next: BTreeSet<_> = targets.iter().copied().collect();
    while !next.is_empty() {
        let sql = format!("{PRESENT} AND o.id IN ({})", row::marks(1, next.len()));
        let steps = row::rows::<Step>(db, &sql, next.iter().map(|id| id.uuid().into())).await?;
        next.clear();
        for step in steps {
            let id = ObjectiveId::from(step.id);
            let contributes_to = step.contributes_to.map(ObjectiveId::from);
            let visible = access.holds(step.team_id.into());
            found.insert(id, Ancestor { quarter_starts: row::timestamp(step.starts_at)?, contributes_to, visible });
            next.extend(contributes_to.filter(|parent| !found.contains_key(parent)));
        }
    }
    Ok(Lineage::new(found))
}

/// A page of the live objectives that contribute to one, foreign teams left out.
pub(super) async fn contributors(
    db: &impl ConnectionTrait,
    access: &Access,
    id: ObjectiveId,
    request: &PageRequest<Uuid>,
) -> Result<Page<ObjectiveId, Uuid>, Failure> {
    let (condition, mut values) = contributing(access, id);
    let mut sql = format!("SELECT * FROM ({PRESENT}) present WHERE {condition}");
    sql.push_str(&page::keyset("id", false, request, &mut values));
    let rows = row::rows::<Step>(db, &sql, values).await?;
    page::cut(rows, request, |row| row.id, |row| Ok(row.id.into()))
}

/// How many live objectives contribute to one.
pub(super) async fn count(db: &impl ConnectionTrait, access: &Access, id: ObjectiveId) -> Result<i64, Failure> {
    let (condition, values) = contributing(access, id);
    row::counted(db, &format!("SELECT COUNT(*) AS found FROM ({PRESENT}) present WHERE {condition}"), values).await
}

fn contributing(access: &Access, id: ObjectiveId) -> (String, Vec<sea_orm::Value>) {
    let mut values: Vec<sea_orm::Value> = vec![id.uuid().into()];
    let Access::Only(teams) = access else { return ("contributes_to = $1".to_owned(), values) };
    if teams.is_empty() {
        return ("contributes_to = $1 AND 1 = 0".to_owned(), values);
    }
    values.extend(teams.iter().map(|team| sea_orm::Value::from(team.uuid())));
    (format!("contributes_to = $1 AND team_id IN ({})", row::marks(2, teams.len())), values)
}

impl Tx {
    /// Whether any committed objective contributes to one.
    pub async fn committed_to(&self, id: ObjectiveId) -> Result<bool, Failure> {
        let sql = "SELECT COUNT(*) AS found FROM objective_version WHERE contributes_to = $1";
        Ok(row::counted(&self.db, sql, [id.uuid().into()]).await? > 0)
    }

    /// The ancestors of the targets, each with its own parent.
    pub async fn lineage(&self, targets: &[ObjectiveId]) -> Result<Lineage, Failure> {
        ancestors(&self.db, &self.access(), targets).await
    }
}
