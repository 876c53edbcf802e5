//! One thing that is wrong with a document: where, and in a sentence what and what to write instead. It is read by whoever
//! wrote the document; names out of it are shortened, so that an answer cannot be made to echo a page.

use async_graphql::{Pos, ServerError};

use crate::http::refusal::coded;

/// The most that a document is told at once; a page of them helps nobody.
pub const MAX_FAULTS: usize = 20;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The places that it takes to see it; never none.
    pub places: Vec<Pos>,
    /// What is wrong and what to write instead.
    pub sentence: String,
}

impl Fault {
    /// A fault at one place.
    #[must_use]
    pub fn at(place: Pos, sentence: impl Into<String>) -> Self {
        Self { places: vec![place], sentence: sentence.into() }
    }

    /// A fault that two places have together.
    #[must_use]
    pub fn between(first: Pos, second: Pos, sentence: impl Into<String>) -> Self {
        Self { places: vec![first, second], sentence: sentence.into() }
    }
}

impl From<Fault> for ServerError {
    fn from(fault: Fault) -> Self {
        Self { locations: fault.places, ..coded(fault.sentence, "GRAPHQL_VALIDATION_FAILED") }
    }
}

/// A name out of a document, short enough to be repeated.
#[must_use]
pub fn short(name: &str) -> String {
    if name.chars().count() <= 60 { name.to_owned() } else { name.chars().take(59).chain(['…']).collect() }
}
