//! The fingerprint: a database whose guards are not as this build needs them is read and not written, says which
//! differ, and is written again once they are repaired.

mod harm;

use std::{path::Path, time::Duration};

use holdline::store::{Database, DatabaseUrl};
use holdline_domain::permission::Role;
use sea_orm::DatabaseConnection;
use serde_json::json;

pub(crate) use self::harm::{Harm, run};
use crate::support::{Server, commit_plan, entries, fresh_database, holdline, on_postgres, owner_of};

const SENTENCE: &str = "The service is read-only, because what guards the record in its database is not as it must be. \
                        Ask whoever runs the service: its log and /readyz say what differs.";

/// The answer of a path beside `/graphql`: its status and text.
async fn path(server: &Server, path: &str) -> (u16, String) {
    let url = server.url.replace("/graphql", path);
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn rename_fails(server: &Server) {
    let answer = server.admin().try_mutate("teamUpdate", json!({ "team": "PAY", "name": "Pay" }), "team { id }").await;
    assert_eq!((answer.code(), &answer.body["errors"][0]["message"]), ("UNAVAILABLE", &json!(SENTENCE)));
}

async fn rename(server: &Server, name: &str) {
    server.admin().done("teamUpdate", json!({ "team": "PAY", "name": name }), "team { id }").await;
}

/// A database of this build's, in which nobody was yet, and its owner.
async fn migrated(folder: &Path) -> (DatabaseUrl, DatabaseConnection) {
    let url = fresh_database(folder).await;
    let database = Database::open(&url).await.unwrap();
    database.migrate().await.unwrap();
    database.close().await.unwrap();
    let owner = owner_of(&url).await;
    (url, owner)
}

/// What drops a guard of the audit log.
pub(crate) async fn unguarded(owner: &DatabaseConnection) -> Harm {
    let harms = harm::triggers(owner).await;
    harms.into_iter().find(|harm| harm.names == "the trigger audit_entry_in_order of audit_entry is missing").unwrap()
}

#[tokio::test]
async fn whatever_is_done_to_a_guard_closes_writing_until_it_is_undone() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let owner = owner_of(&server.database).await;
    let reads = r#"{ plan(team: "PAY") { revision objectives { keyResults { title } } } }"#;
    let before = server.planner().query(reads).await;

    for (place, harm) in harm::kinds(&owner).await.into_iter().enumerate() {
        run(&owner, &harm.done).await;
        server.app.check_fingerprint().await.unwrap();

        let (status, said) = path(&server, "/readyz").await;
        assert_eq!(status, 503, "{}", harm.names);
        assert!(said.contains(&harm.names) && said.contains("UNAVAILABLE"), "{}: {said}", harm.names);
        assert!(!said.contains("SELECT") && !said.contains("CREATE"), "{said}");
        assert_eq!(path(&server, "/healthz").await, (200, "ok".to_owned()));
        rename_fails(&server).await;
        // The one harm that takes from reading is a table that is gone.
        if !harm.names.starts_with("the table decision is missing") {
            assert_eq!(server.planner().query(reads).await, before, "{}", harm.names);
        }

        run(&owner, &harm.undone).await;
        server.app.check_fingerprint().await.unwrap();

        assert_eq!(path(&server, "/readyz").await, (200, "ok".to_owned()), "{}", harm.names);
        rename(&server, &format!("Payments {place}")).await;
    }
}

#[tokio::test]
async fn no_trigger_can_be_dropped_emptied_or_switched_off_unnoticed() {
    let server = Server::start().await;
    let owner = owner_of(&server.database).await;
    let harms = harm::triggers(&owner).await;
    assert!(harms.len() > 150, "only {}", harms.len());

    for harm in harms {
        run(&owner, &harm.done).await;
        server.app.check_fingerprint().await.unwrap();
        let said = server.app.difference().unwrap_or_else(|| panic!("unnoticed: {:?}", harm.done));
        assert!(said.contains(&harm.names), "{}: {said}", harm.names);

        run(&owner, &harm.undone).await;
    }
    server.app.check_fingerprint().await.unwrap();
    assert_eq!(server.app.difference(), None);
}

#[tokio::test]
async fn further_tables_columns_and_indexes_are_no_difference() {
    let server = Server::start().await;
    let owner = owner_of(&server.database).await;
    let more = [
        "ALTER TABLE plan_revision ADD COLUMN mood TEXT",
        "CREATE INDEX plan_revision_mood ON plan_revision (mood)",
        "CREATE TABLE mood (id INTEGER PRIMARY KEY, plan TEXT)",
    ];

    run(&owner, &more.map(str::to_owned)).await;
    server.app.check_fingerprint().await.unwrap();

    assert_eq!(path(&server, "/readyz").await, (200, "ok".to_owned()));
    commit_plan(&server, "PAY").await;
}

#[tokio::test]
async fn what_a_newer_migration_added_is_no_difference_and_what_it_took_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = migrated(folder.path()).await;
    let sly = harm::kinds(&owner).await.into_iter().find(|harm| harm.names.contains("sly")).unwrap();
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
    let unguarded = unguarded(&owner).await;

    run(&owner, &sly.done).await;
    run(&owner, &[later.to_owned()]).await;
    let server = Server::over(database, folder).await;

    assert_eq!(path(&server, "/readyz").await, (200, "ok".to_owned()));
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;

    run(&owner, &unguarded.done).await;
    server.app.check_fingerprint().await.unwrap();

    let (status, said) = path(&server, "/readyz").await;
    assert!(status == 503 && said.contains(&unguarded.names) && !said.contains("sly"), "{said}");

    run(&owner, &unguarded.undone).await;
    run(&owner, &["DELETE FROM seaql_migrations WHERE version = 'm9999_later'".to_owned()]).await;
    server.app.check_fingerprint().await.unwrap();

    assert_eq!(server.app.difference(), Some(sly.names));
}

