//! Import of a team's history, one plan at a time: commit, renegotiations and check-ins in the order of their dates,
//! all in one transaction. What a rule refuses stays out and is named; the same rows again add nothing.

use std::collections::HashMap;

use holdline_domain::{
    check_in::CheckInKind,
    commitment::Commitment,
    history::{NOT_RECORDED, check_date, no_further_rows, not_recorded, objective_owner},
    ids::PersonId,
    key_result::{KeyResult, KeyResultTerms, Measure},
    objective::{Objective, ObjectiveTerms},
    permission::{Permit, action::ImportHistory},
    plan::{CommittedPlan, DraftPlan, Plan},
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    team::Team,
    text::{Line, Prose, TeamKey},
    time::{Quarter, Timestamp},
};

use super::{Caller, Service, span};
use crate::{failure::Failure, store::Tx};

mod again;
mod change;
mod history;

pub use change::{ChangeRow, RowChange};

/// A key result as a file has it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the file's columns; `line` is its line")]
pub struct KeyResultRow {
    pub line: u64,
    pub objective: Line,
    pub title: Line,
    pub owner: Option<Line>,
    pub measure: Measure,
}

/// A renegotiation as a file has it: the changes of one date with one reason.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the file's columns")]
pub struct ImportedRenegotiation {
    pub at: Timestamp,
    pub reason: Prose,
    pub rows: Vec<ChangeRow>,
}

/// A check-in as a file has it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the file's columns; `line` is its line")]
pub struct CheckInRow {
    pub line: u64,
    pub at: Timestamp,
    pub objective: Line,
    pub key_result: Line,
    pub kind: CheckInKind,
    pub value: Quantity,
}

/// A plan as the files have it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the files' columns")]
pub struct ImportedPlan {
    pub committed_at: Timestamp,
    pub key_results: Vec<KeyResultRow>,
}

/// All that the files say about one team's quarter.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the files'")]
pub struct PlanImport {
    pub team: TeamKey,
    pub quarter: Quarter,
    pub plan: Option<ImportedPlan>,
    pub renegotiations: Vec<ImportedRenegotiation>,
    pub check_ins: Vec<CheckInRow>,
}

/// Which file a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the files are named by the command's options")]
pub enum ImportFile {
    Okrs,
    Changes,
    CheckIns,
}

/// What became of the rows.
#[derive(Debug, Clone, Default)]
pub struct PlanImportOutcome {
    /// Key results committed.
    pub key_results: u64,
    /// Renegotiations added.
    pub renegotiations: u64,
    /// Check-ins added.
    pub check_ins: u64,
    /// Rows that were there already.
    pub known: u64,
    /// Rows that a rule refused.
    pub refused: Vec<(ImportFile, u64, Refusals)>,
}

impl PlanImportOutcome {
    fn refuse(&mut self, file: ImportFile, line: u64, refusals: &Refusals) {
        self.refused.push((file, line, refusals.clone()));
    }

    fn refuse_all(&mut self, import: &PlanImport, refusals: &Refusals) {
        for row in import.plan.iter().flat_map(|plan| &plan.key_results) {
            self.refuse(ImportFile::Okrs, row.line, refusals);
        }
        for row in import.renegotiations.iter().flat_map(|renegotiation| &renegotiation.rows) {
            self.refuse(ImportFile::Changes, row.line, refusals);
        }
        for row in &import.check_ins {
            self.refuse(ImportFile::CheckIns, row.line, refusals);
        }
    }
}

