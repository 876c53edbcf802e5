//! The rows of the three files brought together, one plan at a time, in the order in which the files first name them.
//! Holds what a bad row takes with it: a row of a commitment its plan, a row of a renegotiation that renegotiation, a
//! check-in nothing else.

use holdline_domain::{
    history::not_recorded,
    refusal::{Refusal, Refusals},
    text::{Prose, TeamKey},
    time::{FiscalCalendar, Quarter, Timestamp},
};

use super::{
    okr_rows,
    table::{Row, Table},
};
use crate::service::{ChangeRow, ImportFile, ImportedPlan, ImportedRenegotiation, PlanImport};

/// A row that stays out.
pub(super) type RefusedRow = (ImportFile, u64, Refusals);

/// The three files.
pub(super) struct Files {
    pub(super) okrs: Table,
    pub(super) changes: Table,
    pub(super) check_ins: Table,
}

/// What the files say, plan by plan, and what of it cannot be understood.
#[derive(Default)]
pub(super) struct Sorted {
    pub(super) plans: Vec<PlanImport>,
    pub(super) refused: Vec<RefusedRow>,
}

/// The rows of one plan, by the team and quarter as the files write them.
#[derive(Default)]
struct Rows<'a> {
    key: (&'a str, &'a str),
    okrs: Vec<&'a Row>,
    changes: Vec<&'a Row>,
    check_ins: Vec<&'a Row>,
}

impl Files {
    /// How a file was named.
    pub(super) fn name(&self, file: ImportFile) -> &str {
        match file {
            ImportFile::Okrs => &self.okrs.file,
            ImportFile::Changes => &self.changes.file,
            ImportFile::CheckIns => &self.check_ins.file,
        }
    }

    /// How many rows state a priority, which is not kept.
    pub(super) fn priorities(&self) -> usize {
        let rows = self.okrs.rows.iter().chain(&self.changes.rows);
        rows.filter(|row| !row.get("priority").is_empty()).count()
    }

    /// Brings the rows together and parses them.
    pub(super) fn sort(&self, calendar: FiscalCalendar) -> Sorted {
        let mut sorted = Sorted::default();
        for rows in self.by_plan() {
            sorted.add(&rows, calendar, self);
        }
        sorted
    }

    fn by_plan(&self) -> Vec<Rows<'_>> {
        let mut plans: Vec<Rows<'_>> = Vec::new();
        for file in [ImportFile::Okrs, ImportFile::Changes, ImportFile::CheckIns] {
            let table = match file {
                ImportFile::Okrs => &self.okrs,
                ImportFile::Changes => &self.changes,
                ImportFile::CheckIns => &self.check_ins,
            };
            for row in &table.rows {
                let key = (row.get("team"), row.get("quarter"));
                let place = plans.iter().position(|plan| plan.key == key).unwrap_or_else(|| {
                    plans.push(Rows { key, ..Rows::default() });
                    plans.len() - 1
                });
                plans[place].of(file).push(row);
            }
        }
        plans
    }
}

impl<'a> Rows<'a> {
    const fn of(&mut self, file: ImportFile) -> &mut Vec<&'a Row> {
        match file {
            ImportFile::Okrs => &mut self.okrs,
            ImportFile::Changes => &mut self.changes,
            ImportFile::CheckIns => &mut self.check_ins,
        }
    }

    fn lines(&self) -> impl Iterator<Item = (ImportFile, u64)> {
        let okrs = self.okrs.iter().map(|row| (ImportFile::Okrs, row.line));
        let changes = self.changes.iter().map(|row| (ImportFile::Changes, row.line));
        okrs.chain(changes).chain(self.check_ins.iter().map(|row| (ImportFile::CheckIns, row.line)))
    }

    fn plan(&self) -> Result<(TeamKey, Quarter), Refusals> {
        let first = self.okrs.iter().chain(&self.changes).chain(&self.check_ins).next();
        first.map_or_else(|| Err(Refusal::invalid(&["team"], "There is no row.").into()), |row| okr_rows::plan(row))
    }
}

