//! Claims as real providers shape them, and what they mean here.

use serde_json::json;

use super::*;

fn claims(value: &Value) -> Claims {
    value.as_object().unwrap().clone()
}

fn mapping(roles_claim: &str, teams_claim: &str) -> Mapping {
    Mapping {
        roles_claim: roles_claim.into(),
        roles: vec![
            (Role::Viewer, "okr-viewers".into()),
            (Role::Planner, "okr-planners".into()),
            (Role::Planner, "CN=okr planners,OU=groups".into()),
            (Role::Auditor, "okr-auditors".into()),
            (Role::Integration, "okr-crm".into()),
        ],
        teams: TeamsFrom::Claim(teams_claim.into()),
        name_claim: "name".into(),
        system_claim: Some("crm".into()),
    }
}

fn names(scopes: Result<BTreeSet<Scope>, Refused>) -> Result<usize, Refused> {
    scopes.map(|scopes| scopes.len())
}

#[test]
fn roles_are_found_wherever_a_provider_puts_them() {
    let malformed = |path: &str| Err(Refused::Malformed(path.into()));
    let planner = Role::Planner.scopes().len();
    let table = [
        ("groups", json!({ "groups": ["x", "okr-planners"] }), Ok(planner)),
        ("groups", json!({ "groups": "okr-planners" }), Ok(planner)),
        ("groups", json!({ "groups": ["CN=okr planners,OU=groups"] }), Ok(planner)),
        ("groups", json!({ "groups": ["okr-planners", "okr-viewers"] }), Ok(planner)),
        ("groups", json!({ "groups": ["okr-viewers", "okr-auditors"] }), Ok(3)),
        ("realm_access.roles", json!({ "realm_access": { "roles": ["okr-viewers"] } }), Ok(1)),
        (
            "resource_access.my.app.roles",
            json!({ "resource_access": { "my.app": { "roles": ["okr-viewers"] } } }),
            Ok(1),
        ),
        ("https://example.com/roles", json!({ "https://example.com/roles": ["okr-viewers"] }), Ok(1)),
        ("scope", json!({ "scope": "openid okr-viewers profile" }), Ok(1)),
        ("scp", json!({ "scp": ["openid", "okr-viewers"] }), Ok(1)),
        ("groups", json!({ "groups": "openid okr-viewers" }), Err(Refused::NoRole)),
        ("groups", json!({ "groups": ["OKR-VIEWERS", "okr-viewers ", "okr-view"] }), Err(Refused::NoRole)),
        ("groups", json!({ "groups": ["viewer", "admin"] }), Err(Refused::NoRole)),
        ("groups", json!({ "groups": [] }), Err(Refused::NoRole)),
        ("groups", json!({ "groups": null }), Err(Refused::NoRole)),
        ("groups", json!({}), Err(Refused::NoRole)),
        ("realm_access.roles", json!({ "realm_access": "okr-viewers" }), Err(Refused::NoRole)),
        ("groups", json!({ "groups": { "okr-viewers": true } }), malformed("groups")),
        ("groups", json!({ "groups": ["okr-viewers", 7] }), malformed("groups")),
        ("groups", json!({ "groups": true }), malformed("groups")),
        ("groups", json!({ "groups": ["okr-crm"] }), Err(Refused::NoSystem)),
    ];
    for (path, value, expected) in table {
        assert_eq!(names(mapping(path, "teams").scopes(&claims(&value), false)), expected, "{path} {value}");
    }
    let crm = claims(&json!({ "groups": ["okr-crm"] }));
    assert_eq!(names(mapping("groups", "teams").scopes(&crm, true)), Ok(Role::Integration.scopes().len()));
}

#[test]
fn teams_are_keys_or_a_star_and_nothing_is_guessed() {
    let only = |keys: &[&str]| Ok(Teams::Only(keys.iter().map(|key| TeamKey::parse(key).unwrap()).collect()));
    let malformed = || Err(Refused::Malformed("teams".into()));
    let table = [
        (json!({ "teams": ["PAY", "WEB"] }), only(&["PAY", "WEB"])),
        (json!({ "teams": "PAY" }), only(&["PAY"])),
        (json!({ "teams": "*" }), Ok(Teams::All)),
        (json!({ "teams": ["PAY", "*"] }), Ok(Teams::All)),
        (json!({ "teams": ["/okr/PAY", "WEB", "**", ""] }), only(&["WEB"])),
        (json!({ "teams": "PAY,WEB" }), only(&[])),
        (json!({ "teams": [] }), only(&[])),
        (json!({ "teams": null }), only(&[])),
        (json!({}), only(&[])),
        (json!({ "teams": [["PAY"]] }), malformed()),
        (json!({ "teams": { "PAY": 1 } }), malformed()),
        (json!({ "teams": 7 }), malformed()),
        (json!({ "teams": true }), malformed()),
    ];
    for (value, expected) in table {
        assert_eq!(mapping("groups", "teams").teams(&claims(&value)), expected, "{value}");
    }
    let everybody = Mapping { teams: TeamsFrom::All, ..mapping("groups", "teams") };
    assert_eq!(everybody.teams(&claims(&json!({}))), Ok(Teams::All));
}

#[test]
fn a_name_may_be_missing_but_who_and_for_whom_are_taken_to_the_letter() {
    let mapping = mapping("groups", "teams");
    let name = |value: Value| mapping.name(&claims(&value)).map(|name| name.to_string());
    assert_eq!(name(json!({ "name": " Planning " })), Some("Planning".into()));
    for value in [json!({}), json!({ "name": 7 }), json!({ "name": "" }), json!({ "name": "x".repeat(301) })] {
        assert_eq!(name(value), None);
    }

    for text in ["", " ", "u-1 ", "\tu-1", "u\u{0}1", &"x".repeat(301)] {
        let value = claims(&json!({ "sub": text, "crm": text }));
        assert_eq!(exact(&value, "sub"), Err(Refused::Malformed("sub".into())), "{text:?}");
        assert_eq!(mapping.system(&value), Err(Refused::Malformed("crm".into())), "{text:?}");
    }
    assert_eq!(exact(&claims(&json!({ "sub": "auth0|u-1" })), "sub"), Ok(Some("auth0|u-1".into())));
    assert_eq!(mapping.system(&claims(&json!({}))), Ok(None));
}

#[test]
fn a_token_without_an_id_has_one_that_its_signature_does_not_change() {
    let none = claims(&json!({}));
    let id = |claims: &Claims, token: &str| token_id(claims, token);

    assert_eq!(id(&claims(&json!({ "jti": "AT.1" })), "a.b.c"), Ok("AT.1".into()));
    assert_eq!(id(&none, "a.b.c"), id(&none, "a.b.d"));
    assert_ne!(id(&none, "a.b.c"), id(&none, "a.c.c"));
    // printf %s a.b | sha256sum
    assert_eq!(id(&none, "a.b.c"), Ok("2e7336dc8eba87ef472df568c35482abf2575dc3e5eac0c5c62b8ffaeac2c934".into()));
    assert_eq!(id(&claims(&json!({ "jti": 7 })), "a.b.c"), Err(Refused::Malformed("jti".into())));
}
