//! Tokens of the service's own that were made up, altered, kept too long or sent in another place. RFC 8725 names most.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use super::{Attack, QUERY, Target};
use crate::support::compose;

/// Signs as the service does.
fn signed(key: &[u8], header: &Value, claims: &Value) -> String {
    compose(header, claims, |message| crypto::sign(message, &EncodingKey::from_secret(key), Algorithm::HS256).unwrap())
}

/// The claims and the header of a token that was issued.
fn parts(token: &str) -> (Value, Value) {
    let part = |place: usize| {
        use base64::Engine as _;
        let text = token.split('.').nth(place).unwrap();
        serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
    };
    (part(0), part(1))
}

fn but(value: &Value, name: &str, other: Value) -> Value {
    let mut value = value.clone();
    match other {
        Value::Null => drop(value.as_object_mut().unwrap().remove(name)),
        other => value[name] = other,
    }
    value
}

pub(super) fn attacks(target: &Target) -> Vec<Attack> {
    let (key, kid) = target.key();
    let (header, claims) = parts(&target.token);
    let now = claims["iat"].as_i64().unwrap();
    let sign = |header: &Value, claims: &Value| signed(&key, header, claims);
    let claim = |name: &str, other: Value| sign(&header, &but(&claims, name, other));
    let (head, signature) = target.token.rsplit_once('.').unwrap();
    let unsigned = |alg: &str| compose(&but(&header, "alg", json!(alg)), &claims, |_| String::new());
    let tokens = [
        ("the token as it was issued, signed anew", sign(&header, &claims), true),
        ("no token of three parts", "nonsense".to_owned(), false),
        ("three empty parts", "..".to_owned(), false),
        ("three parts of nothing", "a.b.c".to_owned(), false),
        ("alg none", unsigned("none"), false),
        ("alg None", unsigned("None"), false),
        ("without its signature", format!("{head}."), false),
        ("the signature turned around", format!("{head}.{}", signature.chars().rev().collect::<String>()), false),
        ("another algorithm named", sign(&but(&header, "alg", json!("HS512")), &claims), false),
        ("an asymmetric algorithm named", sign(&but(&header, "alg", json!("RS256")), &claims), false),
        ("without a key's id", sign(&but(&header, "kid", Value::Null), &claims), false),
        ("another key's id", sign(&but(&header, "kid", json!("0000000000000000")), &claims), false),
        ("a path as the key's id", sign(&but(&header, "kid", json!("../../signing.key")), &claims), false),
        ("signed with another key", signed(&[7; 32], &header, &claims), false),
        ("signed with the key's id", signed(kid.as_bytes(), &header, &claims), false),
        ("signed with nothing", signed(b"", &header, &claims), false),
        ("without an audience", claim("aud", Value::Null), false),
        ("another audience", claim("aud", json!("another")), false),
        ("without an issuer", claim("iss", Value::Null), false),
        ("another issuer", claim("iss", json!("https://id.example.com")), false),
        ("without an end", claim("exp", Value::Null), false),
        ("ended", claim("exp", json!(now - 60)), false),
        ("an end that is no number", claim("exp", json!("tomorrow")), false),
        ("an end beyond 90 days", claim("exp", json!(now + 91 * 86_400)), false),
        ("an end beyond all time", claim("exp", json!(i64::MAX)), false),
        ("not begun", claim("nbf", json!(now + 3_600)), false),
        ("issued tomorrow", claim("iat", json!(now + 86_400)), false),
        ("without its own id", claim("jti", Value::Null), false),
        ("without a subject", claim("sub", Value::Null), false),
        ("a subject that is no text", claim("sub", json!(7)), false),
        ("a scope that there is not", claim("scopes", json!(["root"])), false),
        ("scopes that are no list", claim("scopes", json!("admin")), false),
        ("teams that are no keys", claim("teams", json!([7])), false),
        ("longer than any token", format!("{}{}", target.token, "A".repeat(6_000)), false),
    ];
    let mut all: Vec<_> = tokens.into_iter().map(|(name, token, good)| attack(name, &token, good)).collect();
    all.extend(places(&target.token));
    all
}

fn attack(name: &str, token: &str, good: bool) -> Attack {
    let attack = Attack::document(name, token, QUERY);
    if good { attack } else { attack.refused(401, "UNAUTHENTICATED") }
}

/// The good token, in places where none is looked for.
fn places(token: &str) -> Vec<Attack> {
    let bare =
        |name: &str| Attack::document(name, token, QUERY).without("authorization").refused(401, "UNAUTHENTICATED");
    let get = |target: String| bare("a token in the query").by(reqwest::Method::GET, target);
    vec![
        bare("no token at all"),
        bare("a token as a password").with("authorization", format!("Basic {token}")),
        bare("a token without its scheme").with("authorization", token),
        bare("an empty token").with("authorization", "Bearer "),
        bare("a token in a cookie").with("cookie", format!("token={token}; Authorization=Bearer {token}")),
        bare("a token in another header").with("x-access-token", token),
        get(format!("/graphql?query={{__typename}}&access_token={token}")),
        get(format!("/graphql?query={{__typename}}&token={token}")),
        bare("broken UTF-8 as a token").with("authorization", b"Bearer \xff\xfe".to_vec()),
    ]
}
