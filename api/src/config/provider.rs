//! The settings that name an OIDC provider: its issuer, its keys, and what its claims mean here.
//! Refuses half of them: what is missing is said before anybody is let in.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use holdline_domain::{permission::Role, text::Line};

use super::{Unusable, life};
use crate::auth::{ISSUER, Mapping, Pace, Source, TeamsFrom, Trust};

/// A provider's URL: read every ten minutes, and for an unknown key at most once a minute.
const SERVER: Pace = Pace {
    refresh: Duration::from_mins(10),
    floor: Duration::from_mins(1),
    keep: Duration::from_hours(24),
    limit: Duration::from_secs(5),
};

/// A file: reading it costs nothing, so a change shows within seconds.
const FILE: Pace = Pace { refresh: Duration::from_secs(10), floor: Duration::from_secs(1), ..SERVER };

/// The settings of `holdline serve` for an OIDC provider.
#[derive(Args, Clone)]
#[command(next_help_heading = "Sign-in (OIDC): tokens of a provider, beside the service's own")]
pub struct ProviderSettings {
    /// The provider's issuer, to the letter as its tokens say it in iss
    #[arg(long = "oidc-issuer", value_name = "URL", env = "HOLDLINE_OIDC_ISSUER")]
    issuer: Option<String>,
    /// The audience that its tokens must name in aud, such as the client or API that stands for this service
    #[arg(long = "oidc-audience", value_name = "AUDIENCE", env = "HOLDLINE_OIDC_AUDIENCE")]
    audience: Option<String>,
    /// Where its public keys are (jwks_uri): read every 10 minutes, and for an unknown key at most once a minute
    #[arg(long = "oidc-jwks-url", value_name = "URL", env = "HOLDLINE_OIDC_JWKS_URL")]
    jwks_url: Option<String>,
    /// Its public keys in a file instead: read every 10 seconds
    #[arg(long = "oidc-jwks-file", value_name = "FILE", env = "HOLDLINE_OIDC_JWKS_FILE")]
    jwks_file: Option<PathBuf>,
    /// The claim that holds roles, groups or scopes: groups, or realm_access.roles within another
    #[arg(long = "oidc-roles-claim", value_name = "CLAIM", env = "HOLDLINE_OIDC_ROLES_CLAIM")]
    roles_claim: Option<String>,
    /// What a value of that claim gives: planner=okr-planners; again for each, joined by ';' in the environment
    #[arg(long = "oidc-role", value_name = "ROLE=VALUE", env = "HOLDLINE_OIDC_ROLE", value_delimiter = ';', value_parser = given)]
    role: Vec<(Role, String)>,
    /// The claim that holds the keys of the teams, or * for every team
    #[arg(long = "oidc-teams-claim", value_name = "CLAIM", env = "HOLDLINE_OIDC_TEAMS_CLAIM")]
    teams_claim: Option<String>,
    /// Everybody with a role holds every team
    #[arg(long = "oidc-all-teams", env = "HOLDLINE_OIDC_ALL_TEAMS")]
    all_teams: bool,
    /// The claim that says what to call somebody [default: name]
    #[arg(long = "oidc-name-claim", value_name = "CLAIM", env = "HOLDLINE_OIDC_NAME_CLAIM")]
    name_claim: Option<String>,
    /// The claim that binds a program to one CRM system; needed for the role integration
    #[arg(long = "oidc-system-claim", value_name = "CLAIM", env = "HOLDLINE_OIDC_SYSTEM_CLAIM")]
    system_claim: Option<String>,
    /// The longest life of a token that is accepted, such as 30m or 8h, 90d at most [default: 24h]
    #[arg(long = "oidc-longest-life", value_name = "TIME", env = "HOLDLINE_OIDC_LONGEST_LIFE", value_parser = life)]
    longest_life: Option<i64>,
}

