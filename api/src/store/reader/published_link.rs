//! What a snapshot says about published links.

use holdline_domain::{ids::PublishedLinkId, published_link::PublishedLink};

use super::Reader;
use crate::{
    failure::Failure,
    store::{Page, PageRequest, published_link},
};

impl Reader {
    /// A published link by its id.
    pub async fn published_link(&self, id: PublishedLinkId) -> Result<Option<PublishedLink>, Failure> {
        let s = self.open().await?;
        published_link::by_id(&s.db, &s.access, id).await
    }

    /// A page of published links, the oldest first.
    pub async fn published_links(&self, page: &PageRequest<i64>) -> Result<Page<PublishedLink, i64>, Failure> {
        let s = self.open().await?;
        published_link::list(&s.db, &s.access, page).await
    }

    /// How many published links are open.
    pub async fn published_link_count(&self) -> Result<i64, Failure> {
        let s = self.open().await?;
        Ok(i64::try_from(published_link::count(&s.db, &s.access).await?).unwrap_or(i64::MAX))
    }
}
