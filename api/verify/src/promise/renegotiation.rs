//! Renegotiations, DRAFT → PROPOSED → APPROVED | REJECTED | WITHDRAWN, and the decisions that alone make a revision
//! above 1: in an open meeting, by no author, on the digest that was proposed, and equal to the change.

use std::collections::BTreeSet;

use super::{Hearing, Promise, commitment::Commitment, plan};
use crate::{
    json::{self, Json},
    tree::hex,
};

/// Where one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Draft,
    Proposed,
    Over,
}

/// A renegotiation.
#[derive(Debug)]
pub(super) struct Renegotiation {
    plan: String,
    status: Status,
    authors: BTreeSet<String>,
    /// Of all that it says, as it was stated last.
    digest: String,
    imported: bool,
}

/// The roles that may decide. What `custom` may, the log does not say.
const DECIDERS: [&str; 2] = ["approver", "custom"];

fn digest(renegotiation: &str, plan: &str, terms: &Json<'_>) -> String {
    let text = |text: &str| Json::Text(text.to_owned().into());
    hex(&json::digest(&[("plan", &text(plan)), ("renegotiation", &text(renegotiation)), ("terms", terms)]))
}

fn authors(stated: &Json<'_>) -> BTreeSet<String> {
    stated.get("authors").list().iter().filter_map(Json::text).map(ToOwned::to_owned).collect()
}

impl Promise {
    /// Judges an entry that drafts, updates, proposes, rebases or withdraws one.
    pub(super) fn renegotiation_stated(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let (Some(id), Some(plan)) = (entry.subject(), entry.plan()) else {
            return hearing.broken("the entry is about a renegotiation and does not say which, or of which plan.");
        };
        hearing.broken_if(entry.text("renegotiation") != Some(id), "the entry names two renegotiations.");
        let known = self.renegotiations.get(id);
        let status = next(known, hearing);
        self.on_a_committed_plan(plan, hearing);
        let stated = entry.after();
        let digest = digest(id, plan, stated.get("terms"));
        let own = stated.get("digest").text() == Some(&digest);
        let proposed = entry.text("digest").is_none_or(|named| named == digest);
        hearing.broken_if(!own || !proposed, "the digest is not that of what the renegotiation says.");
        let unchanged = matches!(entry.action(), "RENEGOTIATION_PROPOSED" | "RENEGOTIATION_WITHDRAWN");
        if known.is_some_and(|known| unchanged && known.digest != digest) {
            hearing.broken("what the renegotiation says changed with an action that changes no word of it.");
        }
        let authors = authors(stated);
        let authored = !entry.imported && entry.action() != "RENEGOTIATION_WITHDRAWN";
        if authored && !entry.person().is_some_and(|person| authors.contains(person)) {
            hearing.broken("whoever wrote the renegotiation is not among its authors.");
        }
        if known.is_some_and(|known| !known.authors.is_subset(&authors)) {
            hearing.broken("an author of the renegotiation is an author no more.");
        }
        let imported = entry.imported && known.is_none_or(|known| known.imported);
        let renegotiation = Renegotiation { plan: plan.to_owned(), status, authors, digest, imported };
        self.renegotiations.insert(id.to_owned(), renegotiation);
        self.contested(plan, id, status == Status::Proposed, hearing);
    }

    fn on_a_committed_plan(&self, plan: &str, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let plan = self.plans.get(plan);
        let Some(revision) = plan.and_then(super::Plan::revision) else {
            return hearing.broken("the renegotiation is of a plan that is not committed.");
        };
        let base = entry.after().get("terms").get("baseRevision").int();
        if matches!(entry.action(), "RENEGOTIATION_PROPOSED" | "RENEGOTIATION_REBASED") && base != Some(revision) {
            hearing.broken("the renegotiation does not stand on the plan's latest revision.");
        }
    }

    pub(super) fn decided(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let (Some(id), Some(plan_id)) = (entry.subject(), entry.plan()) else {
            return hearing.broken("the entry decides and does not say what, or of which plan.");
        };
        let Some(known) = self.renegotiations.get_mut(id).filter(|known| known.plan == plan_id) else {
            return hearing.broken("the entry decides a renegotiation that nobody proposed for this plan.");
        };
        hearing.broken_if(known.status != Status::Proposed, "what is decided is not proposed, or was decided before.");
        let stated = entry.after().get("renegotiation");
        let digest = digest(id, plan_id, stated.get("terms"));
        let same = known.digest == digest && entry.text("digest") == Some(&digest);
        hearing.broken_if(!same, "what is decided is not what was proposed: the digests differ.");
        known.status = Status::Over;
        let (authors, imported) = (std::mem::take(&mut known.authors), known.imported);
        self.contested(plan_id, id, false, hearing);
        if entry.imported {
            hearing.broken_if(!imported, "an imported decision is on a proposal that was made here.");
        } else {
            decider(&authors, hearing);
            self.in_its_meeting(id, hearing);
        }
        let outcome = entry.after().get("outcome").text();
        hearing.broken_if(stated.get("status").text() != outcome, "the outcome and the renegotiation's status differ.");
        match outcome {
            Some("APPROVED") => self.approved(plan_id, hearing),
            Some("REJECTED") => {
                let after = entry.after();
                let holds = after.get("revision").is_null() && after.get("commitment").is_null();
                hearing.broken_if(!holds, "a rejection makes a revision.");
            }
            _ => hearing.broken("the decision is neither APPROVED nor REJECTED."),
        }
    }

