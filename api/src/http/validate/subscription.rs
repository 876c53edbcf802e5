//! A subscription asks for exactly one root field, and for a real one: each event is an answer to one question. Fragments
//! at the root are looked through; `@skip` and `@include` do not help, because a document is judged before its variables.

use std::collections::BTreeMap;

use async_graphql::Pos;
use async_graphql::parser::types::{ExecutableDocument, OperationType, Selection, SelectionSet};

use super::fault::Fault;

/// Judges every subscription of a document.
#[must_use]
pub fn judge(document: &ExecutableDocument) -> Vec<Fault> {
    let operations = document.operations.iter().map(|(_, operation)| operation);
    let subscriptions = operations.filter(|operation| operation.node.ty == OperationType::Subscription);
    subscriptions.filter_map(|operation| wrong(document, &operation.node.selection_set.node)).collect()
}

fn wrong(document: &ExecutableDocument, set: &SelectionSet) -> Option<Fault> {
    let mut roots = Roots { document, fields: BTreeMap::new(), seen: Vec::new() };
    roots.collect(set);
    if let Some((_, at)) = roots.fields.values().find(|(name, _)| name.starts_with("__")) {
        return Some(Fault::at(*at, "A subscription's root field is one of its own, not one that begins with `__`."));
    }
    let mut places = roots.fields.values().map(|(_, at)| *at);
    let (first, second) = (places.next()?, places.next()?);
    let sentence = "A subscription has one root field. Put the others into subscriptions of their own.";
    Some(Fault::between(first, second, sentence))
}

struct Roots<'a> {
    document: &'a ExecutableDocument,
    fields: BTreeMap<&'a str, (&'a str, Pos)>,
    seen: Vec<&'a str>,
}

impl<'a> Roots<'a> {
    fn collect(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    self.fields.entry(key).or_insert((&field.node.name.node, field.pos));
                }
                Selection::InlineFragment(inline) => self.collect(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if self.seen.contains(&name) {
                        continue;
                    }
                    self.seen.push(name);
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.collect(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
}
