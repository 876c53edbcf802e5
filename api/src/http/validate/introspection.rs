//! The questions that a schema is asked about itself, and how its answers are read. It knows the form of introspection and
//! nothing of what the answers are used for. All types are asked for at once: the schema looks through itself for each
//! question, and that takes as long as a hundred answers.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{Name, Request, Value, from_value};
use serde::Deserialize;

use super::published::{Directive, Field, Input, Kind, Published};

/// What is asked of arguments and of types that stand somewhere.
macro_rules! with_fragments {
    ($question:literal) => {
        concat!(
            $question,
            "fragment I on __InputValue { name defaultValue type { ...T } }
             fragment T on __Type {
               kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
               ofType { kind name } } } } } }
             }"
        )
    };
}

/// What a schema is asked of itself.
const WHOLE: &str = with_fragments!(
    "{ __schema {
         queryType { name } mutationType { name } subscriptionType { name }
         directives { name locations args(includeDeprecated: true) { ...I } }
         types {
           kind name isOneOf
           fields(includeDeprecated: true) { name type { ...T } args(includeDeprecated: true) { ...I } }
           inputFields(includeDeprecated: true) { ...I }
           enumValues(includeDeprecated: true) { name }
         }
     } } "
);

/// Asks a schema, and reads what it answers; nothing where an answer is none.
pub(super) fn read(ask: impl Fn(Request) -> Option<Value>) -> Option<Published> {
    from_value::<Answer>(ask(Request::new(WHOLE))?).ok()?.schema.read()
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
    fields: Option<Vec<AnsweredField>>,
    input_fields: Option<Vec<AnsweredInput>>,
    enum_values: Option<Vec<AnsweredName>>,
}

#[derive(Deserialize)]
struct AnsweredField {
    name: String,
    #[serde(rename = "type")]
    ty: AnsweredShape,
    args: Vec<AnsweredInput>,
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
    fn read(self) -> Option<Published> {
        let mut types = self.types.into_iter().map(AnsweredType::read).collect::<Option<BTreeMap<_, _>>>()?;
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

impl AnsweredType {
    fn read(self) -> Option<(String, Kind)> {
        let kind = match self.kind.as_str() {
            "SCALAR" => Kind::Scalar,
            "ENUM" => Kind::Enum(self.enum_values?.into_iter().map(|value| value.name).collect()),
            "INPUT_OBJECT" => {
                Kind::Input { fields: inputs(self.input_fields?)?, one_of: self.is_one_of.unwrap_or_default() }
            }
            kind => {
                let fields =
                    self.fields.unwrap_or_default().into_iter().map(|field| {
                        Some((field.name, Field { arguments: inputs(field.args)?, ty: field.ty.read()? }))
                    });
                Kind::Composite { fields: fields.collect::<Option<_>>()?, is_object: kind == "OBJECT" }
            }
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
