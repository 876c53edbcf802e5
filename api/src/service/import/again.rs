//! The same files once more: rows that a plan has are known, others are refused.

use std::collections::HashMap;

use holdline_domain::{
    commitment::Commitment, commitment_change::CommitmentChange, ids::PersonId, key_result::KeyResultTerms, plan::Plan,
    text::Line,
};

use super::{ChangeRow, ImportFile, PlanImport, PlanImportOutcome, RowChange, history::Names, unknown};
use crate::{
    failure::Failure,
    store::{StoredCheckIn, Tx},
};

/// Says of each row whether the plan has it.
pub(super) async fn compare(tx: &Tx, plan: &Plan, import: &PlanImport) -> Result<PlanImportOutcome, Failure> {
    let mut outcome = PlanImportOutcome::default();
    if !plan.head().imported {
        outcome.refuse_all(import, &unknown(plan));
        return Ok(outcome);
    }
    let stored = Stored::load(tx, plan).await?;
    let mut told = |known: bool, file: ImportFile, line: u64| {
        if known {
            outcome.known += 1;
        } else {
            outcome.refuse(file, line, &unknown(plan));
        }
    };
    for row in import.plan.iter().flat_map(|plan| &plan.key_results) {
        let same = |terms: &KeyResultTerms| {
            terms.title == row.title
                && terms.measure == row.measure
                && row.owner.as_ref().is_none_or(|owner| stored.name(terms.owner) == Some(owner))
        };
        let mut first = stored.first.key_results();
        let known = first.any(|(objective, kr)| objective.terms.title == row.objective && same(&kr.terms));
        told(known, ImportFile::Okrs, row.line);
    }
    for said in &import.renegotiations {
        let renegotiation =
            stored.renegotiations.iter().find(|(at, reason, _)| *at == said.at && *reason == said.reason.as_str());
        for row in &said.rows {
            let known =
                renegotiation.is_some_and(|(_, _, changes)| changes.iter().any(|change| stored.states(change, row)));
            told(known, ImportFile::Changes, row.line);
        }
    }
    let mut left = stored.check_ins.clone();
    for row in &import.check_ins {
        let id = stored.names.find(&row.objective, &row.key_result);
        let same = |kept: &StoredCheckIn| {
            Some(kept.check_in.key_result) == id
                && kept.at == row.at
                && kept.check_in.reading.kind == row.kind
                && kept.check_in.reading.value == row.value
        };
        // Two check-ins of one date and kind are both kept, so each stored one answers for one row.
        let place = left.iter().position(same);
        if let Some(place) = place {
            left.swap_remove(place);
        }
        told(place.is_some(), ImportFile::CheckIns, row.line);
    }
    Ok(outcome)
}

type StoredRenegotiated = (holdline_domain::time::Timestamp, String, Vec<CommitmentChange>);

struct Stored {
    first: Commitment,
    objectives: HashMap<holdline_domain::ids::ObjectiveId, Line>,
    names: Names,
    people: HashMap<PersonId, Line>,
    renegotiations: Vec<StoredRenegotiated>,
    check_ins: Vec<StoredCheckIn>,
}

impl Stored {
    async fn load(tx: &Tx, plan: &Plan) -> Result<Self, Failure> {
        let id = plan.head().id;
        let first = tx.commitment_at(id, 1).await?;
        let (mut names, mut objectives, mut people) = (Names::default(), HashMap::new(), HashMap::new());
        for number in 1..=plan.revision() {
            let commitment = tx.commitment_at(id, number).await?;
            names.learn(&commitment);
            for objective in &commitment.objectives {
                objectives.insert(objective.id, objective.terms.title.clone());
            }
            for (_, key_result) in commitment.key_results() {
                let owner = key_result.terms.owner;
                if let Some(person) = tx.person(owner).await? {
                    people.insert(owner, person.name);
                }
            }
        }
        let ids = names.key_results();
        let check_ins = tx.check_ins(&ids).await?;
        Ok(Self { first, objectives, names, people, renegotiations: tx.decided_renegotiations(id).await?, check_ins })
    }

    fn name(&self, person: PersonId) -> Option<&Line> {
        self.people.get(&person)
    }

    /// Whether a stored change is what a row states; what the row leaves empty is not compared.
    fn states(&self, change: &CommitmentChange, row: &ChangeRow) -> bool {
        let of = |objective| self.objectives.get(objective) == Some(&row.objective);
        let same = |terms: &KeyResultTerms| {
            row.owner.as_ref().is_none_or(|owner| self.name(terms.owner) == Some(owner))
                && row.unit.as_ref().is_none_or(|unit| terms.measure.unit == *unit)
                && row.baseline.is_none_or(|baseline| terms.measure.baseline == baseline)
                && row.target.is_none_or(|target| terms.measure.target == target)
        };
        match (row.change, change) {
            (RowChange::Add, CommitmentChange::KeyResultAdded { objective, terms, .. }) => {
                of(objective) && terms.title == row.key_result && same(terms)
            }
            (RowChange::Drop, CommitmentChange::KeyResultDropped { objective, terms, .. }) => {
                of(objective) && terms.title == row.key_result
            }
            (RowChange::Amend, CommitmentChange::KeyResultAmended { objective, from, to, .. }) => {
                of(objective)
                    && from.title == row.key_result
                    && row.new_key_result.as_ref().is_none_or(|title| to.title == *title)
                    && same(to)
            }
            _ => false,
        }
    }
}