    fn approved(&mut self, id: &str, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(plan) = self.plans.get_mut(id).filter(|plan| plan.is_committed()) else {
            return hearing.broken("the decision revises a plan that is not committed.");
        };
        let (before, after) = (entry.get("before"), entry.after());
        let last = plan.revision().unwrap_or_default();
        let number = last.saturating_add(1);
        hearing.revision = Some(number);
        hearing.broken_if(after.get("revision").int() != Some(number), "revisions are not numbered without gaps.");
        let terms = after.get("renegotiation").get("terms");
        let base = before.get("revision").int() == Some(last) && terms.get("baseRevision").int() == Some(last);
        hearing.broken_if(!base, "the decision does not stand on the revision before.");
        let promised = before.get("digest").text() == Some(&plan.digest);
        hearing.broken_if(!promised, "what held before the decision is not what the revision before promised.");
        let stated = after.get("commitment");
        let Some(commitment) = Commitment::read(stated) else {
            return hearing.broken("the approval states no commitment.");
        };
        match plan.commitment.apply(terms.get("changes").list()) {
            Err(why) => hearing.broken(format!("the change {why}.")),
            Ok(approved) => {
                if let Some(what) = approved.difference(&commitment) {
                    hearing.broken(format!("the plan changed otherwise than was approved: {what} differs."));
                }
            }
        }
        plan::complete(&commitment, hearing);
        let digest = plan::digest(id, stated);
        plan.revise(number, commitment, digest);
        self.revision_made(hearing);
    }
}

/// Where an entry leaves a renegotiation; what it must have found there is judged on the way.
fn next(known: Option<&Renegotiation>, hearing: &mut Hearing<'_, '_, '_>) -> Status {
    let (entry, found) = (hearing.entry, known.map(|known| known.status));
    let stated = entry.after().get("status").text();
    let (fits, status) = match (entry.action(), found, stated) {
        ("RENEGOTIATION_DRAFTED", None, Some("DRAFT"))
        | ("RENEGOTIATION_UPDATED" | "RENEGOTIATION_REBASED", Some(Status::Draft), Some("DRAFT")) => {
            (true, Status::Draft)
        }
        ("RENEGOTIATION_PROPOSED", Some(Status::Draft), Some("PROPOSED"))
        | ("RENEGOTIATION_REBASED", Some(Status::Proposed), Some("PROPOSED")) => (true, Status::Proposed),
        ("RENEGOTIATION_PROPOSED", None, Some("PROPOSED")) => (entry.imported, Status::Proposed),
        ("RENEGOTIATION_WITHDRAWN", Some(Status::Draft | Status::Proposed), Some("WITHDRAWN")) => (true, Status::Over),
        // What does not fit stays what it was, so that nothing is decided by way of it.
        _ => (false, found.unwrap_or(Status::Over)),
    };
    if !fits {
        let action = entry.action();
        hearing.broken(format!("{action} does not follow from where the renegotiation stood."));
    }
    status
}

/// The decider is no author and held the right at that moment, and decided in time.
fn decider(authors: &BTreeSet<String>, hearing: &mut Hearing<'_, '_, '_>) {
    let entry = hearing.entry;
    match entry.person() {
        None => hearing.broken("the entry does not say who decided."),
        Some(person) if authors.contains(person) => hearing.broken("an author decided their own renegotiation."),
        Some(_) => {}
    }
    let role = entry.get("by").get("role").text().unwrap_or("none");
    if !DECIDERS.contains(&role) {
        hearing.broken(format!("whoever decided held the role {role}, which may not."));
    }
    let decide_by = entry.after().get("renegotiation").get("terms").get("decideBy").text();
    let in_time = decide_by.and_then(crate::instant::read).is_some_and(|until| entry.occurred_at < until);
    hearing.broken_if(!in_time, "it was decided after its decide-by.");
}
