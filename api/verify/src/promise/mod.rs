//! The promise, re-checked from the leaves alone: what was committed changes only through a decided renegotiation.
//! Holds the plans, renegotiations and meetings as far as the entries read so far tell of them, and who judges which
//! entry. Refuses to look at rows.

mod changes;
mod commitment;
mod conflict;
mod meeting;
mod plan;
mod renegotiation;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use self::{meeting::Meeting, plan::Plan, renegotiation::Renegotiation};
use crate::{
    entry::Entry,
    finding::{Code, Finding, Findings},
};

/// What changes nothing of a plan, a renegotiation or a meeting.
const ELSEWHERE: [&str; 31] = [
    "TEAM_CREATED",
    "TEAM_UPDATED",
    "TEAM_ARCHIVED",
    "MEETING_INPUT_RECORDED",
    "MEETING_INPUT_DISPOSED",
    "ROADMAP_ITEM_ADDED",
    "ROADMAP_ITEM_UPDATED",
    "ROADMAP_ITEM_MOVED",
    "ROADMAP_ITEM_SHIPPED",
    "ROADMAP_ITEM_DROPPED",
    "IDEA_SUBMITTED",
    "IDEA_UPDATED",
    "IDEA_REVIEWED",
    "IDEA_DECLINED",
    "IDEA_PROMOTED",
    "IDEA_MERGED",
    "IDEA_SHIPPED",
    "IDEA_RETURNED",
    "CUSTOMER_REQUEST_UPSERTED",
    "CUSTOMER_REQUEST_WITHDRAWN",
    "SETTING_CHANGED",
    "TOKEN_REVOKED",
    "CHECKPOINT_KEY_SET",
    "PERSON_ERASED",
    "WEBHOOK_CREATED",
    "WEBHOOK_UPDATED",
    "WEBHOOK_SECRET_ROTATED",
    "WEBHOOK_DISABLED",
    "WEBHOOK_DELETED",
    "PUBLISHED_LINK_CREATED",
    "PUBLISHED_LINK_REVOKED",
];

/// What the log has told so far.
#[derive(Debug, Default)]
pub(crate) struct Promise {
    plans: HashMap<String, Plan>,
    renegotiations: HashMap<String, Renegotiation>,
    meetings: HashMap<String, Meeting>,
    /// The teams and quarters that have a plan.
    taken: HashSet<(String, String)>,
    revisions: u64,
    imported: u64,
}

/// What an entry is judged with: itself, the revision it concerns, and where findings go.
pub(crate) struct Hearing<'h, 'e, 'f> {
    pub(crate) entry: &'h Entry<'e>,
    revision: Option<u32>,
    findings: &'h mut Findings<'f>,
}

impl Hearing<'_, '_, '_> {
    /// Says that the promise is broken.
    pub(crate) fn broken(&mut self, what: impl Into<String>) {
        let finding = Finding::on(Code::PromiseBroken, self.entry, what).of_revision(self.revision);
        self.findings.tell(&finding);
    }

    /// Says so where it is.
    pub(crate) fn broken_if(&mut self, broken: bool, what: &str) {
        if broken {
            self.broken(what);
        }
    }

    fn notice(&mut self, code: Code, what: impl Into<String>) {
        self.findings.tell(&Finding::on(code, self.entry, what).of_revision(self.revision));
    }
}

impl Promise {
    /// Judges the next entry.
    pub(crate) fn observe(&mut self, entry: &Entry<'_>, findings: &mut Findings<'_>) {
        let plan = entry.plan().and_then(|plan| self.plans.get(plan));
        let hearing = &mut Hearing { entry, revision: plan.and_then(Plan::revision), findings };
        self.of_its_plan(hearing);
        match entry.action() {
            "PLAN_DRAFTED" => self.drafted(hearing),
            "PLAN_UPDATED" | "OBJECTIVE_ADDED" | "OBJECTIVE_UPDATED" | "OBJECTIVE_REMOVED" | "KEY_RESULT_ADDED"
            | "KEY_RESULT_UPDATED" | "KEY_RESULT_REMOVED" => self.edited(hearing),
            "PLAN_COMMITTED" => self.committed(hearing),
            "PLAN_CLOSED" => self.closed(hearing),
            "CHECK_IN_RECORDED" => self.checked_in(hearing),
            "RENEGOTIATION_DRAFTED"
            | "RENEGOTIATION_UPDATED"
            | "RENEGOTIATION_PROPOSED"
            | "RENEGOTIATION_REBASED"
            | "RENEGOTIATION_WITHDRAWN" => self.renegotiation_stated(hearing),
            "RENEGOTIATION_DECIDED" => self.decided(hearing),
            "MEETING_PREPARED" | "MEETING_UPDATED" | "MEETING_OPENED" | "MEETING_JOINED" | "MEETING_CLOSED"
            | "MEETING_CANCELLED" => self.meeting_changed(hearing),
            "MEETING_ACKNOWLEDGED" => self.acknowledged(hearing),
            action if ELSEWHERE.contains(&action) => {}
            action => {
                let what = format!("this verifier does not know the action {action}, and did not judge it.");
                hearing.notice(Code::ActionUnknown, what);
            }
        }
    }

    /// How many plans there are.
    pub(crate) fn plans(&self) -> u64 {
        self.plans.len() as u64
    }

    /// How many revisions these have, and how many of them are imported.
    pub(crate) const fn revisions(&self) -> (u64, u64) {
        (self.revisions, self.imported)
    }

    /// What holds for every entry of a plan, whatever its action.
    fn of_its_plan(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = entry.plan().and_then(|plan| self.plans.get_mut(plan)) else { return };
        if entry.text("team") != Some(&plan.team) || entry.text("quarter") != Some(&plan.quarter) {
            hearing.broken("the entry names another team or quarter than the plan's.");
        }
        if plan.is_closed() && !matches!(entry.action(), "CHECK_IN_RECORDED" | "RENEGOTIATION_WITHDRAWN") {
            hearing.broken(format!("{} comes after the plan was closed.", entry.action()));
        }
        if entry.imported && (!plan.imported || plan.live) {
            hearing.broken("the entry is marked as imported, and the plan was live already.");
        }
        plan.live |= !entry.imported;
    }

    fn revision_made(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        self.revisions += 1;
        if hearing.entry.imported {
            self.imported += 1;
            let what = "imported from a file of history, which does not say who decided and why.";
            hearing.notice(Code::ImportedRevision, what);
        }
    }
}
