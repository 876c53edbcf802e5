//! What is known while posts of customer requests are taken in their order: ideas, deals and requests, as earlier posts
//! of the same job left them. Holds the looking up; what a post comes to is the domain's to say.

use std::collections::{BTreeSet, HashMap, HashSet};

use holdline_domain::{
    change::Change,
    customer_request::{CustomerRequest, Known, MaySay, Posted, Posting},
    deal::{Deal, DealKey},
    idea::{External, Idea, IdeaTerms},
    ids::{CustomerRequestId, DealId, IdeaId, MeetingId, PersonId},
    permission::Permit,
    refusal::{Code, Refusal},
    text::{Line, TeamKey},
};

use super::{IdeaRef, PostMode, RequestUpsert, Sent};
use crate::{failure::Failure, store::Tx};

/// What is known, and what is made on the way.
pub(super) struct Ledger<'t, A: MaySay> {
    tx: &'t Tx,
    permit: &'t Permit<A>,
    mode: PostMode,
    meeting: Option<MeetingId>,
    ideas: HashMap<Named, Option<Idea>>,
    deals: HashMap<DealKey, Deal>,
    /// Known deals that ask for nothing the caller can see.
    out_of_sight: HashSet<DealId>,
    requests: HashMap<(IdeaId, Asker), CustomerRequest>,
    /// The external ids of the ideas that were made.
    pub(super) made: Vec<Line>,
}

/// An idea as a post names it, whatever it would call a new one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Named {
    Id(IdeaId),
    External(TeamKey, Line, Line),
}

impl From<&IdeaRef> for Named {
    fn from(idea: &IdeaRef) -> Self {
        match idea {
            IdeaRef::Id(id) => Self::Id(*id),
            IdeaRef::External { team, system, external_id, .. } => {
                Self::External(team.clone(), system.clone(), external_id.clone())
            }
        }
    }
}

/// Who asks: a deal, or an account without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Asker {
    Deal(DealId),
    Account(Line),
}

impl Asker {
    fn of(request: &CustomerRequest) -> Option<Self> {
        request.deal.map(Self::Deal).or_else(|| request.account.clone().map(Self::Account))
    }
}

impl<'t, A: MaySay> Ledger<'t, A> {
    /// What is there before the posts, in a few statements for each thing that they name.
    pub(super) async fn load(
        tx: &'t Tx,
        permit: &'t Permit<A>,
        sent: &[Sent],
        mode: PostMode,
        meeting: Option<MeetingId>,
    ) -> Result<Self, Failure> {
        let mut ledger = Self {
            tx,
            permit,
            mode,
            meeting,
            ideas: HashMap::new(),
            deals: HashMap::new(),
            out_of_sight: HashSet::new(),
            requests: HashMap::new(),
            made: Vec::new(),
        };
        let said = || sent.iter().filter_map(|sent| sent.said.as_ref().ok());
        ledger.find_all(said().map(|upsert| Named::from(&upsert.idea)).collect()).await?;
        let keys: BTreeSet<_> =
            said().filter_map(|upsert| upsert.post.deal.as_ref()).map(|post| post.key.clone()).collect();
        ledger.deals = tx.deals(&keys).await?;
        let ideas: Vec<_> = ledger.ideas.values().flatten().map(|idea| idea.id).collect();
        let deals: Vec<_> = ledger.deals.values().map(|deal| deal.id).collect();
        // The system's own integration brings its deals, whoever's ideas they ask for.
        if permit.actor().system.is_none() {
            ledger.out_of_sight = tx.deals_out_of_sight(&deals).await?;
        }
        let alone = said().filter(|upsert| upsert.post.deal.is_none());
        let accounts: Vec<_> = alone.filter_map(|upsert| upsert.post.account.as_ref()).collect();
        for request in tx.requests_for(&ideas, &deals, &accounts).await? {
            ledger.remember(request);
        }
        Ok(ledger)
    }

    /// What a post changes; no change where it says nothing newer.
    pub(super) async fn post(
        &mut self,
        upsert: &RequestUpsert,
    ) -> Result<(CustomerRequest, Option<Change<Posted>>), Failure> {
        let known = self.known(upsert);
        if known.deal.as_ref().is_some_and(|deal| self.out_of_sight.contains(&deal.id)) {
            return Err(out_of_sight().into());
        }
        // Before an idea is made for it: a refused post leaves nothing behind.
        let chosen = self.chosen(upsert.id, known.request.as_ref()).await?;
        let idea = self.idea(&upsert.idea).await?;
        let posting = Posting {
            idea: &idea,
            request: chosen.unwrap_or_else(|| self.tx.id()),
            chosen: chosen.is_some(),
            deal: self.tx.id(),
            contact: self.contact(upsert, &known).await?,
            meeting: self.meeting,
            now: self.tx.now(),
        };
        let change = upsert.post.post(self.permit, &known, &posting)?;
        let request = change.as_ref().map(|change| change.state().request.clone()).or(known.request);
        if let Some(posted) = change.as_ref().map(Change::state) {
            self.deals.extend(posted.deal.iter().map(|deal| (deal.key.clone(), deal.clone())));
            self.remember(posted.request.clone());
        }
        let request = request.ok_or_else(|| Failure::internal("a post made no request"))?;
        Ok((request, change))
    }

    /// A request as later posts left it.
    pub(super) fn renew(&self, request: &mut CustomerRequest) {
        let now = Asker::of(request).and_then(|asker| self.requests.get(&(request.idea, asker)));
        if let Some(now) = now {
            request.clone_from(now);
        }
    }

