//! `holdline audit`: what an auditor, and whoever keeps the record, does with the log outside the API.

use clap::Subcommand;

use super::{Ended, audit_checkpoint, audit_export, audit_verify, audit_watch, stop::Stop};
use crate::config::Settings;

/// The commands.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Write the whole log to stdout, as JSON Lines for a verifier or as CSV for a spreadsheet
    Export(audit_export::Export),
    /// Print the newest checkpoint, sign one now, or change the key that signs
    Checkpoint(audit_checkpoint::Checkpoint),
    /// Re-check the record from the outside: the log, its checkpoints, the rows, and the promise itself
    Verify(Box<audit_verify::Verify>),
    /// Keep asking a service whether its log still begins with what was seen before
    Watch(audit_watch::Watch),
}

impl Command {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        match self {
            Self::Export(export) => export.run(settings).await,
            Self::Checkpoint(checkpoint) => checkpoint.run(settings).await,
            Self::Verify(verify) => verify.run(settings).await,
            Self::Watch(watch) => watch.run().await,
        }
    }
}
