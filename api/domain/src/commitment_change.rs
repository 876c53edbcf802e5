//! What differs between two commitments: added, amended and dropped objectives and key results, and the capacity.
//! `diff` finds the changes, `apply` makes them; one undoes no other: `apply(a, diff(a, b))` is `b`.

use crate::{
    commitment::Commitment,
    facts::Facts,
    ids::{KeyResultId, ObjectiveId},
    key_result::{KeyResult, KeyResultTerms},
    objective::{Objective, ObjectiveTerms},
    quantity::Quantity,
    text::Prose,
};

/// One change of a commitment. Each subject occurs at most once in a list of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the change's before and after")]
pub enum CommitmentChange {
    ObjectiveAdded { id: ObjectiveId, terms: ObjectiveTerms },
    ObjectiveAmended { id: ObjectiveId, from: ObjectiveTerms, to: ObjectiveTerms },
    ObjectiveDropped { id: ObjectiveId, terms: ObjectiveTerms, why: Option<Prose> },
    KeyResultAdded { objective: ObjectiveId, id: KeyResultId, terms: KeyResultTerms },
    KeyResultAmended { objective: ObjectiveId, id: KeyResultId, from: KeyResultTerms, to: KeyResultTerms },
    KeyResultDropped { objective: ObjectiveId, id: KeyResultId, terms: KeyResultTerms, why: Option<Prose> },
    CapacityChanged { from: Option<Quantity>, to: Option<Quantity> },
}

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the ids of the subject")]
pub enum ChangeSubject {
    Capacity,
    Objective(ObjectiveId),
    KeyResult { id: KeyResultId, objective: ObjectiveId },
}

impl ChangeSubject {
    /// Whether two subjects touch: the same one, or an objective and one of its key results.
    #[must_use]
    pub fn touches(self, other: Self) -> bool {
        match (self, other) {
            (Self::Capacity, Self::Capacity) => true,
            (Self::Objective(one), Self::Objective(other)) => one == other,
            (Self::Objective(one), Self::KeyResult { objective, .. })
            | (Self::KeyResult { objective, .. }, Self::Objective(one)) => one == objective,
            (Self::KeyResult { id: one, .. }, Self::KeyResult { id: other, .. }) => one == other,
            _ => false,
        }
    }
}

/// Whether any subject of one list of changes touches one of the other.
#[must_use]
pub fn overlap(ours: &[CommitmentChange], theirs: &[CommitmentChange]) -> bool {
    ours.iter().any(|our| theirs.iter().any(|their| our.subject().touches(their.subject())))
}

/// What kind of thing changed about a subject, so that a typo is not a broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeAspect {
    /// The words.
    Wording,
    /// Who owns it.
    Owner,
    /// Unit, baseline or target.
    Measure,
    /// Load or capacity.
    Load,
    /// Whether it is part of the commitment at all.
    Scope,
    /// What it contributes to.
    Lineage,
}

impl CommitmentChange {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> ChangeSubject {
        match *self {
            Self::CapacityChanged { .. } => ChangeSubject::Capacity,
            Self::ObjectiveAdded { id, .. } | Self::ObjectiveAmended { id, .. } | Self::ObjectiveDropped { id, .. } => {
                ChangeSubject::Objective(id)
            }
            Self::KeyResultAdded { objective, id, .. }
            | Self::KeyResultAmended { objective, id, .. }
            | Self::KeyResultDropped { objective, id, .. } => ChangeSubject::KeyResult { id, objective },
        }
    }

    /// Which aspects it changes, in order.
    #[must_use]
    pub fn aspects(&self) -> Vec<ChangeAspect> {
        use ChangeAspect::{Lineage, Load, Measure, Owner, Scope, Wording};
        let keep = |table: &[(bool, ChangeAspect)]| table.iter().filter(|row| row.0).map(|row| row.1).collect();
        match self {
            Self::ObjectiveAmended { from, to, .. } => keep(&[
                (from.title != to.title || from.rationale != to.rationale, Wording),
                (from.owner != to.owner, Owner),
                (from.load != to.load, Load),
                (from.contributes_to != to.contributes_to, Lineage),
            ]),
            Self::KeyResultAmended { from, to, .. } => keep(&[
                (from.title != to.title, Wording),
                (from.owner != to.owner, Owner),
                (from.measure != to.measure, Measure),
            ]),
            Self::CapacityChanged { .. } => vec![Load],
            _ => vec![Scope],
        }
    }

    /// Whether it makes room: something dropped, or a load lowered.
    #[must_use]
    pub fn gives_way(&self) -> bool {
        match self {
            Self::ObjectiveDropped { .. } | Self::KeyResultDropped { .. } => true,
            Self::ObjectiveAmended { from, to, .. } => from.load.zip(to.load).is_some_and(|(from, to)| from > to),
            _ => false,
        }
    }

    /// Whether it changes nothing but words and owners.
    #[must_use]
    pub fn is_editorial(&self) -> bool {
        self.aspects().iter().all(|aspect| matches!(aspect, ChangeAspect::Wording | ChangeAspect::Owner))
    }

