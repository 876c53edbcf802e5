//! The viewer: whom the token stands for, and what it permits.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use holdline_domain::actor::Teams;

use super::{fault::Fault, loaders::unshare, person::Person, scalars::DateTime, session::session};

/// Whom a token stands for, and what it permits.
#[derive(SimpleObject)]
pub(super) struct Viewer {
    /// The person or service.
    person: Person,
    /// The scopes that the token carries.
    scopes: Vec<String>,
    /// The keys of the teams that it holds; empty where it holds all.
    teams: Vec<String>,
    /// Whether it holds every team, also later ones.
    all_teams: bool,
    /// When it expires.
    expires_at: DateTime,
}

/// Queries about the caller.
#[derive(Default)]
pub(super) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Whom the token stands for; every valid token may ask.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Fault> {
        let session = session(ctx);
        let actor = &session.caller().actor;
        let (teams, all_teams) = match &actor.teams {
            Teams::All => (Vec::new(), true),
            Teams::Only(keys) => (keys.iter().map(ToString::to_string).collect(), false),
        };
        // Somebody who comes for the first time while nothing is written is in no row yet.
        let known = session.loader().load_one(actor.person.id).await.map_err(unshare)?;
        Ok(Viewer {
            person: Person(known.unwrap_or_else(|| Arc::new(actor.person.clone()))),
            scopes: actor.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
            teams,
            all_teams,
            expires_at: DateTime(session.expires_at()),
        })
    }
}
