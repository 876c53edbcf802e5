//! A file of SQLite's that is being made: its owner's alone from the start, gone again unless it gets its name, which
//! replaces nothing that is there.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use holdline_verify::{Ask, Finding, Place, Report};
use tempfile::NamedTempFile;

use super::{audit_verify, progress, stop::Stop};
use crate::store::{Database, DatabaseUrl};

/// A file without its name.
pub(super) struct StoreFile {
    draft: NamedTempFile,
    name: PathBuf,
    sides: Sides,
}

/// What SQLite has beside the draft; it goes with it.
struct Sides(PathBuf);

impl Sides {
    fn remove(&self) {
        for suffix in ["-wal", "-shm"] {
            // Where there is none, there is nothing to remove.
            let _ = fs::remove_file(beside(&self.0, suffix));
        }
    }
}

impl Drop for Sides {
    fn drop(&mut self) {
        self.remove();
    }
}

impl StoreFile {
    /// An empty file in the folder where it will have its name.
    pub(super) fn begin(name: &Path) -> Result<Self, Stop> {
        let draft = tempfile::Builder::new().prefix("holdline-").suffix(".partial").tempfile_in(folder(name));
        let draft = draft.map_err(|error| cannot(name, &error))?;
        let sides = Sides(draft.path().to_owned());
        Ok(Self { draft, name: name.to_owned(), sides })
    }

    pub(super) fn path(&self) -> &Path {
        self.draft.path()
    }

    /// Writes what another file holds.
    pub(super) fn fill(&mut self, from: &Path) -> Result<(), Stop> {
        let copied = File::open(from).and_then(|mut from| io::copy(&mut from, self.draft.as_file_mut()));
        copied.map(|_| ()).map_err(|error| Stop::new(format!("{} cannot be copied: {error}.", from.display())))
    }

    /// Writes what a database on PostgreSQL holds.
    pub(super) async fn fill_from(&self, source: &Database) -> Result<(), Stop> {
        let store = self.open().await?;
        let filled = moved(source, &store).await;
        let closed = store.close().await;
        filled?;
        closed?;
        // The journal goes with the last connection, unless what it holds had no room in the file.
        if beside(self.path(), "-wal").exists() {
            return Err(Stop::new(format!(
                "{} could not be written whole. Make sure that the disk has room for twice its size.",
                self.name.display()
            )));
        }
        Ok(())
    }

    /// Puts what it holds, as a store of this version, into an empty database on PostgreSQL.
    pub(super) async fn put_into(&self, database: &Database) -> Result<(), Stop> {
        let store = self.open().await?;
        let filled = moved(&store, database).await;
        let closed = store.close().await;
        filled?;
        Ok(closed?)
    }

    async fn open(&self) -> Result<Database, Stop> {
        let store = Database::open(&DatabaseUrl::Sqlite(self.path().to_owned())).await?;
        if let Err(failure) = store.migrate().await {
            // What went wrong first is told.
            let _ = store.close().await;
            return Err(failure.into());
        }
        Ok(store)
    }

    /// Verifies it as the store that it is to be, and hands on each finding.
    pub(super) async fn verify(&self, ask: &Ask, found: &mut impl FnMut(&Finding)) -> Result<Report, Stop> {
        let place = Place::Sqlite(self.path().to_owned());
        let report = audit_verify::watched(&place, ask, &mut |finding, bar| bar.suspend(|| found(finding))).await;
        // Of reading alone: whatever wrote it took its own away.
        self.sides.remove();
        report
    }

    /// Gives it its name, durably.
    pub(super) fn name(self) -> Result<(), Stop> {
        let named = self.draft.as_file().sync_all().and_then(|()| {
            self.draft.persist_noclobber(&self.name).map_err(|error| error.error)?;
            File::open(folder(&self.name))?.sync_all()
        });
        named.map_err(|error| cannot(&self.name, &error))
    }

    /// Leaves it where it is, to be looked at.
    pub(super) fn leave(self) -> Result<PathBuf, Stop> {
        let kept = self.draft.keep().map_err(|error| cannot(&self.name, &error.error))?;
        Ok(kept.1)
    }
}

/// Fills one database with what another one holds, and shows how far it is.
async fn moved(from: &Database, to: &Database) -> Result<(), Stop> {
    let bar = progress::bar(0, "rows");
    let mut show = |there, all| {
        bar.set_length(all);
        bar.set_position(there);
    };
    let filled = to.fill_from(from, &mut show).await;
    bar.finish_and_clear();
    Ok(filled?)
}

/// A file that SQLite has beside a database.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn cannot(file: &Path, error: &io::Error) -> Stop {
    Stop::new(format!("{} cannot be written: {error}.", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_meanwhile_under_the_name_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("copy.db");
        let draft = StoreFile::begin(&name).unwrap();
        fs::write(&name, "mine").unwrap();

        let refused = draft.name().unwrap_err().to_string();

        assert!(refused.contains("copy.db") && refused.contains("exists"), "{refused}");
        assert_eq!(fs::read_to_string(&name).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
