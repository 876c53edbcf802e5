//! `holdline audit watch`: keeps asking a service for its checkpoint, and whether its log still begins with what was
//! seen last. Runs on another machine than the service's, with a state of its own; refuses to believe the service.

use std::{fs, io, io::Write as _, path::PathBuf, time::Duration};

use clap::Args;
use holdline_verify::{Followed, Key, Next};
use serde::{Deserialize, Serialize};

use super::{
    Ended, output,
    stop::Stop,
    watched::{Service, Trouble},
};

const HELP: &str = "\
Examples:
  HOLDLINE_TOKEN=… holdline audit watch --url https://holdline.example.com --state holdline.watch
      every minute, until something does not agree; the token needs the scope audit:read
  holdline audit watch --url … --state holdline.watch --once
      once, for a timer or a pipeline: exit 0 where all agrees, 1 with a finding

The first time, the key that the log itself names is believed, unless --key says which one it must be. A change of key
is followed where the old key signed it (audit checkpoint --rotate), and is a finding where it did not. At the fifth look
in a row at which a log is shown and not proved to be the one of before, that is a finding, too; a service that cannot be
reached is none. Keep the state where whoever runs the service cannot write.";

/// At how many looks in a row a service may show a log and not prove that it is the one of before.
const UNPROVEN: u32 = 5;
/// How many changes of key are followed at one look.
const MOST_KEYS: u32 = 100;

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Watch {
    /// Where the service is, such as https://holdline.example.com
    #[arg(long, value_name = "URL")]
    url: String,
    /// The file that keeps what was seen last
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// The key that the log's checkpoints are checked with, as the operator gave it to you
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// How many seconds to wait between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Look once
    #[arg(long)]
    once: bool,
    #[arg(
        long,
        help = "A token with the scope audit:read",
        value_name = "TOKEN",
        env = "HOLDLINE_TOKEN",
        hide_env_values = true,
        overrides_with = "token"
    )]
    token: String,
}

/// What is kept between two looks.
#[derive(Serialize, Deserialize)]
struct Seen {
    key: String,
    checkpoint: String,
    /// The key that it was begun with, where that handed over since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<String>,
    /// At how many looks since then a log was shown and not proved.
    #[serde(default)]
    unproven: u32,
}

impl Seen {
    fn known(&self, followed: &Followed, checkpoint: String) -> Self {
        let key = followed.key().to_string();
        let begun = self.begun.clone().or_else(|| (self.key != key).then(|| self.key.clone()));
        Self { key, checkpoint, begun, unproven: 0 }
    }
}

/// What one look came to.
enum Look {
    Agrees(String),
    Finding(String),
}

impl Watch {
    pub(super) async fn run(self) -> Result<Ended, Stop> {
        let service = Service::at(&self.url, &self.token)?;
        loop {
            match self.look(&service).await {
                Ok(Look::Agrees(told)) => output::tell(&told),
                Ok(Look::Finding(finding)) => {
                    output::say(&finding)?;
                    return Ok(Ended::WithFindings);
                }
                Err(Trouble::Passing(stop)) if !self.once => output::tell(&stop.to_string()),
                Err(trouble) => return Err(trouble.stop()),
            }
            if self.once {
                return Ok(Ended::Done);
            }
            tokio::time::sleep(Duration::from_secs(self.every)).await;
        }
    }

    async fn look(&self, service: &Service<'_>) -> Result<Look, Trouble> {
        // A service that shows nothing is no finding; the next look tells.
        let note = service.checkpoint().await?;
        let Some(seen) = self.load()? else { return self.first(service, note).await };
        if self.key.as_ref().is_some_and(|key| *key != seen.key && Some(key) != seen.begun.as_ref()) {
            let why = "--key names another key than the state was begun with. Begin with another --state.";
            return Err(Stop::new(why).into());
        }
        let followed = begin(&seen.checkpoint, &seen.key)
            .map_err(|why| Stop::new(format!("{} is no state of this command: {why}", self.state.display())))?;
        match self.follow(service, followed, &seen, note).await {
            Err(Trouble::Passing(stop)) => self.unproven(seen, stop),
            followed => followed,
        }
    }

