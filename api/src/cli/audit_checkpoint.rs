//! `holdline audit checkpoint`: the newest checkpoint on stdout, to be kept where the server cannot reach it.
//! Signs or changes the key only where it is told to; a running service signs what it commits by itself.

use clap::Args;
use holdline_domain::actor::Teams;

use super::{Ended, output, stop::Stop, store};
use crate::{
    config::Settings,
    store::{Database, Reader},
};

const HELP: &str = "\
Examples:
  holdline audit checkpoint > checkpoint-2026-11-22.txt
      keep it elsewhere: holdline audit verify --checkpoint FILE then tells whether anything it covers was changed
  holdline audit checkpoint --sign
      sign what is not signed yet, such as after an import; the service does it by itself when it starts
  holdline audit checkpoint --rotate
      a new key takes over; its first checkpoint is signed by the old key too, and the log names the new one

A service answers the same at /.well-known/holdline-checkpoint. Rotate while no service runs, and give every process of
the log the new checkpoint.key.";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Checkpoint {
    /// Sign what is committed first; for a store that no service has open
    #[arg(long, conflicts_with = "rotate")]
    sign: bool,
    /// Make a new key, and have it take over; for a store that no service has open
    #[arg(long)]
    rotate: bool,
}

impl Checkpoint {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        if self.sign || self.rotate {
            settings.prepare_folder()?;
            let store = store::open(settings).await?;
            if self.rotate {
                let verifier = store.app.rotate_log_key(settings.folder()).await?;
                output::tell(&format!("The log's checkpoints are now checked with {verifier}"));
            } else {
                store.app.sign_now(settings.folder()).await?;
            }
        }
        let reader = Reader::new(Database::open_to_read(&settings.database()?).await?, Teams::All);
        let newest = reader.checkpoint().await?.ok_or_else(|| {
            Stop::new(
                "Nothing is signed yet. Start the service, which signs what it commits within a second, or add --sign.",
            )
        })?;
        output::say(newest.note.trim_end())?;
        Ok(Ended::Done)
    }
}
