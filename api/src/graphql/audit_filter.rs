//! What can be asked of the audit log: which of its columns take which comparators.

use async_graphql::{ID, InputObject};
use holdline_domain::{audit::AuditAction as Happened, ids, refusal::Refusal};
use uuid::Uuid;

use super::{
    audit::AuditAction,
    comparator::{Asks, Conditions, DateTimeFilter, IdFilter, IntFilter, Nested, StringFilter, WordFilter},
    ids::{parse, split_pin},
};
use crate::store::AuditColumn as Column;

/// Which entries are wanted; all that is given must hold.
#[derive(Debug, InputObject)]
pub(super) struct AuditFilter {
    /// By position.
    seq: Option<IntFilter>,
    /// By what happened.
    action: Option<WordFilter<AuditAction>>,
    /// By who did it.
    actor: Option<IdFilter>,
    /// By the team's key.
    team: Option<StringFilter>,
    /// By the quarter's label.
    quarter: Option<StringFilter>,
    /// By plan.
    plan: Option<IdFilter>,
    /// By what it is about: any id of this API.
    subject: Option<IdFilter>,
    /// By renegotiation.
    renegotiation: Option<IdFilter>,
    /// By meeting.
    meeting: Option<IdFilter>,
    /// By when it took effect.
    occurred_at: Option<DateTimeFilter>,
    /// By when it was written.
    recorded_at: Option<DateTimeFilter>,
    /// By the words of the reason.
    reason: Option<StringFilter>,
    /// Further conditions that must all hold.
    and: Option<Vec<AuditFilter>>,
    /// Conditions of which one must hold.
    or: Option<Vec<AuditFilter>>,
}

impl Asks for AuditFilter {
    type Column = Column;

    fn put(self, all: &mut Conditions<Column>) -> Result<Nested<Self>, Refusal> {
        all.numbers(Column::Seq, self.seq);
        all.words(Column::Action, self.action, |action| Happened::from(action).name());
        all.ids(Column::Actor, "actor", self.actor, |id, at| parse(id, at).map(ids::PersonId::uuid))?;
        all.teams(Column::Team, self.team)?;
        all.texts(Column::Quarter, "quarter", self.quarter)?;
        all.ids(Column::Plan, "plan", self.plan, |id, at| parse(id, at).map(ids::PlanId::uuid))?;
        all.ids(Column::Subject, "subject", self.subject, any_id)?;
        all.ids(Column::Renegotiation, "renegotiation", self.renegotiation, |id, at| {
            parse(id, at).map(ids::RenegotiationId::uuid)
        })?;
        all.ids(Column::Meeting, "meeting", self.meeting, |id, at| parse(id, at).map(ids::MeetingId::uuid))?;
        all.instants(Column::OccurredAt, self.occurred_at);
        all.instants(Column::RecordedAt, self.recorded_at);
        all.texts(Column::Reason, "reason", self.reason)?;
        Ok(Nested { and: self.and, or: self.or })
    }
}

fn any_id(id: &ID, field: &[&str]) -> Result<Uuid, Refusal> {
    let live = split_pin(id).map(|(live, _)| live);
    let found = live.and_then(ids::split).map(|(_, uuid)| uuid);
    found.ok_or_else(|| Refusal::invalid(field, "This is not an id of this API."))
}
