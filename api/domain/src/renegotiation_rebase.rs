//! Moving a renegotiation onto the plan's latest revision. Its authors answer for it as it then reads.
//! Holds CONFLICTING_RENEGOTIATION as it bears on what moved meanwhile.

use crate::{
    audit::AuditAction,
    change::Change,
    commitment::Commitment,
    commitment_change::{CommitmentChange, apply, diff, overlap},
    permission::{Permit, action::ProposeRenegotiation},
    plan::CommittedPlan,
    refusal::{Code, Refusal, Refusals},
    renegotiation::{Proposed, Record, Renegotiation, Status},
    renegotiation_request::normalised,
    time::Timestamp,
};

impl Renegotiation {
    /// Moves it onto the plan's latest revision, `base` being the commitment it stood on; a proposed one stays
    /// proposed. Where its own subject moved it is CONFLICTING_RENEGOTIATION.
    pub fn rebase(
        self,
        permit: &Permit<ProposeRenegotiation>,
        plan: &CommittedPlan,
        base: &Commitment,
        open: &[Proposed],
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let status = self.status(now);
        if !matches!(status, Status::Draft | Status::Proposed) {
            return Err(self.not_open(status).into());
        }
        let moved = diff(base, &plan.commitment);
        let mut record = self.record().clone();
        let before = record.facts(if status == Status::Draft { "DRAFT" } else { "PROPOSED" });
        if overlap(&record.terms.changes, &moved) {
            let message = format!("What it would change was itself changed by revision {}.", plan.revision);
            return Err(Refusal::new(Code::ConflictingRenegotiation, message)
                .remedy("renegotiationWithdraw, then renegotiationDraft the change on what holds now.")
                .into());
        }
        record.terms.changes = renewed(&plan.commitment, &record.terms.changes);
        record.terms.base_revision = plan.revision;
        // What moved may have left an objective with one key result: dropping that one now drops the objective too.
        if let Some(conflict) = record.conflict(open).filter(|_| status == Status::Proposed) {
            return Err(conflict.into());
        }
        record.authored(permit);
        let by = record.recording(permit, AuditAction::RenegotiationRebased).before(before);
        Ok(match self {
            Self::Proposed(Proposed { proposal, .. }) => {
                by.after(record.facts("PROPOSED"), Self::Proposed(Proposed { record, proposal }))
            }
            _ => by.after(record.facts("DRAFT"), Self::Draft(record)),
        })
    }
}

/// Changes as they read on another base; each keeps its why.
pub(crate) fn renewed(base: &Commitment, changes: &[CommitmentChange]) -> Vec<CommitmentChange> {
    let mut renewed = normalised(base, &apply(base, changes));
    for change in &mut renewed {
        let old = changes.iter().find(|old| old.subject() == change.subject());
        let old_why = old.and_then(|old| match old {
            CommitmentChange::ObjectiveDropped { why, .. } | CommitmentChange::KeyResultDropped { why, .. } => {
                why.clone()
            }
            _ => None,
        });
        if let CommitmentChange::ObjectiveDropped { why, .. } | CommitmentChange::KeyResultDropped { why, .. } = change
        {
            *why = old_why;
        }
    }
    renewed
}

/// A copy of what moved since means something else by now.
pub(crate) fn refuse_moved(original: &Record, stood_on: &Commitment, plan: &CommittedPlan) -> Result<(), Refusals> {
    if overlap(&original.terms.changes, &diff(stood_on, &plan.commitment)) {
        let base = original.terms.base_revision;
        let message = format!("What it would change was itself changed since revision {base}.");
        return Err(Refusal::new(Code::ConflictingRenegotiation, message)
            .at(&["from"])
            .remedy("Name the changes anew, on what holds now: renegotiationDraft(changes:).")
            .into());
    }
    Ok(())
}
