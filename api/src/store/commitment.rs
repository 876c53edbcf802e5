//! How commitments are kept: drafts as editable rows, revisions as the versions that they changed.
//! The commitment at revision N is, for each member, its newest version up to N; `as of` reads the same path.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use holdline_domain::{
    commitment::Commitment,
    ids::{ObjectiveId, PlanId},
    key_result::{KeyResult, KeyResultTerms, Measure},
    objective::{Objective, ObjectiveTerms},
};
use holdline_entity::{
    key_result_draft, key_result_version, objective_draft, objective_version, plan_draft, plan_revision,
};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::row;
use crate::failure::Failure;

/// A plan at a revision; 0 is its draft.
pub(super) type At = (PlanId, u32);

/// Loads commitments, each level with one statement for all plans.
pub(super) async fn load(db: &impl ConnectionTrait, wanted: &[At]) -> Result<HashMap<At, Commitment>, Failure> {
    let drafts: BTreeSet<_> = wanted.iter().filter(|at| at.1 == 0).map(|at| at.0).collect();
    let plans: BTreeSet<_> = wanted.iter().filter(|at| at.1 > 0).map(|at| at.0).collect();
    let mut loaded = HashMap::new();
    if !drafts.is_empty() {
        let plans: Vec<_> = drafts.iter().map(|plan| plan.uuid()).collect();
        for (plan, commitment) in load_drafts(db, &plans).await? {
            loaded.insert((plan, 0), commitment);
        }
    }
    if !plans.is_empty() {
        let plans: Vec<_> = plans.iter().map(|plan| plan.uuid()).collect();
        let history = History::load(db, &plans).await?;
        for at in wanted.iter().filter(|at| at.1 > 0) {
            loaded.insert(*at, history.at(*at)?);
        }
    }
    Ok(loaded)
}

fn objective_terms(
    title: &str,
    rationale: &str,
    owner: uuid::Uuid,
    load: Option<&String>,
    contributes_to: Option<uuid::Uuid>,
) -> Result<ObjectiveTerms, Failure> {
    Ok(ObjectiveTerms {
        title: row::line(title)?,
        rationale: row::prose(rationale)?,
        owner: owner.into(),
        load: row::maybe(load, row::quantity)?,
        contributes_to: contributes_to.map(ObjectiveId::from),
    })
}

fn key_result_terms(
    title: &str,
    owner: uuid::Uuid,
    unit: &str,
    baseline: &str,
    target: &str,
) -> Result<KeyResultTerms, Failure> {
    let measure =
        Measure { unit: row::line(unit)?, baseline: row::quantity(baseline)?, target: row::quantity(target)? };
    Ok(KeyResultTerms { title: row::line(title)?, owner: owner.into(), measure })
}

async fn load_drafts(db: &impl ConnectionTrait, plans: &[uuid::Uuid]) -> Result<BTreeMap<PlanId, Commitment>, Failure> {
    let own = |column: plan_draft::Column| column.is_in(plans.iter().copied());
    let heads = plan_draft::Entity::find().filter(own(plan_draft::Column::PlanId)).all(db).await?;
    let objectives = objective_draft::Entity::find()
        .filter(objective_draft::Column::PlanId.is_in(plans.iter().copied()))
        .order_by_asc(objective_draft::Column::Position)
        .all(db)
        .await?;
    let key_results = key_result_draft::Entity::find()
        .filter(key_result_draft::Column::PlanId.is_in(plans.iter().copied()))
        .order_by_asc(key_result_draft::Column::Position)
        .all(db)
        .await?;
    let mut members: HashMap<uuid::Uuid, Vec<KeyResult>> = HashMap::new();
    for row in key_results {
        let terms = key_result_terms(&row.title, row.owner_id, &row.unit, &row.baseline, &row.target)?;
        let member = KeyResult { id: row.key_result_id.into(), position: row::count(row.position)?, terms };
        members.entry(row.objective_id).or_default().push(member);
    }
    let mut commitments = BTreeMap::new();
    for head in heads {
        let commitment = Commitment {
            capacity: row::maybe(head.capacity.as_ref(), row::quantity)?,
            capacity_unit: row::maybe(head.capacity_unit.as_ref(), row::line)?,
            objectives: Vec::new(),
        };
        commitments.insert(PlanId::from(head.plan_id), commitment);
    }
    for row in objectives {
        let terms = objective_terms(&row.title, &row.rationale, row.owner_id, row.load.as_ref(), row.contributes_to)?;
        let key_results = members.remove(&row.objective_id).unwrap_or_default();
        let objective =
            Objective { id: row.objective_id.into(), position: row::count(row.position)?, terms, key_results };
        let commitment = commitments.get_mut(&row.plan_id.into()).ok_or_else(|| row::missing("plan draft"))?;
        commitment.objectives.push(objective);
    }
    Ok(commitments)
}

