//! How plans are written: a draft's rows while it is drafted, revisions once it is committed, the closing.
//! A revision writes what changed and nothing else; the database compares each row with what was drafted or approved.

use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{KeyResultId, ObjectiveId},
    key_result::KeyResult,
    objective::Objective,
    plan::{DraftPlan, Revision},
    plan_close::PlanClosed,
    plan_commit::PlanCommitted,
    plan_draft::{DraftEdited, Edit},
    time::Timestamp,
};
use holdline_entity::{
    decision::DecisionOutcome, key_result, key_result_draft, key_result_version, objective, objective_draft,
    objective_version, plan, plan_closure, plan_draft, plan_revision, plan_without_final, quarter,
};
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

impl Apply for PlanCommitted {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        if self.plan.head.imported {
            let head = holdline_domain::plan::PlanHead { version: 1, ..self.plan.head };
            let draft = DraftPlan { head, commitment: self.plan.commitment.clone() };
            insert_plan(tx, seq, &draft).await?;
            for objective in &draft.commitment.objectives {
                insert_objective(tx, seq, &draft, objective.id).await?;
                for key_result in &objective.key_results {
                    insert_key_result(tx, seq, &draft, key_result.id).await?;
                }
            }
        }
        insert_revision(tx, seq, &self.revision, at).await?;
        for objective in &self.revision.commitment.objectives {
            insert_objective_version(tx, &self.revision, objective, false).await?;
            for key_result in &objective.key_results {
                insert_key_result_version(tx, &self.revision, objective.id, key_result, false).await?;
            }
        }
        Ok(())
    }
}

