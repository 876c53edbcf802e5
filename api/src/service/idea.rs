//! The backlog: submit, update, review, decline, merge. How an idea reaches the roadmap is in `promotion`.

use holdline_domain::{
    idea::{External, Idea, IdeaTerms, Rating},
    ids::{IdeaId, MeetingId},
    permission::{Permit, action::KeepBacklog},
    text::{Line, Prose, TeamKey},
};

use super::{
    Caller, Service,
    customer_request::{IdeaRef, PostMode, RequestUpsert, Sent, post_all},
    found,
};
use crate::{
    failure::Failure,
    store::{Chosen, Claim, Tx},
};

/// An idea to be submitted, with those who ask for it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct IdeaSubmit {
    pub id: Option<Chosen<IdeaId>>,
    pub team: TeamKey,
    pub terms: IdeaTerms,
    pub customer_requests: Vec<holdline_domain::customer_request::RequestPost>,
}

/// An idea to be edited; what is none stays, the inner option clears.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are the mutation's input, described in the API")]
pub struct IdeaEdit {
    pub idea: IdeaId,
    pub title: Option<Line>,
    pub body: Option<Option<Prose>>,
    pub external: Option<Option<External>>,
    pub impact: Option<Option<Rating>>,
    pub effort: Option<Option<Rating>>,
    pub expected: Option<u32>,
}

impl Service {
    /// Submits an idea.
    pub async fn idea_submit(&self, caller: &Caller, input: IdeaSubmit) -> Result<IdeaId, Failure> {
        let permit = caller.actor.require::<KeepBacklog>()?;
        self.write(caller, "ideaSubmit", move |tx| Box::pin(async move { submit(tx, &permit, input, None).await }))
            .await
    }

    /// Edits an idea.
    pub async fn idea_update(&self, caller: &Caller, input: IdeaEdit) -> Result<IdeaId, Failure> {
        let permit = caller.actor.require::<KeepBacklog>()?;
        self.write(caller, "ideaUpdate", move |tx| {
            Box::pin(async move {
                if let Some(Some(external)) = &input.external {
                    permit.actor().posts_for(&external.system, &["external", "system"])?;
                }
                let idea = one(tx, input.idea, input.expected).await?;
                let old = idea.terms.clone();
                let terms = IdeaTerms {
                    title: input.title.unwrap_or(old.title),
                    body: input.body.unwrap_or(old.body),
                    external: input.external.unwrap_or(old.external),
                    impact: input.impact.unwrap_or(old.impact),
                    effort: input.effort.unwrap_or(old.effort),
                };
                let taken = taken(tx, &idea, &terms).await?;
                tx.apply(idea.update(&permit, terms, taken)?).await?;
                Ok(input.idea)
            })
        })
        .await
    }

    /// Takes an idea under review.
    pub async fn idea_review(&self, caller: &Caller, id: IdeaId, expected: Option<u32>) -> Result<IdeaId, Failure> {
        let permit = caller.actor.require::<KeepBacklog>()?;
        self.write(caller, "ideaReview", move |tx| {
            Box::pin(async move {
                tx.apply(one(tx, id, expected).await?.review(&permit)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Declines an idea.
    pub async fn idea_decline(
        &self,
        caller: &Caller,
        id: IdeaId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<IdeaId, Failure> {
        let permit = caller.actor.require::<KeepBacklog>()?;
        self.write(caller, "ideaDecline", move |tx| {
            Box::pin(async move {
                tx.apply(one(tx, id, expected).await?.decline(&permit, reason)?).await?;
                Ok(id)
            })
        })
        .await
    }

    /// Merges an idea into another; into the one that that one was merged into, where it was.
    pub async fn idea_merge(
        &self,
        caller: &Caller,
        id: IdeaId,
        into: IdeaId,
        expected: Option<u32>,
    ) -> Result<IdeaId, Failure> {
        let permit = caller.actor.require::<KeepBacklog>()?;
        self.write(caller, "ideaMerge", move |tx| {
            Box::pin(async move {
                let idea = one(tx, id, expected).await?;
                let into = found(tx.idea(into).await?, "into", "idea", into)?;
                let into = tx.forwarded(into).await?;
                tx.apply(idea.merge(&permit, &into)?).await?;
                Ok(id)
            })
        })
        .await
    }
}

/// Submits an idea with those who ask for it, inside a job.
pub(super) async fn submit(
    tx: &Tx,
    permit: &Permit<KeepBacklog>,
    input: IdeaSubmit,
    meeting: Option<MeetingId>,
) -> Result<IdeaId, Failure> {
    let id = match tx.claim(input.id).await? {
        Claim::Free(id) => id,
        Claim::Made(id, _) => return Ok(id),
    };
    let team = found(tx.team(&input.team).await?, "team", "team", &input.team)?;
    if let Some(external) = &input.terms.external {
        permit.actor().posts_for(&external.system, &["external", "system"])?;
    }
    let taken = match &input.terms.external {
        Some(external) => tx.idea_by_external(team.id, &external.system, &external.external_id).await?,
        None => None,
    };
    let taken = taken.map(|idea| idea.id);
    let change = Idea::submit(permit, id, team.id, input.terms, taken, meeting, tx.now())?;
    tx.create(change, input.id).await?;
    let asks = input.customer_requests.into_iter();
    let upserts = asks.map(|post| RequestUpsert { id: None, idea: IdeaRef::Id(id), post });
    let sent = upserts.map(|upsert| Sent { request_id: tx.request_id(), said: Ok(upsert) }).collect();
    let posted = post_all(tx, permit, sent, PostMode::RejectAll, meeting).await?;
    posted.all("customerRequests")?;
    Ok(id)
}

async fn taken(tx: &Tx, idea: &Idea, terms: &IdeaTerms) -> Result<Option<IdeaId>, Failure> {
    let Some(external) = &terms.external else { return Ok(None) };
    let found = tx.idea_by_external(idea.team, &external.system, &external.external_id).await?;
    Ok(found.map(|idea| idea.id))
}

pub(super) async fn one(tx: &Tx, id: IdeaId, expected: Option<u32>) -> Result<Idea, Failure> {
    let idea = found(tx.idea(id).await?, "idea", "idea", id)?;
    idea.expect_version(expected)?;
    Ok(idea)
}
