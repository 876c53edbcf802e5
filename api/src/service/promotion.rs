//! From the backlog to the roadmap: an idea becomes an item, or joins one that is there.

use holdline_domain::{
    ids::{IdeaId, KeyResultId, RoadmapItemId},
    permission::action::{KeepBacklog, MoveRoadmap},
    roadmap::{Horizon, RoadmapContent},
};

use super::{Caller, RoadmapItemAdd, Service, found, idea::one, roadmap};
use crate::failure::Failure;

/// Where an idea is promoted to.
#[derive(Debug, Clone)]
pub enum Promotion {
    /// To an item of its own, at the end of a horizon.
    New {
        /// How soon it is to be done.
        horizon: Horizon,
        /// What it serves.
        key_results: Vec<KeyResultId>,
    },
    /// To an item that is there.
    Existing(RoadmapItemId),
}

impl Service {
    /// Promotes an idea; answers with the idea and its item.
    pub async fn idea_promote(
        &self,
        caller: &Caller,
        id: IdeaId,
        to: Promotion,
        expected: Option<u32>,
    ) -> Result<(IdeaId, RoadmapItemId), Failure> {
        let keep = caller.actor.require::<KeepBacklog>()?;
        let road = caller.actor.require::<MoveRoadmap>()?;
        let calendar = self.calendar;
        self.write(caller, "ideaPromote", move |tx| {
            Box::pin(async move {
                let idea = one(tx, id, expected).await?;
                let item = match to {
                    Promotion::Existing(item) => {
                        found(tx.roadmap_item(item).await?, "roadmapItem", "roadmap item", item)?
                    }
                    Promotion::New { horizon, key_results } => {
                        let team = found(tx.team_by_id(idea.team).await?, "idea", "idea", id)?;
                        let (title, problem) = (idea.terms.title.clone(), idea.terms.body.clone());
                        let content = RoadmapContent { title, problem, effort: None, key_results };
                        let barred = idea.promotable(horizon);
                        let add = RoadmapItemAdd { id: None, team: team.key, horizon, content };
                        // Everything that stands against it is said at once.
                        match (barred, roadmap::add(tx, &road, calendar, add, None).await) {
                            (Err(one), Err(Failure::Refused(other))) => return Err(one.with(other).into()),
                            (Err(barred), Ok(_)) => return Err(barred.into()),
                            (_, added) => added?,
                        }
                    }
                };
                tx.apply(idea.promote(&keep, &item)?).await?;
                Ok((id, item.id))
            })
        })
        .await
    }
}
