//! What async-graphql's parser reads although the grammar forbids it, and what it drops while reading, seen in the text
//! itself: an input field that is given twice (it keeps the last), a first word run together with a name (`queryAll`),
//! and empty parentheses. It runs on a text that parses, and is one loop without recursion.

use std::collections::BTreeSet;

use async_graphql::Pos;

use super::fault::{Fault, MAX_FAULTS, short};
use crate::http::scan::tokens;

/// Judges the text of a document that parses.
#[must_use]
pub fn judge(text: &str) -> Vec<Fault> {
    let mut reader = Reader { text, open: Vec::new(), before: "}", word: None, faults: Vec::new() };
    for (at, token) in tokens(text) {
        reader.step(at, token);
    }
    reader.faults
}

enum Bracket<'a> {
    // An input object with the fields that it has so far: braces inside parentheses are nothing else.
    Input(BTreeSet<&'a str>),
    Parentheses,
    Other,
}

struct Reader<'a> {
    text: &'a str,
    open: Vec<Bracket<'a>>,
    before: &'a str,
    // The word just before, which a colon turns into a name.
    word: Option<(usize, &'a str)>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn step(&mut self, at: usize, token: &'a str) {
        if self.open.is_empty() && self.before == "}" && token != "{" {
            self.begin(at, token);
        }
        match token {
            "(" => self.open.push(Bracket::Parentheses),
            "{" if self.open.iter().any(|open| !matches!(open, Bracket::Other)) => {
                self.open.push(Bracket::Input(BTreeSet::new()));
            }
            "{" | "[" => self.open.push(Bracket::Other),
            ")" if self.before == "(" => self.fault(at, "These parentheses are empty. Leave them out."),
            ":" => self.name(),
            _ => {}
        }
        if matches!(token, ")" | "}" | "]") {
            self.open.pop();
        }
        self.word = token.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_').then_some((at, token));
        self.before = token;
    }

    fn begin(&mut self, at: usize, token: &str) {
        if !matches!(token, "query" | "mutation" | "subscription" | "fragment") {
            let sentence = format!(
                "A definition cannot begin with `{}`. Begin with query, mutation, subscription or fragment.",
                short(token)
            );
            self.fault(at, &sentence);
        }
    }

    fn name(&mut self) {
        let (Some((at, word)), Some(Bracket::Input(names))) = (self.word, self.open.last_mut()) else { return };
        if !names.insert(word) {
            let sentence = format!("The field `{}` is given twice in one input object. Keep one of them.", short(word));
            self.fault(at, &sentence);
        }
    }

    fn fault(&mut self, at: usize, sentence: &str) {
        if self.faults.len() >= MAX_FAULTS {
            return;
        }
        let before = &self.text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.faults.push(Fault::at(Pos { line, column }, sentence));
    }
}
