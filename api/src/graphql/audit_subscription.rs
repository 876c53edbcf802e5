//! The audit log as a subscription: what `auditLog` lists, as it is written.

use std::sync::Arc;

use async_graphql::{
    Context, Subscription,
    connection::{Edge, EmptyFields},
};
use futures_util::{Stream, stream};
use holdline_domain::permission::action::ReadAudit;

use super::{
    audit::{self, AuditEntry},
    audit_filter::AuditFilter,
    comparator::asked,
    fault::Fault,
    feed::Feed,
    page::{Cursor, PageArgs},
    session::session,
};

/// The log as it grows.
#[derive(Default)]
pub(super) struct AuditSubscription;

#[Subscription]
impl AuditSubscription {
    /// Each entry of the log once and in order, as soon as it is committed: from now on, or from a cursor on, with
    /// what came since. Needs the scope audit:read. The cursors are those of auditLog(orderBy: SEQ_ASC) with the same
    /// filter. Ends with UNAUTHENTICATED when the token does.
    async fn audit_entries<'c>(
        &self,
        ctx: &Context<'c>,
        #[graphql(desc = "Only entries for which all of this holds.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Only those after this cursor; from now on where left out.")] after: Option<String>,
    ) -> Result<impl Stream<Item = Result<Edge<Cursor, AuditEntry, EmptyFields>, Fault>> + 'c, Fault> {
        let session = session(ctx);
        session.require::<ReadAudit>()?;
        let wanted = asked(filter)?;
        let list = audit::list(false, &wanted);
        let after = PageArgs::forward(None, after).request(&list)?.after;
        let feed = Feed::begin(session, wanted, after).await?;
        Ok(stream::try_unfold((feed, list), |(mut feed, list)| async move {
            let entry = feed.next().await?;
            let edge = Edge::new(Cursor::new(&list, &entry.seq), AuditEntry(Arc::new(entry)));
            Ok(Some((edge, (feed, list))))
        }))
    }
}
