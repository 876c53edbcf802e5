//! `holdline restore`: puts a backup in the place of a store that is not there, after it was verified against what was
//! kept elsewhere. Refuses to replace a store, and a log that is shorter than a checkpoint says it was.

use std::path::PathBuf;

use clap::Args;
use holdline_verify::{Ask, Finding};

use super::{
    Ended, audit_verify,
    backup::postgres,
    lock, output,
    stop::Stop,
    store_file::{StoreFile, beside},
};
use crate::{config::Settings, record::LastSigned, store::DatabaseUrl};

const HELP: &str = "\
Examples:
  holdline restore /backups/holdline-2026-11-27.db --checkpoint newest.checkpoint
  holdline restore nightly.db --unchecked

A checkpoint that was kept elsewhere (holdline audit watch keeps them, every webhook and receipt carries one) says how long
the log was and what it held. A backup that is older than it is not restored: what was acknowledged after the backup would
be gone, and the log would say something else than it did. --unchecked restores without one, which makes sure that the backup
agrees with itself, and with checkpoint.last, which the key in the data folder signed last.";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The newest checkpoint that was kept; may be given again
    #[arg(long = "checkpoint", value_name = "FILE", required_unless_present = "unchecked")]
    checkpoints: Vec<PathBuf>,
    /// There is no checkpoint to hold it against
    #[arg(long, conflicts_with = "checkpoints")]
    unchecked: bool,
}

impl Restore {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let url = settings.database()?;
        let DatabaseUrl::Sqlite(database) = &url else { return Err(postgres()) };
        if !self.file.is_file() {
            return Err(Stop::new(format!("There is no backup at {}.", self.file.display())));
        }
        // What the key beside the store signed last speaks too, whatever else is at hand.
        let signed = LastSigned::file(settings.folder());
        let known = self.checkpoints.iter().chain(signed.exists().then_some(&signed));
        let checkpoints = known.map(|file| audit_verify::note(file)).collect::<Result<_, _>>()?;
        let _lock = lock::hold(&url)?;
        if database.exists() {
            return Err(Stop::new(format!(
                "There is a store at {}. Move it away first: a restore replaces nothing.",
                database.display()
            )));
        }
        // SQLite would take what it holds for the restored database's.
        let journal = beside(database, "-wal");
        if journal.exists() {
            return Err(Stop::new(format!(
                "There is the journal of a store at {}, without the store. Move it away first, or the store back to it.",
                journal.display()
            )));
        }
        let mut restoring = StoreFile::begin(database)?;
        restoring.fill(&self.file)?;
        let mut broken = None;
        let mut found = |finding: &Finding| {
            if !finding.code.is_notice() && broken.is_none() {
                broken = output::say(&finding.to_string()).err();
            }
        };
        let report = restoring.verify(&Ask { checkpoints, key: None }, &mut found).await?;
        broken.map_or(Ok(()), Err)?;
        if report.findings > 0 {
            output::say(&report.to_string())?;
            return Err(Stop::new(format!(
                "Nothing is restored: {} is not the log that the checkpoints speak of, or does not agree with itself. \
                 Look for a newer backup.",
                self.file.display()
            )));
        }
        restoring.name()?;
        output::say(&format!("Restored {}: {report}", database.display()))?;
        Ok(Ended::Done)
    }
}
