//! A plan, DRAFT → COMMITTED → CLOSED, as the entries tell of it: how it is drafted, committed once, and closed once
//! each key result has its final word. Refuses revisions above 1, which `renegotiation` makes.

use std::collections::HashSet;

use super::{Hearing, Promise, commitment::Commitment, conflict::Open};
use crate::{
    json::{self, Json},
    tree::hex,
};

/// Where a plan stands.
#[derive(Debug)]
enum Stage {
    Draft,
    Committed(u32),
    Closed(u32),
}

/// A plan.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) team: String,
    pub(super) quarter: String,
    /// Whether it came from a file of history.
    pub(super) imported: bool,
    /// Whether anything but an import wrote to it; from then on no import may.
    pub(super) live: bool,
    stage: Stage,
    pub(super) commitment: Commitment,
    /// Of the latest revision.
    pub(super) digest: String,
    /// The key results that have a FINAL check-in.
    finals: HashSet<String>,
    /// The renegotiations of it that are proposed and neither decided nor withdrawn.
    pub(super) open: Vec<Open>,
}

impl Plan {
    /// The number of its latest revision; none for a draft.
    pub(super) const fn revision(&self) -> Option<u32> {
        match self.stage {
            Stage::Draft => None,
            Stage::Committed(number) | Stage::Closed(number) => Some(number),
        }
    }

    pub(super) const fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }

    pub(super) const fn is_committed(&self) -> bool {
        matches!(self.stage, Stage::Committed(_))
    }

    /// Takes a revision as its latest.
    pub(super) fn revise(&mut self, number: u32, commitment: Commitment, digest: String) {
        self.stage = Stage::Committed(number);
        self.commitment = commitment;
        self.digest = digest;
    }
}

/// The digest of a commitment as an entry states it.
pub(super) fn digest(plan: &str, commitment: &Json<'_>) -> String {
    hex(&json::digest(&[("commitment", commitment), ("plan", &Json::Text(plan.into()))]))
}

impl Promise {
    fn begin(&mut self, hearing: &mut Hearing<'_, '_, '_>) -> Option<&mut Plan> {
        let entry = hearing.entry;
        let (Some(id), Some(team), Some(quarter)) = (entry.plan(), entry.text("team"), entry.text("quarter")) else {
            hearing.broken("the entry begins a plan and does not say which, whose or for which quarter.");
            return None;
        };
        if self.plans.contains_key(id) {
            hearing.broken("the plan was begun before.");
            return None;
        }
        if !self.taken.insert((team.to_owned(), quarter.to_owned())) {
            hearing.broken(format!("the team {team} has a plan for {quarter} already."));
        }
        let plan = Plan {
            team: team.to_owned(),
            quarter: quarter.to_owned(),
            imported: entry.imported,
            live: !entry.imported,
            stage: Stage::Draft,
            commitment: Commitment::default(),
            digest: String::new(),
            finals: HashSet::new(),
            open: Vec::new(),
        };
        Some(self.plans.entry(id.to_owned()).or_insert(plan))
    }

    pub(super) fn drafted(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let after = hearing.entry.after();
        if let Some(plan) = self.begin(hearing) {
            let capacity = plan.commitment.edit("PLAN_UPDATED", "", after);
            hearing.broken_if(capacity.is_none(), "the entry states no capacity that could be read.");
        }
    }

    pub(super) fn edited(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = entry.plan().and_then(|plan| self.plans.get_mut(plan)) else {
            return hearing.broken("the entry edits a plan that no entry drafted.");
        };
        if plan.revision().is_some() {
            let action = entry.action();
            return hearing.broken(format!("{action} changes what is committed, without a renegotiation."));
        }
        let edited = plan.commitment.edit(entry.action(), entry.subject().unwrap_or_default(), entry.after());
        hearing.broken_if(edited.is_none(), "the edit does not fit the draft as the entries before it left it.");
    }

    pub(super) fn committed(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let stated = entry.after().get("commitment");
        let (Some(id), Some(commitment)) = (entry.plan(), Commitment::read(stated)) else {
            return hearing.broken("the entry commits a plan and states no commitment.");
        };
        if entry.imported && self.begin(hearing).is_none() {
            return;
        }
        let Some(plan) = self.plans.get_mut(id) else {
            return hearing.broken("the entry commits a plan that no entry drafted.");
        };
        if plan.revision().is_some() {
            return hearing.broken("the plan was committed before.");
        }
        hearing.revision = Some(1);
        hearing.broken_if(entry.after().get("revision").int() != Some(1), "a commit makes revision 1 and no other.");
        if let Some(what) = plan.commitment.difference(&commitment).filter(|_| !entry.imported) {
            hearing.broken(format!("what is committed is not what was drafted: {what} differs."));
        }
        let digest = digest(id, stated);
        hearing.broken_if(entry.text("digest") != Some(&digest), "the digest is not that of what is committed.");
        complete(&commitment, hearing);
        hearing.broken_if(commitment.objectives.is_empty(), "a plan without an objective is committed.");
        plan.revise(1, commitment, digest);
        self.revision_made(hearing);
    }

    pub(super) fn closed(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = entry.plan().and_then(|plan| self.plans.get_mut(plan)) else {
            return hearing.broken("the entry closes a plan that no entry committed.");
        };
        let Stage::Committed(revision) = plan.stage else {
            return hearing.broken("the entry closes a plan that is not committed, or is closed already.");
        };
        let without = entry.after().get("withoutFinal").list();
        let excused = |id: &str| {
            let named = |named: &&Json<'_>| named.get("keyResult").text() == Some(id);
            without.iter().find(named).is_some_and(|named| named.get("reason").text().is_some())
        };
        for key_result in plan.commitment.key_results() {
            if !plan.finals.contains(&key_result.id) && !excused(&key_result.id) {
                let id = &key_result.id;
                hearing.broken(format!("the key result {id} has neither a FINAL check-in nor a reason."));
            }
        }
        plan.stage = Stage::Closed(revision);
    }

    pub(super) fn checked_in(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = entry.plan().and_then(|plan| self.plans.get_mut(plan)) else {
            return hearing.broken("the entry checks in on a plan that no entry committed.");
        };
        let (kind, key_result) = (entry.after().get("kind").text(), entry.after().get("keyResult").text());
        hearing.broken_if(plan.revision().is_none(), "the entry checks in on a draft.");
        let live = key_result.is_some_and(|id| plan.commitment.key_result(id).is_some());
        hearing.broken_if(!live, "the check-in is on no live key result of the plan.");
        let correction = kind == Some("CORRECTION");
        hearing.broken_if(plan.is_closed() && !correction, "a closed plan takes corrections only.");
        hearing.broken_if(correction && entry.text("reason").is_none(), "a correction gives no reason.");
        if let (Some("FINAL"), Some(id)) = (kind, key_result) {
            plan.finals.insert(id.to_owned());
        }
    }
}

/// What every revision keeps: a key result under each objective.
pub(super) fn complete(commitment: &Commitment, hearing: &mut Hearing<'_, '_, '_>) {
    for objective in commitment.objectives.iter().filter(|objective| objective.key_results.is_empty()) {
        hearing.broken(format!("the objective {} is committed without a key result.", objective.id));
    }
}
