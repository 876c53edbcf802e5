//! What each key result of a plan went through, gathered from its revisions and check-ins.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    moment::Moment,
    timeline::Member,
    view::{Measure, Nodes},
};

/// How many key results are followed at most, and how many check-ins of them all together.
const MOST: usize = 200;
const CHECK_INS: usize = 3_000;

/// An objective as it was promised first.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Objective {
    title: String,
    key_results: Vec<KeyResult>,
}

#[derive(Deserialize)]
struct KeyResult {
    id: String,
    title: String,
    measure: Measure,
}

/// A revision.
#[derive(Deserialize)]
pub(super) struct Revision {
    pub(super) number: u32,
    pub(super) at: Moment,
    changes: Vec<Touch>,
}

/// Which key result a revision touched.
#[derive(Deserialize)]
#[serde(tag = "__typename", rename_all_fields = "camelCase")]
enum Touch {
    KeyResultAdded {
        key_result: Added,
    },
    KeyResultDropped {
        key_result: Named,
    },
    KeyResultAmended {
        key_result: Named,
    },
    #[serde(other)]
    Else,
}

#[derive(Deserialize)]
struct Added {
    id: String,
    title: String,
    measure: Measure,
    objective: Titled,
}

#[derive(Deserialize)]
struct Titled {
    title: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What the second document answers.
#[derive(Deserialize)]
pub(super) struct Checks {
    nodes: Vec<Option<Checked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    id: String,
    check_ins: Nodes<CheckIn>,
}

#[derive(Deserialize)]
struct CheckIn {
    at: Moment,
    kind: String,
    value: String,
}

/// A key result with what its progress is counted from and to.
pub(super) struct Measured {
    pub(super) member: Member,
    baseline: f64,
    target: f64,
}

impl Measured {
    fn new(title: &str, objective: &str, measure: &Measure, (from, came): (Moment, u32)) -> Self {
        let number = |text: &str| text.parse().unwrap_or(0.0);
        let (title, objective) = (title.to_owned(), objective.to_owned());
        let member = Member { title, objective, from, came, until: None, amended: Vec::new(), checks: Vec::new() };
        Self { member, baseline: number(&measure.baseline), target: number(&measure.target) }
    }

    fn share(&self, value: &str) -> f64 {
        let way = self.target - self.baseline;
        if way == 0.0 { 0.0 } else { (value.parse().unwrap_or(self.baseline) - self.baseline) / way }
    }
}

/// The id of a key result now, of one read as of another time.
fn live(id: &str) -> String {
    id.split('~').next().unwrap_or(id).to_owned()
}

/// Every key result that was ever part of a plan, in the order in which they came.
pub(super) fn members(original: &[Objective], revisions: &[Revision]) -> Vec<(String, Measured)> {
    let mut all: Vec<(String, Measured)> = Vec::new();
    let Some(first) = revisions.first() else { return all };
    for objective in original {
        for one in &objective.key_results {
            let came = (first.at, first.number);
            all.push((live(&one.id), Measured::new(&one.title, &objective.title, &one.measure, came)));
        }
    }
    for revision in revisions {
        let at = (revision.at, revision.number);
        for touch in &revision.changes {
            match touch {
                Touch::KeyResultAdded { key_result: one } => {
                    all.push((live(&one.id), Measured::new(&one.title, &one.objective.title, &one.measure, at)));
                }
                Touch::KeyResultDropped { key_result } => with(&mut all, &key_result.id, |it| it.until = Some(at)),
                Touch::KeyResultAmended { key_result } => with(&mut all, &key_result.id, |it| it.amended.push(at)),
                Touch::Else => {}
            }
        }
    }
    all.truncate(MOST);
    all
}

fn with(all: &mut [(String, Measured)], id: &str, change: impl FnOnce(&mut Member)) {
    let id = live(id);
    if let Some((_, found)) = all.iter_mut().rev().find(|(known, _)| *known == id) {
        change(&mut found.member);
    }
}

/// What the second document is asked with: fewer check-ins of each where there are many key results.
pub(super) fn ids(members: &[(String, Measured)]) -> Value {
    let ids: Vec<_> = members.iter().map(|(id, _)| id).collect();
    json!({ "keyResults": ids, "last": (CHECK_INS / ids.len().max(1)).clamp(1, 60) })
}

/// Adds the check-ins; a forecast is not where something stood.
pub(super) fn checked(members: &mut [(String, Measured)], checks: Checks) {
    for checked in checks.nodes.into_iter().flatten() {
        let Some((_, measured)) = members.iter_mut().find(|(id, _)| *id == live(&checked.id)) else { continue };
        let stood = checked.check_ins.nodes.into_iter().filter(|check| check.kind != "PROJECTED");
        let shares: Vec<_> = stood.map(|check| (check.at, measured.share(&check.value))).collect();
        measured.member.checks = shares;
    }
}
