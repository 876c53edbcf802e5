//! The questions that a schema is asked about itself, and how its answers are read. It knows the form of introspection and
//! nothing of what the answers are used for. All types are asked for at once, since the schema looks through itself for
//! each question, but in parts: an answer takes many times the memory of what is kept of it.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Request, Value, from_value};
use serde::Deserialize;

use super::published::{Directive, Field, Input, Kind, Published};

/// What is asked of types that stand somewhere.
macro_rules! with_types {
    ($($question:literal),+) => {
        concat!(
            $($question,)+
            "fragment T on __Type {
               kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
               ofType { kind name } } } } } }
             }"
        )
    };
}

/// What is asked of arguments, too.
macro_rules! with_inputs {
    ($question:literal) => {
        with_types!($question, "fragment I on __InputValue { name defaultValue type { ...T } } ")
    };
}

/// What a schema is asked of itself.
const WHOLE: &str = with_inputs!(
    "{ __schema {
         queryType { name } mutationType { name } subscriptionType { name }
         directives { name locations args(includeDeprecated: true) { ...I } }
         types {
           kind name isOneOf
           inputFields(includeDeprecated: true) { ...I }
           enumValues(includeDeprecated: true) { name }
         }
     } } "
);

/// What it is asked of the fields of all types.
const FIELDS: [&str; 2] = [
    with_types!("{ __schema { types { fields(includeDeprecated: true) { name type { ...T } } } } } "),
    with_inputs!(
        "{ __schema { types { fields(includeDeprecated: true) { name args(includeDeprecated: true) { ...I } } } } } "
    ),
];

/// Asks a schema, and reads what it answers; nothing where an answer is none.
pub(super) fn read(ask: impl Fn(Request) -> Option<Value>) -> Option<Published> {
    let [typed, taking] = FIELDS.map(|question| from_value::<About>(ask(Request::new(question))?).ok());
    let fields = typed?.schema.types.into_iter().zip(taking?.schema.types).map(|(typed, taking)| typed.with(taking));
    from_value::<Answer>(ask(Request::new(WHOLE))?).ok()?.schema.read(fields)
}

#[derive(Deserialize)]
struct About {
    #[serde(rename = "__schema")]
    schema: AboutSchema,
}

#[derive(Deserialize)]
struct AboutSchema {
    types: Vec<AboutType>,
}

#[derive(Deserialize)]
struct AboutType {
    fields: Option<Vec<AnsweredField>>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "__schema")]
    schema: AnsweredSchema,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredSchema {
    query_type: AnsweredName,
    mutation_type: Option<AnsweredName>,
    subscription_type: Option<AnsweredName>,
    directives: Vec<AnsweredDirective>,
    types: Vec<AnsweredType>,
}

#[derive(Deserialize)]
struct AnsweredName {
    name: String,
}

#[derive(Deserialize)]
struct AnsweredDirective {
    name: String,
    locations: BTreeSet<String>,
    args: Vec<AnsweredInput>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredType {
    kind: String,
    name: String,
    is_one_of: Option<bool>,
    input_fields: Option<Vec<AnsweredInput>>,
    enum_values: Option<Vec<AnsweredName>>,
}

#[derive(Deserialize)]
struct AnsweredField {
    name: String,
    #[serde(rename = "type")]
    ty: Option<AnsweredShape>,
    args: Option<Vec<AnsweredInput>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredInput {
    name: String,
    default_value: Option<String>,
    #[serde(rename = "type")]
    ty: AnsweredShape,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnsweredShape {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<AnsweredShape>>,
}

impl AnsweredSchema {
    fn read(self, fields: impl Iterator<Item = Option<BTreeMap<String, Field>>>) -> Option<Published> {
        let types = self.types.into_iter().zip(fields).map(|(ty, fields)| ty.read(fields?));
        let mut types = types.collect::<Option<BTreeMap<_, _>>>()?;
        // Introspection does not list the fields that lead to it.
        if let Some(Kind::Composite { fields, .. }) = types.get_mut(&self.query_type.name) {
            let name = Input { ty: Type::new("String!")?, has_default: false };
            let by_name = BTreeMap::from([("name".to_owned(), name)]);
            fields.insert("__schema".to_owned(), Field { arguments: BTreeMap::new(), ty: Type::new("__Schema!")? });
            fields.insert("__type".to_owned(), Field { arguments: by_name, ty: Type::new("__Type")? });
        }
        let directives = self.directives.into_iter().map(|directive| {
            let (name, locations) = (directive.name, directive.locations);
            Some((name, Directive { arguments: inputs(directive.args)?, locations }))
        });
        Some(Published {
            directives: directives.collect::<Option<_>>()?,
            types,
            query: self.query_type.name,
            mutation: self.mutation_type.map(|root| root.name),
            subscription: self.subscription_type.map(|root| root.name),
        })
    }
}

impl AboutType {
    /// The fields with their types, and with the arguments that another answer has for them.
    fn with(self, taking: Self) -> Option<BTreeMap<String, Field>> {
        let both = self.fields.unwrap_or_default().into_iter().zip(taking.fields.unwrap_or_default());
        let field = |(typed, taking): (AnsweredField, AnsweredField)| {
            let field = Field { arguments: inputs(taking.args?)?, ty: typed.ty?.read()? };
            (typed.name == taking.name).then_some((typed.name, field))
        };
        both.map(field).collect()
    }
}

impl AnsweredType {
    fn read(self, fields: BTreeMap<String, Field>) -> Option<(String, Kind)> {
        let kind = match self.kind.as_str() {
            "SCALAR" => Kind::Scalar,
            "ENUM" => Kind::Enum(self.enum_values?.into_iter().map(|value| value.name).collect()),
            "INPUT_OBJECT" => {
                Kind::Input { fields: inputs(self.input_fields?)?, one_of: self.is_one_of.unwrap_or_default() }
            }
            kind => Kind::Composite { fields, is_object: kind == "OBJECT" },
        };
        Some((self.name, kind))
    }
}

impl AnsweredShape {
    fn read(self) -> Option<Type> {
        match (self.kind.as_str(), self.name, self.of_type) {
            ("NON_NULL", _, Some(inner)) => Some(Type { nullable: false, ..inner.read()? }),
            ("LIST", _, Some(inner)) => Some(Type { base: BaseType::List(Box::new(inner.read()?)), nullable: true }),
            (_, Some(name), _) => Some(Type { base: BaseType::Named(Name::new(name)), nullable: true }),
            _ => None,
        }
    }
}

fn inputs(answered: Vec<AnsweredInput>) -> Option<BTreeMap<String, Input>> {
    let inputs = answered
        .into_iter()
        .map(|input| Some((input.name, Input { ty: input.ty.read()?, has_default: input.default_value.is_some() })));
    inputs.collect()
}
