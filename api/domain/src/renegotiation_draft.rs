//! Drafting, editing, proposing and withdrawing a renegotiation: all that happens before a decision.
//! Holds STALE_BASE, CONFLICTING_RENEGOTIATION, REASON_REQUIRED and QUARTER_ENDED as they bear on a proposal.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    commitment::Commitment,
    commitment_change::{CommitmentChange, apply, overlap},
    ids::{IdeaId, MeetingId, PersonId, RenegotiationId},
    lineage::Lineage,
    permission::{Action, Permit, action::DraftRenegotiation, action::ProposeRenegotiation},
    plan::CommittedPlan,
    refusal::{Broken, Code, Refusal, Refusals},
    renegotiation::{Proposal, Proposed, Record, Renegotiation, Status, Terms},
    renegotiation_rebase::{refuse_moved, renewed},
    renegotiation_request::{ChangeRequest, resolve},
    text::Prose,
    time::Timestamp,
};

/// What a caller says when drafting; what is none stays as it is in an edit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are those of `Terms`")]
pub struct Wish {
    pub trigger: Option<Option<Prose>>,
    pub reason: Option<Option<Prose>>,
    pub trade_off: Option<Option<Prose>>,
    pub evidence: Option<Vec<IdeaId>>,
    pub changes: Option<Vec<ChangeRequest>>,
    pub decide_by: Option<Timestamp>,
}

/// Where a draft comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// What it is copied from, with the commitment that stood on.
    pub copied: Option<(&'a Renegotiation, &'a Commitment)>,
    /// An author of that who was erased, and whom nobody would know again as its author.
    pub erased: Option<PersonId>,
    /// The meeting in which it surfaced.
    pub meeting: Option<MeetingId>,
}

/// How long a renegotiation stays open where nobody says otherwise.
const DEFAULT_DAYS: u32 = 14;

impl Renegotiation {
    /// A new draft, on the plan as it is. The authors of what it is copied from stay authors. Where the subjects of
    /// that have moved since, its changes mean something else by now and are not copied: CONFLICTING_RENEGOTIATION,
    /// unless the wish names changes of its own. What somebody erased has written is not copied either: CONFLICT.
    pub fn draft(
        permit: &Permit<DraftRenegotiation>,
        id: RenegotiationId,
        plan: &CommittedPlan,
        origin: Origin<'_>,
        wish: Wish,
        lineage: &Lineage,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let span = plan.head.span;
        refuse_ended(plan, now)?;
        let copied = origin.copied.map(|(original, _)| original.record());
        if let Some((original, author)) = copied.zip(origin.erased) {
            return Err(authorless(original, author).into());
        }
        if let (Some((original, stood_on)), None) = (origin.copied, &wish.changes) {
            refuse_moved(original.record(), stood_on, plan)?;
        }
        let terms = Terms {
            trigger: copied.and_then(|record| record.terms.trigger.clone()),
            reason: copied.and_then(|record| record.terms.reason.clone()),
            trade_off: copied.and_then(|record| record.terms.trade_off.clone()),
            evidence: copied.map(|record| record.terms.evidence.clone()).unwrap_or_default(),
            changes: copied.map(|record| renewed(&plan.commitment, &record.terms.changes)).unwrap_or_default(),
            decide_by: now.plus_days(DEFAULT_DAYS).min(span.ends_at),
            base_revision: plan.revision,
        };
        let mut authors = copied.map(|record| record.authors.clone()).unwrap_or_default();
        authors.insert(permit.actor().person.id);
        let team = plan.head.team;
        let mut record = Record { id, plan: plan.head.id, team, span, terms, authors, version: 1, imported: false };
        record.revise(plan, wish, lineage, now)?;
        let after = record.facts("DRAFT");
        let by = record.recording(permit, AuditAction::RenegotiationDrafted).meeting(origin.meeting);
        Ok(by.after(after, Self::Draft(record)))
    }

