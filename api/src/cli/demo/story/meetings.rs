//! The two meetings that must not be one: a status conversation, prepared, and a renegotiation, open and waiting for
//! somebody who did not write it.

use holdline_domain::{
    facts::Digest,
    ids::{MeetingId, RenegotiationId},
    meeting::{Ask, MeetingFormat, MeetingKind},
    meeting_boundary::InputWanted,
    permission::Role,
    renegotiation_request::ChangeRequest,
};

use super::{Committed, Telling, line, prose, quantity, quarter::measure, untold, who};
use crate::{
    cli::stop::Stop,
    service::{
        AttendeeRef, BoundaryRef, ChangeRef, DecidedRef, Draft, MeetingPrepare, QuestionRef, SubjectRef, WishRef,
    },
};

impl Telling<'_> {
    /// Its boundary says by itself that the committed objectives are decided.
    pub(super) async fn prepare_status(&self, committed: &Committed) -> Result<(), Stop> {
        let refunds = *committed.key_results.get(2).ok_or_else(untold)?;
        let question = QuestionRef {
            question: line("What keeps buyers from starting a refund themselves?")?,
            wanted: InputWanted::Facts,
            subject: None,
        };
        let why = prose("Seven in ten was committed; how to get there is what we ask about.")?;
        let boundary = BoundaryRef {
            decided: vec![DecidedRef { subject: SubjectRef::KeyResult(refunds), why }],
            open: vec![question],
            out_of_scope: vec![line("Reports by cost centre: they have a meeting of their own")?],
            information_only: false,
        };
        let asks = [(Role::Planner, Ask::Inform), (Role::Contributor, Ask::Input), (Role::Viewer, Ask::Inform)];
        let title = "Payments: where the quarter stands";
        self.prepare(MeetingKind::Status, title, &asks, boundary, Vec::new()).await?;
        Ok(())
    }

    /// One key result in, another out, so that the quarter is changed rather than diluted.
    pub(super) async fn renegotiate(&self, committed: &Committed) -> Result<(RenegotiationId, Digest), Stop> {
        let added = ChangeRef::AddKeyResult {
            objective: *committed.objectives.get(2).ok_or_else(untold)?,
            title: line("Payouts reported by cost centre")?,
            owner: who(Role::Contributor)?,
            measure: measure("%", "0", "100")?,
            objective_load: Some(quantity("6")?),
        };
        let dropped = ChangeRequest::DropKeyResult {
            id: *committed.key_results.get(3).ok_or_else(untold)?,
            why: Some(prose("It follows from the buyers' own refunds, a quarter later.")?),
        };
        let wish = WishRef {
            evidence: None,
            trigger: Some(Some(prose("Two enterprise customers sign only with reports by cost centre.")?)),
            reason: Some(Some(prose("Both decide this quarter, and the data is there once payouts reconcile.")?)),
            trade_off: Some(Some(prose("The refund tickets are not driven down this quarter.")?)),
            changes: Some(vec![added, ChangeRef::Plain(dropped)]),
            decide_by: None,
        };
        let draft = Draft { id: None, plan: committed.plan, from: None, wish };
        let service = self.app.service();
        let id = service.renegotiation_draft(&self.contributor, draft).await?;
        service.renegotiation_propose(&self.planner, id, None).await?;
        let reader = self.app.reader(self.planner.actor.teams.clone());
        let stored = reader.renegotiations_by_id(&[id]).await?.pop().ok_or_else(untold)?;
        Ok((id, stored.state.record().digest()))
    }

    /// The approver attends and may decide; so far nobody has.
    pub(super) async fn open_renegotiation(
        &self,
        committed: &Committed,
        renegotiation: RenegotiationId,
    ) -> Result<MeetingId, Stop> {
        let transfers = *committed.objectives.first().ok_or_else(untold)?;
        let why = prose("Neither customer touches it, and half of it is done.")?;
        let boundary = BoundaryRef {
            decided: vec![DecidedRef { subject: SubjectRef::Objective(transfers), why }],
            ..BoundaryRef::default()
        };
        let asks = [(Role::Approver, Ask::Approval), (Role::Planner, Ask::Input), (Role::Contributor, Ask::Input)];
        let title = "Payments: reports by cost centre, yes or no";
        let id = self.prepare(MeetingKind::Renegotiation, title, &asks, boundary, vec![renegotiation]).await?;
        Ok(self.app.service().meeting_open(&self.planner, id, None).await?)
    }

    async fn prepare(
        &self,
        kind: MeetingKind,
        title: &str,
        asks: &[(Role, Ask)],
        boundary: BoundaryRef,
        agenda: Vec<RenegotiationId>,
    ) -> Result<MeetingId, Stop> {
        let attendee = |(role, ask): &(Role, Ask)| Ok(AttendeeRef { person: who(*role)?, ask: *ask });
        let prepare = MeetingPrepare {
            id: None,
            team: self.team.clone(),
            quarter: None,
            kind,
            format: MeetingFormat::Live,
            title: line(title)?,
            scheduled_for: Some(self.app.clock().now().plus_days(1)),
            duration_minutes: Some(30),
            attendees: asks.iter().map(attendee).collect::<Result<_, Stop>>()?,
            boundary,
            agenda,
        };
        Ok(self.app.service().meeting_prepare(&self.planner, prepare).await?)
    }
}
