//! Checkpoints as C2SP writes them: a signed note (c2sp.org/signed-note) whose text is a tlog-checkpoint
//! (c2sp.org/tlog-checkpoint), and the keys they are signed with. Holds parsing and Ed25519; refuses to say which key
//! ought to have signed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::{
    entry::decimal,
    tree::{Hash, hex},
};

/// The byte that stands for Ed25519.
const ED25519: u8 = 1;
/// More than any note has; a longer text is no note.
const MOST_BYTES: usize = 64 * 1024;

/// A public key with its name, as in `name+1a2b3c4d+AQ…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: String,
    id: [u8; 4],
    public: VerifyingKey,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[ED25519][..], self.public.as_bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex(&self.id), STANDARD.encode(bytes))
    }
}

impl Key {
    /// Reads a verifier key; the error completes a sentence that begins with the key.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is no verifier key of the form NAME+HASH+KEY with an Ed25519 key";
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(FORM);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| FORM)?;
        let (ED25519, Some(Ok(key))) = (*bytes.first().ok_or(FORM)?, bytes.get(1..).map(<[u8; 32]>::try_from)) else {
            return Err(FORM);
        };
        let digest = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&bytes).finalize();
        let short: [u8; 4] = digest[..4].try_into().map_err(|_| FORM)?;
        if !is_name(name) || hex(&short) != id {
            return Err("has a hash that is not that of its name and key");
        }
        let public =
            VerifyingKey::from_bytes(&key).map_err(|_| "holds bytes that are no point of the Ed25519 curve")?;
        Ok(Self { name: name.to_owned(), id: short, public })
    }

    /// The name, which is also the origin of the checkpoints it signs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

#[derive(Debug, Clone)]
struct Signed {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

/// A signed note, whoever signed it.
#[derive(Debug, Clone)]
struct Note {
    text: String,
    signatures: Vec<Signed>,
}

impl Note {
    fn parse(note: &str) -> Option<Self> {
        let plain = note.len() <= MOST_BYTES && !note.chars().any(|c| c != '\n' && c.is_control());
        // The signatures follow the last blank line; the text keeps its last newline.
        let split = note.rfind("\n\n").filter(|_| plain)?;
        let (text, lines) = (note.get(..=split)?, note.get(split + 2..)?.strip_suffix('\n')?);
        let signatures: Vec<_> = lines.split('\n').map(signed).collect::<Option<_>>()?;
        if signatures.is_empty() { None } else { Some(Self { text: text.to_owned(), signatures }) }
    }

    fn signed_by(&self, key: &Key) -> bool {
        let ours = self.signatures.iter().filter(|signed| signed.name == key.name && signed.id == key.id);
        let mut valid = ours.map(|signed| {
            let signature = Signature::from_slice(&signed.signature).ok();
            signature.is_some_and(|signature| key.public.verify_strict(self.text.as_bytes(), &signature).is_ok())
        });
        // A note with a signature of a known key that does not hold is refused, whatever else it carries.
        valid.next().is_some_and(|first| first && valid.all(|other| other))
    }
}

fn signed(line: &str) -> Option<Signed> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = STANDARD.decode(encoded).ok().filter(|bytes| bytes.len() > 4 && is_name(name))?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    Some(Signed { name: name.to_owned(), id: *id, signature: signature.to_vec() })
}

/// A checkpoint: that a log of some size had some root.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint {
    /// The log's name for itself.
    pub(crate) origin: String,
    /// How many entries it covers.
    pub(crate) size: u64,
    /// The root of the tree over them.
    pub(crate) root: Hash,
    note: Note,
}

/// A checkpoint that was kept elsewhere, with the name it goes by.
#[derive(Debug, Clone)]
pub struct Outside {
    pub(crate) name: String,
    pub(crate) checkpoint: Checkpoint,
}

impl Outside {
    /// Reads what somebody kept. How its lines end, and how often the last one does, is a shell's doing and no matter;
    /// the error completes a sentence that begins with the checkpoint.
    pub fn read(name: impl Into<String>, text: &str) -> Result<Self, &'static str> {
        let lines = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let note = format!("{}\n", lines.trim_end_matches('\n'));
        Ok(Self { name: name.into(), checkpoint: Checkpoint::parse(&note)? })
    }
}

