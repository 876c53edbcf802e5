//! A meeting as a subscription: how it stands, and each thing that happens in it.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Subscription};
use futures_util::{Stream, stream};
use holdline_domain::{
    ids::{MeetingId, RenegotiationId},
    permission::action::{ReadAudit, ReadPlans},
    refusal::Refusal,
};

use super::{
    audit::AuditEntry,
    fault::Fault,
    feed::Feed,
    ids,
    meeting::{self, Meeting},
    session::{Session, session},
};
use crate::{
    failure::Failure,
    store::{AuditColumn, AuditQuery, Bound, PageRequest, StoredEntry},
};

/// A meeting and the newest thing that happened in it.
pub(super) struct MeetingChange {
    meeting: MeetingId,
    entry: Arc<StoredEntry>,
}

/// A change of a meeting.
#[Object]
impl MeetingChange {
    /// The meeting as it is now.
    async fn meeting(&self, ctx: &Context<'_>) -> Result<Meeting, Fault> {
        meeting::load(ctx, self.meeting).await
    }
    /// The entry of the audit log that says what changed; needs the scope audit:read.
    async fn entry(&self, ctx: &Context<'_>) -> Result<AuditEntry, Fault> {
        session(ctx).require::<ReadAudit>()?;
        Ok(AuditEntry(Arc::clone(&self.entry)))
    }
}

/// Meetings as they go on.
#[derive(Default)]
pub(super) struct MeetingSubscription;

#[Subscription]
impl MeetingSubscription {
    /// A meeting: how it stands at once, and again after each thing that happens in it or to what is on its agenda by now:
    /// what was said and where it was sent, who joined, what was decided, rebased or withdrawn. Whoever was cut off subscribes again and has missed nothing. Ends with
    /// UNAUTHENTICATED when the token does.
    async fn meeting_changed<'c>(
        &self,
        ctx: &Context<'c>,
        #[graphql(desc = "The meeting.")] meeting: ID,
    ) -> Result<impl Stream<Item = Result<MeetingChange, Fault>> + 'c, Fault> {
        let session = session(ctx);
        session.require::<ReadPlans>()?;
        let id: MeetingId = ids::parse(&meeting, &["meeting"])?;
        let Some(found) = meeting::load_maybe(ctx, Some(id)).await? else {
            return Err(Refusal::not_found(&["meeting"], "meeting", &meeting).into());
        };
        let wanted = about(id, &found.meeting().agenda);
        let feed = Feed::begin(session, wanted.clone(), None).await?;
        // From the snapshot in which the feed begins, so that nothing is between the two.
        let first = Some(newest(session, &wanted).await?);
        Ok(stream::try_unfold((feed, first), move |(mut feed, mut first)| async move {
            let entry = match first.take() {
                Some(entry) => entry,
                None => feed.next().await?,
            };
            Ok(Some((MeetingChange { meeting: id, entry: Arc::new(entry) }, (feed, None))))
        }))
    }
}

/// What happens in a meeting, and to what it is to decide.
fn about(meeting: MeetingId, agenda: &[RenegotiationId]) -> AuditQuery {
    let own = AuditQuery::of(AuditColumn::Meeting, Bound::any([meeting.uuid()]));
    let decides = Bound::any(agenda.iter().map(|renegotiation| renegotiation.uuid()));
    let or = if agenda.is_empty() { vec![own] } else { vec![own, AuditQuery::of(AuditColumn::Renegotiation, decides)] };
    AuditQuery { or, ..AuditQuery::default() }
}

/// The last thing that happened: there is one, since it was prepared.
async fn newest(session: &Session, wanted: &AuditQuery) -> Result<StoredEntry, Fault> {
    let one = PageRequest { after: None, before: None, limit: 1, backward: false };
    let page = session.reader().audit_log(wanted, true, &one).await?;
    let newest = page.items.into_iter().next().map(|(_, entry)| entry);
    newest.ok_or_else(|| Failure::internal("a meeting without an entry").into())
}
