//! How acknowledgements are found: for each person and plan the newest.

use holdline_domain::{
    ids::{MeetingId, PersonId, PlanId},
    text::Prose,
    time::Timestamp,
};
use holdline_entity::acknowledgement::{Column, Entity};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::row;
use crate::failure::Failure;

/// Who understood which revision, when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the domain's `Acknowledgement`")]
pub struct StoredAcknowledgement {
    pub plan: PlanId,
    pub meeting: MeetingId,
    pub person: PersonId,
    pub revision: u32,
    pub dissent: Option<Prose>,
    pub at: Timestamp,
}

/// The acknowledgements of some plans up to an instant, oldest first.
pub(super) async fn of_plans(
    db: &impl ConnectionTrait,
    plans: &[PlanId],
    until: Timestamp,
) -> Result<Vec<StoredAcknowledgement>, Failure> {
    let rows = Entity::find()
        .filter(Column::PlanId.is_in(plans.iter().map(|plan| plan.uuid())))
        .filter(Column::At.lte(until.micros()))
        .order_by_asc(Column::AuditSeq)
        .all(db)
        .await?;
    let read = |row: holdline_entity::acknowledgement::Model| {
        Ok(StoredAcknowledgement {
            plan: row.plan_id.into(),
            meeting: row.meeting_id.into(),
            person: row.person_id.into(),
            revision: row::count(row.revision)?,
            dissent: row::maybe(row.dissent.as_ref(), row::prose)?,
            at: row::timestamp(row.at)?,
        })
    };
    rows.into_iter().map(read).collect()
}
