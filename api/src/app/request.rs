//! One request: whom its token stands for, and running it as that person, once or for as long as it has something to say.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
};

use async_graphql::{Request, Response};
use futures_util::{StreamExt as _, stream, stream::BoxStream};
use holdline_domain::{
    actor::{Actor, Teams},
    ids::PublishedLinkId,
    permission::Scope,
    person::{Person, PersonKind},
    published_link::PublishedLink,
    text::{Line, TeamKey},
};

use super::App;
use crate::{
    auth::{Denied, Identity},
    failure::Failure,
    graphql::{self, Session},
    service::Caller,
    store::{Arrival, Attempt, Holder},
};

/// Why nobody is let in.
#[derive(Debug)]
pub enum Unauthenticated {
    /// The token is missing or no good, in a sentence.
    Token(String),
    /// The token is good, and permits nothing here, in a sentence.
    Role(String),
    /// The database that knows the revoked ones does not answer.
    Unavailable,
}

/// Somebody whose token was found good, as the database knew them when they came.
#[derive(Debug, Clone)]
pub struct Entrant {
    /// What the token says.
    pub identity: Identity,
    /// What the database says.
    pub arrival: Arrival,
}

/// What a request was answered.
pub struct Answered {
    /// The answer.
    pub response: Response,
    /// Whether it says something that changes with time alone.
    pub timed: bool,
}

impl App {
    /// Whom a token stands for; the refusal is a sentence for whoever sent it.
    pub async fn authenticate(&self, bearer: Option<&str>) -> Result<Entrant, Unauthenticated> {
        const HOW: &str = "A token is needed: send Authorization: Bearer TOKEN (holdline token issue makes one).";
        let token = bearer.ok_or_else(|| Unauthenticated::Token(HOW.to_owned()))?;
        let identity = self.tokens.verify(token, self.clock.now()).await.map_err(|denied| match denied {
            Denied::Forbidden(sentence) => Unauthenticated::Role(sentence),
            Denied::Token(sentence) => Unauthenticated::Token(sentence),
        })?;
        match self.meet(identity).await {
            Ok(entrant) if !entrant.arrival.standing.revoked => Ok(entrant),
            Ok(_) => Err(Unauthenticated::Token("The token was revoked; ask for another one.".to_owned())),
            Err(failure) => {
                tracing::error!(%failure, "a token could not be checked");
                Err(Unauthenticated::Unavailable)
            }
        }
    }

    /// What the database knows by now of whom a token stands for.
    pub async fn meet(&self, identity: Identity) -> Result<Entrant, Failure> {
        let Identity { issuer, subject, token_id, .. } = &identity;
        let (issuer, subject, token_id) = (issuer.clone(), subject.clone(), token_id.clone());
        let arrival = self.arrivals.meet(Holder { issuer, subject, token_id }).await?;
        Ok(Entrant { identity, arrival })
    }

    /// Whether the key of an actor's token is still believed.
    #[must_use]
    pub fn is_believed(&self, actor: &Actor) -> bool {
        self.tokens.believes(actor.person.issuer.as_deref().unwrap_or_default(), &actor.key_id)
    }

    /// Whether an actor's token was taken back.
    pub async fn is_revoked(&self, actor: &Actor) -> Result<bool, Failure> {
        let said = |word: &Option<String>| word.clone().unwrap_or_default();
        let (issuer, subject) = (said(&actor.person.issuer), said(&actor.person.subject));
        let holder = Holder { issuer, subject, token_id: actor.token_id.clone() };
        Ok(self.arrivals.meet(holder).await?.standing.revoked)
    }