    fn known(&self, upsert: &RequestUpsert) -> Known {
        let post = &upsert.post;
        let deal = post.deal.as_ref().and_then(|post| self.deals.get(&post.key)).cloned();
        let asker = match &post.deal {
            Some(_) => deal.as_ref().map(|deal| Asker::Deal(deal.id)),
            None => post.account.clone().map(Asker::Account),
        };
        let idea = self.ideas.get(&Named::from(&upsert.idea)).and_then(Option::as_ref);
        let key = idea.map(|idea| idea.id).zip(asker);
        Known { deal, request: key.and_then(|key| self.requests.get(&key)).cloned() }
    }

    /// The id that the caller chose for a request. Where a merge left the request of that id behind for the one that is
    /// known, the caller means this one.
    async fn chosen(
        &self,
        id: Option<CustomerRequestId>,
        known: Option<&CustomerRequest>,
    ) -> Result<Option<CustomerRequestId>, Failure> {
        let Some(id) = id else { return Ok(None) };
        let Some(known) = known else {
            if self.requests.values().any(|request| request.id == id) {
                return Err(Tx::used().into());
            }
            self.tx.unused(id.uuid()).await?;
            return Ok(Some(id));
        };
        if known.id != id && self.merged_away(id, known).await? { Ok(None) } else { Ok(Some(id)) }
    }

    async fn merged_away(&self, id: CustomerRequestId, known: &CustomerRequest) -> Result<bool, Failure> {
        let Some(old) = self.tx.customer_request(id).await? else { return Ok(false) };
        let Some(idea) = self.tx.idea(old.idea).await? else { return Ok(false) };
        Ok(Asker::of(&old) == Asker::of(known) && self.tx.forwarded(idea).await?.id == known.idea)
    }

    async fn contact(&self, upsert: &RequestUpsert, known: &Known) -> Result<Option<PersonId>, Failure> {
        let news = upsert.post.deal.as_ref().filter(|post| post.news_to(known.deal.as_ref()));
        match news.and_then(|post| post.contact.as_ref()) {
            // A dry run makes nobody.
            Some(name) if self.mode != PostMode::DryRun => Ok(Some(self.tx.person_by_name(name).await?.id)),
            _ => Ok(None),
        }
    }

    /// The idea that a post is for, made where it is new.
    async fn idea(&mut self, named: &IdeaRef) -> Result<Idea, Failure> {
        // An earlier post may have made it, with another title.
        if let Some(idea) = self.ideas.get(&named.into()).and_then(Option::as_ref) {
            return Ok(idea.clone());
        }
        let idea = self.make(named).await?;
        self.ideas.insert(named.into(), Some(idea.clone()));
        Ok(idea)
    }

    /// Looks up the ideas that posts are for, or those that have their requests now, as far as they are there and the
    /// caller can see them; those named by their ids in one statement.
    async fn find_all(&mut self, named: HashSet<Named>) -> Result<(), Failure> {
        let by_id = |named: &Named| if let Named::Id(id) = named { Some(*id) } else { None };
        let ids: Vec<IdeaId> = named.iter().filter_map(by_id).collect();
        let known = if ids.is_empty() { Vec::new() } else { self.tx.ideas(&ids).await? };
        let mut known: HashMap<_, _> = known.into_iter().map(|idea| (idea.id, idea)).collect();
        for named in named {
            let found = match &named {
                Named::Id(id) => known.remove(id),
                Named::External(team, system, external_id) => match self.tx.team(team).await? {
                    Some(team) => self.tx.idea_by_external(team.id, system, external_id).await?,
                    None => None,
                },
            };
            let idea = match found {
                Some(idea) => Some(self.tx.forwarded(idea).await?),
                None => None,
            };
            self.ideas.insert(named, idea);
        }
        Ok(())
    }

    async fn make(&mut self, named: &IdeaRef) -> Result<Idea, Failure> {
        let (tx, dry) = (self.tx, self.mode == PostMode::DryRun);
        let (team, system, external_id, title) = match named {
            IdeaRef::Id(id) => return Err(Refusal::not_found(&["idea", "id"], "idea", &id.to_string()).into()),
            IdeaRef::External { team, system, external_id, title } => (team, system, external_id, title),
        };
        let team = match tx.team(team).await? {
            Some(team) => team.id,
            // A dry run may be for a team that it did not make.
            None if dry => tx.id(),
            None => {
                return Err(Refusal::not_found(&["idea", "external", "team"], "team", &team.to_string()).into());
            }
        };
        let external = External { system: system.clone(), external_id: external_id.clone(), url: None };
        let terms =
            IdeaTerms { title: title.clone(), body: None, external: Some(external), impact: None, effort: None };
        let change = Idea::submit(self.permit, tx.id(), team, terms, None, self.meeting, tx.now())?;
        self.made.push(external_id.clone());
        let made = if dry { change.into_state() } else { tx.apply(change).await?.0 };
        Ok(made.idea)
    }

    fn remember(&mut self, request: CustomerRequest) {
        if let Some(asker) = Asker::of(&request) {
            self.requests.insert((request.idea, asker), request);
        }
    }
}

fn out_of_sight() -> Refusal {
    let message = "The deal is in the record already, and asks for nothing of a team that this token holds.";
    let remedy = "Post it with the token of the CRM's own integration (holdline token issue --service SYSTEM), or with \
                  one that holds the deal's team too.";
    Refusal::new(Code::Conflict, message).at(&["deal", "externalId"]).remedy(remedy)
}
