//! How commitments are kept: drafts as editable rows, revisions as the versions that they changed.
//! The commitment at revision N is, for each member, its newest version up to N, found by its key; `as of` reads the same path.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use holdline_domain::{
    commitment::Commitment,
    ids::{ObjectiveId, PlanId},
    key_result::{KeyResult, KeyResultTerms, Measure},
    objective::{Objective, ObjectiveTerms},
};
use holdline_entity::{
    key_result_draft, key_result_version, objective_draft, objective_version, plan_draft, plan_revision,
};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _, Value,
};

use super::{row, settled::Settled};
use crate::failure::Failure;

/// A plan at a revision; 0 is its draft.
pub(super) type At = (PlanId, u32);

/// Loads commitments, each level with one statement for all plans; of revisions that are known nothing but their rows.
pub(super) async fn load(
    db: &impl ConnectionTrait,
    known: &Settled,
    wanted: &[At],
) -> Result<HashMap<At, Arc<Commitment>>, Failure> {
    let drafts: BTreeSet<_> = wanted.iter().filter(|at| at.1 == 0).map(|at| at.0).collect();
    let mut revisions: BTreeMap<PlanId, BTreeSet<u32>> = BTreeMap::new();
    for (plan, number) in wanted.iter().filter(|at| at.1 > 0) {
        revisions.entry(*plan).or_default().insert(*number);
    }
    let mut loaded = HashMap::new();
    if !drafts.is_empty() {
        let plans: Vec<_> = drafts.iter().map(|plan| plan.uuid()).collect();
        for (plan, commitment) in load_drafts(db, &plans).await? {
            loaded.insert((plan, 0), Arc::new(commitment));
        }
    }
    if !revisions.is_empty() {
        load_revisions(db, known, revisions, &mut loaded).await?;
    }
    if wanted.iter().any(|at| !loaded.contains_key(at)) {
        return Err(row::missing("plan revision"));
    }
    Ok(loaded)
}

async fn load_revisions(
    db: &impl ConnectionTrait,
    known: &Settled,
    mut wanted: BTreeMap<PlanId, BTreeSet<u32>>,
    loaded: &mut HashMap<At, Arc<Commitment>>,
) -> Result<(), Failure> {
    let mut unknown = Vec::new();
    for head in heads(db, &wanted).await? {
        let at = (head.plan_id.into(), row::count(head.number)?);
        let digest = row::digest(&head.digest)?;
        match known.find(at, digest) {
            Some(commitment) => drop(loaded.insert(at, commitment)),
            None => unknown.push((at, digest, head)),
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    wanted.clear();
    for ((plan, number), ..) in &unknown {
        wanted.entry(*plan).or_default().insert(*number);
    }
    let members = Members::load(db, &wanted).await?;
    for (at, digest, head) in &unknown {
        let commitment = Arc::new(members.commitment(*at, head)?);
        known.keep(*at, *digest, &commitment);
        loaded.insert(*at, commitment);
    }
    Ok(())
}

async fn heads(
    db: &impl ConnectionTrait,
    wanted: &BTreeMap<PlanId, BTreeSet<u32>>,
) -> Result<Vec<plan_revision::Model>, Failure> {
    let mut values = Vec::new();
    let sql = format!("SELECT r.* FROM plan_revision r WHERE {}", chosen(wanted, &mut values)?);
    row::rows(db, &sql, values).await
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

/// The members that revisions have: of each the newest version up to that number, found by its key, however many
/// versions there are.
struct Members {
    objectives: HashMap<At, Vec<objective_version::Model>>,
    key_results: HashMap<(At, ObjectiveId), Vec<key_result_version::Model>>,
}

#[derive(FromQueryResult)]
struct ObjectiveAt {
    at_number: i32,
    #[sea_orm(nested)]
    version: objective_version::Model,
}

#[derive(FromQueryResult)]
struct KeyResultAt {
    at_number: i32,
    #[sea_orm(nested)]
    version: key_result_version::Model,
}

impl Members {
    async fn load(db: &impl ConnectionTrait, wanted: &BTreeMap<PlanId, BTreeSet<u32>>) -> Result<Self, Failure> {
        let mut values = Vec::new();
        let chosen = chosen(wanted, &mut values)?;
        let mut members = Self { objectives: HashMap::new(), key_results: HashMap::new() };
        let sql = newest("objective", &chosen);
        for ObjectiveAt { at_number, version } in row::rows(db, &sql, values.clone()).await? {
            let at = (version.plan_id.into(), row::count(at_number)?);
            members.objectives.entry(at).or_default().push(version);
        }
        let sql = newest("key_result", &chosen);
        for KeyResultAt { at_number, version } in row::rows(db, &sql, values).await? {
            let at = (version.plan_id.into(), row::count(at_number)?);
            members.key_results.entry((at, version.objective_id.into())).or_default().push(version);
        }
        Ok(members)
    }

    fn commitment(&self, at: At, head: &plan_revision::Model) -> Result<Commitment, Failure> {
        let mut objectives = Vec::new();
        for row in self.objectives.get(&at).into_iter().flatten().filter(|row| !row.dropped) {
            let terms =
                objective_terms(&row.title, &row.rationale, row.owner_id, row.load.as_ref(), row.contributes_to)?;
            let id = row.objective_id.into();
            let (position, key_results) = (row::count(row.position)?, self.key_results_of(at, id)?);
            objectives.push(Objective { id, position, terms, key_results });
        }
        objectives.sort_by_key(|objective| (objective.position, objective.id));
        Ok(Commitment {
            capacity: row::maybe(head.capacity.as_ref(), row::quantity)?,
            capacity_unit: row::maybe(head.capacity_unit.as_ref(), row::line)?,
            objectives,
        })
    }

    fn key_results_of(&self, at: At, objective: ObjectiveId) -> Result<Vec<KeyResult>, Failure> {
        let mut key_results = Vec::new();
        for row in self.key_results.get(&(at, objective)).into_iter().flatten().filter(|row| !row.dropped) {
            let terms = key_result_terms(&row.title, row.owner_id, &row.unit, &row.baseline, &row.target)?;
            let position = row::count(row.position)?;
            key_results.push(KeyResult { id: row.key_result_id.into(), position, terms });
        }
        key_results.sort_by_key(|key_result| (key_result.position, key_result.id));
        Ok(key_results)
    }
}

/// The condition that picks revisions `r`; one alternative a plan.
fn chosen(wanted: &BTreeMap<PlanId, BTreeSet<u32>>, values: &mut Vec<Value>) -> Result<String, Failure> {
    let mut plans = Vec::new();
    for (plan, numbers) in wanted {
        values.push(plan.uuid().into());
        let (mark, from) = (values.len(), values.len() + 1);
        for number in numbers {
            values.push(row::stored(*number)?.into());
        }
        plans.push(format!("(r.plan_id = ${mark} AND r.number IN ({}))", row::marks(from, numbers.len())));
    }
    Ok(plans.join(" OR "))
}

/// The statement for the newest versions of a kind of member at the chosen revisions.
fn newest(noun: &str, chosen: &str) -> String {
    format!(
        "SELECT r.number AS at_number, v.* FROM plan_revision r JOIN {noun} m ON m.plan_id = r.plan_id
         JOIN {noun}_version v ON v.{noun}_id = m.id AND v.number = (
             SELECT MAX(n.number) FROM {noun}_version n WHERE n.{noun}_id = m.id AND n.number <= r.number)
         WHERE {chosen}"
    )
}
