//! An OIDC provider, whose tokens are accepted beside the service's own: what is believed of one, in the order of
//! RFC 8725. Holds the order of the checks; each check is a file. Refuses to sign anybody in, which a client does.

mod header;
mod jwks;
mod keyring;
mod mapping;
mod refused;
mod shape;
mod source;

use std::{sync::Arc, time::Duration};

use holdline_domain::{person::PersonKind, text::Line, time::Timestamp};
use jsonwebtoken::{Validation, decode};
use serde_json::{Map, Value};

use self::keyring::KeyRing;
use super::{Identity, token};
use crate::clock::Clock;

pub use mapping::{Mapping, TeamsFrom};
pub use refused::Refused;
pub use source::Source;

/// The claims of a token whose signature was found good.
type Claims = Map<String, Value>;

/// The longest token of a provider that is looked at, in bytes: lists of groups make them long.
pub(super) const LONGEST: usize = 16 * 1024;

/// Which provider is trusted, and with what.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The issuer, to the letter as its tokens say it.
    pub issuer: Line,
    /// The audience that its tokens must name.
    pub audience: String,
    /// The longest life of a token of its, in seconds.
    pub longest_life: i64,
    /// What its claims mean here.
    pub mapping: Mapping,
    /// Where its keys are.
    pub source: Source,
    /// How often they are looked at.
    pub pace: Pace,
}

/// How often a provider's keys are looked at, and how long they are believed.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long until they are read again, so that a key that was taken out stops working.
    pub refresh: Duration,
    /// How long an unknown key waits until they are read for it again.
    pub floor: Duration,
    /// How long the last good keys go on while they cannot be read.
    pub keep: Duration,
    /// How long reading them may take.
    pub limit: Duration,
}

/// A provider, with its keys as they were read last.
#[derive(Clone)]
pub(super) struct Provider {
    trust: Arc<Trust>,
    ring: Arc<KeyRing>,
}

impl Provider {
    /// A provider whose keys are still to be read.
    pub(super) fn new(trust: Trust, clock: Clock) -> Self {
        let ring = KeyRing::new(trust.source.clone(), trust.pace, clock);
        Self { ring: Arc::new(ring), trust: Arc::new(trust) }
    }

    /// What its tokens call it.
    pub(super) fn issuer(&self) -> &str {
        self.trust.issuer.as_str()
    }

    /// Whether a key is among those that may be believed now.
    pub(super) fn believes(&self, key_id: &str) -> bool {
        self.ring.holds(key_id)
    }

    /// Keeps its keys fresh, until it is dropped.
    pub(super) async fn keep_keys(self) {
        self.ring.keep().await;
    }

    /// Checks a token of this provider at an instant.
    pub(super) async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::TooLong);
        }
        let named = header::read(token)?;
        let key = self.ring.key(&named.kid).await?;
        if key.algorithm != named.algorithm {
            return Err(Refused::Algorithm);
        }
        let checked = decode::<Claims>(token, &key.checks, &self.validation(named.algorithm));
        let claims = checked.map_err(|error| refused::of(error.kind()))?.claims;
        // The library also takes a list of issuers, which RFC 7519 does not know.
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer()) {
            return Err(Refused::Issuer);
        }
        shape::check(&claims, named.says_access)?;
        let expires_at = shape::check_time(&claims, token::seconds(now), self.trust.longest_life)?;
        self.identity(&claims, token, named.kid, expires_at)
    }

    fn validation(&self, algorithm: jsonwebtoken::Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        // The library checks an issuer and an audience only where the token has them, unless they are also required.
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
        validation.set_issuer(&[self.issuer()]);
        validation.set_audience(&[&self.trust.audience]);
        // The library reads the machine's clock; `shape` checks time against the service's own.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation
    }

    fn identity(
        &self,
        claims: &Claims,
        token: &str,
        key_id: String,
        expires_at: Timestamp,
    ) -> Result<Identity, Refused> {
        let mapping = &self.trust.mapping;
        let system = mapping.system(claims)?;
        Ok(Identity {
            issuer: self.issuer().to_owned(),
            subject: mapping::exact(claims, "sub")?.ok_or(Refused::Missing("sub"))?,
            name: mapping.name(claims),
            kind: if system.is_some() { PersonKind::Service } else { PersonKind::Person },
            scopes: mapping.scopes(claims, system.is_some())?,
            teams: mapping.teams(claims)?,
            system,
            token_id: mapping::token_id(claims, token)?,
            key_id,
            expires_at,
        })
    }
}

#[cfg(test)]
mod tests;
