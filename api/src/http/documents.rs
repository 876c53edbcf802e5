//! Persisted documents: those that a client's build wrote down beforehand and asks for by their SHA-256, so that a GET is
//! short and may be cached, and so that an operator may have no others run. What is in them is judged like any other's.

use std::collections::HashMap;

use axum::http::StatusCode;
use holdline_domain::facts::Digest;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{
    refusal::Refusal,
    request::Said,
    scan::{scan, scan_json},
};

/// How an id begins, as GraphQL over HTTP has it.
const PREFIX: &str = "sha256:";
/// The most documents there are.
const MOST: usize = 10_000;

/// The documents by the SHA-256 of their text, in lower-case hexadecimal.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    known: HashMap<String, String>,
    /// Whether nothing else is run.
    only: bool,
}

impl Documents {
    /// Reads what GraphQL Code Generator and Relay write: one JSON object, the hash (or `sha256:` and the hash) as name
    /// and the document as value. Each must be what it is called, and a document that could be parsed.
    pub fn read(text: &str) -> Result<Self, String> {
        scan_json(text).map_err(|why| why.to_string())?;
        let written: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            format!(
                "it is no JSON object of documents by their hash: see line {}, column {}",
                error.line(),
                error.column()
            )
        })?;
        if written.len() > MOST {
            return Err(format!("it has {} documents; at most {MOST} are read", written.len()));
        }
        let known = written.into_iter().map(|(id, document)| {
            let Value::String(document) = document else { return Err(format!("{id} is not given as a string")) };
            let hash = hash(&document);
            if id.strip_prefix(PREFIX).unwrap_or(&id) != hash {
                return Err(format!("{id} is not the SHA-256 of its document, which is {hash}"));
            }
            scan(&document).map_err(|why| format!("{id}: {why}"))?;
            async_graphql::parser::parse_query(&document)
                .map_err(|error| format!("{id}: {}", Refusal::from(error).errors[0].message))?;
            Ok((hash, document))
        });
        Ok(Self { known: known.collect::<Result<_, _>>()?, only: false })
    }

    /// The same, with nothing else run where `only` says so.
    #[must_use]
    pub fn only(self, only: bool) -> Self {
        Self { only, ..self }
    }

    /// The text of what a request asks for.
    pub(super) fn text(&self, said: Said) -> Result<String, Refusal> {
        match said {
            Said::Document(text) if self.only && !self.known.contains_key(&hash(&text)) => {
                let message = "This server runs only the documents of its list. Have this one added to \
                               --persisted-documents, and ask for it by `documentId`.";
                Err(Refusal::forbidden(message))
            }
            Said::Document(text) => Ok(text),
            Said::Id(id) => {
                let known = id.strip_prefix(PREFIX).and_then(|hash| self.known.get(hash));
                known.cloned().ok_or_else(|| {
                    let message = "This server knows no document of that id. An id is `sha256:` and the SHA-256 of the \
                                   document in lower-case hexadecimal; send the document itself in `query`, or have it \
                                   added to --persisted-documents.";
                    Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
                })
            }
        }
    }
}

fn hash(document: &str) -> String {
    Digest::from(<[u8; 32]>::from(Sha256::digest(document))).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEWER: &str = "{ viewer { allTeams } }";

    fn manifest(id: &str, document: &str) -> String {
        serde_json::json!({ id: document }).to_string()
    }

    #[test]
    fn a_document_is_found_by_its_hash_with_or_without_its_prefix_in_the_file() {
        for prefix in ["", PREFIX] {
            let documents = Documents::read(&manifest(&format!("{prefix}{}", hash(VIEWER)), VIEWER)).unwrap();

            assert_eq!(documents.text(Said::Id(format!("sha256:{}", hash(VIEWER)))).unwrap(), VIEWER);
            for unknown in [hash(VIEWER), format!("sha256:{}", hash("{ a }")), "sha256:".into(), String::new()] {
                let refused = documents.text(Said::Id(unknown)).unwrap_err();
                assert_eq!(refused.status, StatusCode::NOT_FOUND);
            }
        }
    }

    #[test]
    fn where_only_the_list_is_run_another_document_is_refused() {
        let documents = Documents::read(&manifest(&hash(VIEWER), VIEWER)).unwrap().only(true);

        assert_eq!(documents.text(Said::Document(VIEWER.into())).unwrap(), VIEWER);
        assert_eq!(
            documents.text(Said::Document("{ rules { code } }".into())).unwrap_err().status,
            StatusCode::FORBIDDEN
        );
    }

    #[test]
    fn a_file_that_is_none_is_refused_with_the_place() {
        let nested = "[".repeat(100);
        let table = [
            ("", "line 1"),
            ("[]", "no JSON object"),
            (&manifest("abc", VIEWER), "abc is not the SHA-256"),
            (&manifest(&hash("{"), "{"), "not valid GraphQL"),
            (&manifest(&hash(&nested), &nested), "nest"),
            (r#"{"a": 1}"#, "a is not given as a string"),
        ];
        for (text, expected) in table {
            let refused = Documents::read(text).unwrap_err();
            assert!(refused.contains(expected), "{text}: {refused}");
        }
    }
}
