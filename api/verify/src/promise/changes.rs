//! What a renegotiation's changes make of a commitment. Each change names what was and what is; what was must be so.
//! Refuses to judge who may change it.

use super::commitment::{Commitment, KeyResult, Objective};
use crate::json::Json;

impl Commitment {
    /// The commitment after some changes; the error completes a sentence that begins with the change.
    pub(crate) fn apply(&self, changes: &[Json<'_>]) -> Result<Self, String> {
        let mut result = self.clone();
        for change in changes {
            let kind = change.get("change").text().unwrap_or_default();
            self.change(&mut result, kind, change.get("before"), change.get("after"))
                .ok_or_else(|| format!("{kind} does not fit the revision that it would change"))?;
        }
        // An objective whose last key result goes, goes with it.
        result.objectives.retain(|objective| !objective.key_results.is_empty());
        Ok(result)
    }

    fn change(&self, result: &mut Self, kind: &str, before: &Json<'_>, after: &Json<'_>) -> Option<()> {
        match kind.strip_prefix("KEY_RESULT_") {
            Some(how) => self.change_key_result(result, how, before, after),
            None => self.change_objective(result, kind, before, after),
        }
    }

    fn change_objective(&self, result: &mut Self, kind: &str, before: &Json<'_>, after: &Json<'_>) -> Option<()> {
        match kind {
            "CAPACITY_CHANGED" => {
                (self.capacity == *before).then_some(())?;
                result.capacity = after.keep();
            }
            "OBJECTIVE_ADDED" => {
                let new = Objective::read(after)?;
                let known = self.objective(&new.id).or(result.objective(&new.id)).is_some();
                (before.is_null() && !known).then_some(())?;
                result.objectives.push(new);
            }
            "OBJECTIVE_AMENDED" => {
                let to = Objective::read(after).filter(|to| before.get("objective").text() == Some(&to.id))?;
                (self.objective(&to.id)?.terms == *before).then_some(())?;
                result.objective_mut(&to.id)?.terms = to.terms;
            }
            "OBJECTIVE_DROPPED" => {
                let id = before.get("objective").text()?;
                (after.is_null() && self.objective(id)?.terms == *before).then_some(())?;
                result.objectives.retain(|objective| objective.id != id);
            }
            _ => return None,
        }
        Some(())
    }

    fn change_key_result(&self, result: &mut Self, how: &str, before: &Json<'_>, after: &Json<'_>) -> Option<()> {
        match how {
            "ADDED" => {
                let new = KeyResult::read(after.get("terms"))?;
                let known = self.key_result(&new.id).or(result.key_result(&new.id)).is_some();
                (before.is_null() && !known).then_some(())?;
                result.objective_mut(after.get("objective").text()?)?.key_results.push(new);
            }
            "AMENDED" => {
                let to = KeyResult::read(after).filter(|to| before.get("keyResult").text() == Some(&to.id))?;
                (self.key_result(&to.id)?.terms == *before).then_some(())?;
                result.key_result_mut(&to.id)?.terms = to.terms;
            }
            "DROPPED" => {
                let id = before.get("keyResult").text()?;
                (after.is_null() && self.key_result(id)?.terms == *before).then_some(())?;
                // It may have gone already with its objective, which the changes name in front of it.
                for objective in &mut result.objectives {
                    objective.key_results.retain(|key_result| key_result.id != id);
                }
            }
            _ => return None,
        }
        Some(())
    }
}
