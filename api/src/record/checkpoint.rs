//! The key that signs checkpoints, and the checkpoint as a C2SP signed note (c2sp.org/tlog-checkpoint).
//! Holds the key's file and its rotation; refuses to decide when something is signed.

use std::{fmt, path::Path};

use ed25519_dalek::{SignatureError, Signer as _, SigningKey};
use holdline_domain::{
    facts::Digest,
    refusal::{Code, Refusal},
};
use signed_note::{Note, Signer, key_id, new_ed25519_verifier_key};
use tlog_tiles::{Checkpoint, Hash};

use super::LastSigned;
use crate::{
    clock::random_bytes,
    failure::Failure,
    key_file::{KeyError, KeyFile},
};

const FILE: &str = "checkpoint.key";
const NEXT: &str = "checkpoint.key.next";

/// C2SP's number for Ed25519 signatures.
const ED25519: u8 = 1;

/// The key that signs what the log was. Its name is the log's origin, which all its keys share.
#[derive(Clone)]
pub struct CheckpointKey {
    origin: String,
    signs: SigningKey,
    id: u32,
}

impl CheckpointKey {
    /// The key of a seed; the origin is the name that the log goes by, without spaces and plus signs.
    #[must_use]
    pub fn of(origin: &str, seed: &[u8; 32]) -> Self {
        let signs = SigningKey::from_bytes(seed);
        let public: Vec<u8> = [ED25519].into_iter().chain(signs.verifying_key().to_bytes()).collect();
        Self { origin: origin.to_owned(), id: key_id(origin, &public), signs }
    }

    /// A key that is kept nowhere, for a log that is kept nowhere either.
    pub fn ephemeral() -> Result<Self, KeyError> {
        let (origin, seed) = fresh()?;
        Ok(Self::of(&origin, &seed))
    }

    /// What its signatures are checked with: the verifier key of c2sp.org/signed-note.
    #[must_use]
    pub fn verifier(&self) -> String {
        new_ed25519_verifier_key(&self.origin, &self.signs.verifying_key())
    }

    fn load_or_make(file: &KeyFile, origin: Option<&str>) -> Result<Self, KeyError> {
        let content = file.load_or_make(|| {
            let (made, seed) = fresh()?;
            Ok(format!("{}\n{}\n", origin.unwrap_or(&made), Digest::from(seed)).into_bytes())
        })?;
        let text = String::from_utf8(content).map_err(|_| file.content())?;
        let mut lines = text.lines();
        match (lines.next(), lines.next().and_then(Digest::parse), lines.next()) {
            (Some(origin), Some(seed), None) if signed_note::is_key_name_valid(origin) => {
                Ok(Self::of(origin, seed.bytes()))
            }
            _ => Err(file.content()),
        }
    }
}

fn fresh() -> Result<(String, [u8; 32]), KeyError> {
    let bytes = || random_bytes().map_err(|_| KeyError::Randomness);
    let name: String = Digest::from(bytes()?).to_string().chars().take(16).collect();
    Ok((format!("holdline/{name}"), bytes()?))
}

impl Signer for CheckpointKey {
    fn name(&self) -> &str {
        &self.origin
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.signs.try_sign(message)?.to_vec())
    }
}

/// Says which key it is, and never its seed.
impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointKey").field("verifier", &self.verifier()).finish()
    }
}

/// The keys that sign: the current one and, while it takes over, the one before.
#[derive(Debug, Clone)]
pub struct LogKeys {
    current: CheckpointKey,
    /// Signs too: what the new key signs first must be believed by who knows the old one only.
    retiring: Option<CheckpointKey>,
    /// What was signed last, where the keys have a folder.
    last: Option<LastSigned>,
}

impl LogKeys {
    /// One key.
    #[must_use]
    pub const fn of(current: CheckpointKey) -> Self {
        Self { current, retiring: None, last: None }
    }

    /// The key of a data folder, which must exist; made where there is none. `recorded` is the verifier key that the
    /// log names: where a rotation was cut short after the log named the next key, that one takes over.
    pub fn load_or_make(folder: &Path, recorded: Option<&str>) -> Result<Self, KeyError> {
        let current = file(folder, FILE);
        if recorded.is_some() && !current.exists() {
            return Err(KeyError::Missing(current));
        }
        let last = Some(LastSigned::beside_key(folder));
        let keys = Self { last, ..Self::of(CheckpointKey::load_or_make(&current, None)?) };
        let next = file(folder, NEXT);
        if !next.exists() || recorded == Some(keys.current.verifier().as_str()) {
            return Ok(keys);
        }
        let next = CheckpointKey::load_or_make(&next, None)?;
        Ok(if recorded == Some(next.verifier().as_str()) { keys.followed_by(next) } else { keys })
    }

    /// Refuses a data folder whose key is not the one that the log names, and makes none.
    pub fn must_fit(folder: &Path, recorded: &str) -> Result<(), Failure> {
        let keys = Self::load_or_make(folder, Some(recorded))?;
        let fits =
            [Some(&keys.current), keys.retiring.as_ref()].into_iter().flatten().any(|key| key.verifier() == recorded);
        if fits { Ok(()) } else { Err(Self::unfit(recorded).into()) }
    }

