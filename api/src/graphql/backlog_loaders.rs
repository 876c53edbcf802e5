//! Loaders of the backlog: ideas, their demand and requests, and deals; each level of a query one statement or two.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use holdline_domain::{
    customer_request::CustomerRequest,
    deal::Deal,
    ids::{CustomerRequestId, DealId, IdeaId, RoadmapItemId},
};

use super::loaders::{Loaders, Shared};
use crate::store::{Demand, Page, PageRequest, StoredIdea};

impl Loader<IdeaId> for Loaders {
    type Value = Arc<StoredIdea>;
    type Error = Shared;

    async fn load(&self, keys: &[IdeaId]) -> Result<HashMap<IdeaId, Self::Value>, Shared> {
        let found = self.reader().ideas_by_id(keys).await?;
        Ok(found.into_iter().map(|stored| (stored.idea.id, Arc::new(stored))).collect())
    }
}

/// The ideas that an item of the roadmap stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct IdeasOf(pub(super) RoadmapItemId);

impl Loader<IdeasOf> for Loaders {
    type Value = Vec<Arc<StoredIdea>>;
    type Error = Shared;

    async fn load(&self, keys: &[IdeasOf]) -> Result<HashMap<IdeasOf, Self::Value>, Shared> {
        let items: Vec<_> = keys.iter().map(|key| key.0).collect();
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for stored in self.reader().ideas_of_items(&items).await? {
            if let Some(item) = stored.idea.item() {
                found.entry(IdeasOf(item)).or_default().push(Arc::new(stored));
            }
        }
        Ok(found)
    }
}

/// The demand behind an idea, or behind all that an item of the roadmap stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum DemandOf {
    Idea(IdeaId),
    Item(RoadmapItemId),
}

impl DemandOf {
    fn apart(all: impl Iterator<Item = Self>) -> (Vec<IdeaId>, Vec<RoadmapItemId>) {
        let (mut ideas, mut items) = (Vec::new(), Vec::new());
        for of in all {
            match of {
                Self::Idea(id) => ideas.push(id),
                Self::Item(id) => items.push(id),
            }
        }
        (ideas, items)
    }
}

/// How many accounts are behind a demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AccountsOf(pub(super) DemandOf);

impl Loader<AccountsOf> for Loaders {
    type Value = i64;
    type Error = Shared;

    async fn load(&self, keys: &[AccountsOf]) -> Result<HashMap<AccountsOf, i64>, Shared> {
        let (ideas, items) = DemandOf::apart(keys.iter().map(|key| key.0));
        let mut found = HashMap::new();
        if !ideas.is_empty() {
            let loaded = self.reader().accounts(&ideas).await?;
            found.extend(loaded.into_iter().map(|(id, accounts)| (AccountsOf(DemandOf::Idea(id)), accounts)));
        }
        if !items.is_empty() {
            let loaded = self.reader().accounts_of_items(&items).await?;
            found.extend(loaded.into_iter().map(|(id, accounts)| (AccountsOf(DemandOf::Item(id)), accounts)));
        }
        Ok(found)
    }
}

impl Loader<DemandOf> for Loaders {
    type Value = Demand;
    type Error = Shared;

    async fn load(&self, keys: &[DemandOf]) -> Result<HashMap<DemandOf, Demand>, Shared> {
        let (ideas, items) = DemandOf::apart(keys.iter().copied());
        let mut found = HashMap::new();
        if !ideas.is_empty() {
            let loaded = self.reader().demand(&ideas).await?;
            found.extend(loaded.into_iter().map(|(id, demand)| (DemandOf::Idea(id), demand)));
        }
        if !items.is_empty() {
            let loaded = self.reader().demand_of_items(&items).await?;
            found.extend(loaded.into_iter().map(|(id, demand)| (DemandOf::Item(id), demand)));
        }
        Ok(found)
    }
}

/// A page of the requests for an idea.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct RequestsOf {
    pub(super) idea: IdeaId,
    pub(super) page: PageRequest<i64>,
}

impl Loader<RequestsOf> for Loaders {
    type Value = Page<CustomerRequest, i64>;
    type Error = Shared;

    async fn load(&self, keys: &[RequestsOf]) -> Result<HashMap<RequestsOf, Self::Value>, Shared> {
        let mut groups: HashMap<PageRequest<i64>, Vec<IdeaId>> = HashMap::new();
        for key in keys {
            groups.entry(key.page.clone()).or_default().push(key.idea);
        }
        let mut loaded = HashMap::new();
        for (page, ideas) in groups {
            for (idea, found) in self.reader().requests(&ideas, &page).await? {
                loaded.insert(RequestsOf { idea, page: page.clone() }, found);
            }
        }
        Ok(loaded)
    }
}

impl Loader<CustomerRequestId> for Loaders {
    type Value = Arc<CustomerRequest>;
    type Error = Shared;

    async fn load(&self, keys: &[CustomerRequestId]) -> Result<HashMap<CustomerRequestId, Self::Value>, Shared> {
        let found = self.reader().requests_by_id(keys).await?;
        Ok(found.into_iter().map(|request| (request.id, Arc::new(request))).collect())
    }
}

impl Loader<DealId> for Loaders {
    type Value = Arc<Deal>;
    type Error = Shared;

    async fn load(&self, keys: &[DealId]) -> Result<HashMap<DealId, Self::Value>, Shared> {
        let found = self.reader().deals(keys).await?;
        Ok(found.into_iter().map(|(id, deal)| (id, Arc::new(deal))).collect())
    }
}
