//! `holdline audit verify`: re-checks the record from a database or from an export, and says each finding on a line.
//! Everything that is checked stands in `holdline-verify`, which shares no code with what writes the record; here are
//! only its arguments, its progress and its exit code.

use std::{
    fs::{self, File},
    io::{BufReader, Read as _},
    path::{Path, PathBuf},
};

use clap::Args;
use holdline_verify::{Ask, Finding, Key, Outside, Place, Report};
use indicatif::ProgressBar;

use super::{Ended, output, progress, stop::Stop};
use crate::{config::Settings, failure::Failure, store::DatabaseUrl};

const HELP: &str = "\
Examples:
  holdline audit verify
      the database: every leaf, every row against its leaf, the checkpoints, and the promise re-checked from the leaves
  holdline audit verify --checkpoint checkpoint-2026-11-22.txt
      also against a checkpoint that was kept elsewhere; only such a one tells a log that was rewritten with its own key
  holdline audit verify --export log.jsonl --checkpoint old.txt --checkpoint older.txt
      an export alone, on any machine, without the database
  holdline audit verify --key holdline/8a1f…+1a2b3c4d+AQ…
      only if the log's first key is this one, as it was printed when the log began

Each line begins with a code and names the entry, the plan and the revision concerned; imported revisions are listed as
notices. The last line sums up, and says where the end of the log is under no checkpoint yet. The log's format, and each code, are described in api/docs/log.md.

Exit codes: 0 nothing was found; 1 something was; 2 could not run. A service may have the database open meanwhile.";

/// The longest checkpoint file that is read.
const LONGEST_NOTE: u64 = 64 * 1024;

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Verify {
    /// An export to verify alone, in place of the database
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// An older checkpoint that was kept elsewhere; may be given again
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
    /// The key that the log must have begun with, as NAME+HASH+KEY; otherwise the log's own word is taken
    #[arg(long, value_name = "KEY", value_parser = key)]
    key: Option<Key>,
}

fn key(text: &str) -> Result<Key, String> {
    Key::parse(text).map_err(|why| format!("the key {why}"))
}

impl Verify {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let mut checkpoints = Vec::new();
        for file in &self.checkpoints {
            checkpoints.push(note(file)?);
        }
        let ask = Ask { checkpoints, key: self.key };
        let mut broken = None;
        let report = match &self.export {
            Some(file) => export(file, &ask, &mut broken)?,
            None => database(settings, &ask, &mut broken).await?,
        };
        broken.map_or(Ok(()), Err)?;
        output::say(&report.to_string())?;
        Ok(if report.findings == 0 { Ended::Done } else { Ended::WithFindings })
    }
}

/// What was kept. A file that is no checkpoint is a wrong argument, and says nothing about the log.
pub(super) fn note(file: &Path) -> Result<Outside, Stop> {
    let unreadable =
        |why: &dyn std::fmt::Display| Stop::new(format!("The checkpoint {} cannot be read: {why}.", file.display()));
    let mut note = String::new();
    let opened = File::open(file).map_err(|error| unreadable(&error))?;
    opened.take(LONGEST_NOTE + 1).read_to_string(&mut note).map_err(|error| unreadable(&error))?;
    if note.len() as u64 > LONGEST_NOTE {
        return Err(unreadable(&"it is longer than 64 KiB"));
    }
    let name = file.display().to_string();
    Outside::read(name, &note).map_err(|why| Stop::new(format!("The checkpoint {} {why}.", file.display())))
}

fn export(file: &Path, ask: &Ask, broken: &mut Option<Stop>) -> Result<Report, Stop> {
    let unreadable = |error| Stop::new(format!("The export {} cannot be read: {error}.", file.display()));
    let length = fs::metadata(file).map_err(unreadable)?.len();
    let input = BufReader::with_capacity(1 << 20, File::open(file).map_err(unreadable)?);
    let bar = progress::bar(usize::try_from(length).unwrap_or(usize::MAX), "bytes");
    let mut out = |finding: &Finding| tell(finding, &bar, broken);
    let report = holdline_verify::verify_export(input, ask, &mut out, &mut |read| bar.inc(read)).map_err(unreadable)?;
    bar.finish_and_clear();
    Ok(report)
}

/// Verifies a database, showing how far it is; each finding is handed on with the bar that is in its way.
pub(super) async fn watched(
    place: &Place,
    ask: &Ask,
    found: &mut impl FnMut(&Finding, &ProgressBar),
) -> Result<Report, Stop> {
    let bar = progress::bar(0, "entries");
    let mut out = |finding: &Finding| found(finding, &bar);
    let mut moved = |read: u64, size: u64| {
        bar.set_length(size);
        bar.set_position(read);
    };
    let verified = holdline_verify::verify_database(place, ask, &mut out, &mut moved).await;
    bar.finish_and_clear();
    verified.map_err(|error| Failure::from(error).into())
}

async fn database(settings: &Settings, ask: &Ask, broken: &mut Option<Stop>) -> Result<Report, Stop> {
    let place = match settings.database()? {
        DatabaseUrl::Sqlite(file) if !file.exists() => {
            let why = format!("There is no database at {}.", file.display());
            return Err(Stop::new(why).and("Name another with --data-dir or --database-url, or a file with --export."));
        }
        DatabaseUrl::Sqlite(file) => Place::Sqlite(file),
        DatabaseUrl::Postgres(url) => Place::Postgres(url),
    };
    watched(&place, ask, &mut |finding, bar| tell(finding, bar, broken)).await
}

/// Says a finding; where nobody reads any more, the first failure is kept and the rest is silence.
fn tell(finding: &Finding, bar: &ProgressBar, broken: &mut Option<Stop>) {
    if broken.is_none() {
        *broken = bar.suspend(|| output::say(&finding.to_string())).err();
    }
}
