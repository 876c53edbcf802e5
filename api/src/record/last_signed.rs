//! The last checkpoint that was signed, kept beside its key: a database that was put back from a backup has forgotten
//! what was signed since, and the key must not sign another history over it. Holds the file; comparing it with the log
//! is the store's.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use holdline_domain::{
    facts::Digest,
    refusal::{Code, Refusal},
};
use tlog_tiles::Checkpoint;

use crate::failure::Failure;

const FILE: &str = "checkpoint.last";

/// The file of the last checkpoint.
#[derive(Debug, Clone)]
pub struct LastSigned(PathBuf);

impl LastSigned {
    /// The one in the folder of the key.
    #[must_use]
    pub fn beside_key(folder: &Path) -> Self {
        Self(Self::file(folder))
    }

    /// Where it is, beside the key in a folder.
    #[must_use]
    pub fn file(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// How many entries it covers, and their root; none where nothing was signed yet.
    pub fn load(&self) -> Result<Option<(u64, Digest)>, Failure> {
        Ok(self.read()?.map(|checkpoint| (checkpoint.size(), Digest::from(checkpoint.hash().0))))
    }

    /// The name of the key that signed it.
    pub fn origin(&self) -> Result<Option<String>, Failure> {
        Ok(self.read()?.map(|checkpoint| checkpoint.origin().to_string()))
    }

    fn read(&self) -> Result<Option<Checkpoint>, Failure> {
        let note = match fs::read(&self.0) {
            // As a power cut may leave it.
            Ok(note) if note.is_empty() => return Ok(None),
            Ok(note) => note,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let text = note.split(|byte| *byte == b'\n').take(3).collect::<Vec<_>>().join(&b'\n');
        let checkpoint = Checkpoint::from_bytes(&[&text[..], b"\n"].concat()).map_err(|_| {
            let message = format!(
                "{FILE}, beside the key, does not hold a checkpoint, so nothing is signed and no service starts."
            );
            Refusal::new(Code::Conflict, message).remedy("Put the newest checkpoint that you have of this log there.")
        })?;
        Ok(Some(checkpoint))
    }

    /// Refuses a log that is not there at all, where something of it was signed.
    pub fn of_nothing(&self) -> Result<(), Failure> {
        self.load()?.map_or(Ok(()), |(signed, _)| Err(Self::other_log(signed, 0).into()))
    }

    /// Keeps a checkpoint in the place of the one before. It is not waited for until it is on the disk: after a power
    /// cut it may be a moment old, or empty, which says nothing.
    pub fn keep(&self, note: &str) -> Result<(), Failure> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        let aside = tempfile::NamedTempFile::new_in(folder).and_then(|mut aside| {
            aside.write_all(note.as_bytes())?;
            Ok(aside)
        });
        let kept = aside.and_then(|aside| aside.persist(&self.0).map_err(|error| error.error));
        kept.map(|_| ()).map_err(|error| failed(&error))
    }

    /// What stands against signing a log that is not the one whose checkpoint is kept here.
    #[must_use]
    pub fn other_log(signed: u64, entries: u64) -> Refusal {
        let message = format!(
            "The log has {entries} entries and is not the one of which this key last signed {signed}, as {FILE} beside \
             it says: a backup was put back, the database was lost, or the log was altered. Nobody is to be told two \
             histories, so a service does not start with it, and signs nothing more of it."
        );
        let remedy = "Put back a database that holds those entries. If they are lost for good, tell whoever keeps \
                      checkpoints of this log, and take that file away.";
        Refusal::new(Code::Conflict, message).remedy(remedy)
    }
}

fn failed(error: &io::Error) -> Failure {
    Refusal::new(Code::Conflict, format!("{FILE}, beside the key, cannot be read or written: {error}."))
        .remedy("Give the service a data folder that it may write to.")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_checkpoint_is_kept_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let last = LastSigned::beside_key(folder.path());
        assert_eq!(last.load().unwrap(), None);

        let note = |size: u64| {
            format!("holdline/test\n{size}\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\n— holdline/test AAAA\n")
        };
        last.keep(&note(3)).unwrap();
        last.keep(&note(4)).unwrap();

        assert_eq!(last.load().unwrap(), Some((4, Digest::from([1; 32]))));
    }

    #[test]
    fn what_is_no_checkpoint_stops_the_signing() {
        let folder = tempfile::tempdir().unwrap();
        let last = LastSigned::beside_key(folder.path());
        for content in ["\n", "3\n", "holdline/test\nthree\nAQ==\n"] {
            fs::write(folder.path().join(FILE), content).unwrap();

            assert!(last.load().unwrap_err().to_string().contains("nothing is signed"), "{content:?}");
        }
    }
}