impl Checkpoint {
    /// Reads a signed note; the error completes a sentence that begins with the checkpoint.
    pub(crate) fn parse(note: &str) -> Result<Self, &'static str> {
        let note = Note::parse(note).ok_or("is no signed note (c2sp.org/signed-note)")?;
        let mut lines = note.text.lines();
        let (origin, size, root) = (lines.next(), lines.next(), lines.next());
        let origin = origin.filter(|origin| !origin.is_empty()).ok_or("names no origin in its first line")?.to_owned();
        let size = size.and_then(decimal).ok_or("has no size in its second line")?;
        let root = root.and_then(|root| STANDARD.decode(root).ok()).and_then(|root| root.try_into().ok());
        let root = root.ok_or("has no root of 32 bytes in its third line")?;
        if lines.next().is_some() {
            return Err("has more lines than origin, size and root");
        }
        Ok(Self { origin, size, root, note })
    }

    /// Whether a key signed it, and its name is the origin.
    pub(crate) fn signed_by(&self, key: &Key) -> bool {
        self.origin == key.name && self.note.signed_by(key)
    }

    /// Whether a key signed it, whatever the origin: how the key before a rotation vouches for the next.
    pub(crate) fn vouched_by(&self, key: &Key) -> bool {
        self.note.signed_by(key)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;

    /// The verifier key of a seed.
    pub(crate) fn key(name: &str, seed: u8) -> String {
        let public = SigningKey::from_bytes(&[seed; 32]).verifying_key();
        let bytes = [&[ED25519][..], public.as_bytes()].concat();
        let id = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&bytes).finalize();
        format!("{name}+{}+{}", hex(&id[..4]), STANDARD.encode(bytes))
    }

    /// A checkpoint that some seeds sign.
    pub(crate) fn checkpoint(name: &str, size: u64, root: &Hash, seeds: &[u8]) -> String {
        let text = format!("{name}\n{size}\n{}\n", STANDARD.encode(root));
        let mut note = vec![format!("{text}\n")];
        for seed in seeds {
            let id = Key::parse(&key(name, *seed)).unwrap().id;
            let signature = SigningKey::from_bytes(&[*seed; 32]).sign(text.as_bytes()).to_bytes();
            note.push(format!("\u{2014} {name} {}\n", STANDARD.encode([&id[..], &signature].concat())));
        }
        note.concat()
    }

    /// The note and the key with which c2sp.org/signed-note and Go's sumdb/note are documented.
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_example_of_the_specification_verifies() {
        let (note, key) = (Note::parse(NOTE).unwrap(), Key::parse(KEY).unwrap());
        assert!(note.signed_by(&key));
        let other = Note::parse(&NOTE.replace("answer", "Answer")).unwrap();
        assert!(!other.signed_by(&key));
    }

    #[test]
    fn a_key_that_is_not_what_its_hash_says_is_refused() {
        for text in [
            "",
            "a+b",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "a+c74f20a3+AQ==",
            "a+c74f20a3+",
        ] {
            assert!(Key::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_checkpoint_says_its_size_and_root_and_who_signed_it() {
        let (ours, theirs) =
            (Key::parse(&key("example.com/log", 1)).unwrap(), Key::parse(&key("example.com/log", 2)).unwrap());
        let note = checkpoint("example.com/log", 17, &[7; 32], &[1]);
        let checkpoint = Checkpoint::parse(&note).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (17, [7; 32]));
        assert!(checkpoint.signed_by(&ours) && !checkpoint.signed_by(&theirs));
        let twice = format!("{note}{}", note.lines().last().map(|line| line.replace('A', "B") + "\n").unwrap());
        assert!(
            Checkpoint::parse(&twice).is_ok_and(|twice| !twice.signed_by(&ours)) || Checkpoint::parse(&twice).is_err()
        );
    }

    #[test]
    fn what_a_shell_does_to_the_ends_of_lines_is_no_matter_in_a_file_and_is_in_what_is_stored() {
        let (note, known) = (checkpoint("log", 17, &[7; 32], &[1]), Key::parse(&key("log", 1)).unwrap());
        let kept = [
            note.clone(),
            format!("{note}\n"),
            format!("{note}\n\n\n"),
            note.replace('\n', "\r\n"),
            format!("{}\r\n", note.replace('\n', "\r\n")),
            note.trim_end().to_owned(),
            format!("\u{feff}{note}"),
        ];
        for (place, kept) in kept.iter().enumerate() {
            assert!(Outside::read("old", kept).unwrap().checkpoint.signed_by(&known), "{kept:?}");
            let stored = Checkpoint::parse(kept).is_ok_and(|stored| stored.signed_by(&known));
            assert_eq!(stored, place == 0, "{kept:?}");
        }
        for spoilt in
            [note.replace('\n', "\n\n"), note.replace('\n', "\r"), format!("{note}more\n"), format!("{note} ")]
        {
            assert!(Outside::read("old", &spoilt).is_err(), "{spoilt:?}");
        }
    }

    #[test]
    fn what_is_no_checkpoint_says_why() {
        let good = checkpoint("log", 17, &[7; 32], &[1]);
        let table = [
            (String::new(), "is no signed note (c2sp.org/signed-note)"),
            (good.replace("\n\n", "\n"), "is no signed note (c2sp.org/signed-note)"),
            (good.replace('\u{2014}', "-"), "is no signed note (c2sp.org/signed-note)"),
            (good.trim_end().to_owned(), "is no signed note (c2sp.org/signed-note)"),
            (good.replace("\n17\n", "\n017\n"), "has no size in its second line"),
            (good.replace("\n17\n", "\n-1\n"), "has no size in its second line"),
            (good.replace("BwcH", "Bw"), "has no root of 32 bytes in its third line"),
            (good.replace("\n\n", "\nmore\n\n"), "has more lines than origin, size and root"),
        ];
        for (note, said) in table {
            assert_eq!(Checkpoint::parse(&note).unwrap_err(), said, "{note}");
        }
    }
}
