//! What introspection answers, as values: types with their fields, arguments and values. Refuses to know any name.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::Caller;

const QUESTION: &str = "
  { __schema { queryType { name } mutationType { name } types {
      kind name
      fields { name description type { ...T } args { ...I } }
      inputFields { ...I } enumValues { name } possibleTypes { name } interfaces { name }
  } } }
  fragment I on __InputValue { name type { ...T } }
  fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The types of the schema by name.
pub(crate) struct Schema(BTreeMap<String, Type>);

/// A type.
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) inputs: Vec<Argument>,
    pub(crate) values: Vec<String>,
    pub(crate) possible: Vec<String>,
    pub(crate) interfaces: Vec<String>,
}

/// A field of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) args: Vec<Argument>,
    pub(crate) shape: Shape,
}

/// An argument of a field, or a field of an input.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

/// The name of a type and what is around it.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) of: String,
    pub(crate) required: bool,
    pub(crate) list: bool,
    written: String,
}

impl Shape {
    fn read(told: &Value) -> Self {
        let inner = || Self::read(&told["ofType"]);
        match told["kind"].as_str().unwrap() {
            "NON_NULL" => {
                let inner = inner();
                Self { required: true, written: format!("{}!", inner.written), ..inner }
            }
            "LIST" => {
                let inner = inner();
                Self { required: false, list: true, written: format!("[{}]", inner.written), of: inner.of }
            }
            _ => {
                let of = text(&told["name"]);
                Self { written: of.clone(), of, required: false, list: false }
            }
        }
    }

    /// As a document writes it.
    pub(crate) fn written(&self) -> &str {
        &self.written
    }
}

impl Schema {
    pub(crate) async fn of(caller: &Caller) -> Self {
        let told = caller.query(QUESTION).await;
        Self(list(&told["__schema"]["types"]).iter().map(|one| (text(&one["name"]), Type::read(one))).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("no type {name}"))
    }

    /// The objects that are no part of introspection.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Type> {
        self.0.values().filter(|one| one.kind == "OBJECT" && !one.name.starts_with("__"))
    }
}

impl Type {
    fn read(told: &Value) -> Self {
        let names = |field: &str| list(&told[field]).iter().map(|one| text(&one["name"])).collect();
        Self {
            name: text(&told["name"]),
            kind: text(&told["kind"]),
            fields: list(&told["fields"]).iter().map(Field::read).collect(),
            inputs: list(&told["inputFields"]).iter().map(Argument::read).collect(),
            values: names("enumValues"),
            possible: names("possibleTypes"),
            interfaces: names("interfaces"),
        }
    }

    pub(crate) fn is_input(&self) -> bool {
        self.kind == "INPUT_OBJECT"
    }

    pub(crate) fn field(&self, name: &str) -> &Field {
        self.fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("no {}.{name}", self.name))
    }

    pub(crate) fn is_leaf(&self) -> bool {
        ["SCALAR", "ENUM"].contains(&self.kind.as_str())
    }
}

impl Field {
    fn read(told: &Value) -> Self {
        Self {
            name: text(&told["name"]),
            description: told["description"].as_str().unwrap_or_default().to_owned(),
            args: list(&told["args"]).iter().map(Argument::read).collect(),
            shape: Shape::read(&told["type"]),
        }
    }
}

impl Argument {
    fn read(told: &Value) -> Self {
        Self { name: text(&told["name"]), shape: Shape::read(&told["type"]) }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
