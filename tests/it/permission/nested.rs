//! Which fields beneath the queries ask for a scope of their own: found by asking for everything that there is with
//! `read` alone, not by what a list says.

use std::collections::{BTreeSet, VecDeque};

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use super::ask::Asker;
use crate::{
    shape::{Schema, whole},
    support::Server,
};

/// The fields (`Type.field`) of any node that are forbidden to who may read and no more.
pub(super) async fn forbidden_to_readers(server: &Server, asker: &Asker) -> BTreeSet<String> {
    let viewer = server.caller("viewer", Role::Viewer, "*");
    let mut forbidden = BTreeSet::new();
    // What only auditors and administrators read at all has no row for its fields.
    let theirs = ["AuditEntry", "HookEvent", "PublishedLink", "Webhook", "WebhookDelivery"];
    for of in asker.schema.get("Node").possible.iter().filter(|of| !theirs.contains(&of.as_str())) {
        // A refused field can take its neighbours along, so each is left out once it is known, until none is refused.
        loop {
            let without: Vec<_> = forbidden.iter().cloned().collect();
            let fields = whole(&asker.schema, of, &without);
            let query = format!("query($id: ID!) {{ node(id: $id) {{ ... on {of} {fields} }} }}");
            let answer = viewer.ask(&query, json!({ "id": asker.world.one_of(of) })).await;
            let Some(errors) = answer.body["errors"].as_array() else {
                assert_eq!(answer.body["data"]["node"]["__typename"], **of, "the viewer reads the {of}");
                break;
            };
            for error in errors {
                assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{of}: {:#}", answer.body);
                let found = coordinate(&asker.schema, of, &error["path"]);
                assert!(forbidden.insert(found.clone()), "{found} was left out and is refused");
            }
        }
    }
    forbidden
}

/// What the payload of an idea leads to for who may write ideas and not read, and what it does not: the types, and the
/// ways that are forbidden.
pub(super) async fn without_reading(server: &Server, asker: &Asker) -> (BTreeSet<String>, BTreeSet<String>) {
    let integration = server.caller("integration", Role::Integration, "*");
    let (mut met, mut forbidden) = (BTreeSet::from(["Idea".to_owned()]), BTreeSet::new());
    let mut next = VecDeque::from([("idea".to_owned(), "Idea".to_owned())]);
    while let Some((path, of)) = next.pop_front() {
        let fields = asker.schema.get(&of).fields.iter().filter(|field| !asker.schema.get(&field.shape.of).is_leaf());
        for field in fields.filter(|field| field.args.iter().all(|arg| !arg.shape.required)) {
            let path = format!("{path}.{}", field.name);
            let answer = asker.ask_payload(&integration, &path).await;
            if answer.body.get("errors").is_some() {
                assert_eq!(answer.code(), "FORBIDDEN", "{path}: {:#}", answer.body);
                forbidden.insert(format!("Mutation.ideaUpdate{{{path}}}"));
            } else if met.insert(field.shape.of.clone()) {
                next.push_back((path, field.shape.of.clone()));
            }
        }
    }
    (met, forbidden)
}

/// The field that an error's path leads to, from a node's type on.
fn coordinate(schema: &Schema, node: &str, path: &Value) -> String {
    let mut of = schema.get(node);
    let mut found = String::new();
    for field in path.as_array().unwrap()[1..].iter().filter_map(Value::as_str) {
        let concrete = of.possible.iter().map(|one| schema.get(one)).chain([of]);
        let owner = concrete.into_iter().find(|one| one.fields.iter().any(|one| one.name == field)).unwrap();
        found = format!("{}.{field}", owner.name);
        of = schema.get(&owner.field(field).shape.of);
    }
    found
}
