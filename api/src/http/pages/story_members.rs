//! What each key result of a plan went through, gathered from its revisions and check-ins.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    moment::Moment,
    timeline::Member,
    view::{Measure, Nodes, Titled},
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
        to_title: String,
        to_measure: Measure,
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

/// A key result with what its progress is counted from and to, from which moment on.
pub(super) struct Measured {
    pub(super) member: Member,
    measures: Vec<(Moment, f64, f64)>,
}

impl Measured {
    fn new(title: &str, objective: &str, measure: &Measure, (from, came): (Moment, u32)) -> Self {
        let (title, objective) = (title.to_owned(), objective.to_owned());
        let member = Member { title, objective, from, came, until: None, amended: Vec::new(), checks: Vec::new() };
        let mut measured = Self { member, measures: Vec::new() };
        measured.measure(from, measure);
        measured
    }

    fn measure(&mut self, from: Moment, measure: &Measure) {
        let number = |text: &str| text.parse().unwrap_or(0.0);
        self.measures.push((from, number(&measure.baseline), number(&measure.target)));
    }

    /// How far a value was on its way, by the measure that was in force when it was checked in.
    fn share(&self, at: Moment, value: &str) -> f64 {
        let in_force = self.measures.iter().rev().find(|(from, ..)| *from <= at).or(self.measures.first());
        let Some((_, baseline, target)) = in_force else { return 0.0 };
        let (gone, way) = (value.parse().unwrap_or(*baseline) - baseline, target - baseline);
        if way == 0.0 { 0.0 } else { gone / way }
    }
}

/// The id of a key result now, of one read as of another time.
fn live(id: &str) -> String {
    id.split('~').next().unwrap_or(id).to_owned()
}

/// Every key result that was ever part of a plan, objective by objective, and how many are too many to follow.
pub(super) fn members(original: &[Objective], revisions: &[Revision]) -> (Vec<(String, Measured)>, usize) {
    let mut all: Vec<(String, Measured)> = Vec::new();
    let Some(first) = revisions.first() else { return (all, 0) };
    for objective in original {
        for one in &objective.key_results {
            let came = (first.at, first.number);
            all.push((live(&one.id), Measured::new(&one.title, &objective.title, &one.measure, came)));
        }
    }
    for revision in revisions {
        for touch in &revision.changes {
            apply(&mut all, (revision.at, revision.number), touch);
        }
    }
    let undrawn = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, undrawn)
}

fn apply(all: &mut Vec<(String, Measured)>, at: (Moment, u32), touch: &Touch) {
    match touch {
        Touch::KeyResultAdded { key_result: one } => {
            let beside = all.iter().rposition(|(_, known)| known.member.objective == one.objective.title);
            let place = beside.map_or(all.len(), |last| last + 1);
            all.insert(place, (live(&one.id), Measured::new(&one.title, &one.objective.title, &one.measure, at)));
        }
        Touch::KeyResultDropped { key_result } => {
            if let Some(found) = find(all, &key_result.id) {
                found.member.until = Some(at);
            }
        }
        Touch::KeyResultAmended { key_result, to_title, to_measure } => {
            if let Some(found) = find(all, &key_result.id) {
                found.member.amended.push(at);
                to_title.clone_into(&mut found.member.title);
                found.measure(at.0, to_measure);
            }
        }
        Touch::Else => {}
    }
}

fn find<'a>(all: &'a mut [(String, Measured)], id: &str) -> Option<&'a mut Measured> {
    let id = live(id);
    all.iter_mut().rev().find(|(known, _)| *known == id).map(|(_, found)| found)
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
        let shares: Vec<_> = stood.map(|check| (check.at, measured.share(check.at, &check.value))).collect();
        measured.member.checks = shares;
    }
}
