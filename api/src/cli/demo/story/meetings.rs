//! The renegotiation and its own meeting, open and waiting for somebody who did not write it.

use holdline_domain::{
    facts::Digest,
    ids::{IdeaId, MeetingId, RenegotiationId},
    meeting::{Ask, MeetingFormat, MeetingKind},
    permission::Role,
    renegotiation_request::ChangeRequest,
};

use super::{Committed, Telling, line, prose, quantity, quarter::measure, untold, who};
use crate::{
    cli::stop::Stop,
    service::{AttendeeRef, BoundaryRef, ChangeRef, DecidedRef, Draft, MeetingPrepare, SubjectRef, WishRef},
};

impl Telling<'_> {
    /// One key result in, another out, so that the quarter is changed rather than diluted.
    pub(super) async fn renegotiate(
        &self,
        committed: &Committed,
        evidence: IdeaId,
    ) -> Result<(RenegotiationId, Digest), Stop> {
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
            evidence: Some(vec![evidence]),
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

    pub(super) async fn prepare(
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
