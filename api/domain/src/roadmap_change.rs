//! The steps of a roadmap item: add, update, move, ship, drop. Only an item in plan takes one.
//! Each step that leaves an item in plan asks NOW_SERVES_COMMITMENT; leaving NOW is always open.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    facts::Facts,
    ids::{MeetingId, RoadmapItemId},
    permission::{Permit, action::MoveRoadmap},
    plan::Plan,
    rank::{Gap, Rank},
    refusal::{Broken, Code, Refusal, Refusals},
    roadmap::{Horizon, RoadmapContent, RoadmapItem, RoadmapStatus, now_serves_commitment},
    team::Team,
    text::Prose,
};

/// An item after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoadmapItemChanged {
    /// The item as it is now.
    pub item: RoadmapItem,
    /// Whether the key results that it serves were stated anew.
    pub key_results_stated: bool,
}

/// What the steps need to know beside the item.
#[derive(Debug, Clone, Copy, Default)]
pub struct Course<'a> {
    /// The team's plan for the quarter that runs now.
    pub current: Option<&'a Plan>,
    /// The meeting whose input led to the step.
    pub meeting: Option<MeetingId>,
}

/// An item to be added.
#[derive(Debug, Clone)]
pub struct Addition {
    /// Its id.
    pub id: RoadmapItemId,
    /// What it says.
    pub content: RoadmapContent,
    /// Into which horizon.
    pub horizon: Horizon,
    /// Where in it.
    pub rank: Rank,
}

/// Where an item is moved to; without neighbours, the end of the horizon.
#[derive(Debug, Clone)]
pub struct Place {
    /// Into which horizon.
    pub horizon: Horizon,
    /// Directly behind this one.
    pub after: Option<RoadmapItem>,
    /// Directly before this one.
    pub before: Option<RoadmapItem>,
    /// The room that there is, the item itself left out.
    pub gap: Gap,
}

impl RoadmapItem {
    /// Adds an item to a team's roadmap.
    pub fn add(
        permit: &Permit<MoveRoadmap>,
        team: &Team,
        said: Addition,
        course: Course<'_>,
    ) -> Result<Change<RoadmapItemChanged>, Refusals> {
        let Addition { id, content, horizon, rank } = said;
        let mut broken = Broken::none();
        broken.when(team.archived_at.is_some(), || {
            Refusal::invalid(&["team"], format!("The team {} is archived; its roadmap takes nothing new.", team.key))
        });
        broken.take(content.checked());
        broken.extend(now_serves_commitment(horizon, &content, course.current));
        broken.finish()?;
        let item = Self { id, team: team.id, content, horizon, status: RoadmapStatus::InPlan, rank, version: 1 };
        let by = Recording::by(permit, AuditAction::RoadmapItemAdded, Subject::RoadmapItem(id)).meeting(course.meeting);
        Ok(item.recorded(by, Facts::Null, true))
    }

