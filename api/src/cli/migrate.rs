//! `holdline migrate`: brings the schema up to date, and gives the service's own role its rights.
//! Refuses to make roles or databases: whoever runs PostgreSQL does.

use clap::Args;

use super::{Ended, lock, output, owner::Owner, stop::Stop};
use crate::{
    app::Signing,
    config::Settings,
    store::{Database, DatabaseUrl},
};

const HELP: &str = "\
Examples:
  holdline migrate
      the database in the data folder, or the one that --database-url names
  HOLDLINE_OWNER_DATABASE_URL=postgres://owner:…@db/holdline \\
  HOLDLINE_DATABASE_URL=postgres://service:…@db/holdline holdline migrate
      as the tables' owner; the service's login is then given what it needs and owns nothing";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Migrate {
    #[command(flatten)]
    owner: Owner,
}

impl Migrate {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let (database, role) = self.owner.resolve(settings)?;
        if let DatabaseUrl::Sqlite(file) = &database {
            Signing::Beside(settings.folder().to_owned()).over_nothing(file)?;
        }
        let _lock = lock::hold(&database)?;
        let database = Database::open(&database).await?;
        let behind = database.behind().await?;
        database.migrate().await?;
        if let Some(role) = &role {
            database.grant(role).await?;
        }
        let state = if behind { "The schema is now up to date." } else { "The schema was up to date already." };
        let granted = role.map(|role| format!(" The role {role} has what the service needs.")).unwrap_or_default();
        output::say(&format!("{state}{granted}"))?;
        Ok(Ended::Done)
    }
}
