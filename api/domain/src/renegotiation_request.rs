//! What somebody asks to change, resolved against a commitment into exact changes.
//! Holds the checks that need the commitment (is it there, does it change anything); refuses to decide anything.

use std::collections::BTreeMap;

use crate::{
    commitment::Commitment,
    commitment_change::{ChangeSubject, CommitmentChange, apply, diff},
    ids::{KeyResultId, ObjectiveId, PersonId},
    key_result::{KeyResult, KeyResultTerms, Measure},
    objective::{Objective, ObjectiveTerms},
    quantity::Quantity,
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
};

/// One requested change. In an amendment what is none stays as it is; the inner option clears a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the noun they amend")]
pub enum ChangeRequest {
    AddObjective {
        id: ObjectiveId,
        terms: ObjectiveTerms,
        key_results: Vec<(KeyResultId, KeyResultTerms)>,
    },
    AmendObjective {
        id: ObjectiveId,
        title: Option<Line>,
        rationale: Option<Prose>,
        owner: Option<PersonId>,
        load: Option<Option<Quantity>>,
        contributes_to: Option<Option<ObjectiveId>>,
    },
    DropObjective {
        id: ObjectiveId,
        why: Option<Prose>,
    },
    AddKeyResult {
        objective: ObjectiveId,
        id: KeyResultId,
        terms: KeyResultTerms,
        objective_load: Option<Quantity>,
    },
    AmendKeyResult {
        id: KeyResultId,
        title: Option<Line>,
        owner: Option<PersonId>,
        unit: Option<Line>,
        baseline: Option<Quantity>,
        target: Option<Quantity>,
    },
    DropKeyResult {
        id: KeyResultId,
        why: Option<Prose>,
    },
    SetCapacity(Option<Quantity>),
}

/// Resolves requests, in order, into the exact changes of a commitment. Fields in refusals begin with `changes` and
/// the request's place.
pub fn resolve(base: &Commitment, requests: &[ChangeRequest]) -> Result<Vec<CommitmentChange>, Refusals> {
    let (mut broken, mut after, mut whys) = (Broken::none(), base.clone(), BTreeMap::new());
    for (place, request) in requests.iter().enumerate() {
        if let Err(refusals) = one(&mut after, request, &mut whys) {
            let place = place.to_string();
            broken.extend(refusals.into_list().into_iter().map(|refusal| {
                let mut path = vec!["changes", place.as_str()];
                path.extend(refusal.field.iter().map(String::as_str));
                refusal.clone().at(&path)
            }));
        }
    }
    broken.finish()?;
    let mut changes = normalised(base, &after);
    if changes.is_empty() {
        return Err(Refusal::invalid(&["changes"], "The changes leave the commitment as it is.").into());
    }
    for change in &mut changes {
        let subject = change.subject();
        if let CommitmentChange::ObjectiveDropped { why, .. } | CommitmentChange::KeyResultDropped { why, .. } = change
        {
            *why = whys.get(&subject).cloned();
        }
    }
    Ok(changes)
}

/// The changes from one commitment to another, an objective without key results counting as dropped.
pub(crate) fn normalised(base: &Commitment, after: &Commitment) -> Vec<CommitmentChange> {
    diff(base, &apply(after, &[]))
}

type Whys = BTreeMap<ChangeSubject, Prose>;

