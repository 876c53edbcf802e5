//! What happened to an imported plan after its commit: renegotiations and check-ins in the order of their dates.
//! A renegotiation comes in whole or stays out whole.

use std::collections::{BTreeSet, HashMap};

use holdline_domain::{
    check_in::{CheckIn, Reading},
    commitment::Commitment,
    history::{check_date, not_recorded},
    ids::KeyResultId,
    meeting::Meeting,
    plan::{CommittedPlan, Plan},
    refusal::{Refusal, Refusals},
    renegotiation::{Decision, Outcome, Record, Terms},
    text::Line,
    time::Timestamp,
};

use super::{CheckInRow, ImportFile, ImportedRenegotiation, PlanImport, Run};
use crate::failure::Failure;

impl Run<'_> {
    /// Renegotiations and check-ins in the order of their dates; within a date renegotiations come first.
    pub(super) async fn history(
        &mut self,
        mut plan: CommittedPlan,
        import: &PlanImport,
        since: Timestamp,
    ) -> Result<(), Failure> {
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
            authors: BTreeSet::new(),
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
pub(super) struct Names(HashMap<(Line, Line), KeyResultId>);

impl Names {
    pub(super) fn learn(&mut self, commitment: &Commitment) {
        for (objective, key_result) in commitment.key_results() {
            self.0.insert((objective.terms.title.clone(), key_result.terms.title.clone()), key_result.id);
        }
    }

    /// Every key result that has or had a name.
    pub(super) fn key_results(&self) -> Vec<KeyResultId> {
        self.0.values().copied().collect()
    }

    pub(super) fn find(&self, objective: &Line, key_result: &Line) -> Option<KeyResultId> {
        self.0.get(&(objective.clone(), key_result.clone())).copied()
    }
}
