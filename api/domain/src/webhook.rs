//! A webhook: where the log's entries are told as they are written, to whom, and under which secret.
//! Holds its terms and its transitions; refuses to know how an entry is sent, and what the secret is: it is derived from a
//! key of the service, and only its generation is here.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{TeamId, WebhookId},
    permission::{Permit, action::ManageWebhooks},
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Timestamp,
};

/// How many there may be at once: each has a sender of its own.
pub const MOST: usize = 100;

/// The longest that an old secret stays good beside the new one, in hours: a week.
pub const LONGEST_OVERLAP: u32 = 7 * 24;

/// What is told, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookTerms {
    /// Where it is told.
    pub url: Line,
    /// What it is for.
    pub description: Option<Line>,
    /// What is told; everything where there is none.
    pub actions: Vec<AuditAction>,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Of which team's entries; of all where there is none.
    pub team: Option<TeamId>,
    /// What is told, and where.
    pub terms: WebhookTerms,
    /// The number of its secret, from 1.
    pub generation: u32,
    /// Until when the secret before is good beside it.
    pub overlap_until: Option<Timestamp>,
    /// Why nothing is told at the moment.
    pub disabled_because: Option<Prose>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// Grows by one with each change.
    pub version: u32,
}

/// What is to be different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookEdit {
    /// Another place.
    pub url: Option<Line>,
    /// Another description; the inner none clears it.
    pub description: Option<Option<Line>>,
    /// Other actions.
    pub actions: Option<Vec<AuditAction>>,
    /// Whether anything is told.
    pub enabled: Option<bool>,
}

impl Webhook {
    /// Whether an entry is told.
    #[must_use]
    pub fn wants(&self, team: Option<TeamId>, action: AuditAction) -> bool {
        let actions = &self.terms.actions;
        (self.team.is_none() || self.team == team) && (actions.is_empty() || actions.contains(&action))
    }

    fn facts(&self) -> Facts {
        Facts::map([
            ("url", Facts::text(&self.terms.url)),
            ("description", Facts::maybe(self.terms.description.as_ref())),
            ("actions", Facts::list(self.terms.actions.iter().map(|action| Facts::text(action.name())))),
            ("generation", Facts::Int(self.generation)),
            ("overlapUntil", Facts::maybe(self.overlap_until)),
            ("disabledBecause", Facts::maybe(self.disabled_because.as_ref())),
            ("deletedAt", Facts::maybe(self.deleted_at)),
        ])
    }

    fn record(&self, permit: &Permit<ManageWebhooks>, action: AuditAction) -> Recording {
        let recording = Recording::by(permit, action, Subject::Webhook(self.id));
        match self.team {
            Some(team) => recording.team(team),
            None => recording,
        }
    }

    fn changed(mut self, recording: Recording, before: Facts) -> Change<Self> {
        self.version += 1;
        let after = self.facts();
        recording.before(before).after(after, self)
    }

    /// A new one; `others` is how many there are already.
    pub fn create(
        permit: &Permit<ManageWebhooks>,
        id: WebhookId,
        team: Option<TeamId>,
        terms: WebhookTerms,
        others: usize,
    ) -> Result<Change<Self>, Refusals> {
        if others >= MOST {
            let message = format!("There are {others} webhooks, which is the most.");
            return Err(Refusal::new(Code::Conflict, message)
                .remedy("Delete one that is not needed: webhookDelete.")
                .into());
        }
        let webhook = Self {
            id,
            team,
            terms,
            generation: 1,
            overlap_until: None,
            disabled_because: None,
            deleted_at: None,
            version: 0,
        };
        let recording = webhook.record(permit, AuditAction::WebhookCreated);
        Ok(webhook.changed(recording, Facts::Null))
    }

    /// Other terms; enabling it goes on after the last entry that was looked at.
    pub fn update(mut self, permit: &Permit<ManageWebhooks>, edit: WebhookEdit) -> Result<Change<Self>, Refusals> {
        self.live()?;
        let (before, recording) = (self.facts(), self.record(permit, AuditAction::WebhookUpdated));
        let terms = &mut self.terms;
        terms.url = edit.url.unwrap_or_else(|| terms.url.clone());
        terms.description = edit.description.unwrap_or_else(|| terms.description.take());
        terms.actions = edit.actions.unwrap_or_else(|| std::mem::take(&mut terms.actions));
        match edit.enabled {
            Some(true) => self.disabled_because = None,
            Some(false) if self.disabled_because.is_none() => {
                self.disabled_because = Prose::parse("Switched off by webhookUpdate.").ok();
            }
            _ => {}
        }
        Ok(self.changed(recording, before))
    }

    /// The next secret; the one before stays good beside it for some hours.
    pub fn rotate(
        mut self,
        permit: &Permit<ManageWebhooks>,
        overlap_hours: u32,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        let mut broken = Broken::none();
        broken.take(self.live());
        broken.when(overlap_hours > LONGEST_OVERLAP, || {
            let message = format!("Two secrets are good for at most {LONGEST_OVERLAP} hours.");
            Refusal::invalid(&["overlapHours"], message)
        });
        broken.finish()?;
        let (before, recording) = (self.facts(), self.record(permit, AuditAction::WebhookSecretRotated));
        self.generation += 1;
        let overlap = i64::from(overlap_hours) * 3_600_000_000;
        self.overlap_until =
            (overlap > 0).then(|| Timestamp::from_micros(now.micros().saturating_add(overlap))).flatten();
        Ok(self.changed(recording, before))
    }

    /// Nothing is told any more, because its receiver said so.
    pub fn disable(mut self, permit: &Permit<ManageWebhooks>, why: Prose) -> Result<Change<Self>, Refusals> {
        self.live()?;
        let (before, recording) = (self.facts(), self.record(permit, AuditAction::WebhookDisabled));
        let recording = recording.reason(Some(why.to_string()));
        self.disabled_because = Some(why);
        Ok(self.changed(recording, before))
    }

    /// Nothing is told any more, for good.
    pub fn delete(
        mut self,
        permit: &Permit<ManageWebhooks>,
        reason: Option<Prose>,
        now: Timestamp,
    ) -> Result<Change<Self>, Refusals> {
        self.live()?;
        let (before, recording) = (self.facts(), self.record(permit, AuditAction::WebhookDeleted));
        let recording = recording.reason(reason.map(|reason| reason.to_string()));
        self.deleted_at = Some(now);
        Ok(self.changed(recording, before))
    }

    /// Whether it is there and told something.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.deleted_at.is_none() && self.disabled_because.is_none()
    }

    fn live(&self) -> Result<(), Refusals> {
        if self.deleted_at.is_none() {
            return Ok(());
        }
        Err(Refusal::not_found(&["webhook"], "webhook", &self.id.to_string()).into())
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
