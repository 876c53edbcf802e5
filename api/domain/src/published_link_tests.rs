//! A published link's transitions, and what each leaves in the log.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::{
    actor::{Actor, Teams},
    permission::Scope,
    person::{Person, PersonKind},
};

fn permit() -> Permit<PublishPlans> {
    let person = Person {
        id: Uuid::from_u128(1).into(),
        issuer: Some("holdline".into()),
        subject: Some("admin".into()),
        name: Line::parse("Admin").unwrap(),
        kind: PersonKind::Person,
        salt: [0; 32],
        erased_at: None,
    };
    let scopes = BTreeSet::from([Scope::Admin]);
    let actor = Actor { person, scopes, teams: Teams::All, system: None, key_id: "k".into(), token_id: "t".into() };
    actor.require().unwrap()
}

fn create(others: usize) -> Result<Change<PublishedLink>, Refusals> {
    let (id, team) = (Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
    PublishedLink::create(&permit(), id, team, Line::parse("The board").unwrap(), others)
}

#[test]
fn a_link_is_made_and_revoked_once_and_the_log_says_why() {
    let made = create(0).unwrap();
    assert_eq!((made.entry().action, made.entry().team), (AuditAction::PublishedLinkCreated, Some(made.state().team)));

    let (now, why) = (Timestamp::from_micros(7).unwrap(), Prose::parse("The board has changed.").unwrap());
    let revoked = made.into_state().revoke(&permit(), Some(why), now).unwrap();

    assert_eq!(revoked.entry().action, AuditAction::PublishedLinkRevoked);
    assert_eq!(revoked.entry().reason.as_deref(), Some("The board has changed."));
    let link = revoked.into_state();
    assert_eq!((link.revoked_at, link.version), (Some(now), 2));
    let again = link.revoke(&permit(), None, now).unwrap_err();
    assert_eq!(again.list()[0].code, Code::NotFound);
}

#[test]
fn a_team_has_so_many_open_links_and_no_more() {
    assert!(create(MOST - 1).is_ok());
    assert_eq!(create(MOST).unwrap_err().list()[0].code, Code::Conflict);
}
