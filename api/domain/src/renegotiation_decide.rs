//! Deciding a renegotiation: the one way in which a committed plan changes.
//! Holds the decision with all its rules; only a `Proposed` has it, and only an approval here makes a revision above 1.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    commitment_change::apply,
    facts::{Digest, Facts},
    ids::{DecisionId, PersonId, PlanRevisionId},
    lineage::Lineage,
    meeting::{Ask, Meeting, MeetingKind},
    permission::{Permit, action::DecideRenegotiation, action::ImportHistory},
    plan::{CommittedPlan, Revision},
    refusal::{Broken, Code, Refusal, Refusals},
    renegotiation::{Decision, Outcome, Proposal, Proposed, Record},
    renegotiation_draft::{lineage_changed, stale},
    text::Prose,
    time::Timestamp,
};

/// A decision with all that it led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What was decided on.
    pub proposed: Proposed,
    /// The decision.
    pub decision: Decision,
    /// The plan as it is now.
    pub plan: CommittedPlan,
    /// The revision that an approval made.
    pub revision: Option<Revision>,
}

/// What a decider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The id of the decision.
    pub id: DecisionId,
    /// The id of the revision that an approval makes.
    pub revision: PlanRevisionId,
    /// Yes or no.
    pub outcome: Outcome,
    /// Why.
    pub rationale: Option<Prose>,
    /// The digest that was seen.
    pub seen: Digest,
}

impl Proposed {
    /// Decides it, in a meeting. Every rule that stands against the decision is said at once.
    pub fn decide(
        self,
        permit: &Permit<DecideRenegotiation>,
        plan: CommittedPlan,
        meeting: &Meeting,
        verdict: Verdict,
        lineage: &Lineage,
        now: Timestamp,
    ) -> Result<Change<Decided>, Refusals> {
        let person = permit.actor().person.id;
        let mut broken = Broken::none();
        if verdict.outcome == Outcome::Approved {
            broken.extend(self.unapprovable(&plan, lineage, now));
        }
        broken.extend(stale(&self.record, &plan));
        let decide_by = self.record.terms.decide_by;
        broken.when(now >= decide_by, || {
            Refusal::new(Code::Expired, format!("It was to be decided before {decide_by}."))
        });
        broken.extend(self.wrong_meeting(meeting, person));
        broken.when(self.record.authors.contains(&person), || {
            Refusal::new(Code::NoSelfApproval, "You drafted, edited, proposed or rebased this renegotiation.")
        });
        let digest = self.record.digest();
        broken.when(verdict.seen != digest, || {
            let message = format!("Its digest is {digest}, another than the one that was seen.");
            Refusal::new(Code::StaleBase, message).at(&["digest"])
        });
        let Some(rationale) = verdict.rationale else {
            broken.extend([Refusal::new(Code::ReasonRequired, "A decision states its rationale.").at(&["rationale"])]);
            broken.finish()?;
            return Err(Refusal::new(Code::ReasonRequired, "A decision states its rationale.").into());
        };
        broken.finish()?;
        let by = self.record.recording(permit, AuditAction::RenegotiationDecided);
        let decision = Decision {
            id: verdict.id,
            outcome: verdict.outcome,
            rationale,
            by: Some(person),
            meeting: meeting.id,
            digest,
        };
        Ok(self.decided(by, plan, decision, verdict.revision, None))
    }

    /// A decision as a file of history has it: on the file's date, by nobody it names.
    pub fn import(
        self,
        _permit: &Permit<ImportHistory>,
        plan: CommittedPlan,
        decision: Decision,
        revision: PlanRevisionId,
        at: Timestamp,
    ) -> Result<Change<Decided>, Refusals> {
        let mut broken = Broken::none();
        broken.extend(self.unapprovable(&plan, &Lineage::default(), at));
        broken.extend(stale(&self.record, &plan));
        broken.finish()?;
        let subject = Subject::Renegotiation(self.record.id);
        let by = Recording::imported(AuditAction::RenegotiationDecided, subject, at)
            .plan(self.record.team, self.record.span.quarter, self.record.plan)
            .renegotiation(self.record.id);
        Ok(self.decided(by, plan, decision, revision, Some(at)))
    }

