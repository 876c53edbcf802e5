//! JSON as the log writes it: canonical (RFC 8785), whole numbers of at most 32 bits, names in ASCII.
//! Reading refuses everything else, a name that occurs twice among it; texts are borrowed from the bytes they stand in.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use sha2::{Digest as _, Sha256};

use crate::tree::Hash;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Json<'a> {
    #[default]
    Null,
    Bool(bool),
    Int(u32),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    /// In ascending order of names, each of which occurs once.
    Map(Vec<(Cow<'a, str>, Json<'a>)>),
}

const NULL: &Json<'static> = &Json::Null;

impl<'a> Json<'a> {
    /// Reads bytes that are canonical; the error completes a sentence that begins with what was read.
    pub(crate) fn canonical(bytes: &'a [u8]) -> Result<Self, String> {
        let value: Self = serde_json::from_slice(bytes).map_err(|error| format!("is not the log's JSON: {error}"))?;
        let mut same = Same(Some(bytes));
        value.write(&mut same);
        if same.0 == Some(&[]) { Ok(value) } else { Err("is JSON, but not in canonical form".into()) }
    }

    /// A member of a map; null where there is none.
    pub(crate) fn get(&self, name: &str) -> &Json<'a> {
        match self {
            Self::Map(members) => members.iter().find(|(known, _)| known == name).map_or(NULL, |(_, value)| value),
            _ => NULL,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn int(&self) -> Option<u32> {
        match self {
            Self::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn list(&self) -> &[Json<'a>] {
        match self {
            Self::List(values) => values,
            _ => &[],
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A copy that outlives the bytes.
    pub(crate) fn keep(&self) -> Json<'static> {
        let text = |text: &Cow<'a, str>| Cow::Owned(text.clone().into_owned());
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::Int(*value),
            Self::Text(value) => Json::Text(text(value)),
            Self::List(values) => Json::List(values.iter().map(Json::keep).collect()),
            Self::Map(members) => Json::Map(members.iter().map(|(name, value)| (text(name), value.keep())).collect()),
        }
    }

    /// Writes the canonical form.
    pub(crate) fn write(&self, out: &mut impl Out) {
        match self {
            Self::Null => out.put(b"null"),
            Self::Bool(true) => out.put(b"true"),
            Self::Bool(false) => out.put(b"false"),
            Self::Int(value) => out.put(value.to_string().as_bytes()),
            Self::Text(text) => write_text(text, out),
            Self::List(values) => {
                out.put(b"[");
                for (place, value) in values.iter().enumerate() {
                    out.put(if place > 0 { b"," } else { b"" });
                    value.write(out);
                }
                out.put(b"]");
            }
            Self::Map(members) => {
                out.put(b"{");
                for (place, (name, value)) in members.iter().enumerate() {
                    out.put(if place > 0 { b"," } else { b"" });
                    write_text(name, out);
                    out.put(b":");
                    value.write(out);
                }
                out.put(b"}");
            }
        }
    }
}

/// The SHA-256 of the canonical form of a map, whose names are given in ascending order.
pub(crate) fn digest(members: &[(&str, &Json<'_>)]) -> Hash {
    salted(&[], members)
}

/// The same with some bytes in front.
pub(crate) fn salted(salt: &[u8], members: &[(&str, &Json<'_>)]) -> Hash {
    let mut hash = Sha256::new();
    hash.put(salt);
    hash.put(b"{");
    for (place, (name, value)) in members.iter().enumerate() {
        hash.put(if place > 0 { b"," } else { b"" });
        write_text(name, &mut hash);
        hash.put(b":");
        value.write(&mut hash);
    }
    hash.put(b"}");
    hash.finalize().into()
}

/// Where canonical bytes go.
pub(crate) trait Out {
    fn put(&mut self, bytes: &[u8]);
}

impl Out for Sha256 {
    fn put(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// What is left of the bytes that the written ones are compared with; none once they differ.
struct Same<'b>(Option<&'b [u8]>);

impl Out for Same<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.0 = self.0.and_then(|rest| rest.strip_prefix(bytes));
    }
}

fn write_text(text: &str, out: &mut impl Out) {
    out.put(b"\"");
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (place, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.put(&bytes[plain..place]);
        plain = place + 1;
        match byte {
            b'"' => out.put(b"\\\""),
            b'\\' => out.put(b"\\\\"),
            0x08 => out.put(b"\\b"),
            b'\t' => out.put(b"\\t"),
            b'\n' => out.put(b"\\n"),
            0x0c => out.put(b"\\f"),
            b'\r' => out.put(b"\\r"),
            other => out.put(format!("\\u{other:04x}").as_bytes()),
        }
    }
    out.put(&bytes[plain..]);
    out.put(b"\"");
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of the log")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        u32::try_from(value).map(Json::Int).map_err(|_| E::custom("a number of more than 32 bits"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(Cow<'de, str>, Json<'de>)> = Vec::new();
        while let Some((Json::Text(name), value)) = access.next_entry::<Json<'de>, Json<'de>>()? {
            if !name.is_ascii() {
                return Err(A::Error::custom("a name that is not ASCII"));
            }
            if members.last().is_some_and(|(last, _)| *last >= name) {
                return Err(A::Error::custom(format!("the name {name} is out of order or occurs twice")));
            }
            members.push((name, value));
        }
        Ok(Json::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_bytes_are_read_and_written_alike() {
        let bytes = "{\"a\":[null,true,false,7],\"b\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\"/\u{7f}\"}".as_bytes();
        let value = Json::canonical(bytes).unwrap();
        assert_eq!(value.get("a").list().len(), 4);
        assert_eq!(value.get("b").text().unwrap(), "\u{20ac}$\u{f}\nA'B\"\\\"/\u{7f}");
        assert_eq!(value.keep(), value);
    }

    #[test]
    fn whatever_is_not_canonical_is_refused() {
        let table = [
            "",
            "{",
            "{\"a\":1",
            "[1] ",
            "[1, 2]",
            "{\"b\":1,\"a\":2}",
            "{\"a\":1,\"a\":2}",
            "[1.5]",
            "[-1]",
            "[1e3]",
            "[4294967296]",
            "[01]",
            "\"\\u0041\"",
            "\"\\/\"",
            "\"\\u000A\"",
            "\"\\ud800\"",
            "{\"\u{e9}\":1}",
            "nul",
        ];
        for text in table {
            assert!(Json::canonical(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Json::canonical(b"\"\xff\"").is_err());
        assert!(Json::canonical("[".repeat(100_000).as_bytes()).is_err());
    }
}
