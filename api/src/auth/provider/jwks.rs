//! A provider's set of keys, and for which algorithm each of them is good: exactly one.
//! Refuses, key by key, what could not check a token safely; a strange key does not spoil the set (RFC 7517, 5).

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt,
    sync::Arc,
};

use holdline_domain::text::Line;
use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// How many bits an RSA key may have: fewer are too weak, and more take too long.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A public key, with the one algorithm that it is good for.
pub(super) struct PublicKey {
    pub(super) algorithm: Algorithm,
    pub(super) checks: DecodingKey,
}

/// The keys of a set, by their ids.
#[derive(Clone, Default)]
pub(super) struct KeySet {
    keys: BTreeMap<String, Arc<PublicKey>>,
    ignored: Vec<Ignored>,
}

/// A key that is not used, and why.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Ignored {
    kid: String,
    why: &'static str,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set; the error completes a sentence about what was read.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(bytes).map_err(|_| "it is not a JSON Web Key Set".to_owned())?;
        let mut set = Self::default();
        let mut twice = Vec::new();
        for key in &document.keys {
            match usable(key) {
                Err(why) => set.ignored.push(Ignored { kid: shown(key), why }),
                Ok((kid, key)) => match set.keys.entry(kid) {
                    Entry::Vacant(free) => drop(free.insert(Arc::new(key))),
                    Entry::Occupied(taken) => twice.push(taken.key().clone()),
                },
            }
        }
        // Which of the two a token means cannot be told.
        for kid in twice {
            set.keys.remove(&kid);
            set.ignored.push(Ignored { kid, why: "another key has the same id" });
        }
        Ok(set)
    }

    /// The key of an id.
    pub(super) fn get(&self, kid: &str) -> Option<Arc<PublicKey>> {
        self.keys.get(kid).map(Arc::clone)
    }

    /// The ids of the keys that are used.
    pub(super) fn ids(&self) -> Vec<&str> {
        self.keys.keys().map(String::as_str).collect()
    }

    /// The keys that are not used.
    pub(super) fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kid, self.why)
    }
}

fn shown(key: &Value) -> String {
    let kid = key.get("kid").and_then(Value::as_str).unwrap_or("a key without an id");
    kid.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn usable(key: &Value) -> Result<(String, PublicKey), &'static str> {
    // A private key that anybody may read signs for anybody.
    if key.get("d").is_some() {
        return Err("its private part is published");
    }
    let jwk = Jwk::deserialize(key).map_err(|_| "it cannot be understood")?;
    let algorithm = algorithm(&jwk)?;
    if jwk.common.public_key_use.as_ref().is_some_and(|told| *told != PublicKeyUse::Signature) {
        return Err("it is not for signatures");
    }
    if jwk.common.key_operations.as_ref().is_some_and(|told| !told.contains(&KeyOperations::Verify)) {
        return Err("it is not for checking signatures");
    }
    let kid = jwk.common.key_id.as_deref().filter(|kid| Line::parse(kid).is_ok_and(|line| line.as_str() == *kid));
    let kid = kid.ok_or("it has no id, or one that is not a plain line")?.to_owned();
    let checks = DecodingKey::from_jwk(&jwk).map_err(|_| "its numbers cannot be understood")?;
    if !has_right_size(algorithm, checks.kind()) {
        return Err("its size is wrong: an RSA key has 2048 to 8192 bits");
    }
    Ok((kid, PublicKey { algorithm, checks }))
}

/// The one algorithm of a key: what it says, as long as its type can do it, or what its type is most often used for.
fn algorithm(jwk: &Jwk) -> Result<Algorithm, &'static str> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let possible: &[Algorithm] = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => &[RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => &[ES256],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => &[ES384],
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => &[EdDSA],
        AlgorithmParameters::OctetKey(_) => return Err("it is a shared secret"),
        _ => return Err("its type or curve is not supported"),
    };
    let said = jwk.common.key_algorithm;
    let fits = |one: &&Algorithm| said.is_none_or(|said| said == KeyAlgorithm::from(**one));
    possible.iter().find(fits).copied().ok_or("its algorithm does not fit its type")
}

fn has_right_size(algorithm: Algorithm, key: &DecodingKeyKind) -> bool {
    match key {
        DecodingKeyKind::RsaModulusExponent { n, .. } => RSA_BITS.contains(&bits(n)),
        // A point of a curve is uncompressed: one byte, and two coordinates.
        DecodingKeyKind::SecretOrDer(bytes) => match algorithm {
            Algorithm::ES256 => bytes.len() == 65,
            Algorithm::ES384 => bytes.len() == 97,
            _ => bytes.len() == 32,
        },
    }
}

fn bits(number: &[u8]) -> usize {
    let significant = number.iter().skip_while(|byte| **byte == 0);
    let leading = significant.clone().next().map_or(0, |byte| byte.leading_zeros() as usize);
    significant.count() * 8 - leading
}

#[cfg(test)]
#[path = "jwks_tests.rs"]
mod tests;
