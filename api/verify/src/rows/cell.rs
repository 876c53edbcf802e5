//! A value of a row, and how the log says the same: ids with a prefix, instants in words, decimals as texts.
//! What cannot be read on either side equals nothing.

use uuid::Uuid;

use crate::{entry::Entry, instant, json::Json, typed_id};

/// What a column holds, and in which words the log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An id; the log puts this prefix in front.
    Id(&'static str),
    Text,
    /// How many bytes there are, such as of a salt that should be gone.
    Bytes,
    Bool,
    /// 32 bits.
    Int,
    /// 64 bits: microseconds, positions, ten-thousandths of a currency.
    Long,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Id(Uuid),
    Text(String),
    Unreadable,
}

impl Cell {
    /// An id that the log says.
    pub(crate) fn id(value: &Json<'_>, prefix: &str) -> Self {
        match value {
            Json::Null => Self::Null,
            value => value.text().and_then(|text| typed_id::read(text, prefix)).map_or(Self::Unreadable, Self::Id),
        }
    }

    /// A text that the log says.
    pub(crate) fn text(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Text(text) => Self::Text(text.clone().into_owned()),
            _ => Self::Unreadable,
        }
    }

    /// A small number that the log says.
    pub(crate) fn int(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Int(value) => Self::Int(i64::from(*value)),
            _ => Self::Unreadable,
        }
    }

    /// A yes or no that the log says.
    pub(crate) const fn bool(value: &Json<'_>) -> Self {
        match value {
            Json::Bool(value) => Self::Bool(*value),
            _ => Self::Unreadable,
        }
    }

    /// An instant that the log says.
    pub(crate) fn instant(value: &Json<'_>) -> Self {
        match value {
            Json::Null => Self::Null,
            value => value.text().and_then(instant::read).map_or(Self::Unreadable, Self::Int),
        }
    }

    /// A word of ours.
    pub(crate) fn word(word: &str) -> Self {
        Self::Text(word.to_owned())
    }

    /// Bytes, of which only how many there are is ever compared.
    pub(crate) fn bytes(count: usize) -> Self {
        Self::Text(format!("{count} bytes"))
    }

    /// A number of ours.
    pub(crate) fn number(number: impl Into<i64>) -> Self {
        Self::Int(number.into())
    }

    /// An entry's position.
    pub(crate) fn seq(entry: &Entry<'_>) -> Self {
        i64::try_from(entry.seq).map_or(Self::Unreadable, Self::Int)
    }

    /// Whether both can be read and are the same.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        self == other && *self != Self::Unreadable
    }

    /// As a sentence shows it.
    pub(crate) fn shown(&self, kind: Kind) -> String {
        match (self, kind) {
            (Self::Null, _) => "nothing".into(),
            (Self::Bool(value), _) => value.to_string(),
            (Self::Int(value), _) => value.to_string(),
            (Self::Id(id), Kind::Id(prefix)) => typed_id::show(prefix, *id),
            (Self::Id(id), _) => id.to_string(),
            (Self::Text(text), _) if text.chars().count() > 80 => {
                format!("\"{}…\"", text.chars().take(80).collect::<String>())
            }
            (Self::Text(text), _) => format!("\"{text}\""),
            (Self::Unreadable, _) => "unreadable".into(),
        }
    }
}

/// The uuid of an id that an entry names.
pub(crate) fn uuid(value: &Json<'_>, prefix: &str) -> Uuid {
    // An id that cannot be read is remembered under none; its row differs anyway.
    value.text().and_then(|text| typed_id::read(text, prefix)).unwrap_or(Uuid::nil())
}