impl Service {
    /// Imports one team's quarter.
    pub async fn import_plan(&self, caller: &Caller, import: PlanImport) -> Result<PlanImportOutcome, Failure> {
        let permit = caller.actor.require::<ImportHistory>()?;
        let calendar = self.calendar;
        self.write_once(caller, "import", move |tx| {
            Box::pin(async move {
                let team = match tx.team(&import.team).await? {
                    Some(team) => Some(team),
                    None if import.plan.is_none() => None,
                    None => Some(tx.apply(Team::import(&permit, tx.id(), import.team.clone())?).await?.0),
                };
                let existing = match &team {
                    Some(team) => tx.plan_of(team.id, import.quarter).await?,
                    None => None,
                };
                if let Some(plan) = existing {
                    return again::compare(tx, &plan, &import).await;
                }
                let mut outcome = PlanImportOutcome::default();
                let (Some(team), Some(said)) = (team, &import.plan) else {
                    let named = format!("of {} for {}", import.team, import.quarter);
                    outcome.refuse_all(&import, &Refusal::not_found(&["quarter"], "plan", &named).into());
                    return Ok(outcome);
                };
                let span = span(tx, calendar, import.quarter).await?;
                let mut run = Run { tx, permit: &permit, people: HashMap::new(), outcome: &mut outcome };
                let stored = tx.quarters().await?;
                let draft = match DraftPlan::imported(&permit, tx.id(), &team, span, &stored, tx.now()) {
                    Ok(draft) => draft,
                    Err(refusals) => {
                        run.outcome.refuse_all(&import, &refusals);
                        return Ok(outcome);
                    }
                };
                match run.commit(draft, said).await? {
                    Ok(plan) => run.history(plan, &import, said.committed_at).await?,
                    Err(refusals) => run.outcome.refuse_all(&import, &refusals),
                }
                Ok(outcome)
            })
        })
        .await
    }
}

struct Run<'a> {
    tx: &'a Tx,
    permit: &'a Permit<ImportHistory>,
    people: HashMap<Line, PersonId>,
    outcome: &'a mut PlanImportOutcome,
}

impl Run<'_> {
    async fn person(&mut self, name: &Line) -> Result<PersonId, Failure> {
        if let Some(known) = self.people.get(name) {
            return Ok(*known);
        }
        let id = self.tx.person_by_name(name).await?.id;
        self.people.insert(name.clone(), id);
        Ok(id)
    }

    async fn not_recorded(&mut self) -> Result<PersonId, Failure> {
        let name = Line::parse(NOT_RECORDED).map_err(Failure::internal)?;
        self.person(&name).await
    }

    async fn owners(&mut self, rows: &[&KeyResultRow]) -> Result<(PersonId, Vec<PersonId>), Failure> {
        let mut owners = Vec::new();
        for row in rows {
            owners.push(match &row.owner {
                Some(name) => Some(self.person(name).await?),
                None => None,
            });
        }
        let objective = match objective_owner(&owners) {
            Some(owner) => owner,
            None => self.not_recorded().await?,
        };
        Ok((objective, owners.into_iter().map(|owner| owner.unwrap_or(objective)).collect()))
    }

    async fn commit(
        &mut self,
        mut draft: DraftPlan,
        said: &ImportedPlan,
    ) -> Result<Result<CommittedPlan, Refusals>, Failure> {
        draft.commitment = self.commitment(said).await?;
        let (at, now) = (said.committed_at, self.tx.now());
        let change = match check_date(at, None, now).and_then(|()| draft.import(self.permit, self.tx.id(), at)) {
            Ok(change) => change,
            Err(refusals) => return Ok(Err(refusals)),
        };
        let committed = self.tx.apply(change).await?.0;
        self.outcome.key_results += said.key_results.len() as u64;
        Ok(Ok(committed.plan))
    }

    async fn commitment(&mut self, said: &ImportedPlan) -> Result<Commitment, Failure> {
        let mut titles: Vec<&Line> = Vec::new();
        for row in &said.key_results {
            if !titles.contains(&&row.objective) {
                titles.push(&row.objective);
            }
        }
        let mut commitment = Commitment::default();
        for (position, title) in (0..).zip(titles) {
            let rows: Vec<_> = said.key_results.iter().filter(|row| row.objective == *title).collect();
            let (owner, owners) = self.owners(&rows).await?;
            let members = (0..).zip(rows.iter().zip(owners)).map(|(position, (row, owner))| KeyResult {
                id: self.tx.id(),
                position,
                terms: KeyResultTerms { title: row.title.clone(), owner, measure: row.measure.clone() },
            });
            let key_results = members.collect();
            let rationale = not_recorded().ok_or_else(|| Failure::internal("no rationale"))?;
            let terms = ObjectiveTerms { title: title.clone(), rationale, owner, load: None, contributes_to: None };
            commitment.objectives.push(Objective { id: self.tx.id(), position, terms, key_results });
        }
        Ok(commitment)
    }
}

/// What an existing plan says to a row that it does not have.
fn unknown(plan: &Plan) -> Refusals {
    no_further_rows(plan.head()).into()
}
