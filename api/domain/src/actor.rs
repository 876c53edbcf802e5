//! The actor: who a request comes from, with which scopes and for which teams.
//! Holds the one way to a `Permit`; refuses to know how a token is checked.

use std::collections::BTreeSet;

use crate::{
    permission::{Action, Forbidden, Permit, Role, Scope},
    person::Person,
    refusal::{Refusal, Refusals},
    text::{Line, TeamKey},
};

/// The teams that a token holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Teams {
    /// Every team, also later ones.
    All,
    /// These only.
    Only(BTreeSet<TeamKey>),
}

impl Teams {
    /// Whether a team is among them.
    #[must_use]
    pub fn hold(&self, key: &TeamKey) -> bool {
        match self {
            Self::All => true,
            Self::Only(keys) => keys.contains(key),
        }
    }
}

/// Whoever a request comes from, as its token said at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person or service.
    pub person: Person,
    /// What the token permits.
    pub scopes: BTreeSet<Scope>,
    /// For which teams.
    pub teams: Teams,
    /// The one CRM system that it posts for, where it is bound to one.
    pub system: Option<String>,
    /// The id of the key that signed the token.
    pub key_id: String,
    /// The token's own id.
    pub token_id: String,
}

impl Actor {
    /// A permit for an action, if the token carries its scope.
    pub fn require<A: Action>(&self) -> Result<Permit<A>, Forbidden> {
        if self.scopes.contains(&A::SCOPE) {
            Ok(Permit::new(self.clone()))
        } else {
            Err(Forbidden { missing: A::SCOPE })
        }
    }

    /// INVALID where the token is bound to another CRM system than the one that it names.
    pub fn posts_for(&self, system: &Line, field: &[&str]) -> Result<(), Refusals> {
        match &self.system {
            Some(own) if own != system.as_str() => {
                let message = format!("This token posts for {own} and not for {system}.");
                let remedy = "Use a token that is bound to that system: holdline token issue --service SYSTEM.";
                Err(Refusal::invalid(field, message).remedy(remedy).into())
            }
            _ => Ok(()),
        }
    }

    /// The role whose scopes these are, or `custom`.
    #[must_use]
    pub fn role(&self) -> &'static str {
        let same = |role: &Role| role.scopes().iter().copied().collect::<BTreeSet<_>>() == self.scopes;
        Role::ALL.into_iter().find(same).map_or("custom", Role::name)
    }
}