#[tokio::test]
async fn a_service_that_starts_over_an_altered_database_serves_reads_to_people_it_never_saw() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = migrated(folder.path()).await;
    let unguarded = unguarded(&owner).await;
    run(&owner, &unguarded.done).await;

    let server = Server::over(database, folder).await;

    assert_eq!(path(&server, "/readyz").await.0, 503);
    let stranger = server.caller("stranger", Role::Admin, "*");
    let asks = "{ viewer { person { subject name kind } } teams { totalCount } people: auditLog { totalCount } }";
    let nothing = json!({
        "viewer": { "person": { "subject": "stranger", "name": "stranger", "kind": "PERSON" } },
        "teams": { "totalCount": 0 },
        "people": { "totalCount": 0 }
    });
    assert_eq!(stranger.query(asks).await, nothing);
    let team = json!({ "key": "PAY", "name": "Payments" });
    assert_eq!(stranger.try_mutate("teamCreate", team.clone(), "team { id }").await.code(), "UNAVAILABLE");
    assert!(server.app.unused().await.unwrap());

    run(&owner, &unguarded.undone).await;
    server.app.check_fingerprint().await.unwrap();

    // What the start could not write is written now, and signed.
    let recorded = server.auditor().query("{ auditLog(first: 2) { nodes { action } } }").await;
    let actions = json!([{ "action": "CHECKPOINT_KEY_SET" }, { "action": "SETTING_CHANGED" }]);
    assert_eq!(recorded["auditLog"]["nodes"], actions);
    assert_eq!(server.signed().await.size.cast_signed(), entries(&server).await);
    stranger.done("teamCreate", team, "team { id }").await;
    let by = server.auditor().query("{ auditLog(first: 1) { nodes { actor { subject } } } }").await;
    assert_eq!(by["auditLog"]["nodes"][0]["actor"]["subject"], "stranger");
}

#[tokio::test]
async fn somebody_whom_the_record_knows_stays_the_same_while_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = migrated(folder.path()).await;
    let asks = "{ viewer { person { id name } } }";
    let first = Server::over(database.clone(), tempfile::tempdir().unwrap()).await;
    let known = first.planner().query(asks).await;
    drop(first);
    run(&owner, &unguarded(&owner).await.done).await;

    let server = Server::over(database, folder).await;

    assert_eq!(path(&server, "/readyz").await.0, 503);
    assert_eq!(server.planner().query(asks).await, known);
    let (one, other) = (server.approver().query(asks).await, server.approver().query(asks).await);
    assert_ne!(one, other, "somebody new is in no row");
}

#[tokio::test]
async fn a_serving_process_looks_by_itself_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = migrated(folder.path()).await;
    let unguarded = unguarded(&owner).await;
    let server = Server::checking(database, folder, Duration::from_millis(20)).await;

    for (statements, expected) in [(&unguarded.done, 503), (&unguarded.undone, 200)] {
        run(&owner, statements).await;

        let mut status = 0;
        for _ in 0..500 {
            status = path(&server, "/readyz").await.0;
            if status == expected {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(status, expected);
    }
}

#[tokio::test]
async fn commands_that_write_refuse_with_the_same_sentence_and_the_log_says_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = migrated(folder.path()).await;
    let harm = unguarded(&owner).await;
    let deals = folder.path().join("deals.csv");
    std::fs::write(&deals, "id,product,account\n1,Refunds,Acme\n").unwrap();
    let mapped = "external_id=id,idea=product,account=account";
    let import = ["import", "deals", deals.to_str().unwrap(), "--system", "crm", "--team", "PAY", "--map", mapped];
    run(&owner, &harm.done).await;

    for arguments in [&["token", "revoke", "some-token"][..], &import[..]] {
        let ran = holdline(&database, arguments).await;

        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(&format!("holdline: {SENTENCE}")), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.err.matches(&harm.names).count(), 1, "{arguments:?}: {}", ran.err);
    }
    run(&owner, &harm.undone).await;
    let revoked = holdline(&database, &["token", "revoke", "some-token"]).await;
    assert_eq!((revoked.code, revoked.err), (0, String::new()));
}

/// What each database says after the migrations is a file of this repository: the service's own role cannot try the
/// migrations out, and a start has no time to. After a new step this test prints the file anew and fails; the diff is to
/// be read.
#[tokio::test]
async fn what_the_migrations_leave_is_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let (database, _) = migrated(folder.path()).await;
    let name = if on_postgres() { "postgres" } else { "sqlite" };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../migration/{name}.fingerprint"));

    let left = Database::open(&database).await.unwrap().fingerprint().await.unwrap();

    if std::fs::read_to_string(&file).unwrap_or_default() != left {
        std::fs::write(&file, left).unwrap();
        panic!("migration/{name}.fingerprint had drifted and is printed anew: read its diff");
    }
}