impl Sorted {
    fn add(&mut self, rows: &Rows<'_>, calendar: FiscalCalendar, files: &Files) {
        let (team, quarter) = match rows.plan() {
            Ok(named) => named,
            Err(refusals) => {
                self.refused.extend(rows.lines().map(|(file, line)| (file, line, refusals.clone())));
                return;
            }
        };
        let plan = match committed(&rows.okrs, calendar) {
            Ok(plan) => plan,
            Err(bad) => return self.keep_out(rows, &bad, &format!("of {team} for {quarter}"), files),
        };
        let renegotiations = self.renegotiations(&rows.changes, calendar, files);
        let check_ins = rows.check_ins.iter().filter_map(|row| match okr_rows::check_in(row, calendar) {
            Ok(check_in) => Some(check_in),
            Err(refusals) => {
                self.refused.push((ImportFile::CheckIns, row.line, refusals));
                None
            }
        });
        let check_ins = check_ins.collect();
        self.plans.push(PlanImport { team, quarter, plan, renegotiations, check_ins });
    }

    /// A commitment with a row missing is not what was committed, so nothing of the plan goes in.
    fn keep_out(&mut self, rows: &Rows<'_>, bad: &[(u64, Refusals)], plan: &str, files: &Files) {
        let first = bad.first().map_or(0, |(line, _)| *line);
        let why = stays_out(&format!("The plan {plan}"), files.name(ImportFile::Okrs), first)
            .remedy("Put that line right and import the files again.")
            .into();
        for (file, line) in rows.lines() {
            let own = bad.iter().find(|(bad, _)| file == ImportFile::Okrs && *bad == line);
            let refusals = own.map_or(&why, |(_, refusals)| refusals).clone();
            self.refused.push((file, line, refusals));
        }
    }

    /// The changes of one date with one reason are one renegotiation, whole or not at all.
    fn renegotiations(&mut self, rows: &[&Row], calendar: FiscalCalendar, files: &Files) -> Vec<ImportedRenegotiation> {
        let mut groups: Vec<((&str, &str), Vec<&Row>)> = Vec::new();
        for row in rows {
            let key = (row.get("date"), row.get("reason"));
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, members)) => members.push(row),
                None => groups.push((key, vec![row])),
            }
        }
        let mut renegotiations = Vec::new();
        for (_, members) in groups {
            let (good, bad) = parsed(members.iter().map(|row| (row.line, okr_rows::change(row, calendar))));
            if let Some((first, _)) = bad.first() {
                let why: Refusals = stays_out("Its renegotiation", files.name(ImportFile::Changes), *first).into();
                let with_it = good.into_iter().map(|(row, ..): (ChangeRow, _, _)| (row.line, why.clone()));
                self.refused.extend(with_it.chain(bad).map(|(line, why)| (ImportFile::Changes, line, why)));
                continue;
            }
            renegotiations.extend(renegotiation(good));
        }
        renegotiations
    }
}

fn renegotiation(rows: Vec<(ChangeRow, Timestamp, Option<Prose>)>) -> Option<ImportedRenegotiation> {
    let (_, at, reason) = rows.first()?.clone();
    let rows = rows.into_iter().map(|(row, ..)| row).collect();
    Some(ImportedRenegotiation { at, reason: reason.or_else(not_recorded)?, rows })
}

fn committed(rows: &[&Row], calendar: FiscalCalendar) -> Result<Option<ImportedPlan>, Vec<(u64, Refusals)>> {
    let (good, mut bad) = parsed(rows.iter().map(|row| (row.line, okr_rows::key_result(row, calendar))));
    let Some(committed_at) = good.first().map(|(_, at)| *at) else {
        return if bad.is_empty() { Ok(None) } else { Err(bad) };
    };
    bad.extend(good.iter().filter(|(_, at)| *at != committed_at).map(|(row, _)| {
        let message = "The column \"committed_on\" differs from the plan's other rows; a plan is committed once.";
        (row.line, Refusal::invalid(&["committed_on"], message).into())
    }));
    if bad.is_empty() {
        let key_results = good.into_iter().map(|(row, _)| row).collect();
        Ok(Some(ImportedPlan { committed_at, key_results }))
    } else {
        Err(bad)
    }
}

/// The rows that can be understood, and the lines of those that cannot.
fn parsed<T>(rows: impl Iterator<Item = (u64, Result<T, Refusals>)>) -> (Vec<T>, Vec<(u64, Refusals)>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        match row {
            Ok(row) => good.push(row),
            Err(refusals) => bad.push((line, refusals)),
        }
    }
    (good, bad)
}

fn stays_out(what: &str, file: &str, line: u64) -> Refusal {
    Refusal::invalid(&[], format!("{what} stays out as a whole, because {file}:{line} is refused."))
}
