//! The embedded database's file: whether its name still leads to the one that is open. SQLite keeps what was committed last in a
//! file beside it, by name. Whoever opened another database, or a new one, under that name would lose it or write it into the
//! other. So once the file was not there, nothing is opened any more, and only another start does.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// What is said once the file was not in its place, without where that is: anybody may read it.
pub(super) const LOST: &str = "the database's file was moved, removed or replaced while the service had it open. Stop the \
                               service, put that file and those beside it (-wal, -shm) back, and start again";

/// A file that was there when it was opened.
#[derive(Debug)]
pub(super) struct OwnFile {
    path: PathBuf,
    is: Option<Identity>,
    lost: AtomicBool,
}

/// Device and inode.
type Identity = (u64, u64);

/// Whether the file is in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Here,
    /// It is not, which nobody knew.
    Missed,
    Lost,
}

impl OwnFile {
    pub(super) fn of(path: &Path) -> Self {
        let is = identity(path).ok().flatten();
        Self { path: path.to_owned(), is, lost: AtomicBool::new(false) }
    }

    /// Looks at it; what was lost once stays lost.
    pub(super) fn find(&self) -> Found {
        if self.lost.load(Ordering::Relaxed) {
            return Found::Lost;
        }
        let is_here = match identity(&self.path) {
            Ok(identity) => identity == self.is,
            Err(error) => error.kind() != ErrorKind::NotFound,
        };
        match is_here {
            true => Found::Here,
            false if self.lost.swap(true, Ordering::Relaxed) => Found::Lost,
            false => {
                tracing::error!("nothing is served any more: {LOST}. It was {}", self.path.display());
                Found::Missed
            }
        }
    }
}

/// None where files have none.
#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<Option<Identity>> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).map(|found| Some((found.dev(), found.ino())))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> std::io::Result<Option<Identity>> {
    Ok(None)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_was_not_in_its_place_once_is_lost_for_this_process() {
        let folder = tempfile::tempdir().unwrap();
        let [file, aside] = ["holdline.db", "aside"].map(|name| folder.path().join(name));
        fs::write(&file, "one").unwrap();
        let [moved, replaced] = [OwnFile::of(&file), OwnFile::of(&file)];
        fs::write(&file, "more").unwrap();
        assert_eq!(moved.find(), Found::Here, "what is written into it leaves it the same");

        fs::rename(&file, &aside).unwrap();
        assert_eq!([moved.find(), moved.find()], [Found::Missed, Found::Lost]);
        fs::write(&file, "another").unwrap();
        assert_eq!(replaced.find(), Found::Missed);
        fs::rename(&aside, &file).unwrap();

        assert_eq!([moved.find(), replaced.find(), OwnFile::of(&file).find()], [Found::Lost, Found::Lost, Found::Here]);
    }
}
