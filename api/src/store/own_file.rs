//! The embedded database's file: whether its name still leads to the one that is open. What is written into one that was moved
//! away or removed is found by nobody.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

/// A file that was there when it was opened.
#[derive(Debug)]
pub(super) struct OwnFile {
    path: PathBuf,
    is: Option<Identity>,
    /// Whether the log says that it is lost.
    told: AtomicBool,
}

/// Device and inode.
type Identity = (u64, u64);

impl OwnFile {
    pub(super) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), is: identity(path), told: AtomicBool::new(false) }
    }

    /// What happened to it, in words; none while it is where it was. The log is told when that changes.
    pub(super) fn lost(&self) -> Option<String> {
        let is_lost = identity(&self.path) != self.is;
        let (path, is_news) = (self.path.display(), self.told.swap(is_lost, Ordering::Relaxed) != is_lost);
        let lost = is_lost.then(|| {
            format!(
                "the database's file {path} was moved, removed or replaced while the service has it open. Put that file back; or \
                 stop the service, and start it over the right one"
            )
        });
        match &lost {
            Some(lost) if is_news => tracing::error!("read-only: {lost}"),
            None if is_news => tracing::info!("no longer read-only: {path} is where it was"),
            _ => {}
        }
        lost
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_is_moved_removed_or_replaced_is_lost_until_it_is_back() {
        let folder = tempfile::tempdir().unwrap();
        let [file, aside] = ["holdline.db", "aside"].map(|name| folder.path().join(name));
        fs::write(&file, "one").unwrap();
        let own = OwnFile::of(&file);
        fs::write(&file, "more").unwrap();
        assert_eq!(own.lost(), None, "what is written into it leaves it the same");

        fs::rename(&file, &aside).unwrap();
        assert!(own.lost().unwrap().contains("holdline.db"));
        fs::write(&file, "another").unwrap();
        assert!(own.lost().is_some());

        fs::rename(&aside, &file).unwrap();
        assert_eq!(own.lost(), None);
    }
}