impl ProviderSettings {
    /// Whether anything is said about a provider.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.issuer.is_some()
            || self.audience.is_some()
            || self.jwks_url.is_some()
            || self.jwks_file.is_some()
            || self.roles_claim.is_some()
            || !self.role.is_empty()
            || self.teams_claim.is_some()
            || self.all_teams
            || self.name_claim.is_some()
            || self.system_claim.is_some()
            || self.longest_life.is_some()
    }

    /// The provider, if one is named; half of one is refused.
    pub fn trust(self) -> Result<Option<Trust>, Unusable> {
        if !self.is_given() {
            return Ok(None);
        }
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(Unusable(format!(
                "A sign-in provider is named only in part. Also needed: {}.",
                missing.join("; ")
            )));
        }
        let issuer = issuer(&self.issuer.unwrap_or_default())?;
        let (source, pace) = source(self.jwks_url, self.jwks_file)?;
        let teams = teams(self.teams_claim, self.all_teams)?;
        let bound = self.system_claim.is_some();
        if !bound && self.role.iter().any(|(role, _)| *role == Role::Integration) {
            return Err(unusable(
                "--oidc-role",
                "gives the role integration, which is bound to one CRM system: name the claim that says which with \
                 --oidc-system-claim, or issue its token with holdline token issue --service SYSTEM",
            ));
        }
        let mapping = Mapping {
            roles_claim: self.roles_claim.unwrap_or_default(),
            roles: self.role,
            teams,
            name_claim: self.name_claim.unwrap_or_else(|| "name".into()),
            system_claim: self.system_claim,
        };
        let audience = self.audience.unwrap_or_default();
        let longest_life = self.longest_life.unwrap_or(24 * 60 * 60);
        Ok(Some(Trust { issuer, audience, longest_life, mapping, source, pace }))
    }

    fn missing(&self) -> Vec<&'static str> {
        let said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
        let needs = [
            (said(&self.issuer), "--oidc-issuer (HOLDLINE_OIDC_ISSUER), whose tokens are accepted"),
            (said(&self.audience), "--oidc-audience (HOLDLINE_OIDC_AUDIENCE), whom they must be meant for"),
            (
                self.jwks_url.is_some() || self.jwks_file.is_some(),
                "--oidc-jwks-url (HOLDLINE_OIDC_JWKS_URL) or --oidc-jwks-file (HOLDLINE_OIDC_JWKS_FILE), its public keys",
            ),
            (said(&self.roles_claim), "--oidc-roles-claim (HOLDLINE_OIDC_ROLES_CLAIM), the claim that gives roles"),
            (
                !self.role.is_empty(),
                "--oidc-role (HOLDLINE_OIDC_ROLE), which role each value of that claim gives, such as planner=okr-planners",
            ),
            (
                self.teams_claim.is_some() || self.all_teams,
                "--oidc-teams-claim (HOLDLINE_OIDC_TEAMS_CLAIM), the claim that holds the teams, or --oidc-all-teams",
            ),
        ];
        needs.into_iter().filter(|(there, _)| !there).map(|(_, what)| what).collect()
    }
}

fn issuer(text: &str) -> Result<Line, Unusable> {
    let wrong = || unusable("--oidc-issuer", "is not a URL such as https://id.example.com/realms/main");
    let line = Line::parse(text).ok().filter(|line| line.as_str() == text).ok_or_else(wrong)?;
    let is_url = reqwest::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if text == ISSUER || !is_url { Err(wrong()) } else { Ok(line) }
}

fn source(url: Option<String>, file: Option<PathBuf>) -> Result<(Source, Pace), Unusable> {
    match (url, file) {
        (Some(_), Some(_)) => {
            Err(unusable("--oidc-jwks-url", "and --oidc-jwks-file are both given: the keys come from one place"))
        }
        (Some(url), None) => Ok((Source::url(&url).map_err(|why| unusable("--oidc-jwks-url", &why))?, SERVER)),
        (None, file) => {
            let source = Source::File(file.unwrap_or_default());
            source.check().map_err(|why| unusable("--oidc-jwks-file", &format!("({source}) cannot be used: {why}")))?;
            Ok((source, FILE))
        }
    }
}

fn teams(claim: Option<String>, all: bool) -> Result<TeamsFrom, Unusable> {
    match claim {
        Some(_) if all => Err(unusable("--oidc-teams-claim", "and --oidc-all-teams are both given: say one of them")),
        Some(claim) => Ok(TeamsFrom::Claim(claim)),
        None => Ok(TeamsFrom::All),
    }
}

/// Reads `planner=okr-planners`.
fn given(text: &str) -> Result<(Role, String), String> {
    let (name, value) = text.split_once('=').ok_or("is not ROLE=VALUE, such as planner=okr-planners")?;
    let role = Role::ALL.into_iter().find(|role| role.name() == name.trim());
    let role = role.ok_or_else(|| format!("names no role; the roles are {}", Role::ALL.map(Role::name).join(", ")))?;
    if value.trim().is_empty() { Err("names no value".into()) } else { Ok((role, value.trim().to_owned())) }
}

fn unusable(setting: &str, why: &str) -> Unusable {
    let twin = setting.trim_start_matches('-').replace('-', "_").to_uppercase();
    Unusable(format!("{setting} (HOLDLINE_{twin}) {why}."))
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
