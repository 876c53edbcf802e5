//! Customer requests: posting one or hundreds, and withdrawing one.
//! Loads what is known of all posts in a few statements, asks the domain about each in its order, and keeps what
//! changed at once; what a later post of the same job sees of an earlier one is in its ledger.

mod ledger;

use futures_util::future::BoxFuture;
use holdline_domain::{
    customer_request::{CustomerRequest, MaySay, RequestPost},
    ids::{CustomerRequestId, IdeaId, MeetingId},
    permission::{Permit, action::PostRequests},
    refusal::{Broken, Refusals},
    text::{Line, Prose, TeamKey},
};

use self::ledger::Ledger;
use super::{Caller, Service, acts_still, found};
use crate::{
    failure::Failure,
    store::{Joint, Tx},
};

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

/// A post, with the request that it came with.
pub(super) struct Sent {
    pub(super) request_id: Option<String>,
    pub(super) said: Result<RequestUpsert, Refusals>,
}

/// A request as a write left it; none where the write is one that was done before, under the same idempotency key.
#[derive(Debug)]
pub struct Written {
    /// Which request.
    pub id: CustomerRequestId,
    /// What it said then.
    pub request: Option<CustomerRequest>,
}

impl From<CustomerRequest> for Written {
    fn from(request: CustomerRequest) -> Self {
        Self { id: request.id, request: Some(request) }
    }
}

/// Single posts share their statements with those of the same caller that wait beside them.
impl Joint for RequestUpsert {
    type Done = Written;

    fn all(tx: &Tx, together: Vec<(Option<String>, Self)>) -> BoxFuture<'_, Result<Vec<Written>, Failure>> {
        Box::pin(async move {
            acts_still(tx).await?;
            post_each(tx, together).await
        })
    }
}

/// Keeps single posts, all or none.
async fn post_each(tx: &Tx, posts: Vec<(Option<String>, RequestUpsert)>) -> Result<Vec<Written>, Failure> {
    let permit = tx.actor().require::<PostRequests>()?;
    let sent = posts.into_iter().map(|(request_id, upsert)| Sent { request_id, said: Ok(upsert) });
    let posted = post_all(tx, &permit, sent.collect(), PostMode::RejectAll, None).await?;
    Ok(posted.results.into_iter().map(|result| result.map(Written::from)).collect::<Result<_, _>>()?)
}

/// What became of each post, in their order.
#[derive(Debug)]
pub struct PostedAll {
    /// The request as all of them left it, or why there is none.
    pub results: Vec<Result<CustomerRequest, Refusals>>,
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
    pub async fn customer_request_upsert(&self, caller: &Caller, input: RequestUpsert) -> Result<Written, Failure> {
        const MUTATION: &str = "customerRequestUpsert";
        caller.actor.require::<PostRequests>()?;
        if caller.attempt.is_none() {
            return self.write_together(caller, MUTATION, input).await;
        }
        self.write(caller, MUTATION, move |tx| {
            Box::pin(async move {
                let mut written = post_each(tx, vec![(tx.request_id(), input)]).await?;
                written.pop().ok_or_else(|| Failure::internal("a post lost its result"))
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
                let request_id = tx.request_id();
                let sent = input.into_iter().map(|said| Sent { request_id: request_id.clone(), said }).collect();
                let posted = post_all(tx, &permit, sent, mode, None).await?;
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
    ) -> Result<Written, Failure> {
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
                Ok(tx.apply(change).await?.0.request.into())
            })
        })
        .await
    }
}

/// Takes posts in their order; each is kept or refused by itself.
pub(super) async fn post_all<A: MaySay>(
    tx: &Tx,
    permit: &Permit<A>,
    sent: Vec<Sent>,
    mode: PostMode,
    meeting: Option<MeetingId>,
) -> Result<PostedAll, Failure> {
    let check = |Sent { request_id, said }| Sent { request_id, said: said.and_then(|said| checked(permit, said)) };
    let sent: Vec<_> = sent.into_iter().map(check).collect();
    let mut ledger = Ledger::load(tx, permit, &sent, mode, meeting).await?;
    let mut news = Vec::new();
    let mut results = Vec::with_capacity(sent.len());
    for Sent { request_id, said } in sent {
        tx.on_behalf_of(request_id.clone());
        results.push(match said {
            Ok(upsert) => match ledger.post(&upsert).await {
                Ok((request, change)) => {
                    news.extend(change.map(|change| (request_id, change)));
                    Ok(request)
                }
                Err(Failure::Refused(refusals)) => Err(refusals),
                Err(failure) => return Err(failure),
            },
            Err(refusals) => Err(refusals),
        });
    }
    for request in results.iter_mut().flatten() {
        ledger.renew(request);
    }
    let changed = news.len();
    let kept = match mode {
        PostMode::RejectAll => results.iter().all(Result::is_ok),
        PostMode::SkipFailed => true,
        PostMode::DryRun => false,
    };
    if kept {
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
