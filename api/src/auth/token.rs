//! Signing a token, and checking one that comes back.
//! Holds every reason to reject; refuses the machine's clock (time is a parameter) and to repeat a token in a message.

use std::fmt;

use holdline_domain::time::Timestamp;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode, errors::ErrorKind};

use super::{
    AUDIENCE, Grant, ISSUER, Identity, Issued, Keys, LONGEST_LIFE,
    claims::{Claims, required},
};

/// The longest token of the service's own that is looked at, in bytes.
pub(super) const LONGEST: usize = 4096;

/// By how many seconds two clocks may differ.
pub(super) const LEEWAY: i64 = 30;

/// Why a token is not accepted, or not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// It is longer than any token of ours.
    TooLong,
    /// It is no token at all.
    NoToken,
    /// It is signed in another way than ours.
    Algorithm,
    /// It does not say which key signed it.
    NoKey,
    /// It names a key that is not ours.
    UnknownKey,
    /// The signature is not the key's.
    Signature,
    /// A claim is missing.
    Missing(&'static str),
    /// A claim cannot be understood.
    Malformed(&'static str),
    /// Somebody else issued it.
    Issuer,
    /// It is meant for somebody else.
    Audience,
    /// It has ended.
    Expired,
    /// It has not begun.
    NotYetValid,
    /// It would live longer than 90 days, or not at all.
    Life,
    /// It could not be signed.
    Unsigned,
}

impl Keys {
    /// Signs a token that begins now.
    pub fn issue(&self, grant: &Grant, now: Timestamp) -> Result<Issued, Rejection> {
        if !(1..=LONGEST_LIFE).contains(&grant.life) {
            return Err(Rejection::Life);
        }
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.id().to_owned());
        let claims = Claims::of(grant, seconds(now));
        let token = encode(&header, &claims, &self.signs).map_err(|_| Rejection::Unsigned)?;
        // What would be rejected on its way back is not handed out.
        if token.len() > LONGEST {
            return Err(Rejection::TooLong);
        }
        Ok(Issued { token, token_id: grant.token_id.to_string() })
    }

    /// Checks a token at an instant.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, Rejection> {
        if token.len() > LONGEST {
            return Err(Rejection::TooLong);
        }
        if token.bytes().filter(|byte| *byte == b'.').count() != 2 {
            return Err(Rejection::NoToken);
        }
        let header = decode_header(token).map_err(|error| unreadable(error.kind()))?;
        if header.alg != Algorithm::HS256 || header.crit.is_some() {
            return Err(Rejection::Algorithm);
        }
        match header.kid.as_deref() {
            None => return Err(Rejection::NoKey),
            Some(kid) if kid != self.id() => return Err(Rejection::UnknownKey),
            Some(_) => {}
        }
        let checked = decode::<Claims>(token, &self.checks, &validation());
        let claims = checked.map_err(|error| rejection(error.kind()))?.claims;
        check_time(&claims, seconds(now))?;
        claims.identity(self.id().to_owned())
    }
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.algorithms = vec![Algorithm::HS256];
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub", "jti", "iat"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    // The library reads the machine's clock; time is checked below against the service's own.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn check_time(claims: &Claims, now: i64) -> Result<(), Rejection> {
    let (exp, iat) = (required(claims.exp, "exp")?, required(claims.iat, "iat")?);
    let latest = now.saturating_add(LEEWAY);
    if !(1..=LONGEST_LIFE).contains(&exp.saturating_sub(iat)) {
        return Err(Rejection::Life);
    }
    if exp <= now.saturating_sub(LEEWAY) {
        return Err(Rejection::Expired);
    }
    if iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
        return Err(Rejection::NotYetValid);
    }
    Ok(())
}

pub(super) fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

fn unreadable(error: &ErrorKind) -> Rejection {
    if is_no_header(error) { Rejection::NoToken } else { Rejection::Algorithm }
}

/// Whether what should be a header is none. One that reads as JSON but not as a header names an algorithm that the
/// library does not know, `none` above all.
pub(super) fn is_no_header(error: &ErrorKind) -> bool {
    !matches!(error, ErrorKind::Json(why) if why.is_data())
}

fn rejection(error: &ErrorKind) -> Rejection {
    const CLAIMS: [&str; 6] = ["exp", "iss", "aud", "sub", "jti", "iat"];
    match error {
        ErrorKind::InvalidSignature => Rejection::Signature,
        ErrorKind::InvalidIssuer => Rejection::Issuer,
        ErrorKind::InvalidAudience => Rejection::Audience,
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => Rejection::Algorithm,
        ErrorKind::MissingRequiredClaim(name) => {
            CLAIMS.into_iter().find(|claim| claim == name).map_or(Rejection::NoToken, Rejection::Missing)
        }
        ErrorKind::Json(_) => Rejection::Malformed("claims"),
        _ => Rejection::NoToken,
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self {
            Self::TooLong => "The token is longer than 4096 bytes; ask for one with fewer teams.",
            Self::NoToken => "This is no token: three parts joined by dots are expected.",
            Self::Algorithm => "The token is not signed with HS256.",
            Self::NoKey => "The token does not say which key signed it.",
            Self::UnknownKey => "The token is signed with a key that this server does not have.",
            Self::Signature => "The token's signature is wrong.",
            Self::Issuer => "The token is somebody else's: this server does not know its issuer.",
            Self::Audience => "The token is meant for somebody else: its audience is not holdline.",
            Self::Expired => "The token has expired; ask for a new one.",
            Self::NotYetValid => "The token is not valid yet.",
            Self::Life => "A token lives at least a second and at most 90 days.",
            Self::Unsigned => "The token could not be signed.",
            Self::Missing(claim) => return write!(f, "The token lacks the claim {claim}."),
            Self::Malformed("claims") => "The token's claims cannot be understood.",
            Self::Malformed(claim) => return write!(f, "The token's claim {claim} cannot be understood."),
        };
        f.write_str(said)
    }
}

impl std::error::Error for Rejection {}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
