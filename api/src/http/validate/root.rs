//! The root field of a subscription, written out. The library starts what stands at the root itself and looks into no
//! fragment, so that a subscription by a fragment would never say anything; here its one field stands there itself, with
//! all the selections that were made on it.

use async_graphql::Positioned;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};

/// Writes out the root fields of a document's subscriptions.
pub fn write_out(document: &mut ExecutableDocument) {
    let written: Vec<_> = document
        .operations
        .iter()
        .filter(|(_, operation)| operation.node.ty == OperationType::Subscription)
        .map(|(name, operation)| {
            let mut root = Root { document, field: None, seen: Vec::new() };
            root.collect(&operation.node.selection_set.node);
            (name.cloned(), root.field)
        })
        .collect();
    for (name, field) in written {
        let operation = match (&mut document.operations, name) {
            (DocumentOperations::Single(operation), _) => Some(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get_mut(&name),
            (DocumentOperations::Multiple(_), None) => None,
        };
        if let (Some(operation), Some(field)) = (operation, field) {
            let at = field.pos;
            let items = &mut operation.node.selection_set.node.items;
            // The fragments stay: what they use counts as used.
            items.retain(|selection| !matches!(selection.node, Selection::Field(_)));
            items.insert(0, Positioned::new(Selection::Field(field), at));
        }
    }
}

struct Root<'a> {
    document: &'a ExecutableDocument,
    field: Option<Positioned<Field>>,
    seen: Vec<&'a str>,
}

impl<'a> Root<'a> {
    fn collect(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => match &mut self.field {
                    Some(first) => {
                        let more = field.node.selection_set.node.items.iter().cloned();
                        first.node.selection_set.node.items.extend(more);
                    }
                    None => self.field = Some(field.clone()),
                },
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
