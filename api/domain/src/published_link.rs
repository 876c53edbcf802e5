//! A published link: an address under which anybody reads one team's plan, without an account, until it is revoked.
//! Holds its name and its transitions; refuses to know the address: its secret part is derived from a key of the service,
//! and kept nowhere.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{PublishedLinkId, TeamId},
    permission::{Permit, action::PublishPlans},
    refusal::{Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Timestamp,
};

/// How many of a team's links may be open at once: who has one is to be overlooked by nobody.
pub const MOST: usize = 20;

/// A link under which a team's plan is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedLink {
    /// Its id.
    pub id: PublishedLinkId,
    /// Whose plan is read.
    pub team: TeamId,
    /// Whom or what it is for.
    pub name: Line,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u32,
}

impl PublishedLink {
    fn facts(&self) -> Facts {
        Facts::map([("name", Facts::text(&self.name)), ("revokedAt", Facts::maybe(self.revoked_at))])
    }

    fn record(&self, permit: &Permit<PublishPlans>, action: AuditAction) -> Recording {
        Recording::by(permit, action, Subject::PublishedLink(self.id)).team(self.team)
    }

    /// A new one; `others` is how many of the team's are open already. CONFLICT where that is the most.
    pub fn create(
        permit: &Permit<PublishPlans>,
        id: PublishedLinkId,
        team: TeamId,
        name: Line,
        others: usize,
    ) -> Result<Change<Self>, Refusals> {
        if others >= MOST {
            let message = format!("The team's plan is published under {others} links, which is the most.");
            let remedy = "Revoke one that is not needed: publishedLinkRevoke.";
            return Err(Refusal::new(Code::Conflict, message).remedy(remedy).into());
        }
        let link = Self { id, team, name, revoked_at: None, version: 1 };
        let recording = link.record(permit, AuditAction::PublishedLinkCreated);
        let after = link.facts();
        Ok(recording.before(Facts::Null).after(after, link))
    }

    /// Nothing is read under it any more, for good. NOT_FOUND where it was revoked before.
    pub fn revoke(
        mut self,
        permit: &Permit<PublishPlans>,
        reason: Option<Prose>,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        if self.revoked_at.is_some() {
            return Err(Refusal::not_found(&["publishedLink"], "published link", &self.id.to_string()).into());
        }
        let before = self.facts();
        let recording = self.record(permit, AuditAction::PublishedLinkRevoked);
        self.revoked_at = Some(now);
        self.version += 1;
        let after = self.facts();
        Ok(recording.reason(reason.map(|reason| reason.to_string())).before(before).after(after, self))
    }
}

#[cfg(test)]
#[path = "published_link_tests.rs"]
mod tests;
