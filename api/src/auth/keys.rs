//! The service's own signing key for tokens: 32 random bytes in a file of the data folder.
//! Holds making, loading and naming the key; refuses to show its bytes to anything but the signer.

use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac_sha256::HMAC;
use holdline_domain::{
    facts::Digest,
    ids::{PublishedLinkId, WebhookId},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::random_bytes,
    key_file::{KeyError, KeyFile},
};

/// The key's file in the data folder.
const FILE: &str = "signing.key";

/// Where the key comes from.
pub enum KeySource {
    /// It is at hand.
    Given(Keys),
    /// It is in a data folder, or made there once the store is known to be the right one: what does not start leaves no key
    /// that the next start would take for it.
    Folder(PathBuf),
}

impl From<Keys> for KeySource {
    fn from(keys: Keys) -> Self {
        Self::Given(keys)
    }
}

/// The key that signs and checks the service's own tokens.
#[derive(Clone)]
pub struct Keys {
    pub(super) signs: EncodingKey,
    pub(super) checks: DecodingKey,
    bytes: [u8; 32],
    id: String,
}

impl Keys {
    /// The key of a data folder; none where there is none.
    pub fn load(folder: &Path) -> Result<Option<Self>, KeyError> {
        let file = file(folder);
        if !file.exists() {
            return Ok(None);
        }
        let bytes = <[u8; 32]>::try_from(file.load()?).map_err(|_| file.content())?;
        Ok(Some(Self::of(&bytes)))
    }

    /// Loads the key of a data folder, which must exist; makes the key where there is none.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let file = file(folder);
        let made = || random_bytes().map(Vec::from).map_err(|_| KeyError::Randomness);
        let bytes = <[u8; 32]>::try_from(file.load_or_make(made)?).map_err(|_| file.content())?;
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

    /// The secret of a webhook's generation. It follows from this key, so that it is kept nowhere, and no copy of the
    /// database gives it away.
    #[must_use]
    pub fn webhook_secret(&self, webhook: WebhookId, generation: u32) -> [u8; 32] {
        HMAC::mac(format!("holdline webhook secret\n{webhook}\n{generation}"), self.bytes)
    }

    /// The secret part of a published link's address: 128 bits in base64url, which follow from this key and the link's
    /// id, so that they are kept nowhere.
    #[must_use]
    pub fn link_key(&self, link: PublishedLinkId) -> String {
        let mac = HMAC::mac(format!("holdline published link\n{link}"), self.bytes);
        URL_SAFE_NO_PAD.encode(&mac[..16])
    }

    /// Whether somebody knows the secret part of a link's address. How long it takes says nothing of how much is right.
    #[must_use]
    pub fn is_link_key(&self, link: PublishedLinkId, said: &str) -> bool {
        let hidden = |text: &str| HMAC::mac(text, self.bytes);
        hidden(&self.link_key(link)) == hidden(said)
    }

    pub(super) fn of(bytes: &[u8; 32]) -> Self {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let id = Digest::from(hash).to_string().chars().take(16).collect();
        Self { signs: EncodingKey::from_secret(bytes), checks: DecodingKey::from_secret(bytes), bytes: *bytes, id }
    }
}

fn file(folder: &Path) -> KeyFile {
    const LOST: &str = "If you delete it, the next start makes a new one: every token issued so far ends, webhooks have other \
                        secrets, and published links lead nowhere.";
    KeyFile::new(folder, FILE, "signing key", LOST)
}

#[cfg(test)]
mod tests {
    use std::fs;

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

        assert!(matches!(Keys::load_or_create(folder.path()), Err(KeyError::Content(_))));
    }
}
