//! The story of a subject: what happened to it, why, and through which decision.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, dataloader::Loader};
use holdline_domain::{permission::action::ReadAudit, time::Timestamp};
use uuid::Uuid;

use super::{
    audit::AuditEntry,
    fault::Fault,
    loaders::{Loaders, Shared, unshare},
    page::{Connection, PageArgs, Total, connect},
    roadmap_loaders::grouped,
    session::session,
};
use crate::{
    failure::Failure,
    store::{Page, PageRequest, StoredEntry},
};

/// A page of the entries that tell of a subject, until an instant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct HistoryOf {
    subject: Uuid,
    until: Option<Timestamp>,
    page: PageRequest<i64>,
}

impl Loader<HistoryOf> for Loaders {
    type Value = Page<StoredEntry, i64>;
    type Error = Shared;

    async fn load(&self, keys: &[HistoryOf]) -> Result<HashMap<HistoryOf, Self::Value>, Shared> {
        let mut loaded = HashMap::new();
        for ((until, page), subjects) in grouped(keys.iter().map(|key| ((key.until, key.page.clone()), key.subject))) {
            for (subject, found) in self.reader.histories(&subjects, until, &page).await? {
                loaded.insert(HistoryOf { subject, until, page: page.clone() }, found);
            }
        }
        Ok(loaded)
    }
}

/// The entries that tell of a subject, the oldest first; needs the scope audit:read.
pub(super) async fn page(
    ctx: &Context<'_>,
    subject: Uuid,
    until: Option<Timestamp>,
    args: PageArgs,
) -> Result<Connection<AuditEntry>, Fault> {
    let session = session(ctx);
    session.require::<ReadAudit>()?;
    let query = format!("history {subject} {until:?}");
    let key = HistoryOf { subject, until, page: args.request(&query)? };
    let found = session.loader().load_one(key).await.map_err(unshare)?;
    let page = found.ok_or_else(|| Failure::internal("a page of a history is missing"))?;
    Ok(connect(&query, page, Total::History(subject, until), |entry| AuditEntry(Arc::new(entry))))
}
