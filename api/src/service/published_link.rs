//! Published links: who reads a team's plan without an account.

use holdline_domain::{
    ids::PublishedLinkId,
    permission::action::PublishPlans,
    plan::expect_version,
    published_link::PublishedLink,
    text::{Line, Prose, TeamKey},
};

use super::{Caller, Service, found};
use crate::{
    failure::Failure,
    store::{Chosen, Claim},
};

/// A link to be made.
#[derive(Debug, Clone)]
pub struct PublishedLinkCreate {
    /// A client-chosen id.
    pub id: Option<Chosen<PublishedLinkId>>,
    /// Whose plan is read.
    pub team: TeamKey,
    /// Whom or what it is for.
    pub name: Line,
}

impl Service {
    /// Publishes a team's plan under a new link.
    pub async fn published_link_create(
        &self,
        caller: &Caller,
        input: PublishedLinkCreate,
    ) -> Result<PublishedLinkId, Failure> {
        let permit = caller.actor.require::<PublishPlans>()?;
        self.write(caller, "publishedLinkCreate", move |tx| {
            Box::pin(async move {
                let id = match tx.claim(input.id).await? {
                    Claim::Free(id) => id,
                    Claim::Made(id, _) => return Ok(id),
                };
                let team = found(tx.team(&input.team).await?, "team", "team", &input.team)?.id;
                let others = tx.published_link_count(team).await?;
                let change = PublishedLink::create(&permit, id, team, input.name, others)?;
                Ok(tx.create(change, input.id).await?.0.id)
            })
        })
        .await
    }

    /// Takes a link back.
    pub async fn published_link_revoke(
        &self,
        caller: &Caller,
        id: PublishedLinkId,
        reason: Option<Prose>,
        expected: Option<u32>,
    ) -> Result<PublishedLinkId, Failure> {
        let permit = caller.actor.require::<PublishPlans>()?;
        self.write(caller, "publishedLinkRevoke", move |tx| {
            Box::pin(async move {
                let link = found(tx.published_link(id).await?, "publishedLink", "published link", id)?;
                expect_version("published link", link.version, expected)?;
                Ok(tx.apply(link.revoke(&permit, reason, tx.now())?).await?.0.id)
            })
        })
        .await
    }
}
