//! A commitment as an entry states it: capacity, objectives, key results, each with the terms in the log's words.
//! Holds reading it, and what an edit of a draft does to it; what a renegotiation does is in `changes`.

use crate::json::Json;

/// A key result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyResult {
    pub(crate) id: String,
    pub(crate) terms: Json<'static>,
}

/// An objective with its key results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Objective {
    pub(crate) id: String,
    pub(crate) terms: Json<'static>,
    pub(crate) key_results: Vec<KeyResult>,
}

/// All that a plan promises.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Commitment {
    pub(crate) capacity: Json<'static>,
    pub(crate) unit: Json<'static>,
    pub(crate) objectives: Vec<Objective>,
}

impl KeyResult {
    pub(crate) fn read(terms: &Json<'_>) -> Option<Self> {
        Some(Self { id: terms.get("keyResult").text()?.to_owned(), terms: terms.keep() })
    }
}

impl Objective {
    pub(crate) fn read(terms: &Json<'_>) -> Option<Self> {
        let id = terms.get("objective").text()?.to_owned();
        Some(Self { id, terms: terms.keep(), key_results: Vec::new() })
    }
}

impl Commitment {
    /// Reads what an entry states; none where that is no commitment.
    pub(crate) fn read(stated: &Json<'_>) -> Option<Self> {
        let Json::List(members) = stated.get("objectives") else { return None };
        let objectives = members.iter().map(|member| {
            let mut objective = Objective::read(member.get("terms"))?;
            objective.key_results =
                member.get("keyResults").list().iter().map(KeyResult::read).collect::<Option<_>>()?;
            Some(objective)
        });
        Some(Self {
            capacity: stated.get("capacity").keep(),
            unit: stated.get("capacityUnit").keep(),
            objectives: objectives.collect::<Option<_>>()?,
        })
    }

    pub(crate) fn objective(&self, id: &str) -> Option<&Objective> {
        self.objectives.iter().find(|objective| objective.id == id)
    }

    pub(crate) fn objective_mut(&mut self, id: &str) -> Option<&mut Objective> {
        self.objectives.iter_mut().find(|objective| objective.id == id)
    }

    pub(crate) fn key_results(&self) -> impl Iterator<Item = &KeyResult> {
        self.objectives.iter().flat_map(|objective| &objective.key_results)
    }

    pub(crate) fn key_result(&self, id: &str) -> Option<&KeyResult> {
        self.key_results().find(|key_result| key_result.id == id)
    }

    pub(crate) fn key_result_mut(&mut self, id: &str) -> Option<&mut KeyResult> {
        let mut all = self.objectives.iter_mut().flat_map(|objective| &mut objective.key_results);
        all.find(|key_result| key_result.id == id)
    }

    /// Makes an edit of a draft; none where the edit names something that is not there.
    pub(crate) fn edit(&mut self, action: &str, subject: &str, after: &Json<'_>) -> Option<()> {
        match action {
            "PLAN_UPDATED" => {
                self.capacity = after.get("capacity").keep();
                self.unit = after.get("capacityUnit").keep();
            }
            "OBJECTIVE_ADDED" => self.objectives.push(Objective::read(after).filter(|new| new.id == subject)?),
            "OBJECTIVE_UPDATED" => self.objective_mut(subject)?.terms = Objective::read(after)?.terms,
            "OBJECTIVE_REMOVED" => {
                self.objective(subject)?;
                self.objectives.retain(|objective| objective.id != subject);
            }
            "KEY_RESULT_ADDED" => {
                let new = KeyResult::read(after.get("terms")).filter(|new| new.id == subject)?;
                self.objective_mut(after.get("objective").text()?)?.key_results.push(new);
            }
            "KEY_RESULT_UPDATED" => self.key_result_mut(subject)?.terms = KeyResult::read(after)?.terms,
            "KEY_RESULT_REMOVED" => {
                self.key_result(subject)?;
                for objective in &mut self.objectives {
                    objective.key_results.retain(|key_result| key_result.id != subject);
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Where another commitment differs first, in words; none where it is the same.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        if (&self.capacity, &self.unit) != (&other.capacity, &other.unit) {
            return Some("the capacity".into());
        }
        for objective in &other.objectives {
            let Some(ours) = self.objective(&objective.id) else {
                return Some(format!("the objective {}", objective.id));
            };
            if ours.terms != objective.terms {
                return Some(format!("the objective {}", objective.id));
            }
            let stray = objective.key_results.iter().find(|key_result| !ours.key_results.contains(key_result));
            let gone = ours.key_results.iter().find(|key_result| !objective.key_results.contains(key_result));
            if let Some(key_result) = stray.or(gone) {
                return Some(format!("the key result {}", key_result.id));
            }
        }
        let gone = self.objectives.iter().find(|objective| other.objective(&objective.id).is_none());
        Some(gone.map_or("the order".into(), |objective| format!("the objective {}", objective.id)))
    }
}
