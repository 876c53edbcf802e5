//! `holdline import okrs`: a team's past quarters from three CSV files, one plan at a time.
//! Prints what stays out and why; refuses to decide it, which the files' parsers and the service do.

use std::path::PathBuf;

use clap::Args;

use super::{
    Ended,
    okr_plans::{Files, RefusedRow, Sorted},
    okr_rows, output, progress,
    stop::Stop,
    store,
    table::Table,
};
use crate::{
    config::Settings,
    service::{ImportFile, PlanImport, PlanImportOutcome},
};

const HELP: &str = "\
Each file is CSV in UTF-8 whose first line names its columns, in any order:
  --okrs       team, quarter, objective, key_result, owner, priority, baseline, target, unit, committed_on
  --changes    team, quarter, date, change, objective, key_result, new_key_result, owner, priority, baseline, target,
               unit, reason; change is ADD_KEY_RESULT, DROP_KEY_RESULT or AMEND_KEY_RESULT
  --check-ins  team, quarter, date, objective, key_result, value, kind; kind is PROGRESS, MID_QUARTER, PROJECTED
               or FINAL

The changes of one date with one reason are one renegotiation. A plan goes in whole or not at all, and takes no
further imported rows afterwards; the same files once more add nothing. A new team is made, with its key as its name.

Example:
  holdline import okrs --okrs okrs.csv --changes changes.csv --check-ins checkins.csv";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct ImportOkrs {
    /// What was committed
    #[arg(long, value_name = "FILE")]
    okrs: PathBuf,
    /// What was changed
    #[arg(long, value_name = "FILE")]
    changes: PathBuf,
    /// How it went
    #[arg(long, value_name = "FILE")]
    check_ins: PathBuf,
}

/// What became of all the rows.
#[derive(Default)]
struct Total {
    plans: u64,
    key_results: u64,
    renegotiations: u64,
    check_ins: u64,
    known: u64,
    refused: Vec<RefusedRow>,
}

impl ImportOkrs {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let files = Files {
            okrs: Table::read(&self.okrs, okr_rows::OKRS)?,
            changes: Table::read(&self.changes, okr_rows::CHANGES)?,
            check_ins: Table::read(&self.check_ins, okr_rows::CHECK_INS)?,
        };
        let sorted = files.sort(settings.calendar()?);
        let mut total = Total { refused: sorted.refused, ..Total::default() };
        let plans = Sorted { refused: Vec::new(), ..sorted }.plans;
        let stopped = import(settings, plans, &mut total).await.err();
        total.refused.sort_by_key(|(file, line, _)| (*file, *line));
        for row in &total.refused {
            output::tell(&refusal(&files, row));
        }
        if let Some(stop) = stopped {
            return Err(stop);
        }
        output::say(&total.summary(files.priorities()))?;
        Ok(if total.refused.is_empty() { Ended::Done } else { Ended::WithRefusals })
    }
}

async fn import(settings: &Settings, plans: Vec<PlanImport>, total: &mut Total) -> Result<(), Stop> {
    let (store, operator) = store::importing(settings).await?;
    let bar = progress::bar(plans.len(), "plans");
    for plan in plans {
        let named = format!(
            "The plan of {} for {} is not imported; those before it are. The same command goes on where it stopped.",
            plan.team, plan.quarter
        );
        let outcome = store.app.service().import_plan(&operator, plan).await;
        total.add(outcome.map_err(|failure| Stop::from(failure).and(&named))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

fn refusal(files: &Files, (file, line, refusals): &RefusedRow) -> String {
    let way_out = match file {
        ImportFile::Okrs => "Put the row right and import the files again.",
        // The plan itself may be in by now, and then takes no further rows.
        ImportFile::Changes | ImportFile::CheckIns => "Put the row right and import the files into a new store.",
    };
    let said = refusals.list().iter().map(|refusal| {
        let remedy = refusal.remedy.as_deref().unwrap_or(way_out);
        format!("{}:{line} {} {} (way out: {remedy})", files.name(*file), refusal.code.name(), refusal.message)
    });
    said.collect::<Vec<_>>().join("\n")
}

impl Total {
    fn add(&mut self, outcome: PlanImportOutcome) {
        self.plans += u64::from(outcome.key_results > 0);
        self.key_results += outcome.key_results;
        self.renegotiations += outcome.renegotiations;
        self.check_ins += outcome.check_ins;
        self.known += outcome.known;
        self.refused.extend(outcome.refused);
    }

    fn summary(&self, priorities: usize) -> String {
        let quarters = if self.plans == 1 { "plan" } else { "plans" };
        let mut lines = vec![
            format!("Key results committed: {} in {} {quarters}", self.key_results, self.plans),
            format!("Renegotiations:        {}", self.renegotiations),
            format!("Check-ins:             {}", self.check_ins),
            format!("Rows known already:    {}", self.known),
            format!("Rows refused:          {}", self.refused.len()),
        ];
        if priorities > 0 {
            lines.push(format!("Not kept:              priority (in {priorities} rows); Holdline has no priorities."));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
#[path = "import_okrs_tests.rs"]
mod tests;
