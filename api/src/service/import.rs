//! Import of a team's history, one plan at a time: commit, renegotiations and check-ins in the order of their dates,
//! all in one transaction. What a rule refuses stays out and is named; the same rows again add nothing.

use std::collections::HashMap;

use holdline_domain::{
    check_in::{CheckIn, CheckInKind, Reading},
    commitment::Commitment,
    history::{NOT_RECORDED, check_date, no_further_rows, not_recorded, objective_owner},
    ids::{KeyResultId, PersonId},
    key_result::{KeyResult, KeyResultTerms, Measure},
    meeting::Meeting,
    objective::{Objective, ObjectiveTerms},
    permission::{Permit, action::ImportHistory},
    plan::{CommittedPlan, DraftPlan, Plan},
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    renegotiation::{Decision, Outcome, Record, Terms},
    team::Team,
    text::{Line, Prose, TeamKey},
    time::{Quarter, Timestamp},
};

use super::{Caller, Service, span};
use crate::{failure::Failure, store::Tx};

mod again;
mod change;

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
        self.write(caller, "import", move |tx| {
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
                let draft = DraftPlan::imported(&permit, tx.id(), &team, span);
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

    /// Renegotiations and check-ins in the order of their dates; within a date renegotiations come first.
    async fn history(&mut self, mut plan: CommittedPlan, import: &PlanImport, since: Timestamp) -> Result<(), Failure> {
        let mut renegotiations: Vec<_> = import.renegotiations.iter().collect();
        renegotiations.sort_by_key(|renegotiation| renegotiation.at);
        let mut check_ins: Vec<_> = import.check_ins.iter().collect();
        check_ins.sort_by_key(|check_in| check_in.at);
        let mut names = Names::default();
        names.learn(&plan.commitment);
        let mut next = check_ins.into_iter().peekable();
        for renegotiation in renegotiations {
            while let Some(row) = next.next_if(|row| row.at < renegotiation.at) {
                self.check_in(&plan, &names, row, since).await?;
            }
            match self.renegotiate(plan.clone(), renegotiation, since).await? {
                Ok(changed) => {
                    plan = changed;
                    names.learn(&plan.commitment);
                    self.outcome.renegotiations += 1;
                }
                Err(refused) => {
                    for row in &renegotiation.rows {
                        let (_, refusals) = refused.iter().find(|(line, _)| *line == row.line).unwrap_or(&refused[0]);
                        self.outcome.refuse(ImportFile::Changes, row.line, refusals);
                    }
                }
            }
        }
        for row in next {
            self.check_in(&plan, &names, row, since).await?;
        }
        Ok(())
    }

    /// Answers with the changed plan, or with the lines that refused it: then the whole renegotiation stays out.
    async fn renegotiate(
        &mut self,
        plan: CommittedPlan,
        said: &ImportedRenegotiation,
        since: Timestamp,
    ) -> Result<Result<CommittedPlan, Vec<(u64, Refusals)>>, Failure> {
        let first = said.rows.first().map_or(0, |row| row.line);
        if let Err(refusals) = check_date(said.at, Some(since), self.tx.now()) {
            return Ok(Err(vec![(first, refusals)]));
        }
        let changes = match self.changes(&plan.commitment, &said.rows).await? {
            Ok(changes) => changes,
            Err(refused) => return Ok(Err(refused)),
        };
        let terms = Terms {
            trigger: not_recorded(),
            reason: Some(said.reason.clone()),
            trade_off: not_recorded(),
            evidence: Vec::new(),
            changes,
            decide_by: plan.head.span.ends_at,
            base_revision: plan.revision,
        };
        let record = Record {
            id: self.tx.id(),
            plan: plan.head.id,
            team: plan.head.team,
            span: plan.head.span,
            terms,
            authors: std::collections::BTreeSet::new(),
            version: 1,
            imported: true,
        };
        let meeting = self.tx.id();
        let decision = Decision {
            id: self.tx.id(),
            outcome: Outcome::Approved,
            rationale: not_recorded().ok_or_else(|| Failure::internal("no rationale"))?,
            by: None,
            meeting,
            digest: record.digest(),
        };
        let proposal = record.clone().import(self.permit, said.at);
        let decided = proposal.state().clone().import(self.permit, plan.clone(), decision, self.tx.id(), said.at);
        let decided = match decided {
            Ok(decided) => decided,
            Err(refusals) => return Ok(Err(vec![(first, refusals)])),
        };
        let title =
            Line::parse(&said.reason.as_str().chars().take(300).collect::<String>().replace(['\n', '\r', '\t'], " "))
                .map_err(Failure::internal)?;
        self.tx.apply(proposal).await?;
        self.tx.apply(Meeting::import(self.permit, meeting, record.id, &plan, title, said.at)).await?;
        Ok(Ok(self.tx.apply(decided).await?.0.plan))
    }

    async fn check_in(
        &mut self,
        plan: &CommittedPlan,
        names: &Names,
        row: &CheckInRow,
        since: Timestamp,
    ) -> Result<(), Failure> {
        let found = names.find(&row.objective, &row.key_result);
        let reading = Reading { kind: row.kind, value: row.value, confidence: None, note: None, reason: None };
        let made = check_date(row.at, Some(since), self.tx.now()).and_then(|()| {
            let missing = || Refusal::not_found(&["key_result"], "key result", &format!("\"{}\"", row.key_result));
            let key_result = found.ok_or_else(missing)?;
            let plan = Plan::Committed(plan.clone());
            CheckIn::import(self.permit, &plan, self.tx.id(), key_result, reading, row.at)
        });
        match made {
            Ok(change) => {
                self.tx.apply(change).await?;
                self.outcome.check_ins += 1;
            }
            Err(refusals) => self.outcome.refuse(ImportFile::CheckIns, row.line, &refusals),
        }
        Ok(())
    }
}

/// The key results by the names they have or once had; the newest name wins.
#[derive(Default)]
struct Names(HashMap<(Line, Line), KeyResultId>);

impl Names {
    fn learn(&mut self, commitment: &Commitment) {
        for (objective, key_result) in commitment.key_results() {
            self.0.insert((objective.terms.title.clone(), key_result.terms.title.clone()), key_result.id);
        }
    }

    fn find(&self, objective: &Line, key_result: &Line) -> Option<KeyResultId> {
        self.0.get(&(objective.clone(), key_result.clone())).copied()
    }
}

/// What an existing plan says to a row that it does not have.
fn unknown(plan: &Plan) -> Refusals {
    no_further_rows(plan.head()).into()
}
