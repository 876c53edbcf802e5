//! Customer requests: posting one or hundreds, and withdrawing one.
//! Loads what is known of all posts in a few statements, asks the domain about each in its order, and keeps what
//! changed at once; what a later post of the same job sees of an earlier one is in its ledger.

mod ledger;

use holdline_domain::{
    change::Change,
    customer_request::{MaySay, Posted, RequestPost},
    ids::{CustomerRequestId, IdeaId, MeetingId},
    permission::{Permit, action::PostRequests},
    refusal::{Broken, Refusals},
    text::{Line, Prose, TeamKey},
};

use self::ledger::Ledger;
use super::{Caller, Service, found};
use crate::{failure::Failure, store::Tx};

/// An idea as a post names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IdeaRef {
    /// By id.
    Id(IdeaId),
    /// By the identity another system gave it; made with this title where it is new.
    External {
        /// In whose backlog.
        team: TeamKey,
        /// The other system.
        system: Line,
        /// The id there.
        external_id: Line,
        /// What to call a new one.
        title: Line,
    },
}

/// A post of a customer request.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct RequestUpsert {
    pub id: Option<CustomerRequestId>,
    pub idea: IdeaRef,
    pub post: RequestPost,
}

/// What became of each post, in their order.
#[derive(Debug)]
pub struct PostedAll {
    /// The request, or why there is none.
    pub results: Vec<Result<CustomerRequestId, Refusals>>,
    /// How many of them were new or changed.
    pub changed: usize,
    /// The external ids of the ideas that were made.
    pub ideas_made: Vec<Line>,
}

/// What becomes of posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostMode {
    /// One that is refused refuses all.
    RejectAll,
    /// Each is kept or refused by itself.
    SkipFailed,
    /// As `SkipFailed` would answer, and nothing is kept.
    DryRun,
}

impl PostedAll {
    /// Nothing at all where one post was refused; each refusal under its place in a list.
    pub(super) fn all(&self, field: &str) -> Result<(), Refusals> {
        let mut broken = Broken::none();
        for (place, result) in self.results.iter().enumerate() {
            let refused = result.as_ref().err().map(Refusals::list).unwrap_or_default();
            broken.extend(refused.iter().map(|refusal| {
                let place = place.to_string();
                let path: Vec<_> =
                    [field, &place].into_iter().chain(refusal.field.iter().map(String::as_str)).collect();
                refusal.clone().at(&path)
            }));
        }
        broken.finish()
    }
}

impl Service {
    /// Posts a customer request.
    pub async fn customer_request_upsert(
        &self,
        caller: &Caller,
        input: RequestUpsert,
    ) -> Result<CustomerRequestId, Failure> {
        let permit = caller.actor.require::<PostRequests>()?;
        self.write(caller, "customerRequestUpsert", move |tx| {
            Box::pin(async move {
                let mut posted = post_all(tx, &permit, vec![Ok(input)], PostMode::RejectAll, None).await?;
                let only = posted.results.pop().ok_or_else(|| Failure::internal("a post lost its result"))?;
                Ok(only?)
            })
        })
        .await
    }

    /// Posts many.
    pub async fn customer_requests_upsert(
        &self,
        caller: &Caller,
        input: Vec<Result<RequestUpsert, Refusals>>,
        mode: PostMode,
    ) -> Result<PostedAll, Failure> {
        let permit = caller.actor.require::<PostRequests>()?;
        self.write(caller, "customerRequestsUpsert", move |tx| {
            Box::pin(async move {
                let posted = post_all(tx, &permit, input, mode, None).await?;
                if mode == PostMode::RejectAll {
                    posted.all("requests")?;
                }
                Ok(posted)
            })
        })
        .await
    }

    /// Withdraws a customer request.
    pub async fn customer_request_withdraw(
        &self,
        caller: &Caller,
        id: CustomerRequestId,
        reason: Option<Prose>,
    ) -> Result<CustomerRequestId, Failure> {
        let permit = caller.actor.require::<PostRequests>()?;
        self.write(caller, "customerRequestWithdraw", move |tx| {
            Box::pin(async move {
                let request = found(tx.customer_request(id).await?, "customerRequest", "customer request", id)?;
                let idea = found(tx.idea(request.idea).await?, "customerRequest", "customer request", id)?;
                let deal = match request.deal {
                    Some(deal) => tx.deal(deal).await?,
                    None => None,
                };
                if let Some(deal) = &deal {
                    permit.actor().posts_for(&deal.key.system, &["customerRequest"])?;
                }
                let change = request.withdraw(&permit, idea.team, deal.as_ref(), reason, tx.now())?;
                tx.apply(change).await?;
                Ok(id)
            })
        })
        .await
    }
}

/// Takes posts in their order; each is kept or refused by itself.
pub(super) async fn post_all<A: MaySay>(
    tx: &Tx,
    permit: &Permit<A>,
    upserts: Vec<Result<RequestUpsert, Refusals>>,
    mode: PostMode,
    meeting: Option<MeetingId>,
) -> Result<PostedAll, Failure> {
    let upserts: Vec<_> = upserts.into_iter().map(|upsert| upsert.and_then(|said| checked(permit, said))).collect();
    let mut ledger = Ledger::load(tx, permit, &upserts, mode, meeting).await?;
    let mut news: Vec<Change<Posted>> = Vec::new();
    let mut results = Vec::with_capacity(upserts.len());
    for upsert in upserts {
        results.push(match upsert {
            Ok(upsert) => match ledger.post(&upsert).await {
                Ok((id, change)) => {
                    news.extend(change);
                    Ok(id)
                }
                Err(Failure::Refused(refusals)) => Err(refusals),
                Err(failure) => return Err(failure),
            },
            Err(refusals) => Err(refusals),
        });
    }
    let changed = news.len();
    if mode != PostMode::DryRun {
        tx.apply_posts(news).await?;
    }
    Ok(PostedAll { results, changed, ideas_made: ledger.made })
}

fn checked<A: MaySay>(permit: &Permit<A>, upsert: RequestUpsert) -> Result<RequestUpsert, Refusals> {
    upsert.post.check()?;
    if let Some(deal) = &upsert.post.deal {
        permit.actor().posts_for(&deal.key.system, &["deal", "system"])?;
    }
    if let IdeaRef::External { system, .. } = &upsert.idea {
        permit.actor().posts_for(system, &["idea", "external", "system"])?;
    }
    Ok(upsert)
}
