//! The demo's story: a team commits a quarter, checks in, holds the line, is asked for more on a Wednesday, and has one
//! renegotiation on the table.
//! Told through the service as anybody would tell it; refuses any way into the store that a caller does not have.

use std::collections::BTreeSet;

use holdline_domain::{
    actor::{Actor, Teams},
    facts::Digest,
    ids::{KeyResultId, MeetingId, MeetingInputId, ObjectiveId, PlanId, RenegotiationId},
    permission::Role,
    person::{Person, PersonKind},
    quantity::Quantity,
    text::{Line, Prose, TeamKey},
};

use super::{super::stop::Stop, clock::DemoClock};
use crate::{
    app::App,
    auth::ISSUER,
    clock::Ids,
    failure::Failure,
    service::{Caller, PersonRef, TeamCreate},
};

mod meetings;
mod quarter;
mod wednesday;

/// The team's key.
pub(super) const TEAM: &str = "PAY";

/// What the story left on the table.
pub(super) struct Story {
    pub(super) objective: ObjectiveId,
    pub(super) renegotiation: RenegotiationId,
    pub(super) digest: Digest,
    pub(super) meeting: MeetingId,
    pub(super) status_check: MeetingId,
    pub(super) waiting: MeetingInputId,
}

/// Who tells it, and where.
struct Telling<'a> {
    app: &'a App,
    team: TeamKey,
    planner: Caller,
    contributor: Caller,
}

/// What was committed.
struct Committed {
    plan: PlanId,
    objectives: Vec<ObjectiveId>,
    key_results: Vec<KeyResultId>,
}

impl Story {
    /// Tells the story: the commitment on the quarter's second day, everything else four weeks in.
    pub(super) async fn seed(app: &App, clock: &DemoClock) -> Result<Self, Stop> {
        let team = TeamKey::parse(TEAM).map_err(Stop::new)?;
        let admin = caller(app, Role::Admin).await?;
        let create = TeamCreate { id: None, key: team.clone(), name: line("Payments")? };
        app.service().team_create(&admin, create).await?;
        let planner = caller(app, Role::Planner).await?;
        let contributor = caller(app, Role::Contributor).await?;
        // Everybody has their name before anybody mentions them by their subject.
        for role in [Role::Viewer, Role::Approver] {
            caller(app, role).await?;
        }
        let telling = Telling { app, team, planner, contributor };
        let committed = telling.commit(clock.span.quarter).await?;
        clock.set_to_day(28);
        telling.check_in(&committed).await?;
        telling.hold_the_line(&committed).await?;
        let wednesday = telling.hold_status_check(&committed).await?;
        let (renegotiation, digest) = telling.renegotiate(&committed, wednesday.idea).await?;
        let meeting = telling.open_renegotiation(&committed, renegotiation).await?;
        let objective = *committed.objectives.first().ok_or_else(untold)?;
        let (status_check, waiting) = (wednesday.meeting, wednesday.waiting);
        Ok(Self { objective, renegotiation, digest, meeting, status_check, waiting })
    }
}

/// The subject of a role's token.
pub(super) fn subject(role: Role) -> Result<Line, Stop> {
    line(&format!("demo-{}", role.name()))
}

/// What a role's holder is called.
pub(super) fn name(role: Role) -> Result<Line, Stop> {
    line(&format!("Demo {}", role.name()))
}

/// A caller such as a role's token makes one.
async fn caller(app: &App, role: Role) -> Result<Caller, Stop> {
    let ids = Ids::random(app.clock().clone());
    let name = name(role)?;
    let person = Person {
        id: ids.next(),
        issuer: Some(ISSUER.to_owned()),
        subject: Some(subject(role)?.to_string()),
        name: name.clone(),
        kind: PersonKind::Person,
        salt: [0; 32],
        erased_at: None,
    };
    let scopes: BTreeSet<_> = role.scopes().iter().copied().collect();
    let token_id = ids.next::<uuid::Uuid>().to_string();
    let actor = Actor { person, scopes, teams: Teams::All, system: None, key_id: app.keys().id().to_owned(), token_id };
    let mut caller = Caller { actor, request_id: None, recorded: true, attempt: None };
    caller.actor.person = app.service().person_seen(&caller, Some(name)).await?;
    Ok(caller)
}

fn who(role: Role) -> Result<PersonRef, Stop> {
    subject(role).map(PersonRef::Subject)
}

fn line(text: &str) -> Result<Line, Stop> {
    Line::parse(text).map_err(Stop::new)
}

fn prose(text: &str) -> Result<Prose, Stop> {
    Prose::parse(text).map_err(Stop::new)
}

fn quantity(text: &str) -> Result<Quantity, Stop> {
    Quantity::parse(text).map_err(Stop::new)
}

/// The demo is at odds with the rules: a mistake in here, not of whoever started it.
fn untold() -> Stop {
    Failure::internal("the demo's story does not hold together").into()
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;
