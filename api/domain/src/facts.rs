//! Facts: a small tree of values, its one canonical form (RFC 8785) and the digest of that.
//! Audit bodies and the digests that deciders name are made of it. Refuses floats and integers above 2^53: numbers
//! that matter are texts, because canonicalisers round large ones.

use std::{collections::BTreeMap, fmt, fmt::Write as _};

use sha2::{Digest as _, Sha256};

/// A value whose canonical bytes are the same wherever they are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Facts {
    /// Nothing.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A small whole number: a revision, a version, a position in the log.
    Int(u32),
    /// A text.
    Text(String),
    /// A sequence whose order matters.
    List(Vec<Facts>),
    /// Named facts; the names are ours and ASCII, so byte order is RFC 8785's order.
    Map(BTreeMap<&'static str, Facts>),
}

impl Facts {
    /// Named facts.
    #[must_use]
    pub fn map<const N: usize>(entries: [(&'static str, Self); N]) -> Self {
        Self::Map(BTreeMap::from(entries))
    }

    /// What a thing displays as.
    pub fn text(value: impl fmt::Display) -> Self {
        Self::Text(value.to_string())
    }

    /// What a thing displays as, or null.
    pub fn maybe(value: Option<impl fmt::Display>) -> Self {
        value.map_or(Self::Null, Self::text)
    }

    /// A sequence.
    pub fn list(values: impl IntoIterator<Item = Self>) -> Self {
        Self::List(values.into_iter().collect())
    }

    /// RFC 8785 canonical JSON.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// The SHA-256 of the canonical form.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.canonical()).into())
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Text(value) => write_text(value, out),
            Self::List(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (place, (name, value)) in entries.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A SHA-256, shown and read as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits; none where the text is anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(place * 2..place * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_form_sorts_names_and_escapes_as_rfc_8785_says() {
        let facts = Facts::map([
            ("b", Facts::text("\u{20ac}$\u{f}\nA'B\"\\\"/\u{7f}")),
            ("a", Facts::list([Facts::Null, Facts::Bool(true), Facts::Int(7)])),
        ]);
        assert_eq!(facts.canonical(), "{\"a\":[null,true,7],\"b\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\"}");
    }

    #[test]
    fn a_digest_is_read_as_it_is_shown() {
        let digest = Facts::text("").digest();
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("00"), None);
        assert_eq!(Digest::parse(&"é".repeat(32)), None);
    }
}
