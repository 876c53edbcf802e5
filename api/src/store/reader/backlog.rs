//! What a snapshot says about the backlog: ideas, who asks for them, what that adds up to, and what a search finds.

use std::collections::HashMap;

use holdline_domain::{
    customer_request::CustomerRequest,
    deal::Deal,
    ids::{CustomerRequestId, DealId, IdeaId, RoadmapItemId},
};

use super::Reader;
use crate::{
    failure::Failure,
    store::{
        Demand, Hit, IdeaKey, IdeaOrder, IdeasWanted, Page, PageRequest, SearchQuery, StoredIdea, customer_request,
        deal, demand, idea, idea_order, ideas_wanted, search,
    },
};

impl Reader {
    /// Ideas by id.
    pub async fn ideas_by_id(&self, ids: &[IdeaId]) -> Result<Vec<StoredIdea>, Failure> {
        let s = self.open().await?;
        idea::load(&s.db, &s.access, ids).await
    }

    /// The ideas that items of the roadmap stand for.
    pub async fn ideas_of_items(&self, items: &[RoadmapItemId]) -> Result<Vec<StoredIdea>, Failure> {
        let s = self.open().await?;
        idea::of_items(&s.db, &s.access, items).await
    }

    /// A page of ideas, in an order.
    pub async fn ideas(
        &self,
        wanted: &IdeasWanted,
        order: IdeaOrder,
        page: &PageRequest<IdeaKey>,
    ) -> Result<Page<StoredIdea, IdeaKey>, Failure> {
        let s = self.open().await?;
        idea_order::list(&s.db, &s.access, wanted, order, page).await
    }

    /// How many ideas a filter finds.
    pub async fn idea_count(&self, wanted: &IdeasWanted) -> Result<i64, Failure> {
        let s = self.open().await?;
        ideas_wanted::count(&s.db, &s.access, wanted).await
    }

    /// The demand behind ideas that were loaded through this reader before.
    pub async fn demand(&self, ideas: &[IdeaId]) -> Result<HashMap<IdeaId, Demand>, Failure> {
        demand::load(&self.open().await?.db, ideas).await
    }

    /// The demand behind items of the roadmap that were loaded through this reader before.
    pub async fn demand_of_items(&self, items: &[RoadmapItemId]) -> Result<HashMap<RoadmapItemId, Demand>, Failure> {
        demand::of_items(&self.open().await?.db, items).await
    }

    /// How many accounts are behind the demand for ideas; those for which nobody asks are left out.
    pub async fn accounts(&self, ideas: &[IdeaId]) -> Result<HashMap<IdeaId, i64>, Failure> {
        demand::accounts(&self.open().await?.db, ideas).await
    }

    /// The same for items of the roadmap.
    pub async fn accounts_of_items(&self, items: &[RoadmapItemId]) -> Result<HashMap<RoadmapItemId, i64>, Failure> {
        demand::accounts_of_items(&self.open().await?.db, items).await
    }

    /// A page of the requests for each idea. The ideas were loaded through this reader before.
    pub async fn requests(
        &self,
        ideas: &[IdeaId],
        page: &PageRequest<i64>,
    ) -> Result<HashMap<IdeaId, Page<CustomerRequest, i64>>, Failure> {
        customer_request::pages(&self.open().await?.db, ideas, page).await
    }

    /// How many requests were ever posted for an idea.
    pub async fn request_count(&self, idea: IdeaId) -> Result<i64, Failure> {
        customer_request::count(&self.open().await?.db, idea).await
    }

    /// Requests by id.
    pub async fn requests_by_id(&self, ids: &[CustomerRequestId]) -> Result<Vec<CustomerRequest>, Failure> {
        let s = self.open().await?;
        customer_request::load(&s.db, &s.access, ids).await
    }

    /// Deals by id, whose requests were loaded through this reader before.
    pub async fn deals(&self, ids: &[DealId]) -> Result<HashMap<DealId, Deal>, Failure> {
        deal::load(&self.open().await?.db, ids).await
    }

    /// A deal by id, if one of its requests may be seen.
    pub async fn deal(&self, id: DealId) -> Result<Option<Deal>, Failure> {
        let s = self.open().await?;
        if customer_request::of_deal(&s.db, &s.access, id).await?.is_empty() {
            return Ok(None);
        }
        Ok(deal::load(&s.db, &[id]).await?.remove(&id))
    }

    /// The best hits of a search.
    pub async fn search(&self, query: &SearchQuery) -> Result<Vec<Hit>, Failure> {
        let s = self.open().await?;
        search::find(&s.db, &s.access, query).await
    }
}