    /// All of it, for the record and for the digest that deciders name.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let change = |kind: &str, before: Facts, after: Facts, why: &Option<Prose>| {
            Facts::map([
                ("change", Facts::text(kind)),
                ("before", before),
                ("after", after),
                ("why", Facts::maybe(why.as_ref())),
            ])
        };
        let null = || Facts::Null;
        match self {
            Self::ObjectiveAdded { id, terms } => change("OBJECTIVE_ADDED", null(), terms.facts(*id), &None),
            Self::ObjectiveAmended { id, from, to } => {
                change("OBJECTIVE_AMENDED", from.facts(*id), to.facts(*id), &None)
            }
            Self::ObjectiveDropped { id, terms, why } => change("OBJECTIVE_DROPPED", terms.facts(*id), null(), why),
            Self::KeyResultAdded { objective, id, terms } => {
                let after = Facts::map([("objective", Facts::text(objective)), ("terms", terms.facts(*id))]);
                change("KEY_RESULT_ADDED", null(), after, &None)
            }
            Self::KeyResultAmended { id, from, to, .. } => {
                change("KEY_RESULT_AMENDED", from.facts(*id), to.facts(*id), &None)
            }
            Self::KeyResultDropped { id, terms, why, .. } => {
                change("KEY_RESULT_DROPPED", terms.facts(*id), null(), why)
            }
            Self::CapacityChanged { from, to } => {
                change("CAPACITY_CHANGED", Facts::maybe(*from), Facts::maybe(*to), &None)
            }
        }
    }
}

/// The changes that lead from one commitment to another, in the order of the plan, what is dropped last.
#[must_use]
pub fn diff(from: &Commitment, to: &Commitment) -> Vec<CommitmentChange> {
    let mut changes = Vec::new();
    if from.capacity != to.capacity {
        changes.push(CommitmentChange::CapacityChanged { from: from.capacity, to: to.capacity });
    }
    for objective in &to.objectives {
        let old = from.objective(objective.id);
        match old {
            None => changes.push(CommitmentChange::ObjectiveAdded { id: objective.id, terms: objective.terms.clone() }),
            Some(old) if old.terms != objective.terms => changes.push(CommitmentChange::ObjectiveAmended {
                id: objective.id,
                from: old.terms.clone(),
                to: objective.terms.clone(),
            }),
            Some(_) => {}
        }
        changes.extend(objective.key_results.iter().filter_map(|key_result| came(objective.id, old, key_result)));
    }
    for objective in &from.objectives {
        let new = to.objective(objective.id);
        let kept = |id| new.is_some_and(|new| new.key_results.iter().any(|key_result| key_result.id == id));
        if new.is_none() {
            let (id, terms) = (objective.id, objective.terms.clone());
            changes.push(CommitmentChange::ObjectiveDropped { id, terms, why: None });
        }
        let gone = objective.key_results.iter().filter(|key_result| !kept(key_result.id));
        changes.extend(gone.map(|key_result| CommitmentChange::KeyResultDropped {
            objective: objective.id,
            id: key_result.id,
            terms: key_result.terms.clone(),
            why: None,
        }));
    }
    changes
}

fn came(objective: ObjectiveId, old: Option<&Objective>, new: &KeyResult) -> Option<CommitmentChange> {
    let id = new.id;
    match old.and_then(|old| old.key_results.iter().find(|key_result| key_result.id == id)) {
        None => Some(CommitmentChange::KeyResultAdded { objective, id, terms: new.terms.clone() }),
        Some(old) if old.terms != new.terms => {
            Some(CommitmentChange::KeyResultAmended { objective, id, from: old.terms.clone(), to: new.terms.clone() })
        }
        Some(_) => None,
    }
}

/// The commitment after the changes. An objective whose last key result goes, goes with it.
#[must_use]
pub fn apply(base: &Commitment, changes: &[CommitmentChange]) -> Commitment {
    let mut result = base.clone();
    for change in changes {
        match change.clone() {
            CommitmentChange::CapacityChanged { to, .. } => result.capacity = to,
            // What is there already is not added again.
            CommitmentChange::ObjectiveAdded { id, .. } if result.objective(id).is_some() => {}
            CommitmentChange::KeyResultAdded { id, .. } if result.key_result(id).is_some() => {}
            CommitmentChange::ObjectiveAdded { id, terms } => {
                let position = result.next_position();
                result.objectives.push(Objective { id, position, terms, key_results: Vec::new() });
            }
            CommitmentChange::ObjectiveAmended { id, to, .. } => {
                if let Some(objective) = result.objective_mut(id) {
                    objective.terms = to;
                }
            }
            CommitmentChange::ObjectiveDropped { id, .. } => result.objectives.retain(|objective| objective.id != id),
            CommitmentChange::KeyResultAdded { objective, id, terms } => {
                if let Some(objective) = result.objective_mut(objective) {
                    let position = objective.next_position();
                    objective.key_results.push(KeyResult { id, position, terms });
                }
            }
            CommitmentChange::KeyResultAmended { objective, id, to, .. } => {
                let found =
                    result.objective_mut(objective).and_then(|o| o.key_results.iter_mut().find(|kr| kr.id == id));
                if let Some(key_result) = found {
                    key_result.terms = to;
                }
            }
            CommitmentChange::KeyResultDropped { objective, id, .. } => {
                if let Some(objective) = result.objective_mut(objective) {
                    objective.key_results.retain(|key_result| key_result.id != id);
                }
            }
        }
    }
    result.objectives.retain(|objective| !objective.key_results.is_empty());
    result
}
