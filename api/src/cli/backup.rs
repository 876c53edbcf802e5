//! `holdline backup`: a copy of the record, made while the service runs, and verified before it has its name. It is a file of
//! SQLite's, whichever database it is made of. Refuses to replace a file.

use std::path::PathBuf;

use clap::Args;
use holdline_verify::Ask;

use super::{Ended, output, stop::Stop, store_file::StoreFile};
use crate::{
    config::Settings,
    store::{Database, DatabaseUrl},
};

const HELP: &str = "\
Examples:
  holdline backup /backups/holdline-2026-11-27.db
  holdline audit checkpoint > nightly.checkpoint && holdline backup nightly.db
      in this order: a checkpoint that was signed after the copy covers more than the copy holds
  HOLDLINE_DATABASE_URL=postgres://service:…@db/holdline holdline backup nightly.db

The copy is of one moment, and is verified like `holdline audit verify` does before it gets its name; a service may write
meanwhile. What was erased is not in it. The keys are not in it either: keep token and checkpoint keys of the data folder
apart from it, because whoever has both can sign.

Of PostgreSQL the copy is the same file of SQLite's: it is restored into either, and any holdline audit verify reads it.
PostgreSQL's own tools serve as well, with holdline audit verify --checkpoint after pg_restore.";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Backup {
    /// The file to make; it must not be there yet
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let url = settings.database()?;
        if self.file.exists() {
            return Err(Stop::new(format!("There is a file {} already; name another one.", self.file.display())));
        }
        let database = Database::open_to_read(&url).await?;
        let copy = StoreFile::begin(&self.file)?;
        match url {
            DatabaseUrl::Sqlite(_) => database.copy_into(copy.path()).await?,
            DatabaseUrl::Postgres(_) => copy.fill_from(&database).await?,
        }
        database.close().await?;
        let report = copy.verify(&Ask::default(), &mut |_| {}).await?;
        if report.findings > 0 {
            let left = copy.leave()?;
            output::say(&report.to_string())?;
            return Err(Stop::new(format!(
                "The copy does not verify, and so neither does the store; it is left at {} to be looked at. holdline audit \
                 verify names each finding.",
                left.display()
            )));
        }
        copy.name()?;
        output::say(&format!("{}: {report}", self.file.display()))?;
        Ok(Ended::Done)
    }
}
