//! async-graphql looks past a `__typename` and all that stands on it: its directives are not checked, and a variable used
//! only there counts as unused. So a `__typename` with directives is handed on as an inline fragment that has them and
//! holds the bare field, which selects the same and is looked at.

use async_graphql::Positioned;
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, InlineFragment, Selection, SelectionSet};

/// Rewrites every `__typename` with directives in a document.
pub fn lift(document: &mut ExecutableDocument) {
    for fragment in document.fragments.values_mut() {
        lift_set(&mut fragment.node.selection_set.node);
    }
    match &mut document.operations {
        DocumentOperations::Single(operation) => lift_set(&mut operation.node.selection_set.node),
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                lift_set(&mut operation.node.selection_set.node);
            }
        }
    }
}

fn lift_set(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" && !field.node.directives.is_empty() => {
                let directives = std::mem::take(&mut field.node.directives);
                let (at, bare) = (field.pos, Selection::Field(field.clone()));
                let selection_set = Positioned::new(SelectionSet { items: vec![Positioned::new(bare, at)] }, at);
                let inline = InlineFragment { type_condition: None, directives, selection_set };
                selection.node = Selection::InlineFragment(Positioned::new(inline, at));
            }
            Selection::Field(field) => lift_set(&mut field.node.selection_set.node),
            Selection::InlineFragment(inline) => lift_set(&mut inline.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}
