//! Ideas: the backlog, where every new ask goes. NEW, UNDER_REVIEW, PLANNED, DECLINED, MERGED or SHIPPED.
//! Holds what an idea says and how it moves on; the roadmap has its items.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    customer_request::MaySay,
    facts::Facts,
    ids::{IdeaId, MeetingId, RoadmapItemId, TeamId},
    permission::{Action, Permit, action::KeepBacklog},
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Timestamp,
};

/// How much, from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rating(u8);

impl Rating {
    /// Checks the bounds; the error completes a sentence that begins with the field's name.
    pub fn new(rating: i64) -> Result<Self, &'static str> {
        u8::try_from(rating)
            .ok()
            .filter(|rating| (1..=5).contains(rating))
            .map(Self)
            .ok_or("is not a rating from 1 to 5")
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// What an idea is called in another system.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the fields are domain.md's words, described in the API")]
pub struct External {
    pub system: Line,
    pub external_id: Line,
    pub url: Option<Line>,
}

/// What an idea says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are domain.md's words, described in the API")]
pub struct IdeaTerms {
    pub title: Line,
    pub body: Option<Prose>,
    pub external: Option<External>,
    pub impact: Option<Rating>,
    pub effort: Option<Rating>,
}

/// Where an idea stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdeaStatus {
    /// Nobody has looked at it yet.
    New,
    /// Somebody looks at it.
    UnderReview,
    /// It is on the roadmap, as this item.
    Planned(RoadmapItemId),
    /// It will not be done, and why; it still counts demand.
    Declined(Prose),
    /// It is the same as this one, which has its requests now.
    Merged(IdeaId),
    /// It was shipped, as this item.
    Shipped(RoadmapItemId),
}

impl IdeaStatus {
    /// The name in the log, in the database and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::UnderReview => "UNDER_REVIEW",
            Self::Planned(_) => "PLANNED",
            Self::Declined(_) => "DECLINED",
            Self::Merged(_) => "MERGED",
            Self::Shipped(_) => "SHIPPED",
        }
    }
}

/// An idea.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idea {
    /// Its id.
    pub id: IdeaId,
    /// In whose backlog it is.
    pub team: TeamId,
    /// What it says.
    pub terms: IdeaTerms,
    /// Where it stands.
    pub status: IdeaStatus,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// Grows by one with each change.
    pub version: u32,
}

/// An idea after a change; a merge says which one it was merged into, so that its requests move along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdeaChanged {
    /// The idea as it is now.
    pub idea: Idea,
    /// The idea to which its requests move.
    pub requests_to: Option<IdeaId>,
}

impl IdeaTerms {
    /// Impact divided by effort, in sixtieths so that it stays whole; none without both.
    #[must_use]
    pub fn score(&self) -> Option<u32> {
        Some(u32::from(self.impact?.get()) * 60 / u32::from(self.effort?.get()))
    }
}

impl Idea {
    /// The item of the roadmap that it is, or was shipped as.
    #[must_use]
    pub const fn item(&self) -> Option<RoadmapItemId> {
        match self.status {
            IdeaStatus::Planned(item) | IdeaStatus::Shipped(item) => Some(item),
            _ => None,
        }
    }

    /// A new idea; `taken` is the team's idea that has its external identity already.
    pub fn submit<A: MaySay>(
        permit: &Permit<A>,
        id: IdeaId,
        team: TeamId,
        terms: IdeaTerms,
        taken: Option<IdeaId>,
        meeting: Option<MeetingId>,
        now: Timestamp,
    ) -> Result<Change<IdeaChanged>, Refusals> {
        free(taken)?;
        let idea = Self { id, team, terms, status: IdeaStatus::New, created_at: now, version: 1 };
        let by = Recording::by(permit, AuditAction::IdeaSubmitted, Subject::Idea(id)).team(team).meeting(meeting);
        let after = idea.facts();
        Ok(by.after(after, IdeaChanged { idea, requests_to: None }))
    }

    /// Other words, ratings or external identity.
    pub fn update(
        mut self,
        permit: &Permit<KeepBacklog>,
        terms: IdeaTerms,
        taken: Option<IdeaId>,
    ) -> Result<Change<IdeaChanged>, Refusals> {
        self.refuse_merged()?;
        free(taken.filter(|taken| *taken != self.id))?;
        let before = self.facts();
        self.terms = terms;
        Ok(self.changed(permit, AuditAction::IdeaUpdated, before, None))
    }

    /// Takes it under review, also one that was declined.
    pub fn review(mut self, permit: &Permit<KeepBacklog>) -> Result<Change<IdeaChanged>, Refusals> {
        self.refuse_merged()?;
        self.refuse_planned("is reviewed no more")?;
        if self.status == IdeaStatus::UnderReview {
            return Err(Refusal::new(Code::Conflict, "The idea is under review already.").at(&["idea"]).into());
        }
        let before = self.facts();
        self.status = IdeaStatus::UnderReview;
        Ok(self.changed(permit, AuditAction::IdeaReviewed, before, None))
    }

