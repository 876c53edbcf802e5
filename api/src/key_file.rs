//! A secret in a file of the data folder that only its owner may read.
//! Holds making and loading it; refuses to know what the secret is for.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The permissions of a file's group and of everybody else.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// A file that holds a secret.
#[derive(Debug, Clone)]
pub struct KeyFile {
    file: PathBuf,
    /// What it is, such as "signing key".
    what: &'static str,
    /// What making another one costs, as a sentence of its own.
    lost: &'static str,
}

/// Why there is no key to work with.
#[derive(Debug)]
pub enum KeyError {
    /// Others than its owner may read the file.
    Readable(KeyFile),
    /// The file is not there, and another one would be no good.
    Missing(KeyFile),
    /// The file does not hold what it should.
    Content(KeyFile),
    /// The file cannot be read or made.
    File(KeyFile, io::Error),
    /// The machine gives no randomness.
    Randomness,
}

impl KeyFile {
    /// A file in a folder, which must exist.
    #[must_use]
    pub fn new(folder: &Path, name: &str, what: &'static str, lost: &'static str) -> Self {
        Self { file: folder.join(name), what, lost }
    }

    /// Whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.file.exists()
    }

    /// What it holds; made with some content where there is none.
    pub fn load_or_make(&self, content: impl FnOnce() -> Result<Vec<u8>, KeyError>) -> Result<Vec<u8>, KeyError> {
        if !self.exists() {
            self.make(&content()?)?;
        }
        self.load()
    }

    /// What it holds.
    pub fn load(&self) -> Result<Vec<u8>, KeyError> {
        self.readable_by_owner_only()?;
        fs::read(&self.file).map_err(|error| self.failed(error))
    }

    /// Puts it in another's place, in one step.
    pub fn replace(&self, other: &Self) -> Result<(), KeyError> {
        let replaced = fs::rename(&self.file, &other.file).and_then(|()| self.settle());
        replaced.map_err(|error| self.failed(error))
    }

    /// That it does not hold what it should.
    #[must_use]
    pub fn content(&self) -> KeyError {
        KeyError::Content(self.clone())
    }

    fn failed(&self, error: io::Error) -> KeyError {
        KeyError::File(self.clone(), error)
    }

    fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("."))
    }

    /// Sees to it that what the folder lists outlives a power cut, as the database's rows that name a key do.
    #[cfg(unix)]
    fn settle(&self) -> io::Result<()> {
        fs::File::open(self.folder())?.sync_all()
    }

    #[cfg(not(unix))]
    fn settle(&self) -> io::Result<()> {
        Ok(())
    }

    fn make(&self, content: &[u8]) -> Result<(), KeyError> {
        let folder = self.folder();
        // Written aside and linked in one step, so that two processes never see half a key or two keys; made 0600.
        let made = tempfile::NamedTempFile::new_in(folder).and_then(|mut aside| {
            aside.write_all(content)?;
            aside.as_file().sync_all()?;
            Ok(aside)
        });
        match made.map(|aside| aside.persist_noclobber(&self.file)) {
            Ok(Ok(_)) => self.settle().map_err(|error| self.failed(error)),
            Ok(Err(lost)) if lost.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Ok(Err(lost)) => Err(self.failed(lost.error)),
            Err(error) => Err(self.failed(error)),
        }
    }

    #[cfg(unix)]
    fn readable_by_owner_only(&self) -> Result<(), KeyError> {
        use std::os::unix::fs::PermissionsExt as _;
        let found = fs::metadata(&self.file).map_err(|error| self.failed(error))?;
        if found.permissions().mode() & OTHERS == 0 { Ok(()) } else { Err(KeyError::Readable(self.clone())) }
    }

    #[cfg(not(unix))]
    fn readable_by_owner_only(&self) -> Result<(), KeyError> {
        Ok(())
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Readable(KeyFile { file, what, lost }) => write!(
                f,
                "The {what} {} is open to others than its owner. Run `chmod 600` on it; if somebody may have read it, \
                 it is worth nothing any more. {lost}",
                file.display()
            ),
            Self::Missing(KeyFile { file, what, lost }) => {
                write!(f, "The {what} {} is not there. Put it back. {lost}", file.display())
            }
            Self::Content(KeyFile { file, what, lost }) => write!(
                f,
                "The {what} {} does not hold what it was made with. Put the right file back. {lost}",
                file.display()
            ),
            Self::File(KeyFile { file, what, .. }, error) => {
                write!(f, "The {what} {} cannot be read or made: {error}.", file.display())
            }
            Self::Randomness => write!(f, "The machine gives no random bytes, so no key can be made."),
        }
    }
}

impl std::error::Error for KeyError {}
