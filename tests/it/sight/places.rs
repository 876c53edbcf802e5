//! Where the API takes an id or a team's key, by introspection: arguments of queries, mutations and subscriptions, and of
//! fields beneath them.

use crate::shape::{Schema, Step, id_paths, kind_at, written};

/// What leads to a field that takes ids and is no field of a root.
const HOLDERS: [(&str, &str); 1] = [("Team", r#"team(key: "PAY")"#)];

/// A place.
pub(super) struct Place {
    pub(super) of: String,
    pub(super) field: String,
    pub(super) holder: Option<&'static str>,
    pub(super) path: Vec<Step>,
    /// The kind of thing that is named there.
    pub(super) kind: &'static str,
}

impl Place {
    /// As a person reads it.
    pub(super) fn name(&self) -> String {
        written(&self.path)
    }

    pub(super) fn writes(&self) -> bool {
        self.of == "Mutation"
    }
}

/// Every place; fails where nothing says what kind of thing is named, or how the field is reached.
pub(super) fn places(schema: &Schema) -> Vec<Place> {
    let mut places = Vec::new();
    for of in schema.objects() {
        for field in &of.fields {
            let owner = format!("{}.{}", of.name, field.name);
            // What it takes is what auditLog takes; it begins after now and has nothing to say of what was.
            if owner == "Subscription.auditEntries" {
                continue;
            }
            for path in field.args.iter().flat_map(|arg| id_paths(schema, &owner, arg)) {
                let kind = kind_at(&path).unwrap_or_else(|| {
                    panic!("tests/it/shape/kind.rs does not say what the id is of at {}", written(&path))
                });
                let (of, field, holder) = (of.name.clone(), field.name.clone(), holder(&of.name));
                places.push(Place { of, field, holder, path, kind });
            }
        }
    }
    places
}

fn holder(of: &str) -> Option<&'static str> {
    if ["Query", "Mutation", "Subscription"].contains(&of) {
        return None;
    }
    let known = HOLDERS.iter().find(|(name, _)| *name == of);
    Some(known.unwrap_or_else(|| panic!("tests/it/sight/places.rs does not say what leads to a {of}")).1)
}
