//! Customer requests: a deal, or an account without one, asking for an idea.
//! Holds DEAL_ONCE: one request per deal and idea for ever. Posting again updates where it says something newer, and
//! is nothing where it does not; a withdrawn request comes back only with a post from after the withdrawal.

use crate::{
    audit::{AuditAction, Subject},
    change::{Change, Recording},
    deal::{Deal, DealPost, Stamp},
    facts::Facts,
    idea::Idea,
    ids::{CustomerRequestId, DealId, IdeaId, MeetingId, PersonId, TeamId},
    permission::{
        Action, Permit,
        action::{KeepBacklog, PostRequests},
    },
    refusal::{Broken, Code, Refusal, Refusals},
    text::{Line, Prose},
    time::Timestamp,
};

/// An action that may say that a customer asks.
pub trait MaySay: Action {}
impl MaySay for PostRequests {}
impl MaySay for KeepBacklog {}

/// A post: who asks, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPost {
    /// The deal that asks.
    pub deal: Option<DealPost>,
    /// The account that asks, where there is no deal or it is another.
    pub account: Option<Line>,
    /// What they said.
    pub note: Option<Prose>,
}

/// A customer request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRequest {
    /// Its id.
    pub id: CustomerRequestId,
    /// What is asked for.
    pub idea: IdeaId,
    /// Which deal asks.
    pub deal: Option<DealId>,
    /// Which account, where the post named one.
    pub account: Option<Line>,
    /// What they said.
    pub note: Option<Prose>,
    /// When it was posted first.
    pub first_seen_at: Timestamp,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// How new what it says is.
    pub stamp: Stamp,
}

/// What a post changed: the request and, where it brought news of it, the deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The request as it is now.
    pub request: CustomerRequest,
    /// Whose backlog it is in.
    pub team: TeamId,
    /// Whether the request was not there before.
    pub is_new: bool,
    /// The deal, where the post was news to it.
    pub deal: Option<Deal>,
    /// Whether the deal was not there before.
    pub deal_is_new: bool,
}

/// What is known before a post: the deal, and its request for the idea.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are named by their types")]
pub struct Known {
    pub deal: Option<Deal>,
    pub request: Option<CustomerRequest>,
}

/// What a post needs beside what it says.
#[derive(Debug, Clone, Copy)]
pub struct Posting<'a> {
    /// What is asked for; never one that was merged into another.
    pub idea: &'a Idea,
    /// The id that a new request would have.
    pub request: CustomerRequestId,
    /// Whether the caller chose that id.
    pub chosen: bool,
    /// The id that a new deal would have.
    pub deal: DealId,
    /// The contact, looked up.
    pub contact: Option<PersonId>,
    /// The meeting in which it was said.
    pub meeting: Option<MeetingId>,
    /// When.
    pub now: Timestamp,
}

impl RequestPost {
    /// INVALID where nobody asks.
    pub fn check(&self) -> Result<(), Refusals> {
        if self.deal.is_none() && self.account.is_none() {
            let message = "A request names the deal that asks, or the account.";
            return Err(Refusal::invalid(&["deal"], message).remedy("Give deal or account.").into());
        }
        Ok(())
    }

    fn stamp(&self) -> Stamp {
        let said =
            Facts::map([("account", Facts::maybe(self.account.as_ref())), ("note", Facts::maybe(self.note.as_ref()))]);
        let source_updated_at = self.deal.as_ref().and_then(|deal| deal.source_updated_at);
        Stamp { source_updated_at, digest: said.digest() }
    }

