//! What a snapshot says about the messages of CRMs.

use holdline_domain::ids::HookEventId;
use holdline_entity::hook_event::HookEventStatus;
use uuid::Uuid;

use super::Reader;
use crate::{
    failure::Failure,
    store::{Page, PageRequest, StoredHookEvent, hook},
};

impl Reader {
    /// A page of messages, the oldest first.
    pub async fn hook_events(
        &self,
        status: Option<HookEventStatus>,
        page: &PageRequest<Uuid>,
    ) -> Result<Page<StoredHookEvent, Uuid>, Failure> {
        let s = self.open().await?;
        hook::list(&s.db, &s.access, status, page).await
    }

    /// How many messages there are.
    pub async fn hook_event_count(&self, status: Option<HookEventStatus>) -> Result<i64, Failure> {
        let s = self.open().await?;
        hook::count(&s.db, &s.access, status).await
    }

    /// A message by its id.
    pub async fn hook_event(&self, id: HookEventId) -> Result<Option<StoredHookEvent>, Failure> {
        let s = self.open().await?;
        hook::by_id(&s.db, &s.access, id).await
    }
}
