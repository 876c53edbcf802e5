//! The revisions of a plan without their content: which there are, by whom and since when. Those up to one never change, so
//! they are read once.

use std::{collections::HashMap, sync::Arc};

use holdline_domain::{
    facts::Digest,
    ids::{PersonId, PlanId, PlanRevisionId, RenegotiationId},
    time::Timestamp,
};
use holdline_entity::plan_revision;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::{row, settled::Settled};
use crate::failure::Failure;

/// A revision without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the domain's `Revision`")]
pub struct StoredRevision {
    pub id: PlanRevisionId,
    pub plan: PlanId,
    pub number: u32,
    pub digest: Digest,
    pub renegotiation: Option<RenegotiationId>,
    pub by: Option<PersonId>,
    pub imported: bool,
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    pub seq: i64,
}

/// The revisions of plans, each plan with the id of its newest one, from the first.
pub(super) async fn of_plans(
    db: &impl ConnectionTrait,
    known: &Settled,
    plans: impl Iterator<Item = (Uuid, Uuid)>,
) -> Result<HashMap<Uuid, Arc<Vec<StoredRevision>>>, Failure> {
    let (mut found, mut unknown) = (HashMap::new(), Vec::new());
    for (plan, newest) in plans {
        match known.history(newest) {
            Some(history) => drop(found.insert(plan, history)),
            None => unknown.push(plan),
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let query = plan_revision::Entity::find().filter(plan_revision::Column::PlanId.is_in(unknown));
    let mut read: HashMap<Uuid, Vec<StoredRevision>> = HashMap::new();
    for row in query.order_by_asc(plan_revision::Column::Number).all(db).await? {
        read.entry(row.plan_id).or_default().push(read_revision(&row)?);
    }
    for (plan, history) in read {
        let history = Arc::new(history);
        known.keep_history(&history);
        found.insert(plan, history);
    }
    Ok(found)
}

fn read_revision(row: &plan_revision::Model) -> Result<StoredRevision, Failure> {
    Ok(StoredRevision {
        id: row.id.into(),
        plan: row.plan_id.into(),
        number: row::count(row.number)?,
        digest: row::digest(&row.digest)?,
        renegotiation: row.renegotiation_id.map(RenegotiationId::from),
        by: row.by_person.map(PersonId::from),
        imported: row.imported,
        at: row::timestamp(row.at)?,
        recorded_at: row::timestamp(row.recorded_at)?,
        seq: row.audit_seq,
    })
}
