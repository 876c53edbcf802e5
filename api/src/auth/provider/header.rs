//! What a provider's token says of itself before anything of it is believed: kind, algorithm and key.
//! Refuses every header that would have the token choose how it is checked (RFC 8725, 3.1, 3.5, 3.10 and 3.11).

use jsonwebtoken::{Algorithm, AlgorithmFamily, Header, decode_header};

use super::Refused;
use crate::auth::token;

/// What a header says that is needed to check the token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) kid: String,
    pub(super) algorithm: Algorithm,
    /// Whether it says by its type that it is an access token (RFC 9068).
    pub(super) says_access: bool,
}

/// Reads the header of a token.
pub(super) fn read(token: &str) -> Result<Named, Refused> {
    if token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return Err(Refused::NoToken);
    }
    let header = decode_header(token)
        .map_err(|error| if token::is_no_header(error.kind()) { Refused::NoToken } else { Refused::Algorithm })?;
    named(header)
}

fn named(header: Header) -> Result<Named, Refused> {
    if header.crit.is_some() || header.zip.is_some() || header.enc.is_some() {
        return Err(Refused::Critical);
    }
    if header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() || header.x5c.is_some() {
        return Err(Refused::BringsKey);
    }
    // A public key must never be taken for a shared secret, so those algorithms end here, before any key is looked at.
    if header.alg.family() == AlgorithmFamily::Hmac {
        return Err(Refused::Algorithm);
    }
    let says_access = says_access(header.typ.as_deref())?;
    Ok(Named { kid: header.kid.ok_or(Refused::NoKey)?, algorithm: header.alg, says_access })
}

// Some providers leave the type out; one that is there must be an access token's.
fn says_access(typ: Option<&str>) -> Result<bool, Refused> {
    let Some(typ) = typ.map(str::to_ascii_lowercase) else { return Ok(false) };
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" => Ok(false),
        "at+jwt" => Ok(true),
        _ => Err(Refused::Kind),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read_as(extra: &Value) -> Result<Named, Refused> {
        let mut header = json!({ "alg": "EdDSA", "kid": "k1", "typ": "JWT" });
        for (name, value) in extra.as_object().unwrap() {
            header[name] = value.clone();
        }
        named(serde_json::from_value(header).unwrap())
    }

    #[test]
    fn a_header_names_a_key_and_an_algorithm_and_chooses_nothing_else() {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" });
        let table = [
            (json!({}), Ok(false)),
            (json!({ "typ": null }), Ok(false)),
            (json!({ "typ": "at+jwt" }), Ok(true)),
            (json!({ "typ": "application/at+JWT" }), Ok(true)),
            (json!({ "typ": "logout+jwt" }), Err(Refused::Kind)),
            (json!({ "typ": "secevent+jwt" }), Err(Refused::Kind)),
            (json!({ "typ": "dpop+jwt" }), Err(Refused::Kind)),
            (json!({ "typ": "" }), Err(Refused::Kind)),
            (json!({ "crit": ["exp"] }), Err(Refused::Critical)),
            (json!({ "crit": [] }), Err(Refused::Critical)),
            (json!({ "zip": "DEF" }), Err(Refused::Critical)),
            (json!({ "jwk": jwk }), Err(Refused::BringsKey)),
            (json!({ "jku": "https://elsewhere.example/jwks" }), Err(Refused::BringsKey)),
            (json!({ "x5u": "https://elsewhere.example/cert" }), Err(Refused::BringsKey)),
            (json!({ "x5c": ["AAAA"] }), Err(Refused::BringsKey)),
            (json!({ "alg": "HS256" }), Err(Refused::Algorithm)),
            (json!({ "alg": "HS512" }), Err(Refused::Algorithm)),
            (json!({ "kid": null }), Err(Refused::NoKey)),
        ];
        for (extra, expected) in table {
            assert_eq!(read_as(&extra).map(|named| named.says_access), expected, "{extra}");
        }
    }
}
