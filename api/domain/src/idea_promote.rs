//! How an idea reaches the roadmap, and what becomes of it there.
//! Holds BACKLOG_FIRST; whether the item may stand where it does is the roadmap's own rule.

use crate::{
    audit::AuditAction,
    change::Change,
    idea::{Idea, IdeaChanged, IdeaStatus},
    permission::{
        Permit,
        action::{KeepBacklog, MoveRoadmap},
    },
    refusal::{Broken, Code, Refusal, Refusals},
    roadmap::{Horizon, RoadmapItem, RoadmapStatus},
};

impl Idea {
    /// Whether it may be promoted to a horizon: BACKLOG_FIRST for NOW, INVALID for one that is on the roadmap, was
    /// merged or shipped.
    pub fn promotable(&self, horizon: Horizon) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        broken.take(self.refuse_merged());
        broken.take(self.refuse_planned("is not promoted again"));
        broken.when(horizon == Horizon::Now, || {
            let message = "The idea would go from the backlog straight into NOW; it begins in NEXT or LATER.";
            Refusal::new(Code::BacklogFirst, message).at(&["horizon"])
        });
        broken.finish()
    }

    /// Puts it on the roadmap as an item, new or there already; a declined idea may be, since minds change.
    pub fn promote(
        mut self,
        permit: &Permit<KeepBacklog>,
        item: &RoadmapItem,
    ) -> Result<Change<IdeaChanged>, Refusals> {
        let mut broken = Broken::none();
        broken.take(self.promotable(item.horizon));
        broken.when(item.team != self.team, || {
            Refusal::invalid(&["roadmapItem"], "The roadmap item is another team's than the idea.")
        });
        broken.when(!item.is_in_plan(), || {
            Refusal::invalid(&["roadmapItem"], "The roadmap item is shipped or dropped.")
                .remedy("ideaPromote with a horizon, which makes a new item.")
        });
        broken.finish()?;
        let before = self.facts();
        self.status = IdeaStatus::Planned(item.id);
        Ok(self.changed(permit, AuditAction::IdeaPromoted, before, None))
    }

    /// What the end of its item means for it: shipped with it, or back under review where it was dropped. None for an
    /// item that is still to be done.
    #[must_use]
    pub fn with_item(mut self, permit: &Permit<MoveRoadmap>, item: &RoadmapItem) -> Option<Change<IdeaChanged>> {
        let before = self.facts();
        match &item.status {
            RoadmapStatus::InPlan => None,
            RoadmapStatus::Shipped => {
                self.status = IdeaStatus::Shipped(item.id);
                Some(self.changed(permit, AuditAction::IdeaShipped, before, None))
            }
            RoadmapStatus::Dropped(why) => {
                self.status = IdeaStatus::UnderReview;
                Some(self.changed(permit, AuditAction::IdeaReturned, before, Some(why.to_string())))
            }
        }
    }
}
