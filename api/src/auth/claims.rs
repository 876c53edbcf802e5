//! The claims of a token: as they travel, and as an identity.
//! Holds parsing only; refuses to judge time and signature, which `token` does.

use holdline_domain::{
    actor::Teams,
    permission::Scope,
    person::PersonKind,
    text::{Line, TeamKey},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{AUDIENCE, Grant, ISSUER, Identity, token::Rejection};

/// Claims as they travel. What is required is an option here too, so that a missing one is named.
#[derive(Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: Option<String>,
    aud: Option<String>,
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    kind: Option<String>,
    scopes: Option<Vec<String>>,
    teams: Option<TeamsClaim>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    jti: Option<String>,
    pub(super) iat: Option<i64>,
    pub(super) nbf: Option<i64>,
    pub(super) exp: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TeamsClaim {
    Word(String),
    Keys(Vec<String>),
}

impl Claims {
    /// What a grant says, from a second on.
    pub(super) fn of(grant: &Grant, from: i64) -> Self {
        let teams = match &grant.teams {
            Teams::All => TeamsClaim::Word("*".into()),
            Teams::Only(keys) => TeamsClaim::Keys(keys.iter().map(ToString::to_string).collect()),
        };
        Self {
            iss: Some(ISSUER.into()),
            aud: Some(AUDIENCE.into()),
            sub: Some(grant.subject.to_string()),
            name: grant.name.as_ref().map(ToString::to_string),
            kind: Some(if grant.kind == PersonKind::Service { "service" } else { "person" }.into()),
            scopes: Some(grant.scopes.iter().map(|scope| scope.name().to_owned()).collect()),
            teams: Some(teams),
            system: grant.system.as_ref().map(ToString::to_string),
            jti: Some(grant.token_id.to_string()),
            iat: Some(from),
            nbf: Some(from),
            exp: Some(from.saturating_add(grant.life)),
        }
    }

    /// The identity that they state.
    pub(super) fn identity(self, key_id: String) -> Result<Identity, Rejection> {
        let scopes = required(self.scopes, "scopes")?;
        let scopes = scopes.iter().map(|name| Scope::parse(name).ok_or(Rejection::Malformed("scopes")));
        let kind = match required(self.kind, "kind")?.as_str() {
            "person" => PersonKind::Person,
            "service" => PersonKind::Service,
            _ => return Err(Rejection::Malformed("kind")),
        };
        let expires_at = required(self.exp, "exp")?.checked_mul(1_000_000).and_then(Timestamp::from_micros);
        Ok(Identity {
            issuer: required(self.iss, "iss")?,
            subject: line(&required(self.sub, "sub")?, "sub")?.to_string(),
            name: self.name.map(|name| line(&name, "name")).transpose()?,
            kind,
            scopes: scopes.collect::<Result<_, _>>()?,
            teams: required(self.teams, "teams")?.parse()?,
            system: self.system.map(|system| line(&system, "system")).transpose()?.map(|system| system.to_string()),
            token_id: line(&required(self.jti, "jti")?, "jti")?.to_string(),
            key_id,
            expires_at: expires_at.ok_or(Rejection::Malformed("exp"))?,
        })
    }
}

impl TeamsClaim {
    fn parse(self) -> Result<Teams, Rejection> {
        let wrong = Rejection::Malformed("teams");
        match self {
            Self::Word(word) if word == "*" => Ok(Teams::All),
            Self::Word(_) => Err(wrong),
            Self::Keys(keys) => {
                let keys: Result<_, _> = keys.iter().map(|key| TeamKey::parse(key)).collect();
                keys.map(Teams::Only).map_err(|_| wrong)
            }
        }
    }
}

pub(super) fn required<T>(claim: Option<T>, name: &'static str) -> Result<T, Rejection> {
    claim.ok_or(Rejection::Missing(name))
}

fn line(text: &str, name: &'static str) -> Result<Line, Rejection> {
    Line::parse(text).map_err(|_| Rejection::Malformed(name))
}