impl Apply for PlanClosed {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        let plan = self.plan.last.head.id.uuid();
        plan_closure::Entity::insert(plan_closure::ActiveModel {
            plan_id: Set(plan),
            by_person: Set(self.by.uuid()),
            at: Set(at.micros()),
            audit_seq: Set(seq),
        })
        .exec_without_returning(&tx.db)
        .await?;
        for (key_result, reason) in &self.without_final {
            plan_without_final::Entity::insert(plan_without_final::ActiveModel {
                plan_id: Set(plan),
                key_result_id: Set(key_result.uuid()),
                reason: Set(reason.to_string()),
            })
            .exec_without_returning(&tx.db)
            .await?;
        }
        Ok(())
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

async fn insert_plan(tx: &Tx, seq: i64, draft: &DraftPlan) -> Result<(), Failure> {
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
        contributes_to: Set(objective.terms.contributes_to.map(|target| target.uuid())),
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

async fn insert_objective(tx: &Tx, seq: i64, plan: &DraftPlan, id: ObjectiveId) -> Result<(), Failure> {
    insert_objective_identity(tx, seq, plan.head.id.uuid(), id).await?;
    objective_draft::Entity::insert(objective_row(seq, plan, id)?).exec_without_returning(&tx.db).await?;
    Ok(())
}

async fn insert_key_result(tx: &Tx, seq: i64, plan: &DraftPlan, id: KeyResultId) -> Result<(), Failure> {
    let row = key_result_row(seq, plan, id)?;
    let (objective, _) = plan.commitment.key_result(id).ok_or_else(|| row::missing("edited key result"))?;
    insert_key_result_identity(tx, seq, plan.head.id.uuid(), objective.id, id).await?;
    key_result_draft::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(())
}

async fn insert_objective_identity(tx: &Tx, seq: i64, plan: uuid::Uuid, id: ObjectiveId) -> Result<(), Failure> {
    let row = objective::ActiveModel { id: Set(id.uuid()), plan_id: Set(plan), audit_seq: Set(seq) };
    objective::Entity::insert(row).exec_without_returning(&tx.db).await?;
    Ok(())
}

async fn insert_key_result_identity(
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

/// Writes a revision and, from the second on, what it changed.
pub(super) async fn insert_revision(tx: &Tx, seq: i64, revision: &Revision, at: Timestamp) -> Result<(), Failure> {
    let commitment = &revision.commitment;
    plan_revision::Entity::insert(plan_revision::ActiveModel {
        plan_id: Set(revision.plan.id.uuid()),
        number: Set(row::stored(revision.number)?),
        id: Set(revision.id.uuid()),
        capacity: Set(commitment.capacity.map(|capacity| capacity.to_string())),
        capacity_unit: Set(commitment.capacity_unit.as_ref().map(ToString::to_string)),
        digest: Set(commitment.digest(revision.plan.id).to_string()),
        renegotiation_id: Set(revision.renegotiation.map(|renegotiation| renegotiation.uuid())),
        outcome: Set(revision.renegotiation.map(|_| DecisionOutcome::Approved)),
        by_person: Set(revision.by.map(|person| person.uuid())),
        imported: Set(revision.took_effect.is_some()),
        at: Set(at.micros()),
        recorded_at: Set(tx.now.micros()),
        audit_seq: Set(seq),
    })
    .exec_without_returning(&tx.db)
    .await?;
    for change in &revision.changes {
        insert_change(tx, seq, revision, change).await?;
    }
    Ok(())
}

async fn insert_change(tx: &Tx, seq: i64, revision: &Revision, change: &CommitmentChange) -> Result<(), Failure> {
    let (plan, now) = (revision.plan.id.uuid(), &revision.commitment);
    let objective_now = |id| now.objective(id).ok_or_else(|| row::missing("changed objective"));
    let key_result_now = |id| now.key_result(id).ok_or_else(|| row::missing("changed key result"));
    match change {
        CommitmentChange::CapacityChanged { .. } => Ok(()),
        CommitmentChange::ObjectiveAdded { id, .. } => {
            insert_objective_identity(tx, seq, plan, *id).await?;
            insert_objective_version(tx, revision, objective_now(*id)?, false).await
        }
        CommitmentChange::ObjectiveAmended { id, .. } => {
            insert_objective_version(tx, revision, objective_now(*id)?, false).await
        }
        CommitmentChange::ObjectiveDropped { id, terms, .. } => {
            let last = Objective { id: *id, position: 0, terms: terms.clone(), key_results: Vec::new() };
            insert_objective_version(tx, revision, &last, true).await
        }
        CommitmentChange::KeyResultAdded { objective, id, .. } => {
            insert_key_result_identity(tx, seq, plan, *objective, *id).await?;
            insert_key_result_version(tx, revision, *objective, key_result_now(*id)?.1, false).await
        }
        CommitmentChange::KeyResultAmended { objective, id, .. } => {
            insert_key_result_version(tx, revision, *objective, key_result_now(*id)?.1, false).await
        }
        CommitmentChange::KeyResultDropped { objective, id, terms, .. } => {
            let last = KeyResult { id: *id, position: 0, terms: terms.clone() };
            insert_key_result_version(tx, revision, *objective, &last, true).await
        }
    }
}

async fn insert_objective_version(
    tx: &Tx,
    revision: &Revision,
    objective: &Objective,
    dropped: bool,
) -> Result<(), Failure> {
    objective_version::Entity::insert(objective_version::ActiveModel {
        objective_id: Set(objective.id.uuid()),
        number: Set(row::stored(revision.number)?),
        plan_id: Set(revision.plan.id.uuid()),
        position: Set(row::stored(objective.position)?),
        dropped: Set(dropped),
        title: Set(objective.terms.title.to_string()),
        rationale: Set(objective.terms.rationale.to_string()),
        owner_id: Set(objective.terms.owner.uuid()),
        load: Set(objective.terms.load.map(|load| load.to_string())),
        contributes_to: Set(objective.terms.contributes_to.map(|target| target.uuid())),
    })
    .exec_without_returning(&tx.db)
    .await?;
    Ok(())
}

async fn insert_key_result_version(
    tx: &Tx,
    revision: &Revision,
    objective: ObjectiveId,
    key_result: &KeyResult,
    dropped: bool,
) -> Result<(), Failure> {
    let terms = &key_result.terms;
    key_result_version::Entity::insert(key_result_version::ActiveModel {
        key_result_id: Set(key_result.id.uuid()),
        number: Set(row::stored(revision.number)?),
        plan_id: Set(revision.plan.id.uuid()),
        objective_id: Set(objective.uuid()),
        position: Set(row::stored(key_result.position)?),
        dropped: Set(dropped),
        title: Set(terms.title.to_string()),
        owner_id: Set(terms.owner.uuid()),
        unit: Set(terms.measure.unit.to_string()),
        baseline: Set(terms.measure.baseline.to_string()),
        target: Set(terms.measure.target.to_string()),
    })
    .exec_without_returning(&tx.db)
    .await?;
    Ok(())
}
