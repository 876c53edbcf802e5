//! Rows of a changes file, resolved against the commitment they change.

use holdline_domain::{
    commitment::Commitment,
    commitment_change::CommitmentChange,
    history::not_recorded,
    ids::{KeyResultId, ObjectiveId},
    key_result::{KeyResultTerms, Measure},
    objective::ObjectiveTerms,
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    renegotiation_request::{ChangeRequest, resolve},
    text::Line,
};

use super::Run;
use crate::failure::Failure;

/// Which change a row states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the file's word")]
pub enum RowChange {
    Add,
    Drop,
    Amend,
}

/// One row of a changes file.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the file's columns; `line` is its line")]
pub struct ChangeRow {
    pub line: u64,
    pub change: RowChange,
    pub objective: Line,
    pub key_result: Line,
    pub new_key_result: Option<Line>,
    pub owner: Option<Line>,
    pub baseline: Option<Quantity>,
    pub target: Option<Quantity>,
    pub unit: Option<Line>,
}

type Refused = Vec<(u64, Refusals)>;

impl Run<'_> {
    /// The exact changes that rows state, or the lines that state what cannot be.
    pub(super) async fn changes(
        &mut self,
        base: &Commitment,
        rows: &[ChangeRow],
    ) -> Result<Result<Vec<CommitmentChange>, Refused>, Failure> {
        let (mut requests, mut refused) = (Vec::new(), Vec::new());
        for row in rows {
            match self.request(base, row, &mut requests).await? {
                Ok(()) => {}
                Err(refusals) => refused.push((row.line, refusals)),
            }
        }
        if !refused.is_empty() {
            return Ok(Err(refused));
        }
        let first = rows.first().map_or(0, |row| row.line);
        Ok(resolve(base, &requests).map_err(|refusals| vec![(first, refusals)]))
    }

    async fn request(
        &mut self,
        base: &Commitment,
        row: &ChangeRow,
        requests: &mut Vec<ChangeRequest>,
    ) -> Result<Result<(), Refusals>, Failure> {
        let known = base.objectives.iter().find(|objective| objective.terms.title == row.objective);
        let key_result = known.and_then(|objective| {
            objective.key_results.iter().find(|key_result| key_result.terms.title == row.key_result)
        });
        let missing = || Refusal::not_found(&["key_result"], "live key result", &format!("\"{}\"", row.key_result));
        match (row.change, key_result) {
            (RowChange::Add, Some(_)) => {
                let message = format!("The key result \"{}\" is there already.", row.key_result);
                return Ok(Err(Refusal::invalid(&["key_result"], message).into()));
            }
            (RowChange::Add, None) => {
                return self.add(known.map(|objective| (objective.id, objective.terms.owner)), row, requests).await;
            }
            (_, None) => return Ok(Err(missing().into())),
            (RowChange::Drop, Some(found)) => {
                requests.push(ChangeRequest::DropKeyResult { id: found.id, why: not_recorded() });
            }
            (RowChange::Amend, Some(found)) => {
                let owner = match &row.owner {
                    Some(name) => Some(self.person(name).await?),
                    None => None,
                };
                requests.push(ChangeRequest::AmendKeyResult {
                    id: found.id,
                    title: row.new_key_result.clone(),
                    owner,
                    unit: row.unit.clone(),
                    baseline: row.baseline,
                    target: row.target,
                });
            }
        }
        Ok(Ok(()))
    }

    async fn add(
        &mut self,
        known: Option<(ObjectiveId, holdline_domain::ids::PersonId)>,
        row: &ChangeRow,
        requests: &mut Vec<ChangeRequest>,
    ) -> Result<Result<(), Refusals>, Failure> {
        let (Some(unit), Some(baseline), Some(target)) = (row.unit.clone(), row.baseline, row.target) else {
            let message = "A key result is added with its unit, baseline and target.";
            return Ok(Err(Refusal::invalid(&["unit"], message).into()));
        };
        let measure = match Measure::new(unit, baseline, target) {
            Ok(measure) => measure,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        let owner = match (&row.owner, known) {
            (Some(name), _) => self.person(name).await?,
            (None, Some((_, owner))) => owner,
            (None, None) => self.not_recorded().await?,
        };
        let terms = KeyResultTerms { title: row.key_result.clone(), owner, measure };
        let id: KeyResultId = self.tx.id();
        // An objective that an earlier row of this renegotiation added takes the further key result.
        let added = requests.iter_mut().find_map(|request| match request {
            ChangeRequest::AddObjective { terms, key_results, .. } if terms.title == row.objective => Some(key_results),
            _ => None,
        });
        if let Some((objective, _)) = known {
            requests.push(ChangeRequest::AddKeyResult { objective, id, terms, objective_load: None });
        } else if let Some(key_results) = added {
            key_results.push((id, terms));
        } else {
            let rationale = not_recorded().ok_or_else(|| Failure::internal("no rationale"))?;
            let title = row.objective.clone();
            let objective = ObjectiveTerms { title, rationale, owner, load: None, contributes_to: None };
            let key_results = vec![(id, terms)];
            requests.push(ChangeRequest::AddObjective { id: self.tx.id(), terms: objective, key_results });
        }
        Ok(Ok(()))
    }
}
