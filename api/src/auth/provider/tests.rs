//! A provider over a file of keys: the checks in their order, without a network.

use holdline_domain::{
    actor::Teams,
    permission::{Role, Scope},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::json;

use super::*;

const NOW: i64 = 1_700_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn key(seed: u8) -> EncodingKey {
    // RFC 8410: what stands before the 32 bytes of a key.
    let mut der = vec![48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];
    der.extend([seed; 32]);
    EncodingKey::from_ed_der(&der)
}

fn claims() -> Value {
    json!({
        "iss": "https://id.example.com", "aud": "holdline-api", "sub": "u-1001", "jti": "t1", "iat": NOW,
        "exp": NOW + 300, "realm_access": { "roles": ["okr-viewers"] }, "teams": ["PAY"],
    })
}

fn signed(claims: &Value, seed: u8) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("k1".into());
    encode(&header, claims, &key(seed)).unwrap()
}

/// A provider whose keys are in a file of a folder.
fn provider(folder: &std::path::Path) -> Provider {
    let mut public = serde_json::to_value(Jwk::from_encoding_key(&key(1), Algorithm::EdDSA).unwrap()).unwrap();
    public["kid"] = json!("k1");
    let file = folder.join("jwks.json");
    std::fs::write(&file, json!({ "keys": [public] }).to_string()).unwrap();
    let second = Duration::from_secs(1);
    let trust = Trust {
        issuer: Line::parse("https://id.example.com").unwrap(),
        audience: "holdline-api".into(),
        longest_life: 300,
        mapping: Mapping {
            roles_claim: "realm_access.roles".into(),
            roles: vec![(Role::Viewer, "okr-viewers".into())],
            teams: TeamsFrom::Claim("teams".into()),
            name_claim: "name".into(),
            system_claim: None,
        },
        source: Source::File(file),
        pace: Pace { refresh: second, floor: second, keep: second, limit: second },
    };
    Provider::new(trust, Clock::from_fn(|| at(NOW)))
}

#[tokio::test]
async fn a_good_token_says_who_it_is_for_and_what_it_permits() {
    let folder = tempfile::tempdir().unwrap();

    let found = provider(folder.path()).verify(&signed(&claims(), 1), at(NOW)).await.unwrap();

    assert_eq!((found.issuer.as_str(), found.subject.as_str()), ("https://id.example.com", "u-1001"));
    assert_eq!((found.token_id.as_str(), found.key_id.as_str()), ("t1", "k1"));
    assert_eq!((found.kind, found.system, found.name), (PersonKind::Person, None, None));
    assert!(matches!(found.teams, Teams::Only(teams) if teams.len() == 1));
    assert_eq!(found.scopes, [Scope::Read].into());
    assert_eq!(found.expires_at, at(NOW + 300));
}

#[tokio::test]
async fn the_signature_is_judged_before_the_claims_and_the_claims_before_the_roles() {
    let folder = tempfile::tempdir().unwrap();
    let provider = provider(folder.path());
    let mut wrong = claims();
    wrong["realm_access"] = json!(null);
    let table = [
        (signed(&wrong, 1), at(NOW), Refused::NoRole),
        (signed(&wrong, 1), at(NOW + 400), Refused::Expired),
        (signed(&wrong, 2), at(NOW + 400), Refused::Signature),
        (format!("{}x", signed(&claims(), 1)), at(NOW), Refused::NoToken),
        ("x".repeat(LONGEST + 1), at(NOW), Refused::TooLong),
    ];
    for (token, now, why) in table {
        let found = provider.verify(&token, now).await.err();
        assert_eq!(found.as_ref(), Some(&why));
        assert!(!why.to_string().contains(&token));
    }
}