    /// Edits a draft; changes are resolved anew on the plan as it is.
    pub fn update(
        self,
        permit: &Permit<DraftRenegotiation>,
        plan: &CommittedPlan,
        wish: Wish,
        lineage: &Lineage,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let mut record = self.into_draft(now)?;
        let before = record.facts("DRAFT");
        record.revise(plan, wish, lineage, now)?;
        record.authored(permit);
        let after = record.facts("DRAFT");
        let by = record.recording(permit, AuditAction::RenegotiationUpdated).before(before);
        Ok(by.after(after, Self::Draft(record)))
    }

    /// Proposes a draft; `open` are the plan's other open renegotiations.
    pub fn propose(
        self,
        permit: &Permit<ProposeRenegotiation>,
        plan: &CommittedPlan,
        open: &[Proposed],
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let mut record = self.into_draft(now)?;
        let mut broken = Broken::none();
        broken.take(refuse_ended(plan, now));
        broken.extend(record.unreasoned());
        broken.extend(stale(&record, plan));
        broken.extend(record.conflict(open));
        broken.when(record.terms.changes.is_empty(), || {
            Refusal::invalid(&["changes"], "The renegotiation names no change.")
                .remedy("renegotiationUpdate(changes:).")
        });
        broken.take(check_decide_by(record.terms.decide_by, plan, now));
        broken.finish()?;
        record.authored(permit);
        Ok(record.proposed(permit, now))
    }

    /// Takes it back, with a reason; any planner of the team may.
    pub fn withdraw(
        self,
        permit: &Permit<ProposeRenegotiation>,
        reason: Option<Prose>,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let status = self.status(now);
        if !matches!(status, Status::Draft | Status::Proposed) {
            return Err(self.not_open(status).into());
        }
        let reason =
            reason.ok_or_else(|| Refusal::new(Code::ReasonRequired, "A withdrawal says why.").at(&["reason"]))?;
        let mut record = self.record().clone();
        record.version += 1;
        let before = record.facts(if status == Status::Draft { "DRAFT" } else { "PROPOSED" });
        let after = record.facts("WITHDRAWN");
        let by = record.recording(permit, AuditAction::RenegotiationWithdrawn).reason(Some(reason.to_string()));
        Ok(by.before(before).after(after, Self::Withdrawn(record)))
    }

    fn into_draft(self, now: Timestamp) -> Result<Record, Refusals> {
        match (self.status(now), self) {
            (Status::Draft, Self::Draft(record)) => Ok(record),
            (status, other) => Err(other.not_open(status).into()),
        }
    }
}