    /// Whoever shows a log and never proves it hides something, whatever the excuse.
    fn unproven(&self, mut seen: Seen, stop: Stop) -> Result<Look, Trouble> {
        seen.unproven = seen.unproven.saturating_add(1);
        self.keep(&seen)?;
        if seen.unproven < UNPROVEN {
            return Err(Trouble::Passing(stop));
        }
        Ok(Look::Finding(format!(
            "At {} looks in a row a log was shown and not proved to be the one that was seen before. {stop}",
            seen.unproven
        )))
    }

    /// Goes on from what was seen to what is shown now, through each change of key.
    async fn follow(
        &self,
        service: &Service<'_>,
        mut followed: Followed,
        seen: &Seen,
        note: String,
    ) -> Result<Look, Trouble> {
        let from = followed.size();
        let mut told = String::new();
        for _ in 0..MOST_KEYS {
            match followed.next(&note) {
                Err(finding) => return Ok(Look::Finding(finding)),
                Ok(Next::Same) => {
                    // Written only where it says something new.
                    if seen.unproven > 0 || !told.is_empty() {
                        self.keep(&seen.known(&followed, note))?;
                    }
                    return Ok(Look::Agrees(format!("{} entries, as before.{told}", followed.size())));
                }
                Ok(Next::Proof { from: last, to }) => {
                    let proof = service.growth(last, to).await?;
                    if let Err(finding) = followed.grow(&note, &proof) {
                        return Ok(Look::Finding(finding));
                    }
                    self.keep(&seen.known(&followed, note))?;
                    return Ok(Look::Agrees(format!("{to} entries, beginning with the {from} of before.{told}")));
                }
                Ok(Next::HandOver) => {
                    let key = followed.key().to_string();
                    let Some(over) = service.hand_over(&key, Some(followed.size())).await? else {
                        return Ok(Look::Finding(followed.unsigned(&note)));
                    };
                    if let Err(finding) = followed.hand_over(&over) {
                        return Ok(Look::Finding(finding));
                    }
                    told = format!(" The key before signed that it is now {}", followed.key());
                }
            }
        }
        Ok(Look::Finding(format!("The log changed its key more than {MOST_KEYS} times since it was seen.")))
    }

    async fn first(&self, service: &Service<'_>, note: String) -> Result<Look, Trouble> {
        // With nothing seen yet there is nothing to wait with.
        let lasting = |trouble: Trouble| Trouble::Lasting(trouble.stop());
        let key = match &self.key {
            Some(key) => key.clone(),
            None => service.named_key().await.map_err(lasting)?,
        };
        let newest = match begin(&note, &key) {
            Ok(followed) => {
                let told = format!("{} entries. From now on this is the log, and its key is {key}", followed.size());
                self.keep(&Seen { key, checkpoint: note, begun: None, unproven: 0 })?;
                return Ok(Look::Agrees(told));
            }
            Err(finding) => finding,
        };
        // A key that was given may have handed over since: its last checkpoint is where it begins.
        let over = service.hand_over(&key, None).await.map_err(lasting)?;
        match over.map(|over| begin(&over.note, &key).map(|followed| (followed, over.note))) {
            None => Ok(Look::Finding(newest)),
            Some(Err(finding)) => Ok(Look::Finding(finding)),
            Some(Ok((followed, checkpoint))) => {
                let seen = Seen { key, checkpoint, begun: None, unproven: 0 };
                self.follow(service, followed, &seen, note).await
            }
        }
    }

    fn load(&self) -> Result<Option<Seen>, Stop> {
        let cannot =
            |why: &dyn std::fmt::Display| Stop::new(format!("{} cannot be read: {why}.", self.state.display()));
        match fs::read(&self.state) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|_| cannot(&"it is no state of this command"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot(&error)),
        }
    }

    fn keep(&self, seen: &Seen) -> Result<(), Stop> {
        let folder = self.state.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(std::path::Path::new("."));
        let written = serde_json::to_vec_pretty(seen).map_err(io::Error::from).and_then(|bytes| {
            // Written aside and moved into place, so that a look that is cut short leaves the state before.
            let mut aside = tempfile::NamedTempFile::new_in(folder)?;
            aside.write_all(&bytes)?;
            aside.as_file().sync_all()?;
            aside.persist(&self.state).map_err(|lost| lost.error)?;
            Ok(())
        });
        written.map_err(|error| Stop::new(format!("{} cannot be written: {error}.", self.state.display())))
    }
}

fn begin(note: &str, key: &str) -> Result<Followed, String> {
    let key = Key::parse(key).map_err(|why| format!("The key {key} {why}."))?;
    Followed::begin(note, key)
}
