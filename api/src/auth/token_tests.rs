//! Tokens forged by hand, and why each is rejected.

use std::collections::BTreeSet;

use holdline_domain::{
    actor::Teams,
    permission::Scope,
    person::PersonKind,
    text::{Line, TeamKey},
};
use jsonwebtoken::EncodingKey;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const NOW: i64 = 1_700_000_000;
const SECRET: [u8; 32] = [7; 32];

fn keys() -> Keys {
    Keys::of(&SECRET)
}

fn now() -> Timestamp {
    Timestamp::from_micros(NOW * 1_000_000).unwrap()
}

fn grant() -> Grant {
    Grant {
        subject: Line::parse("planner-1").unwrap(),
        name: Some(Line::parse("Planner").unwrap()),
        kind: PersonKind::Person,
        scopes: BTreeSet::from([Scope::Read, Scope::PlansWrite]),
        teams: Teams::Only(BTreeSet::from([TeamKey::parse("PAY").unwrap()])),
        system: None,
        token_id: Uuid::from_u128(1),
        life: 3600,
    }
}

fn claims() -> Value {
    json!({
        "iss": "holdline", "aud": "holdline", "sub": "planner-1", "kind": "person", "scopes": ["read"], "teams": "*",
        "jti": "t1", "iat": NOW, "nbf": NOW, "exp": NOW + 3600,
    })
}

fn header(alg: Algorithm, kid: Option<&str>) -> Header {
    let mut header = Header::new(alg);
    header.kid = kid.map(str::to_owned);
    header
}

fn forge(claims: &Value) -> String {
    encode(&header(Algorithm::HS256, Some(keys().id())), claims, &EncodingKey::from_secret(&SECRET)).unwrap()
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    forge(&claims)
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    forge(&claims)
}

fn rejected(token: &str) -> Option<Rejection> {
    keys().verify(token, now()).err()
}

/// The unpadded URL-safe base 64 of `{"alg":"none","kid":"…"}`, made with the library's own encoder of claims.
fn unsigned() -> String {
    let signed = encode(
        &header(Algorithm::HS256, None),
        &json!({"alg": "none", "kid": keys().id()}),
        &EncodingKey::from_secret(&SECRET),
    )
    .unwrap();
    let none = signed.split('.').nth(1).unwrap();
    let good = forge(&claims());
    format!("{none}.{}.", good.split('.').nth(1).unwrap())
}

#[test]
fn an_issued_token_says_what_was_granted() {
    let issued = keys().issue(&grant(), now()).unwrap();

    let found = keys().verify(&issued.token, now()).unwrap();

    let expected = grant();
    assert_eq!((found.subject.as_str(), found.name), ("planner-1", expected.name));
    assert_eq!((found.scopes, found.teams), (expected.scopes, expected.teams));
    assert_eq!(found.token_id, issued.token_id);
    assert_eq!(found.key_id, keys().id());
    assert_eq!(found.expires_at, Timestamp::from_micros((NOW + 3600) * 1_000_000).unwrap());
}

#[test]
fn a_forged_signature_or_header_is_rejected() {
    let good = forge(&claims());
    assert_eq!(rejected(&good), None);
    let signed = |alg, kid: Option<&str>, secret: &[u8]| {
        encode(&header(alg, kid), &claims(), &EncodingKey::from_secret(secret)).unwrap()
    };
    let ours = keys();
    let mut critical = header(Algorithm::HS256, Some(ours.id()));
    critical.crit = Some(vec!["b64".into()]);
    let critical = encode(&critical, &claims(), &EncodingKey::from_secret(&SECRET)).unwrap();
    let table = [
        (signed(Algorithm::HS384, Some(ours.id()), &SECRET), Rejection::Algorithm),
        (signed(Algorithm::HS512, Some(ours.id()), &SECRET), Rejection::Algorithm),
        (unsigned(), Rejection::Algorithm),
        (critical, Rejection::Algorithm),
        (signed(Algorithm::HS256, Some(ours.id()), &[8; 32]), Rejection::Signature),
        (signed(Algorithm::HS256, Some("0123456789abcdef"), &SECRET), Rejection::UnknownKey),
        (signed(Algorithm::HS256, None, &SECRET), Rejection::NoKey),
        (format!("{good}.x"), Rejection::NoToken),
        (format!(".{good}"), Rejection::NoToken),
        ("not a token".into(), Rejection::NoToken),
        ("a.b.c".into(), Rejection::NoToken),
        (String::new(), Rejection::NoToken),
        (with("name", json!("x".repeat(4096))), Rejection::TooLong),
    ];
    for (place, (token, why)) in table.into_iter().enumerate() {
        assert_eq!(rejected(&token), Some(why), "row {place}");
    }
}

#[test]
fn a_token_that_lacks_a_claim_is_rejected() {
    for claim in ["iss", "aud", "sub", "jti", "iat", "exp", "kind", "scopes", "teams"] {
        assert_eq!(rejected(&without(claim)), Some(Rejection::Missing(claim)), "{claim}");
    }
    assert_eq!(rejected(&without("nbf")), None);
}

#[test]
fn a_token_whose_claims_are_not_ours_is_rejected() {
    let table = [
        ("iss", json!("elsewhere"), Rejection::Issuer),
        ("iss", json!(["holdline", "elsewhere"]), Rejection::Malformed("claims")),
        ("aud", json!("elsewhere"), Rejection::Audience),
        ("sub", json!(" "), Rejection::Malformed("sub")),
        ("kind", json!("named"), Rejection::Malformed("kind")),
        ("scopes", json!(["read", "everything"]), Rejection::Malformed("scopes")),
        ("teams", json!("PAY"), Rejection::Malformed("teams")),
        ("teams", json!(["no such key"]), Rejection::Malformed("teams")),
        ("exp", json!(i64::MAX), Rejection::Life),
        ("iat", json!("yesterday"), Rejection::Malformed("claims")),
    ];
    for (name, value, why) in table {
        assert_eq!(rejected(&with(name, value.clone())), Some(why), "{name} {value}");
    }
}

#[test]
fn time_is_checked_against_the_given_clock_with_thirty_seconds_of_leeway() {
    let at = |iat: i64, nbf: i64, exp: i64| {
        let mut claims = claims();
        (claims["iat"], claims["nbf"], claims["exp"]) = (json!(iat), json!(nbf), json!(exp));
        rejected(&forge(&claims))
    };
    let table = [
        (at(NOW - 100, NOW - 100, NOW - 29), None),
        (at(NOW - 100, NOW - 100, NOW - 30), Some(Rejection::Expired)),
        (at(NOW + 30, NOW + 30, NOW + 100), None),
        (at(NOW, NOW + 31, NOW + 100), Some(Rejection::NotYetValid)),
        (at(NOW + 31, NOW, NOW + 100), Some(Rejection::NotYetValid)),
        (at(NOW, NOW, NOW + LONGEST_LIFE), None),
        (at(NOW, NOW, NOW + LONGEST_LIFE + 1), Some(Rejection::Life)),
        (at(NOW, NOW, NOW), Some(Rejection::Life)),
    ];
    for (place, (found, expected)) in table.into_iter().enumerate() {
        assert_eq!(found, expected, "row {place}");
    }
}

#[test]
fn what_would_be_rejected_is_not_issued() {
    let long = Grant { life: LONGEST_LIFE + 1, ..grant() };
    assert_eq!(keys().issue(&long, now()).err(), Some(Rejection::Life));
}
