//! Whether each variable fits where it is used, in its operation and in every fragment that the operation reaches: the
//! specification's "all variable usages are allowed". Whether a variable is declared or used at all is async-graphql's.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Value;
use async_graphql::parser::types::{BaseType, Type, VariableDefinition};

use super::fault::{Fault, MAX_FAULTS, short};
use super::values::{Place, Use};
use super::walk::{Scope, Walk, Walked};

/// Judges every use of every operation's variables.
#[must_use]
pub fn judge(walk: &Walk<'_>) -> Vec<Fault> {
    walk.operations.iter().flat_map(|operation| misplaced(operation, &walk.fragments)).take(MAX_FAULTS).collect()
}

fn misplaced<'a>(walked: &Walked<'a>, fragments: &BTreeMap<&'a str, Scope<'a>>) -> Vec<Fault> {
    let definitions = walked.operation.node.variable_definitions.iter();
    let definitions: BTreeMap<_, _> = definitions.map(|one| (one.node.name.node.as_str(), one)).collect();
    let mut faults = Vec::new();
    for scope in reached(&walked.scope, fragments) {
        for (used, place) in scope.uses.iter().filter_map(|used| Some((used, used.place?))) {
            let Some(definition) = definitions.get(used.name) else { continue };
            if !fits(&definition.node, place) {
                faults.push(Fault::between(definition.pos, used.at, sentence(used, &definition.node, place)));
            }
        }
    }
    faults
}

fn reached<'s, 'a>(from: &'s Scope<'a>, fragments: &'s BTreeMap<&'a str, Scope<'a>>) -> Vec<&'s Scope<'a>> {
    let (mut reached, mut seen, mut at) = (vec![from], BTreeSet::new(), 0);
    while let Some(scope) = reached.get(at).copied() {
        let new = scope.spreads.iter().filter(|name| seen.insert(**name));
        let new: Vec<_> = new.filter_map(|name| fragments.get(name)).collect();
        reached.extend(new);
        at += 1;
    }
    reached
}

fn fits(definition: &VariableDefinition, place: Place<'_>) -> bool {
    let (ty, wanted) = (&definition.var_type.node, place.ty);
    if place.one_of && ty.nullable {
        return false;
    }
    let has_default = definition.default_value.as_ref().is_some_and(|value| value.node != Value::Null);
    if !wanted.nullable && ty.nullable {
        return (has_default || place.has_default) && is_subtype_base(ty, wanted);
    }
    is_subtype(ty, wanted)
}

fn is_subtype(ty: &Type, wanted: &Type) -> bool {
    (wanted.nullable || !ty.nullable) && is_subtype_base(ty, wanted)
}

fn is_subtype_base(ty: &Type, wanted: &Type) -> bool {
    match (&ty.base, &wanted.base) {
        (BaseType::Named(name), BaseType::Named(wanted)) => name == wanted,
        (BaseType::List(inner), BaseType::List(wanted)) => is_subtype(inner, wanted),
        _ => false,
    }
}

fn sentence(used: &Use<'_>, definition: &VariableDefinition, place: Place<'_>) -> String {
    let wanted = if place.one_of { Type { nullable: false, ..place.ty.clone() } } else { place.ty.clone() };
    let (name, ty) = (short(used.name), short(&definition.var_type.node.to_string()));
    format!("`${name}` is declared as `{ty}` and used where `{wanted}` is wanted. Declare it as `{wanted}`.")
}