    /// States its content anew.
    pub fn update(
        mut self,
        permit: &Permit<MoveRoadmap>,
        content: RoadmapContent,
        course: Course<'_>,
    ) -> Result<Change<RoadmapItemChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.extend(self.over());
        broken.take(content.checked());
        broken.extend(now_serves_commitment(self.horizon, &content, course.current).filter(|_| self.is_in_plan()));
        broken.finish()?;
        let before = self.facts();
        let stated = self.content.key_results != content.key_results;
        self.content = content;
        Ok(self.stepped(permit, AuditAction::RoadmapItemUpdated, (before, None), course, stated))
    }

    /// Puts it into a horizon, between two neighbours.
    pub fn move_to(
        mut self,
        permit: &Permit<MoveRoadmap>,
        place: &Place,
        course: Course<'_>,
    ) -> Result<Change<RoadmapItemChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.extend(self.over());
        broken.extend(self.misplaced(place));
        broken
            .extend(now_serves_commitment(place.horizon, &self.content, course.current).filter(|_| self.is_in_plan()));
        broken.finish()?;
        let rank = Rank::within(&place.gap)?;
        let before = self.facts();
        (self.horizon, self.rank) = (place.horizon, rank);
        Ok(self.stepped(permit, AuditAction::RoadmapItemMoved, (before, None), course, false))
    }

    /// It is done; from wherever it stands.
    pub fn ship(mut self, permit: &Permit<MoveRoadmap>) -> Result<Change<RoadmapItemChanged>, Refusals> {
        if let Some(over) = self.over() {
            return Err(over.into());
        }
        let before = self.facts();
        self.status = RoadmapStatus::Shipped;
        Ok(self.stepped(permit, AuditAction::RoadmapItemShipped, (before, None), Course::default(), false))
    }

    /// It will not be done, with a reason; from wherever it stands. Not `drop`, which is Rust's own word.
    pub fn drop_for(
        mut self,
        permit: &Permit<MoveRoadmap>,
        reason: Option<Prose>,
    ) -> Result<Change<RoadmapItemChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.extend(self.over());
        broken
            .when(reason.is_none(), || Refusal::new(Code::ReasonRequired, "A dropped item says why.").at(&["reason"]));
        broken.finish()?;
        let (before, why) = (self.facts(), reason.as_ref().map(ToString::to_string));
        if let Some(reason) = reason {
            self.status = RoadmapStatus::Dropped(reason);
        }
        Ok(self.stepped(permit, AuditAction::RoadmapItemDropped, (before, why), Course::default(), false))
    }

    fn over(&self) -> Option<Refusal> {
        let what = match self.status {
            RoadmapStatus::InPlan => return None,
            RoadmapStatus::Shipped => "shipped",
            RoadmapStatus::Dropped(_) => "dropped",
        };
        let message = format!("The item \"{}\" was {what} and stays as it is.", self.content.title);
        Some(Refusal::invalid(&["roadmapItem"], message).remedy("Add a new one: roadmapItemAdd."))
    }

    /// Neighbours are in plan, of the same team and, after the move, in the same horizon, in their order.
    fn misplaced(&self, place: &Place) -> Vec<Refusal> {
        let remedy = "Name items in plan that stand in that horizon, or leave both out for its end.";
        let refuse = |field: &str, message: &str| Refusal::invalid(&[field], message).remedy(remedy);
        let mut refusals = Vec::new();
        for (field, neighbour) in [("after", &place.after), ("before", &place.before)] {
            let Some(neighbour) = neighbour else { continue };
            let message = if neighbour.id == self.id {
                "An item is not its own neighbour."
            } else if neighbour.team != self.team {
                "The neighbour is on another team's roadmap."
            } else if !neighbour.is_in_plan() {
                "The neighbour is not in plan any more."
            } else if neighbour.horizon != place.horizon {
                "The neighbour stands in another horizon."
            } else {
                continue;
            };
            refusals.push(refuse(field, message));
        }
        if let (Some(after), Some(before), true) = (&place.after, &place.before, refusals.is_empty())
            && after.rank >= before.rank
        {
            refusals.push(refuse("after", "The item in after does not stand before the item in before."));
        }
        refusals
    }

    fn stepped(
        mut self,
        permit: &Permit<MoveRoadmap>,
        action: AuditAction,
        (before, reason): (Facts, Option<String>),
        course: Course<'_>,
        stated: bool,
    ) -> Change<RoadmapItemChanged> {
        self.version += 1;
        let by = Recording::by(permit, action, Subject::RoadmapItem(self.id)).meeting(course.meeting).reason(reason);
        self.recorded(by, before, stated)
    }

    fn recorded(self, by: Recording, before: Facts, key_results_stated: bool) -> Change<RoadmapItemChanged> {
        let after = self.facts();
        by.team(self.team).before(before).after(after, RoadmapItemChanged { item: self, key_results_stated })
    }
}
