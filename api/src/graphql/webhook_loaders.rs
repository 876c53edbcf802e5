//! The attempts of deliveries, for a whole page at once.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use holdline_domain::ids::WebhookDeliveryId;

use super::loaders::{Loaders, Shared};
use crate::store::StoredAttempt;

/// The attempts of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AttemptsOf(pub(super) WebhookDeliveryId);

impl Loader<AttemptsOf> for Loaders {
    type Value = Vec<StoredAttempt>;
    type Error = Shared;

    async fn load(&self, keys: &[AttemptsOf]) -> Result<HashMap<AttemptsOf, Self::Value>, Shared> {
        let ids: Vec<_> = keys.iter().map(|key| key.0).collect();
        let found = self.reader.webhook_attempts(&ids).await?;
        Ok(found.into_iter().map(|(of, attempts)| (AttemptsOf(of), attempts)).collect())
    }
}
