//! `holdline token`: issuing a token with the service's own key, and revoking one in a stopped service's store.
//! Issuing touches the key file and nothing else, so that it works whatever state the store is in.

use std::collections::BTreeSet;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use holdline_domain::{
    actor::Teams,
    permission::{Role, Scope},
    person::PersonKind,
    text::{Line, Prose, TeamKey},
};

use super::{Ended, output, stop::Stop, store};
use crate::{
    auth::{Grant, Keys, LONGEST_LIFE},
    clock::{Clock, Ids},
    config::Settings,
};

const ISSUE_HELP: &str = "\
Examples:
  holdline token issue --subject planner@example.com --role planner --teams PAY,WEB
  holdline token issue --subject crm --role integration --service crm --teams PAY --expires 90d
  holdline token issue --subject board --scopes read --teams '*' --expires 30d
  holdline token issue --subject root --role admin

The token is the only thing on stdout. It is a secret: whoever has it is its subject until it expires.";

const REVOKE_HELP: &str = "\
The id is the token's claim jti. A running server is asked instead with the mutation tokenRevoke.

Example:
  holdline token revoke 01a0b1c2-… --reason 'the laptop was lost'";

/// The commands.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Issue a token; needs the key file and nothing else
    Issue(Issue),
    /// Revoke a token, while no server has the store open
    Revoke(Revoke),
}

/// What is to be issued.
#[derive(Args)]
#[command(after_help = ISSUE_HELP)]
pub(super) struct Issue {
    /// Who holds it: a stable name, such as an address
    #[arg(long, value_parser = Line::parse)]
    subject: Line,
    /// What to call them
    #[arg(long, value_parser = Line::parse)]
    name: Option<Line>,
    /// What they may do, as a role
    #[arg(long, value_parser = role(), required_unless_present = "scopes", conflicts_with = "scopes")]
    role: Option<Role>,
    /// What they may do, scope by scope
    #[arg(long, value_delimiter = ',', value_parser = scope())]
    scopes: Vec<Scope>,
    /// For which teams: keys, or '*' for all; auditors and admins see all teams unless told otherwise
    #[arg(long, value_delimiter = ',', value_name = "KEY")]
    teams: Vec<String>,
    /// The holder is a program, bound to this CRM system
    #[arg(long, value_name = "SYSTEM", value_parser = Line::parse)]
    service: Option<Line>,
    /// How long it lives: 30m, 8h, 90d at most
    #[arg(long, value_name = "TIME", default_value = "8h", value_parser = life)]
    expires: i64,
}

/// What is to be revoked.
#[derive(Args)]
#[command(after_help = REVOKE_HELP)]
pub(super) struct Revoke {
    /// The token's id
    #[arg(value_parser = Line::parse)]
    id: Line,
    /// Why
    #[arg(long, value_parser = Prose::parse)]
    reason: Option<Prose>,
}

impl Issue {
    pub(super) fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let clock = Clock::system();
        let grant = self.grant(&Ids::random(clock.clone()))?;
        settings.prepare_folder()?;
        let issued = Keys::load_or_create(settings.folder())?.issue(&grant, clock.now())?;
        output::say(&issued.token)?;
        output::tell(&format!("Its id, by which it can be revoked: {}", issued.token_id));
        Ok(Ended::Done)
    }

    fn grant(self, ids: &Ids) -> Result<Grant, Stop> {
        if self.role == Some(Role::Integration) && self.service.is_none() {
            return Err(Stop::new("An integration is bound to one CRM system: name it with --service."));
        }
        let all = self.teams.is_empty() && matches!(self.role, Some(Role::Auditor | Role::Admin));
        let scopes = self.role.map_or(self.scopes, |role| role.scopes().to_vec());
        Ok(Grant {
            subject: self.subject,
            name: self.name,
            kind: if self.service.is_some() { PersonKind::Service } else { PersonKind::Person },
            scopes: scopes.into_iter().collect(),
            teams: if all { Teams::All } else { teams(&self.teams)? },
            system: self.service,
            token_id: ids.next(),
            life: self.expires,
        })
    }
}

impl Revoke {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        // No token is checked or signed here, so the key file may be elsewhere.
        let store = store::open(settings, Keys::ephemeral()?).await?;
        let operator = store.app.operator().await?;
        store.app.service().token_revoke(&operator, self.id.clone(), self.reason).await?;
        output::say(&format!("The token {} is revoked.", self.id))?;
        Ok(Ended::Done)
    }
}

fn teams(said: &[String]) -> Result<Teams, Stop> {
    match said {
        [] => Err(Stop::new("For which teams? Say --teams KEY,… or --teams '*'.")),
        [word] if word == "*" => Ok(Teams::All),
        keys => {
            let key = |key: &String| {
                TeamKey::parse(key.trim()).map_err(|why| Stop::new(format!("--teams: the key \"{key}\" {why}.")))
            };
            keys.iter().map(key).collect::<Result<BTreeSet<_>, _>>().map(Teams::Only)
        }
    }
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::name))
        .try_map(|name| Role::ALL.into_iter().find(|role| role.name() == name).ok_or("is no role"))
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.map(Scope::name)).try_map(|name| Scope::parse(&name).ok_or("is no scope"))
}

/// Reads `30m`, `8h` or `90d` as seconds.
fn life(text: &str) -> Result<i64, String> {
    const FORM: &str = "is not a time such as 30m, 8h or 90d";
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Err(FORM.into()),
    };
    let number = text.get(..text.len() - 1).unwrap_or_default();
    let digits = !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = number.parse::<i64>().ok().filter(|_| digits).ok_or(FORM)? * unit;
    match seconds {
        0 => Err("is no time at all".into()),
        1..=LONGEST_LIFE => Ok(seconds),
        _ => Err("is longer than 90 days".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_read_in_minutes_hours_and_days_up_to_ninety() {
        let table = [("30m", Ok(1800)), ("8h", Ok(28_800)), ("90d", Ok(LONGEST_LIFE)), ("2160h", Ok(LONGEST_LIFE))];
        for (text, expected) in table {
            assert_eq!(life(text), expected, "{text}");
        }
        for text in ["", "h", "8", "0h", "-1h", "91d", "8s", "1.5h", "99999999999d", "8ä"] {
            assert!(life(text).is_err(), "{text}");
        }
    }
}
