//! Loaders of what a meeting leads to: its inputs, its team's plan, and that plan's open renegotiations.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use holdline_domain::{
    ids::{MeetingId, PlanId, TeamId},
    renegotiation::Status,
    time::{Quarter, Timestamp},
};

use super::loaders::{Loaders, Shared};
use crate::store::{Page, PageRequest, RenegotiationsWanted, StoredMeetingInput, StoredPlan, StoredRenegotiation};

/// A page of a meeting's inputs.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct InputsOf {
    pub(super) meeting: MeetingId,
    pub(super) page: PageRequest<i64>,
}

impl Loader<InputsOf> for Loaders {
    type Value = Page<StoredMeetingInput, i64>;
    type Error = Shared;

    async fn load(&self, keys: &[InputsOf]) -> Result<HashMap<InputsOf, Self::Value>, Shared> {
        let mut groups: HashMap<PageRequest<i64>, Vec<MeetingId>> = HashMap::new();
        for key in keys {
            groups.entry(key.page.clone()).or_default().push(key.meeting);
        }
        let mut loaded = HashMap::new();
        for (page, ids) in groups {
            for (meeting, found) in self.reader().meeting_inputs(&ids, &page).await? {
                loaded.insert(InputsOf { meeting, page: page.clone() }, found);
            }
        }
        Ok(loaded)
    }
}

/// The plan of a team for a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PlanOf(pub(super) TeamId, pub(super) Quarter);

impl Loader<PlanOf> for Loaders {
    type Value = Arc<StoredPlan>;
    type Error = Shared;

    async fn load(&self, keys: &[PlanOf]) -> Result<HashMap<PlanOf, Arc<StoredPlan>>, Shared> {
        let of: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let plans = self.reader().plans_of_teams(&of).await?;
        Ok(plans.into_iter().map(|plan| (PlanOf(plan.head.team, plan.head.span.quarter), Arc::new(plan))).collect())
    }
}

/// What was proposed about a plan and not decided, the newest first; the clock says which of it has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ProposedOn(pub(super) PlanId);

impl Loader<ProposedOn> for Loaders {
    type Value = Vec<Arc<StoredRenegotiation>>;
    type Error = Shared;

    async fn load(&self, keys: &[ProposedOn]) -> Result<HashMap<ProposedOn, Vec<Arc<StoredRenegotiation>>>, Shared> {
        let page = PageRequest { after: None, before: None, limit: 250, backward: false };
        let mut loaded = HashMap::new();
        for key in keys {
            let wanted = RenegotiationsWanted::of_plan(key.0).in_states([Status::Proposed, Status::Expired]);
            let found = self.reader().renegotiations(&wanted, Timestamp::EPOCH, &page).await?;
            loaded.insert(*key, found.items.into_iter().map(|(_, stored)| stored).collect());
        }
        Ok(loaded)
    }
}