    /// That a data folder's key is not the one that the log names.
    #[must_use]
    pub fn unfit(recorded: &str) -> Refusal {
        let message = format!("The log names the checkpoint key {recorded}, and the data folder holds another.");
        let remedy =
            "Put that key's file, checkpoint.key, back into the data folder; every process of this log shares it.";
        Refusal::new(Code::Conflict, message).remedy(remedy)
    }

    /// The same with a next key, made in the data folder and not yet in the place of the current one.
    pub fn rotated(self, folder: &Path) -> Result<Self, KeyError> {
        let next = CheckpointKey::load_or_make(&file(folder, NEXT), Some(&self.current.origin))?;
        Ok(self.followed_by(next))
    }

    /// Once a checkpoint is signed by both, the next key takes the current one's place in the data folder.
    pub fn settle(folder: &Path) -> Result<(), KeyError> {
        file(folder, NEXT).replace(&file(folder, FILE))
    }

    fn followed_by(self, next: CheckpointKey) -> Self {
        Self { current: next, retiring: Some(self.current), last: self.last }
    }

    /// The current key alone, once it has taken over.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { retiring: None, ..self }
    }

    /// Where it is kept what was signed last; nowhere for keys without a folder.
    #[must_use]
    pub const fn last(&self) -> Option<&LastSigned> {
        self.last.as_ref()
    }

    /// Keeps a checkpoint as the last one, where there is a place for it.
    pub fn remember(&self, note: &str) -> Result<(), Failure> {
        self.last.as_ref().map_or(Ok(()), |last| last.keep(note))
    }

    /// The key that signs too, because the current one takes over from it.
    #[must_use]
    pub const fn retiring(&self) -> Option<&CheckpointKey> {
        self.retiring.as_ref()
    }

    /// The current key.
    #[must_use]
    pub const fn current(&self) -> &CheckpointKey {
        &self.current
    }

    /// The checkpoint of a tree.
    pub fn sign(&self, size: u64, root: &Digest) -> Result<String, Failure> {
        let origin = &self.current.origin;
        let checkpoint = Checkpoint::new(origin, size, Hash(*root.bytes()), "")
            .map_err(|_| Failure::internal("the checkpoint key's name is no origin"))?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(Failure::internal)?;
        let signers = self.retiring.iter().chain([&self.current]).map(|key| key as &dyn Signer);
        note.add_sigs(&signers.collect::<Vec<_>>()).map_err(Failure::internal)?;
        String::from_utf8(note.to_bytes()).map_err(Failure::internal)
    }
}

fn file(folder: &Path, name: &str) -> KeyFile {
    const LOST: &str = "Without it nothing more can be signed in this log's name, and the service does not start: keep a \
                        copy where the database's backups are not.";
    KeyFile::new(folder, name, "checkpoint key", LOST)
}

#[cfg(test)]
mod tests {
    use signed_note::{StandardVerifier, VerifierList};

    use super::*;

    fn signed_by(note: &str, key: &CheckpointKey) -> bool {
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(&key.verifier()).unwrap())]);
        Note::from_bytes(note.as_bytes()).unwrap().verify(&known).is_ok()
    }

    #[test]
    fn a_checkpoint_says_origin_size_and_root_and_is_signed() {
        let keys = LogKeys::of(CheckpointKey::of("holdline/test", &[7; 32]));

        let note = keys.sign(3, &Digest::from([1; 32])).unwrap();

        let (text, signatures) = note.split_once("\n\n").unwrap();
        assert_eq!(text, "holdline/test\n3\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
        assert_eq!(signatures.lines().count(), 1);
        assert!(signed_by(&note, keys.current()));
        assert!(!signed_by(&note.replace("\n3\n", "\n4\n"), keys.current()));
    }

    #[test]
    fn a_key_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();

        let first = LogKeys::load_or_make(folder.path(), None).unwrap();
        let second = LogKeys::load_or_make(folder.path(), Some(&first.current().verifier())).unwrap();

        assert_eq!(first.current().verifier(), second.current().verifier());
    }

    #[test]
    fn while_a_key_takes_over_both_sign_and_then_the_new_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let old = LogKeys::load_or_make(folder.path(), None).unwrap();
        let both = old.clone().rotated(folder.path()).unwrap();

        let note = both.sign(1, &Digest::from([1; 32])).unwrap();
        assert!(signed_by(&note, old.current()) && signed_by(&note, both.current()));
        assert_eq!(old.current().origin, both.current().origin);

        // Cut short before the log named the new key, the old one goes on; after it, both sign still.
        let recorded = |keys: &LogKeys| LogKeys::load_or_make(folder.path(), Some(&keys.current().verifier())).unwrap();
        assert!(recorded(&old).retiring().is_none() && recorded(&both).retiring().is_some());

        LogKeys::settle(folder.path()).unwrap();
        let alone = recorded(&both);
        assert_eq!((alone.retiring().is_none(), alone.current().verifier()), (true, both.current().verifier()));
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        LogKeys::load_or_make(folder.path(), None).unwrap();

        std::fs::write(folder.path().join(FILE), b"two words\n00\n").unwrap();

        assert!(matches!(LogKeys::load_or_make(folder.path(), None), Err(KeyError::Content(_))));
    }
}