impl Record {
    fn revise(&mut self, plan: &CommittedPlan, wish: Wish, lineage: &Lineage, now: Timestamp) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        if let Some(decide_by) = wish.decide_by {
            broken.take(check_decide_by(decide_by, plan, now));
            self.terms.decide_by = decide_by;
        }
        if let Some(changes) = wish.changes
            && let Some(changes) = broken.take(resolve(&plan.commitment, &changes))
        {
            self.terms.changes = changes;
            self.terms.base_revision = plan.revision;
            let after = apply(&plan.commitment, &self.terms.changes);
            broken.extend(lineage.refusals(&after, plan.head.span.starts_at, &lineage_changed(&self.terms.changes)));
        }
        broken.finish()?;
        self.terms.trigger = wish.trigger.unwrap_or(self.terms.trigger.take());
        self.terms.reason = wish.reason.unwrap_or(self.terms.reason.take());
        self.terms.trade_off = wish.trade_off.unwrap_or(self.terms.trade_off.take());
        self.terms.evidence = wish.evidence.unwrap_or(std::mem::take(&mut self.terms.evidence));
        Ok(())
    }

    pub(crate) fn authored<A: Action>(&mut self, permit: &Permit<A>) {
        self.authors.insert(permit.actor().person.id);
        self.version += 1;
    }

    fn proposed(self, permit: &Permit<ProposeRenegotiation>, now: Timestamp) -> Change<Renegotiation> {
        let by: PersonId = permit.actor().person.id;
        let recording = self.recording(permit, AuditAction::RenegotiationProposed).before(self.facts("DRAFT"));
        let reason = self.terms.reason.as_ref().map(ToString::to_string);
        let after = self.facts("PROPOSED");
        let recording = recording.reason(reason).digest(self.digest());
        let proposal = Proposal { by: Some(by), at: now };
        recording.after(after, Renegotiation::Proposed(Proposed { record: self, proposal }))
    }

    pub(crate) fn recording<A: Action>(&self, permit: &Permit<A>, action: AuditAction) -> Recording {
        let by = Recording::by(permit, action, Subject::Renegotiation(self.id));
        by.plan(self.team, self.span.quarter, self.plan).renegotiation(self.id)
    }

    /// REASON_REQUIRED: trigger, reason and, unless all changes are words and owners, the trade-off.
    fn unreasoned(&self) -> Vec<Refusal> {
        let editorial = self.terms.changes.iter().all(CommitmentChange::is_editorial);
        let wanted = [
            (self.terms.trigger.is_none(), "trigger", "A proposal states its trigger: what happened."),
            (self.terms.reason.is_none(), "reason", "A proposal states its reason: why the commitment should change."),
            (
                self.terms.trade_off.is_none() && !editorial,
                "tradeOff",
                "A proposal states its trade-off: what gives way for it.",
            ),
        ];
        let missing = wanted.into_iter().filter(|(missing, ..)| *missing);
        missing
            .map(|(_, field, message)| {
                Refusal::new(Code::ReasonRequired, message)
                    .at(&[field])
                    .remedy(format!("renegotiationUpdate({field}:), then renegotiationPropose."))
            })
            .collect()
    }

    /// CONFLICTING_RENEGOTIATION: no other open one touches the same subject.
    pub(crate) fn conflict(&self, open: &[Proposed]) -> Option<Refusal> {
        let others = open.iter().map(|other| &other.record).filter(|other| other.id != self.id);
        let clash = others.into_iter().find(|other| overlap(&other.terms.changes, &self.terms.changes))?;
        let message = format!("The open renegotiation {} touches the same subject.", clash.id);
        Some(Refusal::new(Code::ConflictingRenegotiation, message))
    }
}

/// STALE_BASE: the plan is still at the revision this was drafted on.
pub(crate) fn stale(record: &Record, plan: &CommittedPlan) -> Option<Refusal> {
    let base = record.terms.base_revision;
    (base != plan.revision).then(|| {
        let message = format!("It stands on revision {base} and the plan is at revision {}.", plan.revision);
        Refusal::new(Code::StaleBase, message)
    })
}

/// The objectives whose lineage a list of changes sets.
pub(crate) fn lineage_changed(changes: &[CommitmentChange]) -> Vec<crate::ids::ObjectiveId> {
    let sets = changes.iter().filter_map(|change| match change {
        CommitmentChange::ObjectiveAdded { id, .. } => Some(*id),
        CommitmentChange::ObjectiveAmended { id, from, to } if from.contributes_to != to.contributes_to => Some(*id),
        _ => None,
    });
    sets.collect()
}

/// CONFLICT: whoever wrote it may be back under another id, and a copy would let them decide on their own words.
fn authorless(original: &Record, author: PersonId) -> Refusal {
    let message = format!("{author}, who is an author of the renegotiation {}, was erased since.", original.id);
    Refusal::new(Code::Conflict, message)
        .at(&["from"])
        .remedy("Leave from out, and state changes, trigger, reason and trade-off as your own.")
}

fn refuse_ended(plan: &CommittedPlan, now: Timestamp) -> Result<(), Refusals> {
    if plan.head.span.ended(now) {
        let message = format!("The quarter {} has ended; its commitment is history.", plan.head.span.quarter);
        return Err(Refusal::new(Code::QuarterEnded, message).into());
    }
    Ok(())
}

fn check_decide_by(decide_by: Timestamp, plan: &CommittedPlan, now: Timestamp) -> Result<(), Refusals> {
    let ends = plan.head.span.ends_at;
    if decide_by <= now || decide_by > ends {
        let message =
            format!("decideBy is after now ({now}) and at latest the quarter's end ({ends}), not {decide_by}.");
        return Err(Refusal::invalid(&["decideBy"], message).into());
    }
    Ok(())
}
