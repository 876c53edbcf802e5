//! A subscription asks for exactly one root field, and for a real one: each event is an answer to one question. Fragments
//! at the root are looked through; `@skip` and `@include` do not help, because a document is judged before its variables.
//! The library starts what stands at the root itself and looks into no fragment, so the one field is written out there.

use std::collections::BTreeMap;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned};

use super::fault::Fault;

/// Judges every subscription of a document.
#[must_use]
pub fn judge(document: &ExecutableDocument) -> Vec<Fault> {
    subscriptions(document).filter_map(|(_, operation)| wrong(&roots(document, operation))).collect()
}

/// Puts the root field of each subscription first, with every selection that was made on it. The fragments stay: what
/// they use counts as used.
pub fn write_out(document: &mut ExecutableDocument) {
    let written: Vec<_> = subscriptions(document)
        .filter_map(|(name, operation)| Some((name.cloned(), together(&roots(document, operation))?)))
        .collect();
    for (name, field) in written {
        let operation = match (&mut document.operations, name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(&name),
            (DocumentOperations::Multiple(_), None) => None,
        };
        if let Some(operation) = operation {
            let (at, items) = (field.pos, &mut operation.node.selection_set.node.items);
            items.retain(|selection| !matches!(selection.node, Selection::Field(_)));
            items.insert(0, Positioned::new(Selection::Field(field), at));
        }
    }
}

fn subscriptions(
    document: &ExecutableDocument,
) -> impl Iterator<Item = (Option<&Name>, &Positioned<OperationDefinition>)> {
    document.operations.iter().filter(|(_, operation)| operation.node.ty == OperationType::Subscription)
}

fn wrong(fields: &[&Positioned<Field>]) -> Option<Fault> {
    let mut keys: BTreeMap<&str, (&str, Pos)> = BTreeMap::new();
    for field in fields {
        keys.entry(&field.node.response_key().node).or_insert((&field.node.name.node, field.pos));
    }
    if let Some((_, at)) = keys.values().find(|(name, _)| name.starts_with("__")) {
        return Some(Fault::at(*at, "A subscription's root field is one of its own, not one that begins with `__`."));
    }
    let mut places = keys.values().map(|(_, at)| *at);
    let (first, second) = (places.next()?, places.next()?);
    let sentence = "A subscription has one root field. Put the others into subscriptions of their own.";
    Some(Fault::between(first, second, sentence))
}

fn together(fields: &[&Positioned<Field>]) -> Option<Positioned<Field>> {
    let (first, more) = fields.split_first()?;
    let mut first = (*first).clone();
    let more = more.iter().flat_map(|field| field.node.selection_set.node.items.iter().cloned());
    first.node.selection_set.node.items.extend(more);
    Some(first)
}

/// What stands at the root of an operation, fragments looked through.
fn roots<'a>(
    document: &'a ExecutableDocument,
    operation: &'a Positioned<OperationDefinition>,
) -> Vec<&'a Positioned<Field>> {
    let mut roots = Roots { document, fields: Vec::new(), seen: Vec::new() };
    roots.collect(&operation.node.selection_set.node);
    roots.fields
}

struct Roots<'a> {
    document: &'a ExecutableDocument,
    fields: Vec<&'a Positioned<Field>>,
    seen: Vec<&'a str>,
}

impl<'a> Roots<'a> {
    fn collect(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.fields.push(field),
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
