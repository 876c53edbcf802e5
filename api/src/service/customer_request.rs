//! Customer requests: posting one or hundreds, and withdrawing one.
//! Loads what is known of all posts in a few statements, asks the domain about each in its order, and keeps what
//! changed at once; a later post of the same job sees what an earlier one left.

use std::collections::{BTreeSet, HashMap};

use holdline_domain::{
    change::Change,
    customer_request::{Known, MaySay, Posted, Posting, RequestPost},
    deal::{Deal, DealKey},
    idea::{External, Idea, IdeaTerms},
    ids::{CustomerRequestId, IdeaId, MeetingId},
    permission::{Permit, action::PostRequests},
    refusal::{Broken, Refusal, Refusals},
    text::{Line, Prose, TeamKey},
};

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

/// What is known while posts are taken in their order.
struct Ledger {
    ideas: HashMap<IdeaRef, Option<Idea>>,
    deals: HashMap<DealKey, Deal>,
    requests: HashMap<(IdeaId, Asker), holdline_domain::customer_request::CustomerRequest>,
    made: Vec<Line>,
    mode: PostMode,
}

/// Who asks: a deal, or an account without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Asker {
    Deal(holdline_domain::ids::DealId),
    Account(Line),
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
    let mut changes: Vec<Change<Posted>> = Vec::new();
    let mut results = Vec::with_capacity(upserts.len());
    for upsert in upserts {
        results.push(match upsert {
            Ok(upsert) => match ledger.post(tx, permit, &upsert, meeting).await {
                Ok((id, change)) => {
                    changes.extend(change);
                    Ok(id)
                }
                Err(Failure::Refused(refusals)) => Err(refusals),
                Err(failure) => return Err(failure),
            },
            Err(refusals) => Err(refusals),
        });
    }
    let changed = changes.len();
    if mode != PostMode::DryRun {
        tx.apply_posts(changes).await?;
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

impl Ledger {
    async fn load<A: MaySay>(
        tx: &Tx,
        permit: &Permit<A>,
        upserts: &[Result<RequestUpsert, Refusals>],
        mode: PostMode,
        meeting: Option<MeetingId>,
    ) -> Result<Self, Failure> {
        let (ideas, deals, requests) = (HashMap::new(), HashMap::new(), HashMap::new());
        let mut ledger = Self { ideas, deals, requests, made: Vec::new(), mode };
        let said = || upserts.iter().flatten();
        for upsert in said() {
            if !ledger.ideas.contains_key(&upsert.idea) {
                let idea = ledger.idea(tx, permit, &upsert.idea, meeting).await?;
                ledger.ideas.insert(upsert.idea.clone(), idea);
            }
        }
        let posts = || said().filter_map(|upsert| upsert.post.deal.as_ref());
        let keys: BTreeSet<_> = posts().map(|post| post.key.clone()).collect();
        ledger.deals = tx.deals(&keys).await?;
        let ideas: Vec<_> = ledger.ideas.values().flatten().map(|idea| idea.id).collect();
        let deals: Vec<_> = ledger.deals.values().map(|deal| deal.id).collect();
        let accounts: Vec<_> = said().filter(|upsert| upsert.post.deal.is_none()).collect();
        let accounts: Vec<_> = accounts.iter().filter_map(|upsert| upsert.post.account.as_ref()).collect();
        for request in tx.requests_for(&ideas, &deals, &accounts).await? {
            let asker = request.deal.map(Asker::Deal).or_else(|| request.account.clone().map(Asker::Account));
            if let Some(asker) = asker {
                ledger.requests.insert((request.idea, asker), request);
            }
        }
        Ok(ledger)
    }

    /// The idea that a post is for, made where it is new; none where the caller cannot see one.
    async fn idea<A: MaySay>(
        &mut self,
        tx: &Tx,
        permit: &Permit<A>,
        named: &IdeaRef,
        meeting: Option<MeetingId>,
    ) -> Result<Option<Idea>, Failure> {
        let (team, system, external_id, title) = match named {
            IdeaRef::Id(id) => {
                return match tx.idea(*id).await? {
                    Some(idea) => tx.forwarded(idea).await.map(Some),
                    None => Ok(None),
                };
            }
            IdeaRef::External { team, system, external_id, title } => (team, system, external_id, title),
        };
        let team = match tx.team(team).await? {
            Some(team) => team.id,
            // A dry run may be for a team that it did not make.
            None if self.mode == PostMode::DryRun => tx.id(),
            None => return Ok(None),
        };
        if let Some(idea) = tx.idea_by_external(team, system, external_id).await? {
            return tx.forwarded(idea).await.map(Some);
        }
        let external = External { system: system.clone(), external_id: external_id.clone(), url: None };
        let terms =
            IdeaTerms { title: title.clone(), body: None, external: Some(external), impact: None, effort: None };
        let change = Idea::submit(permit, tx.id(), team, terms, None, meeting, tx.now())?;
        self.made.push(external_id.clone());
        let made = if self.mode == PostMode::DryRun { change.into_state() } else { tx.apply(change).await?.0 };
        Ok(Some(made.idea))
    }

    async fn post<A: MaySay>(
        &mut self,
        tx: &Tx,
        permit: &Permit<A>,
        upsert: &RequestUpsert,
        meeting: Option<MeetingId>,
    ) -> Result<(CustomerRequestId, Option<Change<Posted>>), Failure> {
        let post = &upsert.post;
        let idea = self.ideas.get(&upsert.idea).and_then(Option::as_ref).ok_or_else(|| unknown(&upsert.idea))?;
        let deal = post.deal.as_ref().and_then(|post| self.deals.get(&post.key)).cloned();
        let asker = match &post.deal {
            Some(_) => deal.as_ref().map(|deal| Asker::Deal(deal.id)),
            None => post.account.clone().map(Asker::Account),
        };
        let request = asker.and_then(|asker| self.requests.get(&(idea.id, asker))).cloned();
        let known = Known { deal, request };
        let news = post.deal.as_ref().filter(|post| post.news_to(known.deal.as_ref()));
        let contact = match news.and_then(|post| post.contact.as_ref()) {
            Some(name) => Some(tx.person_by_name(name).await?.id),
            None => None,
        };
        if let (Some(id), None) = (upsert.id, &known.request) {
            tx.unused(id.uuid()).await?;
        }
        let posting = Posting {
            idea,
            request: upsert.id.unwrap_or_else(|| tx.id()),
            chosen: upsert.id.is_some(),
            deal: tx.id(),
            contact,
            meeting,
            now: tx.now(),
        };
        let change = post.post(permit, &known, &posting)?;
        let id = change.as_ref().map(|change| change.state().request.id).or(known.request.map(|request| request.id));
        if let Some(change) = &change {
            self.remember(change.state());
        }
        let id = id.ok_or_else(|| Failure::internal("a post made no request"))?;
        Ok((id, change))
    }

    fn remember(&mut self, posted: &Posted) {
        if let Some(deal) = &posted.deal {
            self.deals.insert(deal.key.clone(), deal.clone());
        }
        let request = posted.request.clone();
        let asker = request.deal.map(Asker::Deal).or_else(|| request.account.clone().map(Asker::Account));
        if let Some(asker) = asker {
            self.requests.insert((request.idea, asker), request);
        }
    }
}

fn unknown(named: &IdeaRef) -> Refusal {
    match named {
        IdeaRef::Id(id) => Refusal::not_found(&["idea", "id"], "idea", &id.to_string()),
        IdeaRef::External { team, .. } => Refusal::not_found(&["idea", "external", "team"], "team", &team.to_string()),
    }
}
