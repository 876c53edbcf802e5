//! The service's own signing key: 32 random bytes in one file that only its owner may read.
//! Holds making, loading and naming the key; refuses to show its bytes to anything but the signer.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use holdline_domain::facts::Digest;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest as _, Sha256};

use crate::clock::random_bytes;

/// The key's file in the data folder.
const FILE: &str = "signing.key";

/// The permissions of a file's group and of everybody else.
#[cfg(unix)]
const OTHERS: u32 = 0o077;

/// The key that signs and checks the service's own tokens.
#[derive(Clone)]
pub struct Keys {
    pub(super) signs: EncodingKey,
    pub(super) checks: DecodingKey,
    id: String,
}

/// Why there is no key to work with.
#[derive(Debug)]
pub enum KeyError {
    /// Others than its owner may read the file.
    Readable(PathBuf),
    /// The file holds something else than 32 bytes.
    Length(PathBuf),
    /// The file cannot be read or made.
    File(PathBuf, io::Error),
    /// The machine gives no randomness.
    Randomness,
}

impl Keys {
    /// Loads the key of a data folder, which must exist; makes the key where there is none.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let file = folder.join(FILE);
        make(folder, &file)?;
        readable_by_owner_only(&file)?;
        let bytes = fs::read(&file).map_err(|error| KeyError::File(file.clone(), error))?;
        let bytes = <[u8; 32]>::try_from(bytes).map_err(|_| KeyError::Length(file))?;
        Ok(Self::of(&bytes))
    }

    /// A key that is kept nowhere: its tokens end with the process.
    pub fn ephemeral() -> Result<Self, KeyError> {
        Ok(Self::of(&random_bytes().map_err(|_| KeyError::Randomness)?))
    }

    /// The key's id: what a token's `kid` says.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn of(bytes: &[u8; 32]) -> Self {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let id = Digest::from(hash).to_string().chars().take(16).collect();
        Self { signs: EncodingKey::from_secret(bytes), checks: DecodingKey::from_secret(bytes), id }
    }
}

/// Makes the key's file where there is none.
fn make(folder: &Path, file: &Path) -> Result<(), KeyError> {
    if file.exists() {
        return Ok(());
    }
    let bytes = random_bytes().map_err(|_| KeyError::Randomness)?;
    // Written aside and linked in one step, so that two processes never see half a key or two keys; made 0600.
    let made = tempfile::NamedTempFile::new_in(folder).and_then(|mut aside| {
        aside.write_all(&bytes)?;
        aside.as_file().sync_all()?;
        Ok(aside)
    });
    match made.map(|aside| aside.persist_noclobber(file)) {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(lost)) if lost.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Ok(Err(lost)) => Err(KeyError::File(file.to_owned(), lost.error)),
        Err(error) => Err(KeyError::File(file.to_owned(), error)),
    }
}

#[cfg(unix)]
fn readable_by_owner_only(file: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let found = fs::metadata(file).map_err(|error| KeyError::File(file.to_owned(), error))?;
    if found.permissions().mode() & OTHERS == 0 { Ok(()) } else { Err(KeyError::Readable(file.to_owned())) }
}

#[cfg(not(unix))]
fn readable_by_owner_only(_file: &Path) -> Result<(), KeyError> {
    Ok(())
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Readable(file) => write!(
                f,
                "The signing key {} is open to others than its owner. Run `chmod 600` on it; if somebody may have \
                 read it, delete it instead: the next start makes a new one, and every token issued so far ends.",
                file.display()
            ),
            Self::Length(file) => write!(
                f,
                "The signing key {} does not hold 32 bytes. Put the right file back, or delete it: the next start \
                 makes a new one, and every token issued so far ends.",
                file.display()
            ),
            Self::File(file, error) => {
                write!(f, "The signing key {} cannot be read or made: {error}.", file.display())
            }
            Self::Randomness => write!(f, "The machine gives no random bytes, so no signing key can be made."),
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();

        let first = Keys::load_or_create(folder.path()).unwrap();
        let second = Keys::load_or_create(folder.path()).unwrap();

        assert_eq!((first.id().len(), first.id()), (16, second.id()));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        Keys::load_or_create(folder.path()).unwrap();
        let file = folder.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();

        assert!(matches!(Keys::load_or_create(folder.path()), Err(KeyError::Readable(_))));
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        Keys::load_or_create(folder.path()).unwrap();

        fs::write(folder.path().join(FILE), b"short").unwrap();

        assert!(matches!(Keys::load_or_create(folder.path()), Err(KeyError::Length(_))));
    }
}
