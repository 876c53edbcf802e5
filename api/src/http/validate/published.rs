//! What the schema publishes of itself, read once from its own introspection: kinds, fields, arguments, input fields,
//! enum values, possible types and directives. It is what any client can know, and holds no resolver and no rule.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;

use async_graphql::parser::types::{BaseType, OperationType, Type};
use async_graphql::{Name, ObjectType, Schema, SubscriptionType};
use futures_util::FutureExt;

use super::introspection;

/// How many turns the schema's answer about itself may take.
const TURNS: usize = 1_000;

/// The schema as its clients know it.
#[derive(Debug, Clone)]
pub struct Published {
    pub(super) types: BTreeMap<String, Kind>,
    pub(super) directives: BTreeMap<String, Directive>,
    pub(super) query: String,
    pub(super) mutation: Option<String>,
    pub(super) subscription: Option<String>,
}

/// A named type.
#[derive(Debug, Clone)]
pub enum Kind {
    /// A scalar: the five of the specification, or one of ours, whose values only its resolver knows.
    Scalar,
    /// An enum with its values.
    Enum(BTreeSet<String>),
    /// An input object.
    Input {
        /// Its fields.
        fields: BTreeMap<String, Input>,
        /// Whether exactly one of them is to be given.
        one_of: bool,
    },
    /// An object, an interface or a union.
    Composite {
        /// Its fields; a union has none.
        fields: BTreeMap<String, Field>,
        /// Whether it is an object.
        is_object: bool,
    },
}

/// A field of an object or interface.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its arguments.
    pub arguments: BTreeMap<String, Input>,
    /// What it answers.
    pub ty: Type,
}

/// An argument or an input field.
#[derive(Debug, Clone)]
pub struct Input {
    /// What it takes.
    pub ty: Type,
    /// Whether it has a value of its own where none is given.
    pub has_default: bool,
}

impl Input {
    /// Whether a value has to be given.
    #[must_use]
    pub fn is_required(&self) -> bool {
        !self.ty.nullable && !self.has_default
    }
}

/// A directive.
#[derive(Debug, Clone)]
pub struct Directive {
    /// Its arguments.
    pub arguments: BTreeMap<String, Input>,
    /// Where it may stand, in introspection's words.
    pub locations: BTreeSet<String>,
}

impl Published {
    /// Asks a schema about itself; nothing where it does not answer, which takes a schema without introspection.
    #[must_use]
    pub fn of<Q, M, S>(schema: &Schema<Q, M, S>) -> Option<Self>
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        // Introspection waits for nothing; it only lets others have their turn every now and then, of whom there are none.
        introspection::read(|request| {
            let mut answering = pin!(tokio::task::unconstrained(schema.execute(request)));
            (0..TURNS).find_map(|_| answering.as_mut().now_or_never()).map(|answer| answer.data)
        })
    }

    /// A type by its name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.types.get(name)
    }

    /// A directive by its name.
    #[must_use]
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives.get(name)
    }

    /// A field of a type, the ones that introspection keeps to itself included.
    #[must_use]
    pub fn field(&self, on: &str, name: &str) -> Option<&Field> {
        match self.kind(on)? {
            Kind::Composite { fields, .. } => fields.get(name),
            _ => None,
        }
    }

    /// The type at the root of an operation, where the schema has such operations.
    #[must_use]
    pub fn root(&self, operation: OperationType) -> Option<&str> {
        match operation {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_deref(),
            OperationType::Subscription => self.subscription.as_deref(),
        }
    }
}

/// The name inside all lists.
#[must_use]
pub fn named(ty: &Type) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}
