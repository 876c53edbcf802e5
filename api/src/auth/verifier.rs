//! Who checks a token: the issuer that it names says which keys are tried, before any is (RFC 8725, 3.8).
//! Refuses to try one issuer's keys on another's token.

use std::future;

use holdline_domain::time::Timestamp;
use jsonwebtoken::dangerous::insecure_decode_claims;
use serde::Deserialize;

use super::{
    ISSUER, Identity, Keys, Refused, Rejection,
    provider::{self, Provider, Trust},
    token,
};
use crate::clock::Clock;

/// The service's own key, and the provider that is trusted beside it.
#[derive(Clone)]
pub struct Verifier {
    own: Keys,
    provider: Option<Provider>,
}

/// Why a token lets nobody in, in a sentence for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It is no good as a token.
    Token(String),
    /// It is good, and permits nothing here.
    Forbidden(String),
}

/// The one claim that is read before the signature is checked; nothing is believed of it.
#[derive(Deserialize)]
struct Claimed {
    iss: Option<String>,
}

impl Verifier {
    /// The own key, and the provider if one is trusted.
    #[must_use]
    pub fn new(own: Keys, provider: Option<Trust>, clock: &Clock) -> Self {
        Self { own, provider: provider.map(|trust| Provider::new(trust, clock.clone())) }
    }

    /// The own key.
    #[must_use]
    pub const fn own(&self) -> &Keys {
        &self.own
    }

    /// Whom a token stands for at an instant.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, Denied> {
        let Some(provider) = &self.provider else { return Ok(self.own.verify(token, now)?) };
        if token.len() > token::LONGEST.max(provider::LONGEST) {
            return Err(Refused::TooLong.into());
        }
        match insecure_decode_claims::<Claimed>(token) {
            Ok(Claimed { iss: Some(issuer) }) if issuer == provider.issuer() => Ok(provider.verify(token, now).await?),
            Ok(Claimed { iss: Some(issuer) }) if issuer != ISSUER => Err(Rejection::Issuer.into()),
            Ok(Claimed { iss: None }) => Err(Rejection::Missing("iss").into()),
            // The own key, or what is no token and ends there with the reason.
            _ => Ok(self.own.verify(token, now)?),
        }
    }

    /// Whether the key that signed a token is still believed, as far as this process knows.
    #[must_use]
    pub fn believes(&self, issuer: &str, key_id: &str) -> bool {
        match &self.provider {
            Some(provider) if issuer == provider.issuer() => provider.believes(key_id),
            _ => issuer == ISSUER && key_id == self.own.id(),
        }
    }

    /// Keeps the provider's keys fresh; without a provider it waits for ever.
    pub async fn keep_keys(self) {
        match self.provider {
            Some(provider) => provider.keep_keys().await,
            None => future::pending().await,
        }
    }
}

impl From<Rejection> for Denied {
    fn from(why: Rejection) -> Self {
        Self::Token(why.to_string())
    }
}

impl From<Refused> for Denied {
    fn from(why: Refused) -> Self {
        let sentence = why.to_string();
        if why.is_forbidden() { Self::Forbidden(sentence) } else { Self::Token(sentence) }
    }
}
