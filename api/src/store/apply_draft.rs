//! How a draft is written: one row for the plan, each objective and each key result, changed in place.
//! The ids given here stay those of the committed plan.

use holdline_domain::{
    ids::{Id, KeyResultId, ObjectiveId},
    plan::DraftPlan,
    plan_draft::{DraftEdited, Edit},
    time::Timestamp,
};
use holdline_entity::{key_result, key_result_draft, objective, objective_draft, plan, plan_draft, quarter};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{Apply, quarter::by_label, row, tx::Tx};
use crate::failure::Failure;

impl Apply for DraftEdited {
    async fn apply(&self, tx: &Tx, seq: i64, _at: Timestamp) -> Result<(), Failure> {
        let plan = &self.plan;
        if self.edit == Edit::Drafted {
            return insert_plan(tx, seq, plan).await;
        }
        let head = draft_row(seq, plan)?;
        plan_draft::Entity::update(head).exec(&tx.db).await?;
        match self.edit {
            Edit::Drafted | Edit::CapacitySet => Ok(()),
            Edit::ObjectiveAdded(id) => insert_objective(tx, seq, plan, id).await,
            Edit::ObjectiveUpdated(id) => {
                objective_draft::Entity::update(objective_row(seq, plan, id)?).exec(&tx.db).await?;
                Ok(())
            }
            Edit::ObjectiveRemoved(id) => remove_objective(tx, id).await,
            Edit::KeyResultAdded(id) => insert_key_result(tx, seq, plan, id).await,
            Edit::KeyResultUpdated(id) => {
                key_result_draft::Entity::update(key_result_row(seq, plan, id)?).exec(&tx.db).await?;
                Ok(())
            }
            Edit::KeyResultRemoved(id) => {
                key_result_draft::Entity::delete_by_id(id.uuid()).exec(&tx.db).await?;
                Ok(())
            }
        }
    }
}

fn draft_row(seq: i64, plan: &DraftPlan) -> Result<plan_draft::ActiveModel, Failure> {
    Ok(plan_draft::ActiveModel {
        plan_id: Set(plan.head.id.uuid()),
        capacity: Set(plan.commitment.capacity.map(|capacity| capacity.to_string())),
        capacity_unit: Set(plan.commitment.capacity_unit.as_ref().map(ToString::to_string)),
        version: Set(row::stored(plan.head.version)?),
        audit_seq: Set(seq),
    })
}

pub(super) async fn insert_plan(tx: &Tx, seq: i64, draft: &DraftPlan) -> Result<(), Failure> {
    let head = draft.head;
    if by_label(&tx.db, head.span.quarter).await?.is_none() {
        quarter::Entity::insert(quarter::ActiveModel {
            label: Set(head.span.quarter.to_string()),
            starts_at: Set(head.span.starts_at.micros()),
            ends_at: Set(head.span.ends_at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
    }
    plan::Entity::insert(plan::ActiveModel {
        id: Set(head.id.uuid()),
        team_id: Set(head.team.uuid()),
        quarter: Set(head.span.quarter.to_string()),
        imported: Set(head.imported),
        audit_seq: Set(seq),
    })
    .exec_without_returning(&tx.db)
    .await?;
    plan_draft::Entity::insert(draft_row(seq, draft)?).exec_without_returning(&tx.db).await?;
    Ok(())
}

fn objective_row(seq: i64, plan: &DraftPlan, id: ObjectiveId) -> Result<objective_draft::ActiveModel, Failure> {
    let objective = plan.commitment.objective(id).ok_or_else(|| row::missing("edited objective"))?;
    Ok(objective_draft::ActiveModel {
        objective_id: Set(id.uuid()),
        plan_id: Set(plan.head.id.uuid()),
        position: Set(row::stored(objective.position)?),
        title: Set(objective.terms.title.to_string()),
        rationale: Set(objective.terms.rationale.to_string()),
        owner_id: Set(objective.terms.owner.uuid()),
        load: Set(objective.terms.load.map(|load| load.to_string())),
        contributes_to: Set(objective.terms.contributes_to.map(Id::uuid)),
        audit_seq: Set(seq),
    })
}

fn key_result_row(seq: i64, plan: &DraftPlan, id: KeyResultId) -> Result<key_result_draft::ActiveModel, Failure> {
    let (objective, key_result) = plan.commitment.key_result(id).ok_or_else(|| row::missing("edited key result"))?;
    Ok(key_result_draft::ActiveModel {
        key_result_id: Set(id.uuid()),
        plan_id: Set(plan.head.id.uuid()),
        objective_id: Set(objective.id.uuid()),
        position: Set(row::stored(key_result.position)?),
        title: Set(key_result.terms.title.to_string()),
        owner_id: Set(key_result.terms.owner.uuid()),
        unit: Set(key_result.terms.measure.unit.to_string()),
        baseline: Set(key_result.terms.measure.baseline.to_string()),
        target: Set(key_result.terms.measure.target.to_string()),
        audit_seq: Set(seq),
    })
}

pub(super) async fn insert_objective(tx: &Tx, seq: i64, plan: &DraftPlan, id: ObjectiveId) -> Result<(), Failure> {
    insert_objective_identity(tx, seq, plan.head.id.uuid(), id).await?;
    objective_draft::Entity::insert(objective_row(seq, plan, id)?).exec_without_returning(&tx.db).await?;
    Ok(())
}

pub(super) async fn insert_key_result(tx: &Tx, seq: i64, plan: &DraftPlan, id: KeyResultId) -> Result<(), Failure> {
    let row = key_result_row(seq, plan, id)?;
    let (objective, _) = plan.commitment.key_result(id).ok_or_else(|| row::missing("edited key result"))?;
    insert_key_result_identity(tx, seq, plan.head.id.uuid(), objective.id, id).await?;
    key_result_draft::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(())
}

pub(super) async fn insert_objective_identity(
    tx: &Tx,
    seq: i64,
    plan: uuid::Uuid,
    id: ObjectiveId,
) -> Result<(), Failure> {
    let row = objective::ActiveModel { id: Set(id.uuid()), plan_id: Set(plan), audit_seq: Set(seq) };
    objective::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(())
}

pub(super) async fn insert_key_result_identity(
    tx: &Tx,
    seq: i64,
    plan: uuid::Uuid,
    objective: ObjectiveId,
    id: KeyResultId,
) -> Result<(), Failure> {
    let row = key_result::ActiveModel {
        id: Set(id.uuid()),
        objective_id: Set(objective.uuid()),
        plan_id: Set(plan),
        audit_seq: Set(seq),
    };
    key_result::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(())
}

async fn remove_objective(tx: &Tx, id: ObjectiveId) -> Result<(), Failure> {
    key_result_draft::Entity::delete_many()
        .filter(key_result_draft::Column::ObjectiveId.eq(id.uuid()))
        .exec(&tx.db)
        .await?;
    objective_draft::Entity::delete_by_id(id.uuid()).exec(&tx.db).await?;
    Ok(())
}