    /// The change that it makes to what is known; none where it says nothing newer.
    pub fn post<A: MaySay>(
        &self,
        permit: &Permit<A>,
        known: &Known,
        posting: &Posting<'_>,
    ) -> Result<Option<Change<Posted>>, Refusals> {
        self.check()?;
        if let (Some(request), true) = (&known.request, posting.chosen) {
            once(request, posting.request)?;
        }
        let deal = self
            .deal
            .as_ref()
            .filter(|post| post.news_to(known.deal.as_ref()))
            .map(|post| post.deal(known.deal.as_ref().map_or(posting.deal, |deal| deal.id), posting.contact));
        let of = deal.as_ref().or(known.deal.as_ref().filter(|_| self.deal.is_some()));
        let request = self.request(known.request.as_ref(), of.map(|deal| deal.id), posting);
        if deal.is_none() && known.request.as_ref() == Some(&request) {
            return Ok(None);
        }
        let id = request.id;
        let before = known.request.as_ref().map_or(Facts::Null, |old| old.facts(known.deal.as_ref()));
        let after = request.facts(of);
        let (is_new, deal_is_new) = (known.request.is_none(), known.deal.is_none() && deal.is_some());
        let by = Recording::by(permit, AuditAction::CustomerRequestUpserted, Subject::CustomerRequest(id));
        let by = by.team(posting.idea.team).meeting(posting.meeting).before(before);
        Ok(Some(by.after(after, Posted { request, team: posting.idea.team, is_new, deal, deal_is_new })))
    }

    fn request(&self, known: Option<&CustomerRequest>, deal: Option<DealId>, posting: &Posting<'_>) -> CustomerRequest {
        let stamp = self.stamp();
        let Some(known) = known else {
            return CustomerRequest {
                id: posting.request,
                idea: posting.idea.id,
                deal,
                account: self.account.clone(),
                note: self.note.clone(),
                first_seen_at: posting.now,
                withdrawn_at: None,
                stamp,
            };
        };
        let mut request = known.clone();
        if stamp > known.stamp {
            request.account.clone_from(&self.account);
            request.note.clone_from(&self.note);
            request.stamp = stamp;
        }
        request.withdrawn_at = known.withdrawn_at.filter(|at| stamp.source_updated_at.is_none_or(|said| said <= *at));
        request
    }
}

fn once(request: &CustomerRequest, chosen: CustomerRequestId) -> Result<(), Refusals> {
    if request.id == chosen {
        return Ok(());
    }
    let message = format!("The deal asks for this idea already: that is {}, and no second request.", request.id);
    Err(Refusal::new(Code::DealOnce, message).at(&["id"]).into())
}

impl CustomerRequest {
    pub(crate) fn facts(&self, deal: Option<&Deal>) -> Facts {
        Facts::map([
            ("idea", Facts::text(self.idea)),
            ("deal", deal.map_or(Facts::Null, Deal::facts)),
            ("account", Facts::maybe(self.account.as_ref())),
            ("note", Facts::maybe(self.note.as_ref())),
            ("firstSeenAt", Facts::text(self.first_seen_at)),
            ("withdrawnAt", Facts::maybe(self.withdrawn_at)),
        ])
    }

    /// Withdraws it: it no longer counts as demand, and stays in the record. `deal` is the deal that asks.
    pub fn withdraw(
        mut self,
        permit: &Permit<PostRequests>,
        team: TeamId,
        deal: Option<&Deal>,
        reason: Option<Prose>,
        now: Timestamp,
    ) -> Result<Change<Posted>, Refusals> {
        let mut broken = Broken::none();
        broken.when(self.withdrawn_at.is_some(), || {
            Refusal::new(Code::Conflict, "The request was withdrawn already.").at(&["customerRequest"])
        });
        broken.when(reason.is_none(), || {
            Refusal::new(Code::ReasonRequired, "A withdrawn request says why.").at(&["reason"])
        });
        broken.finish()?;
        let before = self.facts(deal);
        self.withdrawn_at = Some(now);
        let after = self.facts(deal);
        let by = Recording::by(permit, AuditAction::CustomerRequestWithdrawn, Subject::CustomerRequest(self.id));
        let by = by.team(team).reason(reason.map(|reason| reason.to_string())).before(before);
        Ok(by.after(after, Posted { request: self, team, is_new: false, deal: None, deal_is_new: false }))
    }
}
