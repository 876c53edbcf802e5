//! Keys as providers publish them, and for what each is good.

use serde_json::json;

use super::*;

/// Unpadded base 64 of so many bytes, the first of them with its highest bit set.
fn number(bytes: usize) -> String {
    let groups = bytes / 3;
    let rest = ["", "-A", "-AA"][bytes % 3];
    format!("{}{rest}", "gAAA".repeat(groups))
}

fn rsa(bytes: usize) -> Value {
    json!({ "kty": "RSA", "kid": "k1", "n": number(bytes), "e": "AQAB" })
}

fn curve(kty: &str, crv: &str, bytes: usize) -> Value {
    let mut key = json!({ "kty": kty, "kid": "k1", "crv": crv, "x": number(bytes) });
    if kty == "EC" {
        key["y"] = json!(number(bytes));
    }
    key
}

fn with(mut key: Value, said: &Value) -> Value {
    key.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    key
}

fn good_for(key: &Value) -> Result<Algorithm, String> {
    let set = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
    match set.keys.values().next() {
        Some(key) => Ok(key.algorithm),
        None => Err(set.ignored[0].why.to_owned()),
    }
}

#[test]
fn a_key_is_good_for_one_algorithm_that_its_type_can_do() {
    let table = [
        (rsa(256), json!({}), Algorithm::RS256),
        (rsa(256), json!({ "alg": "RS256", "use": "sig" }), Algorithm::RS256),
        (rsa(256), json!({ "alg": "PS256" }), Algorithm::PS256),
        (rsa(1024), json!({ "alg": "RS512", "key_ops": ["verify"] }), Algorithm::RS512),
        (curve("EC", "P-256", 32), json!({}), Algorithm::ES256),
        (curve("EC", "P-384", 48), json!({ "alg": "ES384" }), Algorithm::ES384),
        (curve("OKP", "Ed25519", 32), json!({}), Algorithm::EdDSA),
        (curve("OKP", "Ed25519", 32), json!({ "alg": "EdDSA", "x5t": "AAAA", "new": { "a": 1 } }), Algorithm::EdDSA),
    ];
    for (key, said, algorithm) in table {
        let key = with(key, &said);
        assert_eq!(good_for(&key), Ok(algorithm), "{key}");
    }
}

#[test]
fn a_key_that_could_not_check_a_token_safely_is_ignored() {
    let misfit = "its algorithm does not fit its type";
    let size = "its size is wrong: an RSA key has 2048 to 8192 bits";
    let strange = "its type or curve is not supported";
    let secret = json!({ "kty": "oct", "kid": "k1", "k": "c2VjcmV0" });
    let table = [
        (secret.clone(), json!({}), "it is a shared secret"),
        (secret, json!({ "alg": "RS256", "n": number(256), "e": "AQAB" }), "it is a shared secret"),
        (rsa(256), json!({ "alg": "HS256" }), misfit),
        (rsa(256), json!({ "alg": "none" }), misfit),
        (rsa(256), json!({ "alg": "RSA-OAEP" }), misfit),
        (rsa(256), json!({ "alg": "ES256" }), misfit),
        (curve("EC", "P-256", 32), json!({ "alg": "ES384" }), misfit),
        (curve("OKP", "Ed25519", 32), json!({ "alg": "ES256" }), misfit),
        (rsa(128), json!({}), size),
        (rsa(255), json!({}), size),
        (rsa(1025), json!({}), size),
        (rsa(0), json!({}), size),
        (curve("EC", "P-256", 31), json!({}), size),
        (curve("OKP", "Ed25519", 33), json!({}), size),
        (curve("EC", "P-521", 66), json!({}), strange),
        (curve("EC", "secp256k1", 32), json!({}), strange),
        (curve("OKP", "X25519", 32), json!({}), strange),
        (curve("OKP", "P-256", 32), json!({}), strange),
        (curve("EC", "Ed25519", 32), json!({}), strange),
        (rsa(256), json!({ "kty": "rsa" }), strange),
        (rsa(256), json!({ "use": "enc" }), "it is not for signatures"),
        (rsa(256), json!({ "use": "both" }), "it is not for signatures"),
        (rsa(256), json!({ "key_ops": ["sign"] }), "it is not for checking signatures"),
        (rsa(256), json!({ "key_ops": [] }), "it is not for checking signatures"),
        (rsa(256), json!({ "d": "AAAA" }), "its private part is published"),
        (rsa(256), json!({ "kid": null }), "it has no id, or one that is not a plain line"),
        (rsa(256), json!({ "kid": "" }), "it has no id, or one that is not a plain line"),
        (rsa(256), json!({ "kid": "k1\n" }), "it has no id, or one that is not a plain line"),
        (rsa(256), json!({ "kid": 7 }), "it cannot be understood"),
        (rsa(256), json!({ "n": "not base 64!" }), "its numbers cannot be understood"),
    ];
    for (key, said, why) in table {
        let key = with(key, &said);
        assert_eq!(good_for(&key), Err(why.to_owned()), "{key}");
    }
}

#[test]
fn a_strange_key_does_not_spoil_the_set_and_a_shared_id_spoils_both_its_keys() {
    let named = |kid: &str| with(rsa(256), &json!({ "kid": kid }));
    let keys = json!([json!(7), named("a"), named("b"), json!({}), named("b"), named("c"), named("b")]);

    let set = KeySet::parse(json!({ "keys": keys, "more": 1 }).to_string().as_bytes()).unwrap();

    assert_eq!(set.ids(), ["a", "c"]);
    assert!(set.get("a").is_some() && set.get("b").is_none());
}

#[test]
fn a_key_for_encryption_may_share_its_id_with_one_for_signatures() {
    let encrypts = with(rsa(256), &json!({ "use": "enc" }));

    let set = KeySet::parse(json!({ "keys": [encrypts, rsa(256)] }).to_string().as_bytes()).unwrap();

    assert_eq!(set.ids(), ["k1"]);
}

#[test]
fn what_is_no_set_is_refused_whole() {
    for text in ["", "[]", "{}", "null", "<html>", r#"{"keys":{}}"#, r#"{"keys":[1"#] {
        assert_eq!(KeySet::parse(text.as_bytes()).err(), Some("it is not a JSON Web Key Set".to_owned()), "{text}");
    }
    assert!(KeySet::parse(br#"{"keys":[]}"#).unwrap().ids().is_empty());
}
