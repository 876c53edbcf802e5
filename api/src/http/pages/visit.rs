//! A visit: who looks at a page, and asking the API on their behalf. It pays for what it asks as any client does, and
//! sees what they may see.

use std::sync::Arc;

use async_graphql::{Response as Executed, Value, Variables};
use axum::{
    body::Body,
    http::{HeaderMap, Method, request::Parts},
};
use chrono_tz::Tz;
use holdline_domain::{
    ids::PublishedLinkId,
    permission::Scope,
    published_link::PublishedLink,
    text::TeamKey,
    time::{FiscalCalendar, Timestamp},
};
use serde::de::DeserializeOwned;

use super::{form::Form, problem::Problem, session};
use crate::{
    app::Entrant,
    auth::Identity,
    http::{
        answers::{Answers, Bill},
        door::{DOOR, Door, subject, unavailable},
        errors::tidy,
        gate::Admitted,
        request::{MAX_BODY, Params},
        router::{KIBIBYTE, request_id},
    },
};

/// Who looks.
enum Who {
    /// Somebody with a token.
    Holder(Box<Identity>),
    /// Whoever knows a published link, for its team.
    Anybody(Box<(PublishedLink, TeamKey)>),
}

/// A visit to a page.
pub(super) struct Visit {
    pub(super) door: Arc<Door>,
    who: Who,
    subject: String,
    request_id: String,
    /// The address that is visited, to come back to.
    here: String,
}

impl Visit {
    /// A visit by whoever is signed in.
    pub(super) async fn of_session(door: &Arc<Door>, head: &Parts) -> Result<Self, Problem> {
        let here = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let mut refused = Problem::SignIn(here.clone());
        for token in session::tokens(&head.headers, door.settings.over_tls()) {
            match door.app.authenticate(Some(token)).await {
                Ok(Entrant { identity, .. }) => {
                    let (subject, request_id) = (subject(&identity), request_id(head));
                    let who = Who::Holder(Box::new(identity));
                    let visit = Self { door: Arc::clone(door), who, subject, request_id, here };
                    visit.pay(DOOR)?;
                    return Ok(visit);
                }
                Err(why) => refused = Problem::unauthenticated(why, &here),
            }
        }
        Err(refused)
    }

    /// Reads a form; how much of it there is costs as much as a body of the API does.
    pub(super) async fn form(&self, headers: &HeaderMap, body: Body) -> Result<Form, Problem> {
        let limits = (MAX_BODY, self.door.settings.body_time);
        let pay = |bytes: usize| self.pay(bytes as u64 / KIBIBYTE);
        Form::read(&self.door.room, headers, body, limits, pay).await
    }

    fn pay(&self, points: u64) -> Result<(), Problem> {
        let charged = self.door.points.charge(&self.subject, points, 0);
        charged.map(|_| ()).map_err(|overspent| Problem::overspent(overspent, &self.here))
    }

    /// A visit by whoever knows a published link, which pays before anything is looked up.
    pub(super) async fn of_link(
        door: &Arc<Door>,
        head: &Parts,
        id: PublishedLinkId,
    ) -> Result<Option<(Self, TeamKey)>, Problem> {
        // No issuer has a name without letters, so that no token's points are spent by who holds a link.
        let (subject, here) = (format!("\n{id}"), "/".to_owned());
        let charged = door.points.charge(&subject, DOOR, 0);
        charged.map_err(|overspent| Problem::overspent(overspent, &here))?;
        let found = door.app.open_link(id).await.map_err(|failure| {
            tracing::error!(%failure, "a published link could not be looked up");
            Problem::of_refusal(&unavailable(), &here)
        })?;
        let (door, request_id) = (Arc::clone(door), request_id(head));
        Ok(found.map(|found| {
            let team = found.1.clone();
            (Self { door, who: Who::Anybody(Box::new(found)), subject, request_id, here }, team)
        }))
    }

    /// Whether whoever looks holds a scope.
    pub(super) fn may(&self, scope: Scope) -> bool {
        match &self.who {
            Who::Holder(identity) => identity.scopes.contains(&scope),
            Who::Anybody(_) => false,
        }
    }

    /// Whether it is under a published link.
    pub(super) const fn is_published(&self) -> bool {
        matches!(self.who, Who::Anybody(_))
    }

    pub(super) fn calendar(&self) -> FiscalCalendar {
        self.door.app.service().calendar()
    }

    /// Whose day it is.
    pub(super) fn zone(&self) -> Tz {
        self.calendar().zone()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.door.app.clock().now()
    }

    /// Asks for what a page shows.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: serde_json::Value,
    ) -> Result<T, Problem> {
        let admitted = self.admit(document, variables)?;
        self.pay(admitted.price)?;
        let mut executed = self.execute(admitted).await?;
        tidy(&mut executed, &self.request_id);
        if let Some(error) = executed.errors.first() {
            return Err(Problem::of_error(error, &self.here));
        }
        self.read(executed.data)
    }

    /// Follows something as it goes on.
    pub(super) async fn follow(&self, document: &str, variables: serde_json::Value) -> Result<Answers, Problem> {
        let Who::Holder(identity) = &self.who else { return Err(Problem::nothing_here()) };
        let admitted = self.admit(document, variables)?;
        let bill = Bill {
            points: Arc::clone(&self.door.points),
            subject: self.subject.clone(),
            price: admitted.price,
            paid: None,
        };
        let met = self.door.app.meet((**identity).clone()).await;
        let entrant = met.map_err(|failure| {
            tracing::error!(%failure, "a visitor could not be looked up");
            Problem::of_refusal(&unavailable(), &self.here)
        })?;
        let followed = self.door.follow(entrant, admitted, bill, self.request_id.clone(), None).await;
        followed.map_err(|refusal| Problem::of_refusal(&refusal, &self.here))
    }

    fn admit(&self, document: &str, variables: serde_json::Value) -> Result<Admitted, Problem> {
        let params = Params { operation_name: None, variables: Variables::from_json(variables) };
        self.door
            .admit_text(document.to_owned(), params, &Method::POST)
            .map_err(|refusal| Problem::of_refusal(&refusal, &self.here))
    }

    async fn execute(&self, admitted: Admitted) -> Result<Executed, Problem> {
        let id = self.request_id.clone();
        let executed = match &self.who {
            Who::Holder(identity) => self.door.execute_later((**identity).clone(), admitted, id, None).await,
            Who::Anybody(link) => self.door.execute_published(&link.0, &link.1, admitted, id).await,
        };
        executed.map_err(|refusal| Problem::of_refusal(&refusal, &self.here))
    }

    fn read<T: DeserializeOwned>(&self, data: Value) -> Result<T, Problem> {
        let read = data.into_json().and_then(serde_json::from_value);
        read.map_err(|error| {
            tracing::error!(%error, request_id = %self.request_id, "a page does not understand the API's answer");
            Problem::of_error(&crate::http::errors::internal(&self.request_id), &self.here)
        })
    }
}
