//! Weighs selection sets: how deep, how wide and how dear they are once every fragment is written out.
//! Each fragment is weighed once and its weight reused, so doubling fragments cost a line each and not 2^n; a fragment
//! that reaches itself is found on the way. It knows no limits but the one that bounds its own recursion.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned, Value, Variables};
use async_graphql_value::Value as Written;

use super::validate::published::{self, Published};

/// Selection sets inside each other, fragments included, that are followed; async-graphql itself follows 33.
pub const MAX_LEVELS: u64 = 32;
/// The rows that a connection asked for without `first` or `last` is taken to have.
pub const DEFAULT_PAGE: u64 = 50;

/// The rows that a list without pages is taken to have: few, because what such lists really come to is bounded where they
/// are resolved (`graphql/field.rs`).
pub const USUAL_LIST: u64 = 2;

/// What a field costs that searches the index: a statement of its own for each, where other levels are read at once.
const SEARCH: u64 = 20;

/// Why a selection cannot be weighed at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unweighable {
    /// Selection sets and fragments nest deeper than `MAX_LEVELS`.
    Levels,
    /// A fragment spreads itself, directly or through others, at this place.
    Cycle(Pos),
}

/// What a selection set comes to with all fragments expanded. All sums saturate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weight {
    /// Fields inside each other.
    pub depth: u64,
    /// Selection sets inside each other, fragments included.
    pub levels: u64,
    /// Fields, spreads and inline fragments.
    pub selections: u64,
    /// Fields alone.
    pub fields: u64,
    /// Fields at the top of the set.
    pub top_fields: u64,
    /// Fields with an alias.
    pub aliases: u64,
    /// Directives on anything.
    pub directives: u64,
    /// Fields, each multiplied by the rows of the lists around it; one that searches counts for more.
    pub cost: u64,
    /// Values in the lists that arguments spell out.
    pub rows: u64,
    pub(super) is_page: bool,
}

impl Weight {
    /// Takes in a neighbour: sums add up, depths keep the deeper.
    pub fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.levels = self.levels.max(other.levels);
        self.selections = self.selections.saturating_add(other.selections);
        self.fields = self.fields.saturating_add(other.fields);
        self.top_fields = self.top_fields.saturating_add(other.top_fields);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.cost = self.cost.saturating_add(other.cost);
        self.rows = self.rows.saturating_add(other.rows);
        self.is_page |= other.is_page;
    }

    fn with_directives(mut self, directives: &[Positioned<Directive>]) -> Self {
        self.directives = self.directives.saturating_add(directives.len() as u64);
        self
    }
}

/// The scales: one document, the variables of one request, and the fragments weighed so far.
pub struct Scales<'a> {
    published: &'a Published,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    defaults: HashMap<&'a str, &'a Value>,
    // None while a fragment is being weighed: meeting it again then is a cycle.
    weighed: HashMap<&'a str, Option<Weight>>,
}

impl<'a> Scales<'a> {
    /// Scales for the operation that is to run; `running` gives the variables' defaults.
    #[must_use]
    pub fn new(
        published: &'a Published,
        document: &'a ExecutableDocument,
        running: &'a OperationDefinition,
        variables: &'a Variables,
    ) -> Self {
        let defaults = running.variable_definitions.iter().filter_map(|definition| {
            let default = definition.node.default_value.as_ref()?;
            Some((definition.node.name.node.as_str(), &default.node))
        });
        Self {
            published,
            fragments: &document.fragments,
            variables,
            defaults: defaults.collect(),
            weighed: HashMap::with_capacity(document.fragments.len()),
        }
    }

    /// Weighs an operation with its own directives and those of its variables.
    pub fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Weight, Unweighable> {
        let root = self.published.root(operation.ty);
        let mut weight = self.set(&operation.selection_set.node, root, 1)?.with_directives(&operation.directives);
        for definition in &operation.variable_definitions {
            weight = weight.with_directives(&definition.node.directives);
        }
        Ok(weight)
    }

    /// Weighs the fragments that nothing weighed so far has reached.
    pub fn leftover_fragments(&mut self) -> Result<Weight, Unweighable> {
        let mut sum = Weight::default();
        for (name, fragment) in self.fragments {
            if !self.weighed.contains_key(name.as_str()) {
                sum.add(self.spread(name, fragment.pos, 1)?);
            }
        }
        Ok(sum)
    }

    /// Weighs what is selected on a type; of a type that there is not, validation says so later.
    fn set(&mut self, set: &'a SelectionSet, on: Option<&'a str>, level: u64) -> Result<Weight, Unweighable> {
        if level > MAX_LEVELS {
            return Err(Unweighable::Levels);
        }
        let mut sum = Weight::default();
        for selection in &set.items {
            sum.add(self.selection(&selection.node, on, level)?);
        }
        sum.levels += 1;
        Ok(sum)
    }

