//! The permission matrix: `matrix.txt` says of every operation which scopes it needs and what each role is answered, and
//! these tests ask the API. An operation is a query, a mutation, or a field or way beneath one that needs a scope of its
//! own; one without a row fails, and so does a row without an operation.

mod ask;
mod nested;
mod table;

use std::collections::BTreeSet;

use holdline_domain::permission::{Role, Scope};

use self::{
    ask::{Asker, Operation},
    table::{Row, rows},
};
use crate::{
    shape::Schema,
    support::{Caller, Server, on_postgres},
    world::{World, everything},
};

/// The columns after the needs: every role, and a token without any scope.
fn columns(server: &Server) -> Vec<(&'static str, Caller)> {
    let roles = Role::ALL.into_iter().map(|role| (role.name(), server.caller(role.name(), role, "*")));
    roles.chain([("none", server.caller_with("nobody", &[], "*"))]).collect()
}

async fn asker(server: &Server) -> Asker {
    let world = World::furnish(server, "PAY", "lighthouse", None).await;
    Asker { schema: Schema::of(&everything(server)).await, world }
}

#[tokio::test]
async fn every_operation_has_a_row_and_every_row_an_operation() {
    let server = Server::start().await;
    let asker = asker(&server).await;
    let beneath = nested::forbidden_to_readers(&server, &asker).await;
    let (_, beneath_payloads) = nested::without_reading(&server, &asker).await;

    let there: BTreeSet<_> =
        asker.roots().into_iter().chain(asker.ways()).chain(beneath).chain(beneath_payloads).collect();
    let listed: BTreeSet<_> = rows().iter().map(|row| row.operation.clone()).collect();

    let without_row: Vec<_> = there.difference(&listed).collect();
    let without_operation: Vec<_> =
        listed.difference(&there).filter(|name| !Operation::parse(name).is_untold()).collect();
    assert!(without_row.is_empty(), "tests/it/permission/matrix.txt has no row for {without_row:#?}");
    assert!(
        without_operation.is_empty(),
        "tests/it/permission/matrix.txt has rows for no operation: {without_operation:#?}"
    );
    assert_eq!(listed.len(), rows().len(), "tests/it/permission/matrix.txt has an operation twice");
}

/// Each of these is an idea, what came with it, or a name.
const SHOWN_TO_WRITERS: &str = "CustomerRequest CustomerRequestConnection CustomerRequestEdge Deal Demand DemandPart \
    ExternalIdentity Idea Money PageInfo Person Team";

#[tokio::test]
async fn who_writes_ideas_and_does_not_read_gets_no_further_than_the_idea() {
    let server = Server::start().await;
    let asker = asker(&server).await;

    let (met, _) = nested::without_reading(&server, &asker).await;

    let shown: BTreeSet<_> = SHOWN_TO_WRITERS.split_whitespace().map(str::to_owned).collect();
    assert_eq!(met, shown);
}

#[tokio::test]
async fn what_is_forbidden_loads_nothing() {
    let server = Server::start().await;
    let asker = asker(&server).await;
    let statements = || server.statements();
    // On PostgreSQL whatever is committed beside this story has who asks be asked anew.
    let tries = if on_postgres() { 400 } else { 3 };

    for (role, caller) in columns(&server) {
        caller.query("{ __typename }").await;
        // Once the signature under what was written lies behind, who asks is one question.
        server.signed().await;
        caller.query("{ __typename }").await;
        for Row { operation, .. } in rows().into_iter().filter(|row| row.cell_of(role) != "yes") {
            // What leads to a field was allowed, and loaded or written.
            if matches!(Operation::parse(&operation), Operation::Field(..) | Operation::Payload(..)) {
                continue;
            }
            // Another process's commits are looked for every now and then, which is nobody's question.
            let mut counted = u64::MAX;
            for _ in 0..tries {
                if counted == 1 {
                    break;
                }
                let before = statements();
                asker.ask(&caller, &operation).await;
                counted = counted.min(statements() - before);
            }
            assert_eq!(counted, 1, "{operation}, {role}");
        }
    }
}

#[tokio::test]
async fn what_needs_more_than_what_led_to_it_says_so() {
    let server = Server::start().await;
    let asker = asker(&server).await;

    for Row { operation, needs, .. } in rows() {
        let told = match Operation::parse(&operation) {
            Operation::Root("Query", field) if !needs.contains("read") => ("Query", field),
            Operation::Field(of, field) => (of, field),
            _ => continue,
        };
        let described = asker.schema.get(told.0).field(told.1).description.replace('\n', " ");
        for need in needs.iter().filter(|need| *need != "read") {
            assert!(described.contains(&format!("eeds the scope {need}")), "{operation} needs {need}: {described}");
        }
    }
}

#[tokio::test]
async fn every_role_is_answered_as_the_matrix_says() {
    let server = Server::start().await;
    let asker = asker(&server).await;
    let columns = columns(&server);
    let named: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    assert_eq!(table::columns(), named, "the columns of tests/it/permission/matrix.txt are the roles");

    let mut wrong = Vec::new();
    for Row { operation, cells, .. } in rows() {
        for ((role, caller), expected) in columns.iter().zip(cells) {
            let got = asker.ask(caller, &operation).await;
            if got != expected {
                wrong.push(format!("{operation}, {role}: the matrix says {expected}, the API answers {got}"));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_operation_needs_the_scopes_of_its_row_and_no_other() {
    let server = Server::start().await;
    let asker = asker(&server).await;
    let all_but = |left_out: Scope| {
        let held: Vec<_> = Scope::ALL.into_iter().filter(|scope| *scope != left_out).collect();
        (left_out.name(), server.caller_with(&format!("all-but-{}", left_out.name()), &held, "*"))
    };
    let callers = Scope::ALL.map(all_but);

    let mut wrong = Vec::new();
    for Row { operation, needs, .. } in rows() {
        for (scope, caller) in &callers {
            let expected = if needs.contains(*scope) { scope } else { "yes" };
            let got = asker.ask(caller, &operation).await;
            if got != expected {
                wrong.push(format!(
                    "{operation}, every scope but {scope}: the row needs {needs:?}, the API answers {got}"
                ));
            }
        }
    }

    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_role_may_what_its_scopes_allow() {
    for Row { operation, needs, cells } in rows() {
        let roles = Role::ALL.iter().map(|role| (role.name(), role.scopes())).chain([("none", &[][..])]);
        for ((role, held), cell) in roles.zip(cells) {
            let lacks: BTreeSet<_> =
                needs.iter().filter(|need| !held.iter().any(|scope| scope.name() == need.as_str())).cloned().collect();
            let fits = if lacks.is_empty() { cell == "yes" } else { lacks.contains(&cell) };
            assert!(fits, "{operation}, {role}: the row needs {needs:?} and the cell is {cell}");
        }
    }
}

#[test]
fn the_roles_of_the_readme_are_the_roles_there_are() {
    for (role, scopes) in table::readme_roles() {
        let there = Role::ALL.into_iter().find(|one| one.name() == role).unwrap_or_else(|| panic!("no role {role}"));
        let held: BTreeSet<_> = there.scopes().iter().map(|scope| scope.name().to_owned()).collect();
        assert_eq!(scopes, held, "README.md, {role}");
    }
    let told: BTreeSet<_> = table::readme_roles().into_keys().collect();
    assert_eq!(told, Role::ALL.iter().map(|role| role.name().to_owned()).collect(), "the roles of README.md");
}
