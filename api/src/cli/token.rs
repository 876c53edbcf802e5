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
    auth::{Grant, Keys},
    clock::{Clock, Ids},
    config::{Settings, life},
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
        let known = Keys::load(settings.folder())?.is_some();
        let issued = Keys::load_or_create(settings.folder())?.issue(&grant, clock.now())?;
        output::say(&issued.token)?;
        if !known {
            output::tell(&format!(
                "There was no signing key in {}, so it was made. A service with another data folder does not take this \
                 token: name its folder with --data-dir.",
                settings.folder().display()
            ));
        }
        output::tell(&format!("Its id, by which it can be revoked: {}", issued.token_id));
        Ok(Ended::Done)
    }

    fn grant(self, ids: &Ids) -> Result<Grant, Stop> {
        let all = self.teams.is_empty() && matches!(self.role, Some(Role::Auditor | Role::Admin));
        let scopes = self.role.map_or(self.scopes, |role| role.scopes().to_vec());
        if scopes.contains(&Scope::RequestsWrite) && self.service.is_none() {
            return Err(Stop::new("An integration is bound to one CRM system: name it with --service."));
        }
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
        let store = store::open(settings).await?;
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
