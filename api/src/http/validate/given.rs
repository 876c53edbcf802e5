//! The values of the variables that run: each must be one of its type, and a variable without a value gets its default.
//! async-graphql looks at a value only where the variable is used, when fields before it have run, and forgets defaults
//! when it skips and includes. Scalars of our own take any value here, as in `values`.

use std::collections::BTreeMap;

use async_graphql::parser::types::{BaseType, OperationDefinition, Type};
use async_graphql::{Value, Variables};

use super::fault::short;
use super::published::{Input, Kind, Published};

/// A variable whose value is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, and what to send instead.
    pub sentence: String,
    /// Where in the variables.
    pub field: String,
}

/// Judges the variables of an operation and fills in its defaults.
pub fn settle(published: &Published, operation: &OperationDefinition, variables: &mut Variables) -> Result<(), Unfit> {
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let name = &definition.name.node;
        if let Some(value) = variables.get(name) {
            if *value == Value::Null && !definition.var_type.node.nullable {
                return Err(missing(name));
            }
            let path = format!("variables.{}", short(name));
            check(published, value, &definition.var_type.node, &path)?;
        } else if let Some(default) = &definition.default_value {
            variables.insert(name.clone(), default.node.clone());
        } else if !definition.var_type.node.nullable {
            return Err(missing(name));
        }
    }
    Ok(())
}

fn missing(name: &str) -> Unfit {
    let name = short(name);
    Unfit {
        sentence: format!("The variable `${name}` needs a value and has none."),
        field: format!("variables.{name}"),
    }
}

fn check(published: &Published, value: &Value, ty: &Type, path: &str) -> Result<(), Unfit> {
    match (value, &ty.base) {
        (Value::Null, _) if ty.nullable => Ok(()),
        (Value::Null, _) => Err(wrong(ty, path)),
        (Value::List(items), BaseType::List(inner)) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(at, item)| check(published, item, inner, &format!("{path}.{at}")))
        }
        (value, BaseType::List(inner)) => check(published, value, inner, path),
        (value, BaseType::Named(name)) => match published.kind(name) {
            Some(Kind::Input { fields, one_of }) => input(published, value, (ty, fields, *one_of), path),
            Some(Kind::Enum(values)) => {
                let is_value = matches!(value, Value::String(word) if values.contains(word));
                if is_value { Ok(()) } else { Err(wrong(ty, path)) }
            }
            Some(Kind::Scalar) if !is_value_of(name, value) => Err(wrong(ty, path)),
            _ => Ok(()),
        },
    }
}

type InputType<'a> = (&'a Type, &'a BTreeMap<String, Input>, bool);

fn input(published: &Published, value: &Value, (ty, fields, one_of): InputType<'_>, path: &str) -> Result<(), Unfit> {
    let Value::Object(given) = value else { return Err(wrong(ty, path)) };
    let unfit = |sentence: String, field: &str| Err(Unfit { sentence, field: format!("{path}.{field}") });
    for (name, value) in given {
        let name = short(name);
        let Some(field) = fields.get(&name) else {
            return unfit(format!("`{}` has no field `{name}`. Leave it out.", bare(ty)), &name);
        };
        check(published, value, &field.ty, &format!("{path}.{name}"))?;
    }
    if one_of && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
        let sentence = format!("`{path}` takes exactly one field of `{}`, and not null.", bare(ty));
        return Err(Unfit { sentence, field: path.to_owned() });
    }
    match fields.iter().find(|(name, field)| field.is_required() && !given.contains_key(name.as_str())) {
        Some((name, field)) => unfit(format!("`{}` needs its field `{name}`, of type `{}`.", bare(ty), field.ty), name),
        None => Ok(()),
    }
}

fn bare(ty: &Type) -> &str {
    super::published::named(ty)
}

fn wrong(ty: &Type, path: &str) -> Unfit {
    let sentence = format!("`{path}` is no value of type `{ty}`. Send such a value.");
    Unfit { sentence, field: path.to_owned() }
}

fn is_value_of(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
        ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        _ => true,
    }
}
