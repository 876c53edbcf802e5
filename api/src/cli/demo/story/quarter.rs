//! The quarter itself: what was committed, how it stands, and the edit that was refused.

use holdline_domain::{
    check_in::{CheckInKind, Confidence, Reading},
    permission::Role,
    plan_draft::Capacity,
    time::Quarter,
};

use super::{Committed, Telling, line, prose, quantity, untold, who};
use crate::{
    cli::stop::Stop,
    failure::Failure,
    service::{CheckInRecord, KeyResultAdd, MeasureInput, ObjectiveAdd, ObjectiveEdit, PlanCommit, PlanDraft},
};

/// What a team can carry in the quarter.
const CAPACITY: &str = "20";

/// Title, why, load, and two key results: title, unit, baseline, target.
type Said = (&'static str, &'static str, &'static str, [[&'static str; 4]; 2]);

const OBJECTIVES: [Said; 3] = [
    (
        "Paying by bank transfer feels instant",
        "Three buyers in ten leave while they wait for the confirmation.",
        "8",
        [
            ["Median time to confirmation", "seconds", "90", "5"],
            ["Transfers confirmed without a human", "%", "62", "95"],
        ],
    ),
    (
        "A refund needs no ticket",
        "Refunds are half of all tickets, and none of them needs a judgement.",
        "6",
        [["Refunds started by the buyer", "%", "10", "70"], ["Refund tickets per 1,000 orders", "tickets", "14", "4"]],
    ),
    (
        "A month closes in a day",
        "The books are reconciled by hand, and every new market makes it slower.",
        "5",
        [
            ["Payouts that reconcile on their own", "%", "71", "98"],
            ["Days from the month's end to closed books", "days", "6", "1"],
        ],
    ),
];

/// Which key result, where it stands, and how sure its owner is.
const CHECK_INS: [(usize, &str, Confidence, &str); 4] = [
    (0, "41", Confidence::OnTrack, "The new provider answers in seconds; a third of the traffic is on it."),
    (1, "78", Confidence::OnTrack, "What is left are names with typos."),
    (2, "22", Confidence::AtRisk, "The button is live on the web only."),
    (4, "80", Confidence::OnTrack, "Two of five payout formats are mapped."),
];

impl Telling<'_> {
    pub(super) async fn commit(&self, quarter: Quarter) -> Result<Committed, Stop> {
        let service = self.app.service();
        let capacity = Capacity { amount: Some(quantity(CAPACITY)?), unit: Some(line("points")?) };
        let draft = PlanDraft { id: None, team: self.team.clone(), quarter, capacity };
        let plan = service.plan_draft(&self.planner, draft).await?;
        let mut committed = Committed { plan, objectives: Vec::new(), key_results: Vec::new() };
        for said in &OBJECTIVES {
            self.state(&mut committed, said).await?;
        }
        let reader = self.app.reader(self.planner.actor.teams.clone());
        let seen = reader.commitments(&[(plan, 0)]).await?.remove(&(plan, 0)).ok_or_else(untold)?;
        let commit = PlanCommit { plan, digest: seen.digest(plan), meeting: None, dry_run: false, expected: None };
        service.plan_commit(&self.planner, commit).await?;
        Ok(committed)
    }

    async fn state(&self, committed: &mut Committed, (title, why, load, key_results): &Said) -> Result<(), Stop> {
        let objective = ObjectiveAdd {
            id: None,
            plan: committed.plan,
            title: line(title)?,
            rationale: prose(why)?,
            owner: who(Role::Planner)?,
            load: Some(quantity(load)?),
            contributes_to: None,
            expected: None,
        };
        let objective = self.app.service().objective_add(&self.planner, objective).await?;
        committed.objectives.push(objective);
        for [title, unit, baseline, target] in key_results {
            let key_result = KeyResultAdd {
                id: None,
                objective,
                title: line(title)?,
                owner: who(Role::Contributor)?,
                measure: measure(unit, baseline, target)?,
                expected: None,
            };
            committed.key_results.push(self.app.service().key_result_add(&self.planner, key_result).await?);
        }
        Ok(())
    }

    pub(super) async fn check_in(&self, committed: &Committed) -> Result<(), Stop> {
        for (place, value, confidence, note) in CHECK_INS {
            let reading = Reading {
                kind: CheckInKind::Progress,
                value: quantity(value)?,
                confidence: Some(confidence),
                note: Some(prose(note)?),
                reason: None,
            };
            let key_result = *committed.key_results.get(place).ok_or_else(untold)?;
            let record = CheckInRecord { id: None, key_result, reading };
            self.app.service().check_in_record(&self.contributor, record).await?;
        }
        Ok(())
    }

    /// Somebody tries to reword a committed objective: refused, and counted.
    pub(super) async fn hold_the_line(&self, committed: &Committed) -> Result<(), Stop> {
        let edit = ObjectiveEdit {
            objective: *committed.objectives.get(1).ok_or_else(untold)?,
            title: Some(line("A refund needs no ticket, and reports come by cost centre")?),
            rationale: None,
            owner: None,
            load: None,
            contributes_to: None,
            expected: None,
        };
        match self.app.service().objective_update(&self.planner, edit).await {
            Err(Failure::Refused(_)) => Ok(()),
            Err(other) => Err(other.into()),
            Ok(_) => Err(untold()),
        }
    }
}

pub(super) fn measure(unit: &str, baseline: &str, target: &str) -> Result<MeasureInput, Stop> {
    Ok(MeasureInput { unit: line(unit)?, baseline: quantity(baseline)?, target: quantity(target)? })
}
