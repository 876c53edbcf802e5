//! Whether verified claims are those of an access token of the right time.
//! Refuses ID tokens, logout tokens and bound tokens, which the same keys sign (RFC 8725, 3.12).

use holdline_domain::time::Timestamp;
use serde_json::Value;

use super::{Claims, Refused};
use crate::auth::token::LEEWAY;

/// That the claims are an access token's, which the header may have said already.
pub(super) fn check(claims: &Claims, says_access: bool) -> Result<(), Refused> {
    // A security event, such as a logout, is no access whatever its type says.
    if claims.contains_key("events") {
        return Err(Refused::Kind);
    }
    if claims.contains_key("cnf") {
        return Err(Refused::Bound);
    }
    // Keycloak gives all its tokens one header and tells them apart by a claim.
    match claims.get("typ").map(Value::as_str) {
        Some(Some("Bearer")) => return Ok(()),
        Some(Some("ID")) => return Err(Refused::IdToken),
        Some(_) => return Err(Refused::Kind),
        None => {}
    }
    let of_an_id_token = ["nonce", "at_hash", "c_hash"];
    if !says_access && of_an_id_token.iter().any(|claim| claims.contains_key(*claim)) {
        return Err(Refused::IdToken);
    }
    Ok(())
}

/// That an instant, in seconds, is within the token's life and the life within the longest; answers with its end.
pub(super) fn check_time(claims: &Claims, now: i64, longest: i64) -> Result<Timestamp, Refused> {
    let exp = seconds(claims, "exp")?.ok_or(Refused::Missing("exp"))?;
    let (iat, nbf) = (seconds(claims, "iat")?, seconds(claims, "nbf")?);
    let begins = iat.or(nbf).ok_or(Refused::Missing("iat"))?;
    if !(1..=longest).contains(&exp.saturating_sub(begins)) {
        return Err(Refused::Life(longest));
    }
    if exp <= now.saturating_sub(LEEWAY) {
        return Err(Refused::Expired);
    }
    let latest = now.saturating_add(LEEWAY);
    if [iat, nbf].into_iter().flatten().any(|from| from > latest) {
        return Err(Refused::NotYetValid);
    }
    let ends = exp.checked_mul(1_000_000).and_then(Timestamp::from_micros);
    ends.ok_or_else(|| Refused::Malformed("exp".into()))
}

// RFC 7519 allows fractions of a second.
fn seconds(claims: &Claims, name: &str) -> Result<Option<i64>, Refused> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = value.as_i64().or_else(|| format!("{:.0}", value.as_f64()?.floor()).parse().ok());
    whole.map(Some).ok_or_else(|| Refused::Malformed(name.into()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn claims(value: &Value) -> Claims {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn only_an_access_token_passes_whatever_else_the_keys_sign() {
        let table = [
            (json!({}), false, Ok(())),
            (json!({ "typ": "Bearer", "nonce": "n" }), false, Ok(())),
            (json!({ "typ": "ID" }), false, Err(Refused::IdToken)),
            (json!({ "typ": "ID" }), true, Err(Refused::IdToken)),
            (json!({ "typ": "Refresh" }), false, Err(Refused::Kind)),
            (json!({ "typ": ["Bearer"] }), false, Err(Refused::Kind)),
            (json!({ "nonce": "n" }), false, Err(Refused::IdToken)),
            (json!({ "at_hash": "h" }), false, Err(Refused::IdToken)),
            (json!({ "c_hash": "h" }), false, Err(Refused::IdToken)),
            (json!({ "nonce": "n" }), true, Ok(())),
            (json!({ "events": {} }), true, Err(Refused::Kind)),
            (json!({ "cnf": { "jkt": "t" } }), true, Err(Refused::Bound)),
            (json!({ "cnf": { "jkt": "t" }, "typ": "Bearer" }), false, Err(Refused::Bound)),
        ];
        for (value, says_access, expected) in table {
            assert_eq!(check(&claims(&value), says_access), expected, "{value}");
        }
    }

    #[test]
    fn a_token_lives_between_its_beginning_and_its_end_and_no_longer_than_allowed() {
        let malformed = |name: &str| Err(Refused::Malformed(name.into()));
        let table = [
            (json!({ "iat": NOW, "exp": NOW + 600 }), Ok(NOW + 600)),
            (json!({ "nbf": NOW, "exp": NOW + 600 }), Ok(NOW + 600)),
            (json!({ "iat": 1_700_000_000.7, "exp": 1_700_000_600.9 }), Ok(NOW + 600)),
            (json!({ "exp": NOW + 600 }), Err(Refused::Missing("iat"))),
            (json!({ "iat": NOW }), Err(Refused::Missing("exp"))),
            (json!({ "iat": NOW, "exp": "tomorrow" }), malformed("exp")),
            (json!({ "iat": true, "exp": NOW + 600 }), malformed("iat")),
            (json!({ "iat": NOW, "exp": 1e300 }), malformed("exp")),
            (json!({ "iat": NOW, "exp": NOW + 601 }), Err(Refused::Life(600))),
            (json!({ "iat": NOW, "exp": NOW }), Err(Refused::Life(600))),
            (json!({ "iat": i64::MIN, "exp": i64::MAX }), Err(Refused::Life(600))),
            (json!({ "iat": NOW - 100, "exp": NOW - 29 }), Ok(NOW - 29)),
            (json!({ "iat": NOW - 100, "exp": NOW - 30 }), Err(Refused::Expired)),
            (json!({ "iat": NOW + 30, "exp": NOW + 100 }), Ok(NOW + 100)),
            (json!({ "iat": NOW + 31, "exp": NOW + 100 }), Err(Refused::NotYetValid)),
            (json!({ "iat": NOW, "nbf": NOW + 31, "exp": NOW + 100 }), Err(Refused::NotYetValid)),
        ];
        for (value, expected) in table {
            let found = check_time(&claims(&value), NOW, 600).map(|ends| ends.micros() / 1_000_000);
            assert_eq!(found, expected, "{value}");
        }
    }
}