    /// The rules that bear on an approval alone.
    fn unapprovable(&self, plan: &CommittedPlan, lineage: &Lineage, now: Timestamp) -> Vec<Refusal> {
        let after = apply(&plan.commitment, &self.record.terms.changes);
        let span = plan.head.span;
        let ended = span.ended(now).then(|| {
            Refusal::new(
                Code::QuarterEnded,
                format!("The quarter {} has ended; its commitment is history.", span.quarter),
            )
        });
        let changed = lineage_changed(&self.record.terms.changes);
        let mut refusals: Vec<_> = after.incomplete().chain(after.over_capacity()).chain(ended).collect();
        refusals.extend(lineage.standing(&after, span.starts_at, &changed));
        refusals
    }

    /// DECIDED_IN_MEETING and STATUS_IS_BOUNDED.
    fn wrong_meeting(&self, meeting: &Meeting, person: PersonId) -> Vec<Refusal> {
        let refuse = |message: &str| Refusal::new(Code::DecidedInMeeting, message).at(&["meeting"]);
        let mut refusals = Vec::new();
        match meeting.kind {
            MeetingKind::Status => refusals.push(
                Refusal::new(Code::StatusIsBounded, "The meeting is a status conversation; it decides nothing.")
                    .at(&["meeting"]),
            ),
            MeetingKind::Planning => refusals.push(refuse("The meeting is a planning meeting.")),
            MeetingKind::Renegotiation => {}
        }
        if !meeting.is_open() {
            refusals.push(refuse("The meeting is not open.").remedy("meetingOpen, then decide."));
        }
        if meeting.team != self.record.team {
            refusals.push(refuse("The meeting is another team's."));
        }
        if meeting.quarter != self.record.span.quarter {
            refusals.push(refuse("The meeting is about another quarter."));
        }
        // The changes may have been edited or rebased since the boundary was stated.
        refusals.extend(meeting.boundary.contradictions(&self.record.terms.changes));
        if !meeting.agenda.contains(&self.record.id) {
            refusals.push(refuse("The meeting does not have this renegotiation on its agenda."));
        }
        if meeting.ask_of(person) != Some(Ask::Approval) {
            let refusal = refuse("You are not among the attendees who were asked for APPROVAL.");
            refusals.push(refusal.remedy("meetingJoin with ask APPROVAL, then decide."));
        }
        refusals
    }

    fn decided(
        self,
        by: Recording,
        mut plan: CommittedPlan,
        decision: Decision,
        revision: PlanRevisionId,
        took_effect: Option<Timestamp>,
    ) -> Change<Decided> {
        let before = Facts::map([
            ("revision", Facts::Int(plan.revision)),
            ("digest", Facts::text(plan.commitment.digest(plan.head.id))),
        ]);
        let record = &self.record;
        let revision = (decision.outcome == Outcome::Approved).then(|| {
            plan.commitment = apply(&plan.commitment, &record.terms.changes);
            plan.revision += 1;
            plan.head.version += 1;
            Revision {
                id: revision,
                plan: plan.head,
                number: plan.revision,
                commitment: plan.commitment.clone(),
                changes: record.terms.changes.clone(),
                renegotiation: Some(record.id),
                by: decision.by,
                took_effect,
            }
        });
        let after = Facts::map([
            ("outcome", Facts::text(decision.outcome.name())),
            ("rationale", Facts::text(&decision.rationale)),
            ("revision", revision.as_ref().map_or(Facts::Null, |revision| Facts::Int(revision.number))),
            ("commitment", revision.as_ref().map_or(Facts::Null, |revision| revision.commitment.facts())),
            ("renegotiation", record.facts(decision.outcome.name())),
        ]);
        let reason = record.terms.reason.as_ref().map(ToString::to_string);
        by.reason(reason)
            .meeting(Some(decision.meeting))
            .digest(decision.digest)
            .before(before)
            .after(after, Decided { proposed: self, decision, plan, revision })
    }
}

impl Record {
    /// A renegotiation as a file of history has it: proposed on the file's date, by nobody it names.
    pub fn import(self, _permit: &Permit<ImportHistory>, at: Timestamp) -> Change<Proposed> {
        let by = Recording::imported(AuditAction::RenegotiationProposed, Subject::Renegotiation(self.id), at)
            .plan(self.team, self.span.quarter, self.plan)
            .renegotiation(self.id)
            .reason(self.terms.reason.as_ref().map(ToString::to_string))
            .digest(self.digest());
        let after = self.facts("PROPOSED");
        by.after(after, Proposed { record: self, proposal: Proposal { by: None, at } })
    }
}
