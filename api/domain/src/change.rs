//! A change: the new state and the audit entry that goes with it, inseparable.
//! Only transitions in this crate make one, and the store applies nothing else.

use crate::{
    actor::Actor,
    audit::{AuditAction, Entry, Signatory, Subject},
    facts::{Digest, Facts},
    ids::{MeetingId, PlanId, RenegotiationId, TeamId},
    permission::{Action, Permit},
    time::{Quarter, Timestamp},
};

/// A new state with its audit entry.
///
/// Nothing outside this crate makes one, so nothing is kept that no transition allowed and no entry tells of:
///
/// ```compile_fail,E0451
/// # fn forge(entry: holdline_domain::audit::Entry) {
/// let forged = holdline_domain::change::Change { entry, state: 1 };
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a change that the store does not apply never happened"]
pub struct Change<T> {
    entry: Entry,
    state: T,
}

impl<T> Change<T> {
    /// The entry to log first.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The state to keep.
    #[must_use]
    pub const fn state(&self) -> &T {
        &self.state
    }

    /// The state, once it is kept.
    #[must_use]
    pub fn into_state(self) -> T {
        self.state
    }
}

/// Builds the entry of a change, beginning with who was permitted to make it.
pub(crate) struct Recording(Entry);

impl Recording {
    pub(crate) fn by<A: Action>(permit: &Permit<A>, action: AuditAction, subject: Subject) -> Self {
        Self::new(Some(signatory(permit.actor())), action, subject)
    }

    /// An imported change: it took effect on the file's date, and the file does not say by whom.
    pub(crate) fn imported(action: AuditAction, subject: Subject, at: Timestamp) -> Self {
        let mut recording = Self::new(None, action, subject);
        recording.0.took_effect = Some(at);
        recording
    }

    const fn new(by: Option<Signatory>, action: AuditAction, subject: Subject) -> Self {
        Self(Entry {
            action,
            subject,
            team: None,
            quarter: None,
            plan: None,
            reason: None,
            renegotiation: None,
            meeting: None,
            digest: None,
            before: Facts::Null,
            after: Facts::Null,
            by,
            took_effect: None,
        })
    }

    pub(crate) fn team(mut self, team: TeamId) -> Self {
        self.0.team = Some(team);
        self
    }

    pub(crate) fn plan(mut self, team: TeamId, quarter: Quarter, plan: PlanId) -> Self {
        self.0.team = Some(team);
        self.0.quarter = Some(quarter);
        self.0.plan = Some(plan);
        self
    }

    pub(crate) fn quarter(mut self, quarter: Quarter) -> Self {
        self.0.quarter = Some(quarter);
        self
    }

    pub(crate) fn reason(mut self, reason: Option<String>) -> Self {
        self.0.reason = reason;
        self
    }

    pub(crate) fn renegotiation(mut self, renegotiation: RenegotiationId) -> Self {
        self.0.renegotiation = Some(renegotiation);
        self
    }

    pub(crate) fn meeting(mut self, meeting: Option<MeetingId>) -> Self {
        self.0.meeting = meeting;
        self
    }

    pub(crate) fn digest(mut self, digest: Digest) -> Self {
        self.0.digest = Some(digest);
        self
    }

    pub(crate) fn before(mut self, before: Facts) -> Self {
        self.0.before = before;
        self
    }

    pub(crate) fn after<T>(mut self, after: Facts, state: T) -> Change<T> {
        self.0.after = after;
        Change { entry: self.0, state }
    }
}

fn signatory(actor: &Actor) -> Signatory {
    Signatory {
        person: actor.person.clone(),
        role: actor.role(),
        key_id: actor.key_id.clone(),
        token_id: actor.token_id.clone(),
    }
}