    /// Runs a request that has passed the gate, and whether it changes something.
    pub async fn execute(
        self: &Arc<Self>,
        (request, changes): (Request, bool),
        entrant: Entrant,
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Answered {
        match self.session((entrant, changes), request_id, attempt).await {
            Ok(session) => {
                let clock = session.looks_at_clock();
                let response = session.execute(&self.schema, request).await;
                Answered { response, timed: clock.load(Ordering::Relaxed) }
            }
            Err(failure) => Answered { response: graphql::failed(failure), timed: true },
        }
    }

    /// An open published link, with the team whose plan is read under it.
    pub async fn open_link(&self, id: PublishedLinkId) -> Result<Option<(PublishedLink, TeamKey)>, Failure> {
        let reader = self.reader(Teams::All);
        let Some(link) = reader.published_link(id).await? else { return Ok(None) };
        let team = reader.teams_by_id(&[link.team]).await?.pop();
        Ok(team.map(|team| (link, team.key)))
    }

    /// Runs a query for whoever knows a published link: as nobody in the record, who may read its one team and nothing
    /// else. Whoever asks has made sure that the link is open.
    pub async fn execute_published(
        self: &Arc<Self>,
        request: Request,
        link: &PublishedLink,
        team: &TeamKey,
        request_id: String,
    ) -> Response {
        let person = Person {
            id: self.ids.next(),
            issuer: None,
            subject: None,
            name: link.name.clone(),
            kind: PersonKind::Service,
            salt: [0; 32],
            erased_at: None,
        };
        let actor = Actor {
            person,
            scopes: BTreeSet::from([Scope::Read]),
            teams: Teams::Only(BTreeSet::from([team.clone()])),
            system: None,
            key_id: "none".into(),
            token_id: link.id.to_string(),
        };
        let caller = Caller { actor, request_id: Some(request_id), recorded: false, attempt: None };
        let session = Session::new(Arc::clone(self), caller, self.clock.now());
        session.execute(&self.schema, request).await
    }

    /// Runs a subscription that has passed the gate. Between two answers nothing of the database is held.
    pub async fn follow(
        self: &Arc<Self>,
        request: Request,
        entrant: Entrant,
        request_id: String,
    ) -> BoxStream<'static, Response> {
        let session = match self.session((entrant, false), request_id, None).await {
            Ok(session) => session,
            Err(failure) => return stream::iter([graphql::failed(failure)]).boxed(),
        };
        let reader = session.reader().clone();
        let release = move |response| {
            let reader = reader.clone();
            async move {
                reader.refresh().await;
                response
            }
        };
        session.follow(&self.schema, request).then(release).boxed()
    }

    async fn session(
        self: &Arc<Self>,
        (entrant, changes): (Entrant, bool),
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Result<Session, Failure> {
        let expires_at = entrant.identity.expires_at;
        let caller = self.caller((entrant, changes), request_id, attempt).await?;
        Ok(Session::new(Arc::clone(self), caller, expires_at))
    }

    async fn caller(
        &self,
        (Entrant { identity, arrival }, changes): (Entrant, bool),
        request_id: String,
        attempt: Option<Attempt>,
    ) -> Result<Caller, Failure> {
        // Asked anew with each request: whoever was erased, by whichever process, is a new person from then on.
        let known = arrival.standing.person.clone();
        // Who reads is not written down anew: two tokens of one subject may have two names.
        let is_named = |person: &Person| identity.name.as_ref().is_none_or(|name| *name == person.name);
        let known = known.filter(|person| !changes || is_named(person));
        let unseen = |name: Line| Person {
            id: self.ids.next(),
            issuer: Some(identity.issuer.clone()),
            subject: Some(identity.subject.clone()),
            name,
            kind: identity.kind,
            salt: [0; 32],
            erased_at: None,
        };
        let seen = known.is_some();
        let person = match known {
            Some(person) => person,
            None => unseen(Line::parse("unseen").map_err(Failure::internal)?),
        };
        let actor = Actor {
            person,
            scopes: identity.scopes,
            teams: identity.teams,
            key_id: identity.key_id,
            system: identity.system,
            token_id: identity.token_id,
        };
        let mut caller = Caller { actor, request_id: Some(request_id), recorded: true, attempt: None };
        if !seen {
            self.sight(&mut caller, identity.name).await?;
        }
        if let Some(attempt) = attempt {
            self.database.check_key(&attempt, caller.actor.person.id, self.clock.now()).await?;
            caller.attempt = Some(attempt);
        }
        Ok(caller)
    }
}