/// The revisions of some plans with every version of their members, oldest first.
struct History {
    revisions: HashMap<At, plan_revision::Model>,
    objectives: Vec<objective_version::Model>,
    key_results: Vec<key_result_version::Model>,
}

impl History {
    async fn load(db: &impl ConnectionTrait, plans: &[uuid::Uuid]) -> Result<Self, Failure> {
        let revisions = plan_revision::Entity::find()
            .filter(plan_revision::Column::PlanId.is_in(plans.iter().copied()))
            .all(db)
            .await?;
        let objectives = objective_version::Entity::find()
            .filter(objective_version::Column::PlanId.is_in(plans.iter().copied()))
            .order_by_asc(objective_version::Column::Number)
            .all(db)
            .await?;
        let key_results = key_result_version::Entity::find()
            .filter(key_result_version::Column::PlanId.is_in(plans.iter().copied()))
            .order_by_asc(key_result_version::Column::Number)
            .all(db)
            .await?;
        let revisions: Result<HashMap<_, _>, Failure> =
            revisions.into_iter().map(|row| Ok(((row.plan_id.into(), row::count(row.number)?), row))).collect();
        Ok(Self { revisions: revisions?, objectives, key_results })
    }

    fn at(&self, at: At) -> Result<Commitment, Failure> {
        let (plan, number) = (at.0.uuid(), row::stored(at.1)?);
        let revision = self.revisions.get(&at).ok_or_else(|| row::missing("plan revision"))?;
        let mut newest = BTreeMap::new();
        for row in self.objectives.iter().filter(|row| row.plan_id == plan && row.number <= number) {
            newest.insert(row.objective_id, row);
        }
        let mut objectives = Vec::new();
        for row in newest.into_values().filter(|row| !row.dropped) {
            let terms =
                objective_terms(&row.title, &row.rationale, row.owner_id, row.load.as_ref(), row.contributes_to)?;
            let key_results = self.key_results_at(plan, number, row.objective_id)?;
            let position = row::count(row.position)?;
            objectives.push(Objective { id: row.objective_id.into(), position, terms, key_results });
        }
        objectives.sort_by_key(|objective| (objective.position, objective.id));
        Ok(Commitment {
            capacity: row::maybe(revision.capacity.as_ref(), row::quantity)?,
            capacity_unit: row::maybe(revision.capacity_unit.as_ref(), row::line)?,
            objectives,
        })
    }

    fn key_results_at(&self, plan: uuid::Uuid, number: i32, objective: uuid::Uuid) -> Result<Vec<KeyResult>, Failure> {
        let mut newest = BTreeMap::new();
        let own = |row: &&key_result_version::Model| {
            row.plan_id == plan && row.number <= number && row.objective_id == objective
        };
        for row in self.key_results.iter().filter(own) {
            newest.insert(row.key_result_id, row);
        }
        let mut key_results = Vec::new();
        for row in newest.into_values().filter(|row| !row.dropped) {
            let terms = key_result_terms(&row.title, row.owner_id, &row.unit, &row.baseline, &row.target)?;
            let position = row::count(row.position)?;
            key_results.push(KeyResult { id: row.key_result_id.into(), position, terms });
        }
        key_results.sort_by_key(|key_result| (key_result.position, key_result.id));
        Ok(key_results)
    }
}