    /// Declines it, with a reason; it still counts demand.
    pub fn decline(
        mut self,
        permit: &Permit<KeepBacklog>,
        reason: Option<Prose>,
    ) -> Result<Change<IdeaChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.take(self.refuse_merged());
        broken.take(self.refuse_planned("is not declined"));
        broken.when(matches!(self.status, IdeaStatus::Declined(_)), || {
            Refusal::new(Code::Conflict, "The idea was declined already.").at(&["idea"])
        });
        broken
            .when(reason.is_none(), || Refusal::new(Code::ReasonRequired, "A declined idea says why.").at(&["reason"]));
        broken.finish()?;
        let Some(reason) = reason else { return Err(Refusal::new(Code::ReasonRequired, "Say why.").into()) };
        let before = self.facts();
        let why = reason.to_string();
        self.status = IdeaStatus::Declined(reason);
        Ok(self.changed(permit, AuditAction::IdeaDeclined, before, Some(why)))
    }

    /// Merges it into another of the same team, which takes its requests; `into` is never itself a merged one.
    pub fn merge(mut self, permit: &Permit<KeepBacklog>, into: &Self) -> Result<Change<IdeaChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.take(self.refuse_merged());
        broken.take(self.refuse_planned("is not merged away"));
        broken.when(into.id == self.id, || Refusal::invalid(&["into"], "An idea is not merged into itself."));
        broken.when(into.team != self.team, || {
            let message = "The two ideas are in the backlogs of two teams; requests do not move between teams.";
            Refusal::invalid(&["into"], message)
        });
        broken.finish()?;
        let before = self.facts();
        self.status = IdeaStatus::Merged(into.id);
        let mut change = self.changing(permit, AuditAction::IdeaMerged, before, None);
        change.1.requests_to = Some(into.id);
        Ok(change.0.after(change.1.idea.facts(), change.1))
    }

    /// CONFLICT where the caller saw another version than there is.
    pub fn expect_version(&self, expected: Option<u32>) -> Result<(), Refusals> {
        crate::plan::expect_version("idea", self.version, expected)
    }

    pub(crate) fn refuse_merged(&self) -> Result<(), Refusals> {
        let IdeaStatus::Merged(into) = self.status else { return Ok(()) };
        let message = format!("The idea was merged into {into} and stays as it was.");
        Err(Refusal::invalid(&["idea"], message).remedy(format!("Use {into} instead.")).into())
    }

    pub(crate) fn refuse_planned(&self, what: &str) -> Result<(), Refusals> {
        match self.status {
            IdeaStatus::Planned(item) => {
                let message = format!("The idea is on the roadmap as {item} and {what}.");
                let remedy = "roadmapItemDrop the item first; its ideas then come back to the backlog.";
                Err(Refusal::invalid(&["idea"], message).remedy(remedy).into())
            }
            IdeaStatus::Shipped(item) => {
                let message = format!("The idea was shipped as {item} and {what}.");
                Err(Refusal::invalid(&["idea"], message)
                    .remedy("ideaSubmit what is still missing as a new idea.")
                    .into())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn changed<A: Action>(
        self,
        permit: &Permit<A>,
        action: AuditAction,
        before: Facts,
        reason: Option<String>,
    ) -> Change<IdeaChanged> {
        let (by, changed) = self.changing(permit, action, before, reason);
        by.after(changed.idea.facts(), changed)
    }

    fn changing<A: Action>(
        mut self,
        permit: &Permit<A>,
        action: AuditAction,
        before: Facts,
        reason: Option<String>,
    ) -> (Recording, IdeaChanged) {
        self.version += 1;
        let by = Recording::by(permit, action, Subject::Idea(self.id)).team(self.team).reason(reason).before(before);
        (by, IdeaChanged { idea: self, requests_to: None })
    }

    pub(crate) fn facts(&self) -> Facts {
        let external = self.terms.external.as_ref().map_or(Facts::Null, |external| {
            Facts::map([
                ("system", Facts::text(&external.system)),
                ("externalId", Facts::text(&external.external_id)),
                ("url", Facts::maybe(external.url.as_ref())),
            ])
        });
        let into = match self.status {
            IdeaStatus::Merged(into) => Some(into),
            _ => None,
        };
        Facts::map([
            ("title", Facts::text(&self.terms.title)),
            ("body", Facts::maybe(self.terms.body.as_ref())),
            ("status", Facts::text(self.status.name())),
            ("external", external),
            ("impact", Facts::maybe(self.terms.impact.map(Rating::get))),
            ("effort", Facts::maybe(self.terms.effort.map(Rating::get))),
            ("roadmapItem", Facts::maybe(self.item())),
            ("mergedInto", Facts::maybe(into)),
        ])
    }
}

fn free(taken: Option<IdeaId>) -> Result<(), Refusals> {
    let Some(taken) = taken else { return Ok(()) };
    let message = format!("The team has an idea with this external identity already: {taken}.");
    let remedy = "ideaUpdate that one, or post to it with customerRequestUpsert.";
    Err(Refusal::new(Code::Conflict, message).at(&["external"]).remedy(remedy).into())
}
