//! What a snapshot says about roadmaps, and how they stand to what was committed.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use holdline_domain::{
    ids::{KeyResultId, RoadmapItemId, TeamId},
    roadmap::RoadmapItem,
    time::Timestamp,
};
use uuid::Uuid;

use super::Reader;
use crate::{
    failure::Failure,
    store::{Crowding, Page, PageRequest, RankKey, RoadmapWanted, roadmap, roadmap_course, roadmap_wanted},
};

impl Reader {
    /// Roadmap items by id, as they are or as of an instant.
    pub async fn roadmap_items_by_id(
        &self,
        ids: &[RoadmapItemId],
        at: Option<Timestamp>,
    ) -> Result<Vec<RoadmapItem>, Failure> {
        let s = self.open().await?;
        roadmap::load(&s.db, &s.access, ids, at).await
    }

    /// A page of a roadmap's list; its team was loaded through this reader before.
    pub async fn roadmap_items(
        &self,
        wanted: &RoadmapWanted,
        page: &PageRequest<RankKey>,
    ) -> Result<Page<RoadmapItem, RankKey>, Failure> {
        roadmap_wanted::list(&self.open().await?.db, wanted, page).await
    }

    /// How many items a roadmap's list has.
    pub async fn roadmap_item_count(&self, wanted: &RoadmapWanted) -> Result<i64, Failure> {
        roadmap_wanted::count(&self.open().await?.db, wanted).await
    }

    /// A page of the items that serve each key result.
    pub async fn serving(
        &self,
        key_results: &[KeyResultId],
        at: Option<Timestamp>,
        page: &PageRequest<Uuid>,
    ) -> Result<HashMap<KeyResultId, Page<Arc<RoadmapItem>, Uuid>>, Failure> {
        let s = self.open().await?;
        roadmap_wanted::pages(&s.db, &s.access, key_results, at, page).await
    }

    /// How many items serve a key result.
    pub async fn serving_count(&self, key_result: KeyResultId, at: Option<Timestamp>) -> Result<i64, Failure> {
        let s = self.open().await?;
        roadmap_wanted::serving_count(&s.db, &s.access, key_result, at).await
    }

    /// Those of some key results that are live in a committed plan, with the end of their quarters.
    pub async fn live_until(
        &self,
        key_results: &[KeyResultId],
        at: Option<Timestamp>,
    ) -> Result<HashMap<KeyResultId, Timestamp>, Failure> {
        roadmap_course::live_until(&self.open().await?.db, key_results, at).await
    }

    /// Those of some key results that an item in NOW or NEXT serves.
    pub async fn covered(
        &self,
        key_results: &[KeyResultId],
        at: Option<Timestamp>,
    ) -> Result<BTreeSet<KeyResultId>, Failure> {
        roadmap_course::covered(&self.open().await?.db, key_results, at).await
    }

    /// What entered a team's NOW after one instant and up to another.
    pub async fn crowding(&self, team: TeamId, after: Timestamp, until: Timestamp) -> Result<Crowding, Failure> {
        roadmap_course::crowding(&self.open().await?.db, team, after, until).await
    }
}
