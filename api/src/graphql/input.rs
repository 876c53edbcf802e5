//! Parsing inputs: every malformed field is named, not only the first.

use async_graphql::{ID, MaybeUndefined};
use holdline_domain::{
    ids::{Id, Kind},
    refusal::{Broken, Refusal},
    text::{Line, Prose, TeamKey},
};

use super::ids::parse;
use crate::failure::Failure;

/// Collects what is malformed in an input.
#[derive(Default)]
pub(super) struct Fields(Broken);

impl Fields {
    /// Keeps a value, or remembers why there is none.
    pub(super) fn keep<T>(&mut self, parsed: Result<T, Refusal>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.0.extend([refusal]);
                None
            }
        }
    }

    /// The whole input, or everything that is malformed in it.
    pub(super) fn finish<T>(self, whole: impl FnOnce() -> Option<T>) -> Result<T, Failure> {
        self.0.finish()?;
        whole().ok_or_else(|| Failure::internal("a parsed input lost a field"))
    }

    /// All that is malformed so far, under a path.
    pub(super) fn under<T>(&mut self, path: &[&str], parsed: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match parsed {
            Ok(value) => Ok(Some(value)),
            Err(Failure::Refused(refusals)) => {
                self.0.extend(refusals.under(path).into_list());
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

pub(super) fn line(text: &str, field: &str) -> Result<Line, Refusal> {
    Line::parse(text).map_err(|why| Refusal::invalid(&[field], format!("The field {field} {why}.")))
}

pub(super) fn prose(text: &str, field: &str) -> Result<Prose, Refusal> {
    Prose::parse(text).map_err(|why| Refusal::invalid(&[field], format!("The field {field} {why}.")))
}

pub(super) fn team_key(text: &str, field: &str) -> Result<TeamKey, Refusal> {
    TeamKey::parse(text).map_err(|why| Refusal::invalid(&[field], format!("The team's key {why}.")))
}

pub(super) fn line_maybe(text: Option<&str>, field: &str) -> Result<Option<Line>, Refusal> {
    text.map(|text| line(text, field)).transpose()
}

/// A text that may be left out; one of blanks only counts as left out, so that a rule can ask for it.
pub(super) fn prose_maybe(text: Option<&str>, field: &str) -> Result<Option<Prose>, Refusal> {
    text.filter(|text| !text.trim().is_empty()).map(|text| prose(text, field)).transpose()
}

/// An edit: none leaves as it is, the inner none clears.
#[expect(clippy::option_option, reason = "left out, cleared and set are three answers, as the use cases take them")]
pub(super) fn edit<T, U>(
    value: MaybeUndefined<T>,
    parse: impl FnOnce(T) -> Result<U, Refusal>,
) -> Result<Option<Option<U>>, Refusal> {
    match value {
        MaybeUndefined::Undefined => Ok(None),
        MaybeUndefined::Null => Ok(Some(None)),
        MaybeUndefined::Value(value) => parse(value).map(|parsed| Some(Some(parsed))),
    }
}

/// A version that a caller saw.
pub(super) fn expected(version: Option<i32>) -> Result<Option<u32>, Refusal> {
    let parse =
        |version| u32::try_from(version).map_err(|_| Refusal::invalid(&["expectedVersion"], "A version is 1 or more."));
    version.map(parse).transpose()
}

/// What an input that only names a thing says: the thing, and the version that the caller saw.
pub(super) fn named<K: Kind>(id: &ID, field: &str, version: Option<i32>) -> Result<(Id<K>, Option<u32>), Failure> {
    let mut fields = Fields::default();
    let id = fields.keep(parse(id, &[field]));
    let version = fields.keep(expected(version));
    fields.finish(|| Some((id?, version?)))
}

/// A small whole number as the API shows it.
pub(super) fn shown(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
