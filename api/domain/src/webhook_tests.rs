//! A webhook's transitions, and what each leaves in the log.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::*;
use crate::{
    actor::{Actor, Teams},
    permission::Scope,
    person::{Person, PersonKind},
};

fn permit() -> Permit<ManageWebhooks> {
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

fn terms(actions: &[AuditAction]) -> WebhookTerms {
    let url = Line::parse("https://hooks.example.com/holdline").unwrap();
    WebhookTerms { url, description: None, actions: actions.to_vec() }
}

fn made() -> Webhook {
    Webhook::create(&permit(), Uuid::from_u128(2).into(), None, terms(&[]), 0).unwrap().into_state()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

#[test]
fn what_is_told_is_what_was_asked_for() {
    let (team, other) = (TeamId::from(Uuid::from_u128(7)), TeamId::from(Uuid::from_u128(8)));
    let decided = AuditAction::RenegotiationDecided;
    let table = [
        (None, vec![], Some(team), true),
        (None, vec![], None, true),
        (None, vec![decided], Some(team), true),
        (None, vec![AuditAction::PlanCommitted], Some(team), false),
        (Some(team), vec![], Some(team), true),
        (Some(team), vec![], Some(other), false),
        (Some(team), vec![], None, false),
        (Some(team), vec![decided], Some(other), false),
    ];
    for (of, actions, entry, told) in table {
        let webhook = Webhook { team: of, terms: terms(&actions), ..made() };
        assert_eq!(webhook.wants(entry, decided), told, "{of:?} {actions:?} {entry:?}");
    }
}

#[test]
fn each_step_has_its_entry_and_counts() {
    let webhook = made();
    assert_eq!((webhook.version, webhook.generation, webhook.is_on()), (1, 1, true));

    let edit = WebhookEdit { enabled: Some(false), ..WebhookEdit::default() };
    let off = webhook.update(&permit(), edit).unwrap();
    assert_eq!(off.entry().action, AuditAction::WebhookUpdated);
    let off = off.into_state();
    assert!(!off.is_on());
    let on = off.update(&permit(), WebhookEdit { enabled: Some(true), ..WebhookEdit::default() }).unwrap().into_state();
    assert_eq!((on.version, on.is_on()), (3, true));

    let gone = on.disable(&permit(), Prose::parse("410 Gone.").unwrap()).unwrap();
    assert_eq!(
        (gone.entry().action, gone.entry().reason.as_deref()),
        (AuditAction::WebhookDisabled, Some("410 Gone."))
    );
    let deleted = gone.into_state().delete(&permit(), None, at(5)).unwrap().into_state();
    assert_eq!((deleted.is_on(), deleted.deleted_at), (false, Some(at(5))));
    assert_eq!(deleted.rotate(&permit(), 24, at(6)).unwrap_err().list()[0].code, Code::NotFound);
}

#[test]
fn a_new_secret_leaves_the_old_one_its_hours() {
    let rotated = made().rotate(&permit(), 24, at(0)).unwrap().into_state();
    assert_eq!((rotated.generation, rotated.overlap_until), (2, Some(at(24 * 3_600))));
    let at_once = rotated.rotate(&permit(), 0, at(1)).unwrap().into_state();
    assert_eq!((at_once.generation, at_once.overlap_until), (3, None));
    let refused = at_once.rotate(&permit(), LONGEST_OVERLAP + 1, at(2)).unwrap_err();
    assert_eq!(refused.list()[0].field, ["overlapHours"]);
}

#[test]
fn there_are_so_many_at_most() {
    let refused = Webhook::create(&permit(), Uuid::from_u128(3).into(), None, terms(&[]), MOST).unwrap_err();
    assert_eq!(refused.list()[0].code, Code::Conflict);
}
