//! The brief's first part: what is committed, where it stands, and what is being renegotiated.

use holdline_domain::{
    check_in::Confidence,
    key_result::{KeyResult, Measure},
    objective::Objective,
};

use super::{
    Brief, Committed,
    markdown::{Paper, line, prose},
};

impl Brief {
    pub(super) fn write_plan(&self, paper: &mut Paper) {
        paper.heading(2, "The plan");
        let Some(plan) = &self.plan else {
            return paper.paragraph(&format!("There is no committed plan for {}.", self.meeting.quarter));
        };
        let since = self.day(plan.since);
        paper.paragraph(&match plan.revision {
            1 => format!("Revision 1, as committed on {since}.{}", weighs(plan)),
            number => format!("Revision {number}, in effect since {since}.{}", weighs(plan)),
        });
        if plan.commitment.objectives.is_empty() {
            paper.paragraph("It has no objective any more.");
        }
        for (number, objective) in (1..).zip(&plan.commitment.objectives) {
            self.write_objective(paper, number, plan, objective);
        }
        self.write_open(paper, plan);
    }

    fn write_objective(&self, paper: &mut Paper, number: u32, plan: &Committed, objective: &Objective) {
        let terms = &objective.terms;
        paper.heading(3, &format!("{number}. {}", line(terms.title.as_str())));
        let load = terms.load.map(|load| format!(", load {load}{}", unit(plan))).unwrap_or_default();
        paper.paragraph(&format!("Owner: {}{load}", self.name(terms.owner)));
        let rows: Vec<_> = objective.key_results.iter().map(|key_result| row(plan, key_result)).collect();
        paper.table(["Key result", "Baseline → target", "Current", "Progress", "Confidence"], &rows);
    }

    fn write_open(&self, paper: &mut Paper, plan: &Committed) {
        if plan.open.is_empty() {
            return;
        }
        paper.heading(3, "Under renegotiation");
        paper.paragraph("This is proposed and not decided. The old plan holds until it is.");
        let items = plan.open.iter().map(|record| {
            let what =
                record.terms.trigger.as_ref().map_or_else(|| record.id.to_string(), |said| prose(said.as_str(), 2));
            format!("{what} (to be decided before {})", self.moment(record.terms.decide_by))
        });
        paper.list(&items.collect::<Vec<_>>());
    }
}

fn unit(plan: &Committed) -> String {
    plan.commitment.capacity_unit.as_ref().map(|unit| format!(" {}", line(unit.as_str()))).unwrap_or_default()
}

fn weighs(plan: &Committed) -> String {
    let (load, capacity) = (plan.commitment.load(), plan.commitment.capacity);
    match (load, capacity) {
        (Some(load), Some(capacity)) => format!(" It weighs {load} of {capacity}{}.", unit(plan)),
        (Some(load), None) => format!(" It weighs {load}{}.", unit(plan)),
        (None, _) => String::new(),
    }
}

fn row(plan: &Committed, key_result: &KeyResult) -> [String; 5] {
    let (terms, measure) = (&key_result.terms, &key_result.terms.measure);
    let standing = plan.standings.get(&key_result.id).copied().unwrap_or_default();
    let progress = standing.current.and_then(|current| current.progress(measure.baseline, measure.target));
    [
        line(terms.title.as_str()),
        way(measure),
        standing.current.map_or("no check-in yet".to_owned(), |current| current.to_string()),
        progress.map_or("–".to_owned(), |progress| format!("{:.0} %", progress * 100.0)),
        standing.confidence.map_or("not stated", confidence).to_owned(),
    ]
}

/// From where to where.
pub(super) fn way(measure: &Measure) -> String {
    format!("{} → {} {}", measure.baseline, measure.target, line(measure.unit.as_str()))
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::OnTrack => "on track",
        Confidence::AtRisk => "at risk",
        Confidence::OffTrack => "off track",
    }
}
