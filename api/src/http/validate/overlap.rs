//! Whether all that stands under one key of an answer can be merged: the same field with the same arguments wherever one
//! object can have both, and values of one shape everywhere. Fields are grouped by key and each group is compared with
//! its first member alone, level by level, and what is compared is counted, so that no document makes it slow.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{BaseType, ExecutableDocument, Field, Selection, SelectionSet, Type};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

use super::fault::{Fault, short};
use super::published::{Kind, Published, named};

/// The most fields that are looked at, over all groups; the limits on a document leave a plain one far below it.
pub const MAX_LOOKS: usize = 20_000;

/// Why the fields of a document cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clash {
    /// Two of them clash.
    Fault(Fault),
    /// Their groups take more looks than `MAX_LOOKS`.
    TooMany,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    field: &'a Positioned<Field>,
    // The type that it is selected on, and what the schema says that it answers.
    on: Option<&'a str>,
    ty: Option<&'a Type>,
}

type Groups<'a> = BTreeMap<&'a str, Vec<Entry<'a>>>;

/// Looks for the first clash in each operation.
pub fn judge(published: &Published, document: &ExecutableDocument) -> Result<(), Clash> {
    let mut judge = Judge { published, document, looks: 0 };
    for (_, operation) in document.operations.iter() {
        let mut groups = Groups::new();
        let set = &operation.node.selection_set.node;
        judge.collect(set, published.root(operation.node.ty), &mut groups, &mut BTreeSet::new())?;
        judge.same_fields(&groups)?;
        judge.same_shapes(&groups)?;
    }
    Ok(())
}

struct Judge<'a> {
    published: &'a Published,
    document: &'a ExecutableDocument,
    looks: usize,
}

impl<'a> Judge<'a> {
    fn collect(
        &mut self,
        set: &'a SelectionSet,
        on: Option<&'a str>,
        groups: &mut Groups<'a>,
        seen: &mut BTreeSet<&'a str>,
    ) -> Result<(), Clash> {
        for selection in &set.items {
            self.looks += 1;
            if self.looks > MAX_LOOKS {
                return Err(Clash::TooMany);
            }
            match &selection.node {
                Selection::Field(field) => {
                    let known = on.and_then(|on| self.published.field(on, &field.node.name.node));
                    let entry = Entry { field, on, ty: known.map(|known| &known.ty) };
                    groups.entry(field.node.response_key().node.as_str()).or_default().push(entry);
                }
                Selection::InlineFragment(inline) => {
                    let condition =
                        inline.node.type_condition.as_ref().map(|condition| condition.node.on.node.as_str());
                    self.collect(&inline.node.selection_set.node, condition.or(on), groups, seen)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.document.fragments.get(name).filter(|_| seen.insert(name)) else {
                        continue;
                    };
                    let on = fragment.node.type_condition.node.on.node.as_str();
                    self.collect(&fragment.node.selection_set.node, Some(on), groups, seen)?;
                }
            }
        }
        Ok(())
    }

    fn below(&mut self, entries: &[Entry<'a>]) -> Result<Groups<'a>, Clash> {
        // One set of fragments for the whole group: what a fragment adds a second time is what it added before.
        let (mut groups, mut seen) = (Groups::new(), BTreeSet::new());
        for entry in entries {
            let on = entry.ty.map(|ty| named(ty).as_str());
            self.collect(&entry.field.node.selection_set.node, on, &mut groups, &mut seen)?;
        }
        Ok(groups)
    }

    // One field and the same arguments, wherever one object can have both.
    fn same_fields(&mut self, groups: &Groups<'a>) -> Result<(), Clash> {
        for (key, entries) in groups {
            for together in self.together(entries) {
                if let Some((first, rest)) = together.split_first() {
                    rest.iter().try_for_each(|other| same_field(key, first, other))?;
                }
                let below = self.below(&together)?;
                self.same_fields(&below)?;
            }
        }
        Ok(())
    }

    // Those on different objects never meet; those on an interface or union may meet any.
    fn together(&self, entries: &[Entry<'a>]) -> Vec<Vec<Entry<'a>>> {
        let (mut anywhere, mut objects) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        for entry in entries {
            match entry.on.filter(|on| self.is_object(on)) {
                Some(object) => objects.entry(object).or_default().push(*entry),
                None => anywhere.push(*entry),
            }
        }
        if objects.is_empty() {
            return vec![anywhere];
        }
        objects.into_values().map(|entries| [entries, anywhere.clone()].concat()).collect()
    }

    fn is_object(&self, name: &str) -> bool {
        matches!(self.published.kind(name), Some(Kind::Composite { is_object: true, .. }))
    }

    // Values of one shape under a key, whoever has them, so that a client can know what it gets.
    fn same_shapes(&mut self, groups: &Groups<'a>) -> Result<(), Clash> {
        for (key, entries) in groups {
            let known = entries.iter().filter_map(|entry| Some((entry, entry.ty?))).collect::<Vec<_>>();
            if let Some(((first, ty), rest)) = known.split_first() {
                let other = rest.iter().find(|(_, other)| !self.is_one_shape(ty, other));
                if let Some((other, other_ty)) = other {
                    let what = format!("is of type `{ty}` in one place and of type `{other_ty}` in another");
                    return Err(clash(key, first, other, &what));
                }
            }
            let below = self.below(entries)?;
            self.same_shapes(&below)?;
        }
        Ok(())
    }

    fn is_one_shape(&self, one: &Type, other: &Type) -> bool {
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.is_one_shape(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || (self.has_fields(one) && self.has_fields(other))
                }
                _ => false,
            }
    }

    fn has_fields(&self, name: &str) -> bool {
        matches!(self.published.kind(name), Some(Kind::Composite { .. }))
    }
}

fn same_field(key: &str, one: &Entry<'_>, other: &Entry<'_>) -> Result<(), Clash> {
    let (a, b) = (&one.field.node, &other.field.node);
    if a.name.node != b.name.node {
        let what = format!("stands for `{}` and for `{}`", short(&a.name.node), short(&b.name.node));
        return Err(clash(key, one, other, &what));
    }
    if is_same_arguments(&a.arguments, &b.arguments) {
        return Ok(());
    }
    Err(clash(key, one, other, "is asked for with different arguments"))
}

type Argument = (Positioned<Name>, Positioned<Value>);

fn is_same_arguments(one: &[Argument], other: &[Argument]) -> bool {
    let find = |name: &Name| other.iter().find(|(other, _)| other.node == *name).map(|(_, value)| &value.node);
    one.len() == other.len() && one.iter().all(|(name, value)| find(&name.node) == Some(&value.node))
}

fn clash(key: &str, one: &Entry<'_>, other: &Entry<'_>, what: &str) -> Clash {
    let sentence = format!("`{0}` {what}. Give one of them an alias, such as `{0}2: …`.", short(key));
    Clash::Fault(Fault::between(one.field.pos, other.field.pos, sentence))
}