fn one(after: &mut Commitment, request: &ChangeRequest, whys: &mut Whys) -> Result<(), Refusals> {
    match request.clone() {
        ChangeRequest::SetCapacity(capacity) => {
            refuse_negative(capacity, "capacity")?;
            after.capacity = capacity;
        }
        ChangeRequest::AddObjective { id, terms, key_results } => {
            refuse_negative(terms.load, "load")?;
            if key_results.is_empty() {
                let message = "An objective is added with at least one key result.";
                return Err(Refusal::new(Code::PlanIncomplete, message).at(&["keyResults"]).into());
            }
            let places = (0..).zip(key_results);
            let key_results = places.map(|(position, (id, terms))| KeyResult { id, position, terms }).collect();
            let position = after.next_position();
            after.objectives.push(Objective { id, position, terms, key_results });
        }
        ChangeRequest::AmendObjective { id, title, rationale, owner, load, contributes_to } => {
            refuse_negative(load.flatten(), "load")?;
            let terms = &mut objective(after, id)?.terms;
            *terms = ObjectiveTerms {
                title: title.unwrap_or_else(|| terms.title.clone()),
                rationale: rationale.unwrap_or_else(|| terms.rationale.clone()),
                owner: owner.unwrap_or(terms.owner),
                load: load.unwrap_or(terms.load),
                contributes_to: contributes_to.unwrap_or(terms.contributes_to),
            };
        }
        ChangeRequest::DropObjective { id, why } => {
            objective(after, id)?;
            keep_why(whys, ChangeSubject::Objective(id), why)?;
            after.objectives.retain(|objective| objective.id != id);
        }
        ChangeRequest::AddKeyResult { objective: parent, id, terms, objective_load } => {
            add_key_result(after, parent, id, terms, objective_load)?;
        }
        request @ ChangeRequest::AmendKeyResult { .. } => amend_key_result(after, request)?,
        ChangeRequest::DropKeyResult { id, why } => {
            let parent = key_result(after, id)?.0;
            keep_why(whys, ChangeSubject::KeyResult { id, objective: parent }, why)?;
            objective(after, parent)?.key_results.retain(|key_result| key_result.id != id);
        }
    }
    Ok(())
}

fn add_key_result(
    after: &mut Commitment,
    parent: ObjectiveId,
    id: KeyResultId,
    terms: KeyResultTerms,
    load: Option<Quantity>,
) -> Result<(), Refusals> {
    refuse_negative(load, "objectiveLoad")?;
    if after.capacity.is_some() && load.is_none() {
        let message = "The plan has a capacity, so adding a key result says what its objective weighs with it.";
        return Err(Refusal::invalid(&["objectiveLoad"], message).into());
    }
    let objective = objective(after, parent)?;
    objective.terms.load = load.or(objective.terms.load);
    let position = objective.next_position();
    objective.key_results.push(KeyResult { id, position, terms });
    Ok(())
}

fn amend_key_result(after: &mut Commitment, request: ChangeRequest) -> Result<(), Refusals> {
    let ChangeRequest::AmendKeyResult { id, title, owner, unit, baseline, target } = request else { return Ok(()) };
    let (_, key_result) = key_result(after, id)?;
    let terms = &mut key_result.terms;
    let measure = Measure::new(
        unit.unwrap_or_else(|| terms.measure.unit.clone()),
        baseline.unwrap_or(terms.measure.baseline),
        target.unwrap_or(terms.measure.target),
    )?;
    *terms = KeyResultTerms {
        title: title.unwrap_or_else(|| terms.title.clone()),
        owner: owner.unwrap_or(terms.owner),
        measure,
    };
    Ok(())
}

fn objective(after: &mut Commitment, id: ObjectiveId) -> Result<&mut Objective, Refusals> {
    after
        .objective_mut(id)
        .ok_or_else(|| Refusal::not_found(&["objective"], "live objective in this plan", &id.to_string()).into())
}

fn key_result(after: &mut Commitment, id: KeyResultId) -> Result<(ObjectiveId, &mut KeyResult), Refusals> {
    let found = after.objectives.iter_mut().find_map(|objective| {
        let parent = objective.id;
        objective.key_results.iter_mut().find(|key_result| key_result.id == id).map(|key_result| (parent, key_result))
    });
    found.ok_or_else(|| Refusal::not_found(&["keyResult"], "live key result in this plan", &id.to_string()).into())
}

fn keep_why(whys: &mut Whys, subject: ChangeSubject, why: Option<Prose>) -> Result<(), Refusals> {
    let why = why.ok_or_else(|| Refusal::new(Code::ReasonRequired, "What is dropped says why.").at(&["why"]))?;
    whys.insert(subject, why);
    Ok(())
}

fn refuse_negative(quantity: Option<Quantity>, field: &str) -> Result<(), Refusals> {
    match quantity {
        Some(quantity) if quantity.is_negative() => {
            Err(Refusal::invalid(&[field], format!("The {field} is zero or more, not {quantity}.")).into())
        }
        _ => Ok(()),
    }
}
