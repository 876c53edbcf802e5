//! `holdline restore`: puts a backup in the place of a store that is not there, after it was verified against what was
//! kept elsewhere. Refuses to replace a store, and a log that is shorter than a checkpoint says it was.

use std::{fs, path::PathBuf};

use clap::Args;
use holdline_verify::{Ask, Place};

use super::{
    Ended, audit_verify,
    backup::{beside, discard, postgres, put, with_suffix},
    lock, output,
    stop::Stop,
};
use crate::{config::Settings, failure::Failure, record::LastSigned, store::DatabaseUrl};

const HELP: &str = "\
Examples:
  holdline restore /backups/holdline-2026-11-27.db --checkpoint newest.checkpoint
  holdline restore nightly.db --unchecked

A checkpoint that was kept elsewhere (holdline audit watch keeps them, every webhook and receipt carries one) says how long
the log was and what it held. A backup that is older than it is not restored: what was acknowledged after the backup would
be gone, and the log would say something else than it did. --unchecked restores without one, which only makes sure that the
backup agrees with itself.";

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
        let checkpoints = self.checkpoints.iter().map(|file| audit_verify::note(file)).collect::<Result<_, _>>()?;
        let _lock = lock::hold(&url)?;
        if database.exists() {
            return Err(Stop::new(format!(
                "There is a store at {}. Move it away first: a restore replaces nothing.",
                database.display()
            )));
        }
        // SQLite would take what it holds for the restored database's.
        let journal = with_suffix(database, "-wal");
        if journal.exists() {
            return Err(Stop::new(format!(
                "There is the journal of a store at {}, without the store. Move it away first, or the store back to it.",
                journal.display()
            )));
        }
        let partial = beside(database, "restoring");
        discard(&partial);
        fs::copy(&self.file, &partial)
            .map_err(|error| Stop::new(format!("{} cannot be copied: {error}.", self.file.display())))?;
        let verified = audit_verify::aloud(&Place::Sqlite(partial.clone()), &Ask { checkpoints, key: None }).await;
        let report = verified.inspect_err(|_| discard(&partial))?;
        if report.findings > 0 {
            discard(&partial);
            output::say(&report.to_string())?;
            return Err(Stop::new(format!(
                "Nothing is restored: {} is not the log that the checkpoints speak of, or does not agree with itself. \
                 Look for a newer backup.",
                self.file.display()
            )));
        }
        // The key beside the store knows how far it signed, whatever checkpoints are at hand.
        let signed = LastSigned::beside_key(settings.folder()).load().inspect_err(|_| discard(&partial))?;
        if let Some((signed, _)) = signed.filter(|(signed, _)| *signed > report.entries) {
            discard(&partial);
            return Err(Failure::from(LastSigned::other_log(signed, report.entries)).into());
        }
        put(&partial, database)?;
        output::say(&format!("Restored {}: {report}", database.display()))?;
        Ok(Ended::Done)
    }
}
