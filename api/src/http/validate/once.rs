//! A root field that a mutation asks for twice under one key is one field, and runs once with both selections. The library
//! runs each as it stands, so that the thing would be done twice; here the later ones give their selections to the first
//! and leave an empty fragment with their directives, which counts as a use of what they used.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, FragmentDefinition, InlineFragment, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Value, Variables};

/// Brings together what the mutations of a document ask for twice; the variables say what is skipped.
pub fn once(document: &mut ExecutableDocument, running: Option<&str>, variables: &Variables) {
    let operation = match (&document.operations, running) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => operations.values().next(),
    };
    let Some(operation) = operation.filter(|operation| operation.node.ty == OperationType::Mutation) else { return };
    let mut plan = Plan::new(&document.fragments, variables);
    plan.read(&operation.node.selection_set.node);
    let Plan { more, gone, .. } = plan;
    if gone.is_empty() {
        return;
    }
    let change = Change { more, gone };
    change.operations(&mut document.operations);
    document.fragments.values_mut().for_each(|fragment| change.set(&mut fragment.node.selection_set.node));
}

// Selections are told apart by where they stand in the text.
struct Plan<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    first: HashMap<&'a str, Pos>,
    more: HashMap<Pos, Vec<Positioned<Selection>>>,
    gone: HashSet<Pos>,
    seen: HashSet<&'a str>,
}

impl<'a> Plan<'a> {
    fn new(fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>, variables: &'a Variables) -> Self {
        let (first, more, gone, seen) = (HashMap::new(), HashMap::new(), HashSet::new(), HashSet::new());
        Self { fragments, variables, first, more, gone, seen }
    }

    fn read(&mut self, set: &'a SelectionSet) {
        for selection in &set.items {
            if self.is_skipped(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::InlineFragment(inline) => self.read(&inline.node.selection_set.node),
                Selection::Field(field) => {
                    let first = *self.first.entry(&field.node.response_key().node).or_insert(selection.pos);
                    if first != selection.pos {
                        let items = field.node.selection_set.node.items.iter().cloned();
                        self.more.entry(first).or_default().extend(items);
                        self.gone.insert(selection.pos);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if !self.seen.insert(name) {
                        self.gone.insert(selection.pos);
                    } else if let Some(fragment) = self.fragments.get(name) {
                        self.read(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let condition = directive.node.get_argument("if").map(|value| value.node.clone());
            let condition = condition.and_then(|value| value.into_const_with(|name| self.given(&name)).ok());
            match directive.node.name.node.as_str() {
                "skip" => condition == Some(Value::Boolean(true)),
                "include" => condition == Some(Value::Boolean(false)),
                _ => false,
            }
        })
    }

    fn given(&self, name: &Name) -> Result<Value, ()> {
        self.variables.get(name).cloned().ok_or(())
    }
}

struct Change {
    more: HashMap<Pos, Vec<Positioned<Selection>>>,
    gone: HashSet<Pos>,
}

impl Change {
    fn operations(&self, operations: &mut DocumentOperations) {
        let each = |operation: &mut Positioned<OperationDefinition>| self.set(&mut operation.node.selection_set.node);
        match operations {
            DocumentOperations::Single(operation) => each(operation),
            DocumentOperations::Multiple(operations) => operations.values_mut().for_each(each),
        }
    }

    fn set(&self, set: &mut SelectionSet) {
        for selection in &mut set.items {
            let at = selection.pos;
            if self.gone.contains(&at) {
                selection.node = nothing(at, selection.node.directives().clone());
            }
            match &mut selection.node {
                Selection::Field(field) => {
                    if let Some(more) = self.more.get(&at) {
                        field.node.selection_set.node.items.extend(more.iter().cloned());
                    }
                }
                Selection::InlineFragment(inline) => self.set(&mut inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

fn nothing(at: Pos, directives: Vec<Positioned<Directive>>) -> Selection {
    let selection_set = Positioned::new(SelectionSet { items: Vec::new() }, at);
    Selection::InlineFragment(Positioned::new(InlineFragment { type_condition: None, directives, selection_set }, at))
}
