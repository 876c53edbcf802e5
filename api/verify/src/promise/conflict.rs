//! CONFLICTING_RENEGOTIATION: of the renegotiations of a plan that are open at a time, no two touch the same subject,
//! the same being an objective and one of its key results, too. Refuses to judge what a change makes of a commitment.

use super::{Hearing, Promise, commitment::Commitment};
use crate::{instant, json::Json};

/// What a change is about.
#[derive(Debug, PartialEq, Eq)]
enum Subject {
    Capacity,
    Objective(String),
    /// A key result, and the objective that it is of.
    KeyResult(String, Option<String>),
}

/// An open renegotiation.
#[derive(Debug)]
pub(super) struct Open {
    id: String,
    /// From then on it is open no more.
    until: Option<i64>,
    subjects: Vec<Subject>,
}

impl Subject {
    fn of(change: &Json<'_>, commitment: &Commitment) -> Option<Self> {
        let (before, after) = (change.get("before"), change.get("after"));
        let stated = if after.is_null() { before } else { after };
        let id = |member: &str| stated.get(member).text().map(ToOwned::to_owned);
        match change.get("change").text()? {
            "CAPACITY_CHANGED" => Some(Self::Capacity),
            "KEY_RESULT_ADDED" => {
                Some(Self::KeyResult(after.get("terms").get("keyResult").text()?.into(), id("objective")))
            }
            kind if kind.starts_with("KEY_RESULT_") => {
                let own = id("keyResult")?;
                let holds = commitment
                    .objectives
                    .iter()
                    .find(|objective| objective.key_results.iter().any(|key_result| key_result.id == own));
                let home = holds.map(|objective| objective.id.clone());
                Some(Self::KeyResult(own, home))
            }
            _ => id("objective").map(Self::Objective),
        }
    }

    fn touches(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Objective(one), Self::KeyResult(_, Some(home)))
            | (Self::KeyResult(_, Some(home)), Self::Objective(one)) => one == home,
            (Self::KeyResult(one, _), Self::KeyResult(other, _)) => one == other,
            (one, other) => one == other,
        }
    }
}

impl Open {
    fn read(id: &str, terms: &Json<'_>, commitment: &Commitment) -> Self {
        let changes = terms.get("changes").list().iter();
        Self {
            id: id.to_owned(),
            until: terms.get("decideBy").text().and_then(instant::read),
            subjects: changes.filter_map(|change| Subject::of(change, commitment)).collect(),
        }
    }

    fn touches(&self, other: &Self) -> bool {
        self.subjects.iter().any(|one| other.subjects.iter().any(|other| one.touches(other)))
    }
}

impl Promise {
    /// Takes note of where an entry leaves a renegotiation, and judges one that it proposes.
    pub(super) fn contested(&mut self, plan: &str, id: &str, proposed: bool, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = self.plans.get_mut(plan) else { return };
        plan.open.retain(|open| open.id != id);
        if !proposed {
            return;
        }
        let ours = Open::read(id, entry.after().get("terms"), &plan.commitment);
        let open = plan.open.iter().filter(|open| open.until.is_some_and(|until| entry.occurred_at < until));
        let other = open.filter(|_| !entry.imported).find(|open| open.touches(&ours));
        if let Some(other) = other {
            hearing.broken(format!("it was proposed while {}, which touches the same subject, was open.", other.id));
        }
        plan.open.push(ours);
    }
}
