//! What a provider's claims mean here: roles, teams, name, CRM system and the token's id.
//! Holds the mapping only, which the operator writes; refuses to guess a role or a team that nobody mapped.

use std::collections::BTreeSet;

use holdline_domain::{
    actor::Teams,
    facts::Digest,
    permission::{Role, Scope},
    text::{Line, TeamKey},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Claims, Refused};

/// What a provider's claims mean here. A claim is named by its path: `groups`, or `realm_access.roles` within another.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The claim that holds roles, groups or scopes.
    pub roles_claim: String,
    /// Which role here each value of it gives.
    pub roles: Vec<(Role, String)>,
    /// Where the teams come from.
    pub teams: TeamsFrom,
    /// The claim that says what to call somebody.
    pub name_claim: String,
    /// The claim that binds a program to one CRM system.
    pub system_claim: Option<String>,
}

/// Where a token's teams come from.
#[derive(Debug, Clone)]
pub enum TeamsFrom {
    /// Everybody holds every team.
    All,
    /// From a claim: one key, a list of keys, or `*` for every team.
    Claim(String),
}

impl Mapping {
    /// The scopes of every role that the token's values give, together.
    pub(super) fn scopes(&self, claims: &Claims, bound: bool) -> Result<BTreeSet<Scope>, Refused> {
        let said = values(claims, &self.roles_claim)?;
        let given = self.roles.iter().filter(|(_, value)| said.contains(&value.as_str()));
        let scopes: BTreeSet<_> = given.flat_map(|(role, _)| role.scopes()).copied().collect();
        if scopes.is_empty() {
            return Err(Refused::NoRole);
        }
        if scopes.contains(&Scope::RequestsWrite) && !bound {
            return Err(Refused::NoSystem);
        }
        Ok(scopes)
    }

    /// The teams. A value that could be no team's key is passed over, since the claim may list other groups too.
    pub(super) fn teams(&self, claims: &Claims) -> Result<Teams, Refused> {
        let TeamsFrom::Claim(path) = &self.teams else { return Ok(Teams::All) };
        let said = values(claims, path)?;
        if said.contains(&"*") {
            return Ok(Teams::All);
        }
        Ok(Teams::Only(said.into_iter().filter_map(|key| TeamKey::parse(key).ok()).collect()))
    }

    /// What to call somebody, where the token says it in one line.
    pub(super) fn name(&self, claims: &Claims) -> Option<Line> {
        Line::parse(find(claims, &self.name_claim)?.as_str()?).ok()
    }

    /// The one CRM system that a program is bound to.
    pub(super) fn system(&self, claims: &Claims) -> Result<Option<String>, Refused> {
        self.system_claim.as_ref().map_or(Ok(None), |path| exact(claims, path))
    }
}

/// A claim that names something, and so is taken to the letter or not at all: were it trimmed, two names would be one.
pub(super) fn exact(claims: &Claims, path: &str) -> Result<Option<String>, Refused> {
    let Some(value) = find(claims, path) else { return Ok(None) };
    let text = value.as_str().filter(|text| Line::parse(text).is_ok_and(|line| line.as_str() == *text));
    text.map(|text| Some(text.to_owned())).ok_or_else(|| Refused::Malformed(path.to_owned()))
}

/// The id by which a token is revoked: its `jti`, or else the SHA-256 of what is signed, in hex. The signature stays out
/// of it, because from one ECDSA signature anybody can make a second one that is as good.
pub(super) fn token_id(claims: &Claims, token: &str) -> Result<String, Refused> {
    if let Some(id) = exact(claims, "jti")? {
        return Ok(id);
    }
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    let hash: [u8; 32] = Sha256::digest(signed).into();
    Ok(Digest::from(hash).to_string())
}

/// A claim's values: a list of texts or one text. In `scope` and `scp` one text is a list set apart by spaces.
fn values<'c>(claims: &'c Claims, path: &str) -> Result<Vec<&'c str>, Refused> {
    let listed = matches!(path.rsplit('.').next(), Some("scope" | "scp"));
    let values = match find(claims, path) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) if listed => Some(text.split(' ').collect()),
        Some(Value::String(text)) => Some(vec![text.as_str()]),
        Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
        Some(_) => None,
    };
    values.ok_or_else(|| Refused::Malformed(path.to_owned()))
}

/// The claim at a path. A name may itself hold dots, as `https://example.com/roles` and client names do, so the whole
/// path is tried as a name first, and then what stands before each dot.
fn find<'c>(claims: &'c Claims, path: &str) -> Option<&'c Value> {
    claims.get(path).or_else(|| {
        path.match_indices('.').find_map(|(dot, _)| find(claims.get(&path[..dot])?.as_object()?, &path[dot + 1..]))
    })
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
