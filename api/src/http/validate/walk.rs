//! Walks operations and fragments once each with the type that is selected on, and notes for each what its variables are
//! used for and which fragments it spreads. On the way it judges what async-graphql does not look at: what stands on a
//! `__typename`, directives of variables, and values beside variables. It expands no fragment.

use std::collections::BTreeMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, VariableDefinition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value;

use super::fault::{Fault, short};
use super::published::{Input, Published, named};
use super::values::{Place, Reading, Use};

/// What an operation or a fragment uses itself, without the fragments that it spreads.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    /// The variables.
    pub uses: Vec<Use<'a>>,
    /// The fragments, as often as they are spread.
    pub spreads: Vec<&'a str>,
}

/// An operation with its scope.
pub struct Walked<'a> {
    /// The operation.
    pub operation: &'a Positioned<OperationDefinition>,
    /// What it uses.
    pub scope: Scope<'a>,
}

/// A document after the walk.
pub struct Walk<'a> {
    /// Its operations.
    pub operations: Vec<Walked<'a>>,
    /// The scopes of its fragments.
    pub fragments: BTreeMap<&'a str, Scope<'a>>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Walks a document.
#[must_use]
pub fn walk<'a>(published: &'a Published, document: &'a ExecutableDocument) -> Walk<'a> {
    let mut walker = Walker { published, scope: Scope::default(), faults: Vec::new() };
    let mut fragments = BTreeMap::new();
    for (name, fragment) in &document.fragments {
        if name == "on" {
            walker.fault(fragment.pos, "A fragment cannot be named `on`. Give it another name.");
        }
        walker.directives(&fragment.node.directives);
        let on = fragment.node.type_condition.node.on.node.as_str();
        walker.set(&fragment.node.selection_set.node, Some(on));
        fragments.insert(name.as_str(), std::mem::take(&mut walker.scope));
    }
    let operations = document.operations.iter().map(|(_, operation)| {
        walker.operation(&operation.node);
        Walked { operation, scope: std::mem::take(&mut walker.scope) }
    });
    let operations = operations.collect();
    Walk { operations, fragments, faults: walker.faults }
}

struct Walker<'a> {
    published: &'a Published,
    scope: Scope<'a>,
    faults: Vec<Fault>,
}

impl<'a> Walker<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) {
        for definition in &operation.variable_definitions {
            self.definition(&definition.node);
        }
        self.directives(&operation.directives);
        self.set(&operation.selection_set.node, self.published.root(operation.ty));
    }

    // async-graphql reads neither the directives of a variable nor, inside a list, whether its type exists.
    fn definition(&mut self, definition: &'a VariableDefinition) {
        let ty = named(&definition.var_type.node);
        if self.published.kind(ty).is_none() {
            let sentence = format!("There is no type `{}`. Give the variable one of the schema's types.", short(ty));
            self.fault(definition.var_type.pos, &sentence);
        }
        for directive in &definition.directives {
            let name = directive.node.name.node.as_str();
            let known = self.published.directive(name);
            if !known.is_some_and(|known| known.locations.contains("VARIABLE_DEFINITION")) {
                let sentence = format!("`@{}` cannot stand on a variable. Take it out.", short(name));
                self.fault(directive.pos, &sentence);
            }
        }
    }

    fn set(&mut self, set: &'a SelectionSet, on: Option<&'a str>) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) if field.node.name.node == "__typename" => self.typename(field),
                Selection::Field(field) => self.field(&field.node, on),
                Selection::FragmentSpread(spread) => self.scope.spreads.push(&spread.node.fragment_name.node),
                Selection::InlineFragment(inline) => {
                    let condition =
                        inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.set(&inline.node.selection_set.node, condition.or(on));
                }
            }
        }
    }

    fn typename(&mut self, field: &'a Positioned<Field>) {
        if let Some((name, _)) = field.node.arguments.first() {
            self.fault(name.pos, "`__typename` takes no arguments. Leave them out.");
        }
        if !field.node.selection_set.node.items.is_empty() {
            self.fault(field.node.selection_set.pos, "`__typename` is a text and has no fields. Leave the braces out.");
        }
    }

    fn field(&mut self, field: &'a Field, on: Option<&'a str>) {
        let known = on.and_then(|on| self.published.field(on, &field.name.node));
        self.arguments(&field.arguments, known.map(|known| &known.arguments));
        self.set(&field.selection_set.node, known.map(|known| named(&known.ty).as_str()));
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            let known = self.published.directive(&directive.node.name.node);
            self.arguments(&directive.node.arguments, known.map(|known| &known.arguments));
        }
    }

    fn arguments(
        &mut self,
        arguments: &'a [(Positioned<Name>, Positioned<Value>)],
        known: Option<&'a BTreeMap<String, Input>>,
    ) {
        for (name, value) in arguments {
            let (uses, faults) = (&mut self.scope.uses, &mut self.faults);
            let mut reading = Reading { published: self.published, at: value.pos, uses, faults };
            match known.and_then(|known| known.get(name.node.as_str())) {
                Some(input) => reading.read(&value.node, Place::of(input)),
                None => reading.loose(&value.node),
            }
        }
    }

    fn fault(&mut self, at: Pos, sentence: &str) {
        self.faults.push(Fault::at(at, sentence));
    }
}
