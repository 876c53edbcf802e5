//! The loaders of the roadmap: items, what serves a key result, and how both stand to what was committed.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::dataloader::Loader;
use holdline_domain::{
    ids::{KeyResultId, RoadmapItemId},
    roadmap::RoadmapItem,
    time::Timestamp,
};
use uuid::Uuid;

use super::loaders::{Loaders, Shared};
use crate::store::{Page, PageRequest};

/// Keys in groups that one statement can answer.
pub(super) fn grouped<S: Eq + Hash, I>(keys: impl Iterator<Item = (S, I)>) -> HashMap<S, Vec<I>> {
    let mut groups: HashMap<S, Vec<I>> = HashMap::new();
    for (shape, id) in keys {
        groups.entry(shape).or_default().push(id);
    }
    groups
}

/// A roadmap item as of an instant, or as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct RoadmapItemAt(pub(super) RoadmapItemId, pub(super) Option<Timestamp>);

impl Loader<RoadmapItemAt> for Loaders {
    type Value = Arc<RoadmapItem>;
    type Error = Shared;

    async fn load(&self, keys: &[RoadmapItemAt]) -> Result<HashMap<RoadmapItemAt, Arc<RoadmapItem>>, Shared> {
        let mut loaded = HashMap::new();
        for (at, ids) in grouped(keys.iter().map(|key| (key.1, key.0))) {
            let items = self.reader.roadmap_items_by_id(&ids, at).await?;
            loaded.extend(items.into_iter().map(|item| (RoadmapItemAt(item.id, at), Arc::new(item))));
        }
        Ok(loaded)
    }
}

/// A page of the items that serve a key result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ServingOf {
    pub(super) key_result: KeyResultId,
    pub(super) at: Option<Timestamp>,
    pub(super) page: PageRequest<Uuid>,
}

impl Loader<ServingOf> for Loaders {
    type Value = Page<Arc<RoadmapItem>, Uuid>;
    type Error = Shared;

    async fn load(&self, keys: &[ServingOf]) -> Result<HashMap<ServingOf, Self::Value>, Shared> {
        let mut loaded = HashMap::new();
        let groups = grouped(keys.iter().map(|key| ((key.at, key.page.clone()), key.key_result)));
        for ((at, page), ids) in groups {
            for (key_result, found) in self.reader.serving(&ids, at, &page).await? {
                loaded.insert(ServingOf { key_result, at, page: page.clone() }, found);
            }
        }
        Ok(loaded)
    }
}

/// Until when a key result's quarter runs; none where no committed plan keeps it as of an instant, or now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LiveUntil(pub(super) KeyResultId, pub(super) Option<Timestamp>);

impl Loader<LiveUntil> for Loaders {
    type Value = Timestamp;
    type Error = Shared;

    async fn load(&self, keys: &[LiveUntil]) -> Result<HashMap<LiveUntil, Timestamp>, Shared> {
        let mut loaded = HashMap::new();
        for (at, ids) in grouped(keys.iter().map(|key| (key.1, key.0))) {
            let found = self.reader.live_until(&ids, at).await?;
            loaded.extend(found.into_iter().map(|(id, ends_at)| (LiveUntil(id, at), ends_at)));
        }
        Ok(loaded)
    }
}

/// Whether an item in NOW or NEXT serves a key result; none where nothing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CoveredAt(pub(super) KeyResultId, pub(super) Option<Timestamp>);

impl Loader<CoveredAt> for Loaders {
    type Value = ();
    type Error = Shared;

    async fn load(&self, keys: &[CoveredAt]) -> Result<HashMap<CoveredAt, ()>, Shared> {
        let mut loaded = HashMap::new();
        for (at, ids) in grouped(keys.iter().map(|key| (key.1, key.0))) {
            let found = self.reader.covered(&ids, at).await?;
            loaded.extend(found.into_iter().map(|id| (CoveredAt(id, at), ())));
        }
        Ok(loaded)
    }
}
