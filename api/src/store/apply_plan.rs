//! How a committed plan is written: its revisions and its closing.
//! A revision writes what changed and nothing else; the database compares each row with what was drafted or approved.

use holdline_domain::{
    commitment_change::CommitmentChange,
    ids::{Id, ObjectiveId},
    key_result::KeyResult,
    objective::Objective,
    plan::{DraftPlan, PlanHead, Revision},
    plan_close::PlanClosed,
    plan_commit::PlanCommitted,
    time::Timestamp,
};
use holdline_entity::{
    decision::DecisionOutcome, key_result_version, objective_version, plan_closure, plan_revision, plan_without_final,
};
use sea_orm::{ActiveValue::Set, EntityTrait as _};

use super::{
    Apply,
    apply_draft::{
        insert_key_result, insert_key_result_identity, insert_objective, insert_objective_identity, insert_plan,
    },
    row,
    tx::Tx,
};
use crate::failure::Failure;

impl Apply for PlanCommitted {
    async fn apply(&self, tx: &Tx, seq: i64, at: Timestamp) -> Result<(), Failure> {
        if self.plan.head.imported {
            let head = PlanHead { version: 1, ..self.plan.head };
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
        renegotiation_id: Set(revision.renegotiation.map(Id::uuid)),
        outcome: Set(revision.renegotiation.map(|_| DecisionOutcome::Approved)),
        by_person: Set(revision.by.map(Id::uuid)),
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
        contributes_to: Set(objective.terms.contributes_to.map(Id::uuid)),
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