    fn selection(&mut self, selection: &'a Selection, on: Option<&'a str>, level: u64) -> Result<Weight, Unweighable> {
        let mut weight = match selection {
            Selection::Field(field) => self.field(&field.node, on, level)?,
            Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node, spread.pos, level)?,
            Selection::InlineFragment(inline) => {
                let narrowed = inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                self.set(&inline.node.selection_set.node, narrowed.or(on), level + 1)?
            }
        };
        weight.selections = weight.selections.saturating_add(1);
        Ok(weight.with_directives(selection.directives()))
    }

    fn field(&mut self, field: &'a Field, on: Option<&'a str>, level: u64) -> Result<Weight, Unweighable> {
        let name = field.name.node.as_str();
        let ty = on.and_then(|on| self.published.field(on, name)).map(|field| &field.ty);
        let inner = match &field.selection_set.node {
            set if set.items.is_empty() => Weight::default(),
            set => self.set(set, ty.map(|ty| published::named(ty).as_str()), level + 1)?,
        };
        let is_list = ty.is_some_and(|ty| matches!(ty.base, BaseType::List(_)));
        // What a connection lists is counted with the page that was asked for.
        let is_page = matches!(name, "nodes" | "edges") && level > 1;
        let usual = if is_list && !is_page { USUAL_LIST } else { 1 };
        let below = match name {
            "__schema" | "__type" => inner.fields,
            // A whole page in one field.
            "brief" => DEFAULT_PAGE,
            _ => inner.cost.saturating_mul(self.rows(field, inner.is_page, usual)),
        };
        Ok(Weight {
            depth: inner.depth.saturating_add(1),
            fields: inner.fields.saturating_add(1),
            top_fields: 1,
            aliases: inner.aliases.saturating_add(u64::from(field.alias.is_some())),
            cost: below.saturating_add(if matches!(name, "search" | "similar") { SEARCH } else { 1 }),
            rows: field.arguments.iter().fold(inner.rows, |sum, (_, value)| sum.saturating_add(spelled(&value.node))),
            is_page,
            ..inner
        })
    }

    fn spread(&mut self, name: &'a Name, at: Pos, level: u64) -> Result<Weight, Unweighable> {
        match self.weighed.get(name.as_str()) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => return Err(Unweighable::Cycle(at)),
            None => {}
        }
        // An unknown fragment weighs nothing here; validation refuses it.
        let Some(fragment) = self.fragments.get(name) else { return Ok(Weight::default()) };
        self.weighed.insert(name.as_str(), None);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let weight = self.set(&fragment.node.selection_set.node, Some(on), level + 1)?;
        let weight = weight.with_directives(&fragment.node.directives);
        self.weighed.insert(name.as_str(), Some(weight));
        Ok(weight)
    }

    fn rows(&self, field: &Field, is_page: bool, usual: u64) -> u64 {
        if let Some(ids) = field.get_argument("ids") {
            return self.length(&ids.node).max(1);
        }
        let asked = ["first", "last"].into_iter().filter_map(|name| field.get_argument(name));
        let asked = asked.map(|argument| {
            // A value that is no row count is refused later or falls back to the resolver's own page.
            match argument.node.clone().into_const_with(|name| self.variable(&name)) {
                Ok(Value::Number(number)) => number.as_u64().unwrap_or(DEFAULT_PAGE),
                _ => DEFAULT_PAGE,
            }
        });
        asked.max().unwrap_or(if is_page { DEFAULT_PAGE } else { usual }).max(1)
    }

    fn length(&self, list: &Written) -> u64 {
        match list {
            Written::List(list) => list.len() as u64,
            Written::Variable(name) => match self.given(name) {
                Some(Value::List(list)) => list.len() as u64,
                _ => 1,
            },
            _ => 1,
        }
    }

    fn variable(&self, name: &Name) -> Result<Value, NoCount> {
        // Anything but a number stays where it is: copying a long list once per field would be an attack of its own.
        match self.given(name) {
            Some(Value::Number(number)) => Ok(Value::Number(number.clone())),
            _ => Err(NoCount),
        }
    }

    fn given(&self, name: &Name) -> Option<&Value> {
        self.variables.get(name).or_else(|| self.defaults.get(name.as_str()).copied())
    }
}

/// The values in the lists of an argument that is written out. The document's nesting is held within bounds before.
fn spelled(value: &Written) -> u64 {
    match value {
        Written::List(list) => list.iter().map(spelled).fold(list.len() as u64, u64::saturating_add),
        Written::Object(fields) => fields.values().map(spelled).fold(0, u64::saturating_add),
        _ => 0,
    }
}

struct NoCount;
