//! Whether a value that is written in a document is one that its place takes, and which variables stand in it and where.
//! Scalars of our own take any literal here; what their text means is for their parser, which answers INVALID.

use std::collections::BTreeMap;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Pos};
use async_graphql_value::Value;

use super::fault::{Fault, short};
use super::published::{Input, Kind, Published, named};

/// A variable in a place that takes values.
#[derive(Debug, Clone, Copy)]
pub struct Use<'a> {
    /// The variable.
    pub name: &'a str,
    /// Where it stands.
    pub at: Pos,
    /// What the place takes, where the place is known to the schema.
    pub place: Option<Place<'a>>,
}

/// A place for a value.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// What it takes.
    pub ty: &'a Type,
    /// Whether it has a value of its own where none is given.
    pub has_default: bool,
    /// Whether it is the field of an input object that takes exactly one.
    pub one_of: bool,
}

impl<'a> Place<'a> {
    /// The place that an argument or input field is.
    #[must_use]
    pub fn of(input: &'a Input) -> Self {
        Self { ty: &input.ty, has_default: input.has_default, one_of: false }
    }

    fn inside(ty: &'a Type) -> Self {
        Self { ty, has_default: false, one_of: false }
    }
}

/// Reads values at one position of a document.
pub struct Reading<'a, 'b> {
    /// The schema.
    pub published: &'a Published,
    /// The argument or variable that the values stand at; the parser keeps no position for what is inside.
    pub at: Pos,
    /// The variables found.
    pub uses: &'b mut Vec<Use<'a>>,
    /// What is wrong.
    pub faults: &'b mut Vec<Fault>,
}

impl<'a> Reading<'a, '_> {
    /// Reads a value for a place.
    pub fn read(&mut self, value: &'a Value, place: Place<'a>) {
        match (value, &place.ty.base) {
            (Value::Variable(name), _) => self.uses.push(Use { name, at: self.at, place: Some(place) }),
            (Value::Null, _) => {
                if !place.ty.nullable || place.one_of {
                    self.wrong(place.ty, "null");
                }
            }
            (Value::List(items), BaseType::List(inner)) => {
                for item in items {
                    self.read(item, Place::inside(inner));
                }
            }
            (value, BaseType::List(inner)) => self.read(value, Place::inside(inner)),
            (value, BaseType::Named(name)) => match self.published.kind(name) {
                Some(Kind::Input { fields, one_of }) => self.input(value, place.ty, fields, *one_of),
                Some(Kind::Enum(values)) if !matches!(value, Value::Enum(word) if values.contains(word.as_str())) => {
                    self.wrong_enum(value, name, values.first());
                }
                Some(Kind::Scalar) if !is_literal_of(name, value) => self.wrong(place.ty, what(value)),
                _ => self.loose(value),
            },
        }
    }

    /// Collects the variables of a value whose place nobody knows.
    pub fn loose(&mut self, value: &'a Value) {
        match value {
            Value::Variable(name) => self.uses.push(Use { name, at: self.at, place: None }),
            Value::List(items) => items.iter().for_each(|item| self.loose(item)),
            Value::Object(fields) => fields.values().for_each(|field| self.loose(field)),
            _ => {}
        }
    }

    fn input(&mut self, value: &'a Value, ty: &Type, fields: &'a BTreeMap<String, Input>, one_of: bool) {
        let Value::Object(given) = value else { return self.wrong(ty, what(value)) };
        for (name, value) in given {
            if let Some(field) = fields.get(name.as_str()) {
                self.read(value, Place { one_of, ..Place::of(field) });
            } else {
                let sentence = format!("`{}` has no field `{}`. Leave it out.", named(ty), short(name));
                self.faults.push(Fault::at(self.at, sentence));
                self.loose(value);
            }
        }
        self.complete(given, ty, fields, one_of);
    }

    fn complete(&mut self, given: &IndexMap<Name, Value>, ty: &Type, fields: &BTreeMap<String, Input>, one_of: bool) {
        if one_of && given.len() != 1 {
            let sentence = format!("`{}` takes exactly one of its fields, not {}.", named(ty), given.len());
            self.faults.push(Fault::at(self.at, sentence));
        }
        for (name, field) in fields {
            if field.is_required() && !given.contains_key(name.as_str()) {
                let sentence = format!("`{}` needs its field `{name}`, of type `{}`.", named(ty), field.ty);
                self.faults.push(Fault::at(self.at, sentence));
            }
        }
    }

    fn wrong(&mut self, ty: &Type, what: &str) {
        let sentence = format!("{what} stands where a value of type `{ty}` is wanted. Write such a value.");
        self.faults.push(Fault::at(self.at, capital(&sentence)));
    }

    fn wrong_enum(&mut self, value: &Value, name: &str, first: Option<&String>) {
        let example = first.map(|word| format!(", such as {word}")).unwrap_or_default();
        let sentence = match value {
            Value::Enum(word) => format!("`{name}` has no value {}. Write one of its own{example}.", short(word)),
            Value::String(_) => format!("A value of `{name}` is written without quotes{example}."),
            other => format!("{} stands where a value of `{name}` is wanted{example}.", what(other)),
        };
        self.faults.push(Fault::at(self.at, capital(&sentence)));
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What kind of value it is, in words.
fn what(value: &Value) -> &'static str {
    match value {
        Value::Variable(_) => "a variable",
        Value::Null => "null",
        Value::Number(_) => "a number",
        Value::String(_) | Value::Binary(_) => "a text in quotes",
        Value::Boolean(_) => "true or false",
        Value::Enum(_) => "a word without quotes",
        Value::List(_) => "a list",
        Value::Object(_) => "an input object",
    }
}

fn is_literal_of(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
        ("Float", Value::Number(_)) | ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        _ => true,
    }
}
