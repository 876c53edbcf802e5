//! Committing a plan: the moment after which it changes only by renegotiation.
//! Holds PLAN_INCOMPLETE, PLAN_UNSEEN, OVER_CAPACITY and QUARTER_ENDED as they bear on a commit.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::{Digest, Facts},
    ids::{MeetingId, PlanRevisionId},
    lineage::Lineage,
    permission::{Permit, action::CommitPlan, action::ImportHistory},
    plan::{CommittedPlan, DraftPlan, PlanHead, Revision},
    plan_draft::clash,
    refusal::{Broken, Code, Refusal, Refusals},
    team::Team,
    time::{QuarterPhase, QuarterSpan, Timestamp},
};

/// A plan with its first revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanCommitted {
    /// The plan as it is now.
    pub plan: CommittedPlan,
    /// What was committed.
    pub revision: Revision,
    /// The digest that was seen and committed.
    pub digest: Digest,
}

/// Where and by which words a plan is committed.
#[derive(Debug, Clone, Copy)]
pub struct Commit {
    /// The id of revision 1.
    pub revision: PlanRevisionId,
    /// The digest of the draft that was seen.
    pub seen: Digest,
    /// The meeting in which it was committed, if it was one.
    pub meeting: Option<MeetingId>,
}

impl DraftPlan {
    /// Commits the draft that was seen. All that would be refused is said at once.
    pub fn commit(
        self,
        permit: &Permit<CommitPlan>,
        commit: Commit,
        lineage: &Lineage,
        now: Timestamp,
    ) -> Result<Change<PlanCommitted>, Refusals> {
        let digest = self.commitment.digest(self.head.id);
        let mut broken = Broken::none();
        self.check_content(&mut broken, lineage, now);
        broken.when(digest != commit.seen, || {
            Refusal::new(
                Code::PlanUnseen,
                format!("The draft's digest is {digest}, another than the one that was seen."),
            )
            .at(&["digest"])
        });
        broken.finish()?;
        let by = Recording::by(permit, AuditAction::PlanCommitted, Subject::Plan(self.head.id)).meeting(commit.meeting);
        Ok(self.committed(by, commit.revision, Some(permit.actor().person.id), None))
    }

    /// Commits a plan as a file of history has it, on the file's date; `existing` says whether a plan is there.
    pub fn import(
        self,
        _permit: &Permit<ImportHistory>,
        revision: PlanRevisionId,
        at: Timestamp,
    ) -> Result<Change<PlanCommitted>, Refusals> {
        let mut broken = Broken::none();
        self.check_content(&mut broken, &Lineage::default(), at);
        broken.finish()?;
        let by = Recording::imported(AuditAction::PlanCommitted, Subject::Plan(self.head.id), at);
        Ok(self.committed(by, revision, None, Some(at)))
    }

    /// The empty plan that an import fills: of a quarter that has begun, for an upcoming one has no history.
    pub fn imported(
        _permit: &Permit<ImportHistory>,
        id: crate::ids::PlanId,
        team: &Team,
        span: QuarterSpan,
        stored: &[QuarterSpan],
        now: Timestamp,
    ) -> Result<Self, Refusals> {
        let mut broken = Broken::none();
        broken.take(team.planning());
        broken.when(span.phase(now) == QuarterPhase::Upcoming, || {
            let message = format!("The quarter {} has not begun and has no history to import.", span.quarter);
            Refusal::invalid(&["quarter"], message).remedy("Plan it: planDraft, then planCommit.")
        });
        broken.extend(clash(&span, stored));
        broken.finish()?;
        let head = PlanHead { id, team: team.id, span, version: 1, imported: true };
        Ok(Self { head, commitment: crate::commitment::Commitment::default() })
    }

    fn check_content(&self, broken: &mut Broken, lineage: &Lineage, now: Timestamp) {
        broken.when(self.commitment.objectives.is_empty(), || {
            Refusal::new(Code::PlanIncomplete, "The plan has no objective.")
        });
        broken.extend(self.commitment.incomplete());
        broken.extend(self.commitment.over_capacity());
        broken.when(self.head.span.ended(now), || {
            Refusal::new(Code::QuarterEnded, format!("The quarter {} has ended.", self.head.span.quarter))
        });
        let all: Vec<_> = self.commitment.objectives.iter().map(|objective| objective.id).collect();
        broken.extend(lineage.standing(&self.commitment, self.head.span.starts_at, &all));
    }

    fn committed(
        mut self,
        by: Recording,
        revision: PlanRevisionId,
        person: Option<crate::ids::PersonId>,
        took_effect: Option<Timestamp>,
    ) -> Change<PlanCommitted> {
        self.head.version += 1;
        let (head, digest) = (self.head, self.commitment.digest(self.head.id));
        let after = Facts::map([("revision", Facts::Int(1)), ("commitment", self.commitment.facts())]);
        let revision = Revision {
            id: revision,
            plan: head,
            number: 1,
            commitment: self.commitment.clone(),
            changes: Vec::new(),
            renegotiation: None,
            by: person,
            took_effect,
        };
        let plan = CommittedPlan { head, revision: 1, commitment: self.commitment };
        by.plan(head.team, head.span.quarter, head.id)
            .digest(digest)
            .after(after, PlanCommitted { plan, revision, digest })
    }
}
