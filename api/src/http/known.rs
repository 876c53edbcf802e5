//! Documents that were parsed and judged before: clients send the same few again and again. Known by their whole text, so
//! that nothing is believed of one that was not asked of that very one; how much is kept is bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::parser::types::ExecutableDocument;

/// How many bytes of text are kept in each of two halves, of which the older is let go of when the newer is full.
const HALF: usize = 128 * 1024;

/// The longest text that is kept, in bytes: a parsed document is many times its text, and clients' own are short.
const LONGEST: usize = 16 * 1024;

/// Valid documents, parsed.
#[derive(Default)]
pub struct Known(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    newer: HashMap<Arc<str>, Arc<ExecutableDocument>>,
    older: HashMap<Arc<str>, Arc<ExecutableDocument>>,
    bytes: usize,
}

impl Known {
    /// The document of a text that was kept.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = halves.newer.get(text) {
            return Some(Arc::clone(found));
        }
        let (text, found) = halves.older.remove_entry(text)?;
        halves.keep(text, Arc::clone(&found));
        Some(found)
    }

    /// Keeps a valid document, unless it is very long.
    pub fn keep(&self, text: &str, document: Arc<ExecutableDocument>) {
        if text.len() > LONGEST {
            return;
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keep(text.into(), document);
    }
}

impl Halves {
    fn keep(&mut self, text: Arc<str>, document: Arc<ExecutableDocument>) {
        if self.bytes + text.len() > HALF {
            self.older = std::mem::take(&mut self.newer);
            self.bytes = 0;
        }
        self.bytes += text.len();
        self.newer.insert(text, document);
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn text(number: usize) -> String {
        format!("{{ __typename }} # {number} {}", "x".repeat(10_000))
    }

    #[test]
    fn what_is_asked_again_stays_and_what_is_not_goes_before_memory_does() {
        let known = Known::default();

        for number in 0..40 {
            known.keep(&text(number), Arc::new(parse_query("{ __typename }").unwrap()));
            assert!(known.find(&text(0)).is_some(), "after {number}");
        }

        assert!(known.find(&text(1)).is_none() && known.find(&text(39)).is_some());
        let long = "x".repeat(LONGEST + 1);
        known.keep(&long, Arc::new(parse_query("{ __typename }").unwrap()));
        assert!(known.find(&long).is_none());
        let halves = known.0.lock().unwrap();
        let kept: usize = halves.newer.keys().chain(halves.older.keys()).map(|text| text.len()).sum();
        assert!(kept <= 2 * HALF, "{kept}");
    }
}
