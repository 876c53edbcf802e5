//! `holdline backup`: a copy of the embedded database, made while the service runs, and verified before it has its name.
//! Refuses to replace a file, and to do what PostgreSQL's own tools do.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use holdline_verify::{Ask, Place};

use super::{Ended, audit_verify, output, stop::Stop};
use crate::{
    config::Settings,
    store::{Database, DatabaseUrl},
};

const HELP: &str = "\
Examples:
  holdline backup /backups/holdline-2026-11-27.db
  holdline backup nightly.db && holdline audit checkpoint > nightly.checkpoint

The copy is of one moment, and is verified like `holdline audit verify` does before it gets its name; a service may write
meanwhile. What was erased is not in it. The keys are not in it either: keep token and checkpoint keys of the data folder
apart from it, because whoever has both can sign.

On PostgreSQL, use its own tools: pg_dump --format=custom, then pg_restore into an empty database, then
holdline audit verify --checkpoint with the newest checkpoint that was kept.";

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
        let DatabaseUrl::Sqlite(_) = &url else { return Err(postgres()) };
        if self.file.exists() {
            return Err(Stop::new(format!("There is a file {} already; name another one.", self.file.display())));
        }
        let partial = beside(&self.file, "partial");
        let copied = copy(&url, &partial).await;
        let report = match copied {
            Ok(()) => audit_verify::silently(&Place::Sqlite(partial.clone()), &Ask::default()).await,
            Err(stop) => Err(stop),
        };
        let report = report.inspect_err(|_| discard(&partial))?;
        if report.findings > 0 {
            output::say(&report.to_string())?;
            return Err(Stop::new(format!(
                "The copy does not verify, and so neither does the store; it is left at {} to be looked at. holdline audit \
                 verify names each finding.",
                partial.display()
            )));
        }
        put(&partial, &self.file)?;
        output::say(&format!("{}: {report}", self.file.display()))?;
        Ok(Ended::Done)
    }
}

pub(super) fn postgres() -> Stop {
    Stop::new(
        "PostgreSQL has tools of its own for this: pg_dump --format=custom, and pg_restore into an empty database. Then \
         run holdline audit verify --checkpoint with the newest checkpoint that you kept.",
    )
}

async fn copy(url: &DatabaseUrl, to: &Path) -> Result<(), Stop> {
    let database = Database::open_to_read(url).await?;
    discard(to);
    database.copy_into(to).await?;
    Ok(database.close().await?)
}

/// A file of another ending beside one.
pub(super) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    file.with_file_name(name)
}

/// Removes what is not to stay, if it is there.
pub(super) fn discard(file: &Path) {
    for file in [file.to_owned(), with_suffix(file, "-wal"), with_suffix(file, "-shm")] {
        // What cannot be removed is in nobody's way: it is no backup by its name.
        let _ = fs::remove_file(file);
    }
}

/// A file of SQLite's beside its database.
pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(unix)]
fn keep_to_owner(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn keep_to_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Gives a finished file its name, durably and for its owner alone.
pub(super) fn put(from: &Path, to: &Path) -> Result<(), Stop> {
    let put = || {
        keep_to_owner(from)?;
        File::open(from)?.sync_all()?;
        fs::rename(from, to)?;
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    put().map_err(|error| Stop::new(format!("{} cannot be written: {error}.", to.display())))
}
