//! Backups of the embedded store, and putting them back; and what the doctor says. Through the command line, beside the
//! real service.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use holdline::store::{Database, DatabaseUrl};
use serde_json::json;

use crate::support::{Caller, Process, Ran, holdline, on_postgres, submit};

/// How often a store is closed: of two connections that go at once, each may take the other for the last.
const CLOSES: usize = 100;

const SCOPES: &str = "read,admin,ideas:write,audit:read";

/// A service over the embedded store in a folder, and somebody who calls it.
pub(crate) async fn serving(folder: &Path) -> (Process, Caller) {
    let database = DatabaseUrl::in_folder(folder);
    let process = Process::start(&database, folder, &[]).await;
    let caller = process.caller(&database, folder, SCOPES).await;
    (process, caller)
}

/// A service with a team, over an embedded store in a folder.
pub(crate) async fn service(folder: &Path) -> (Process, Caller) {
    // As `holdline serve` makes it where there is none.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let (process, caller) = serving(folder).await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    (process, caller)
}

/// Runs a command on the embedded store in a folder.
pub(crate) async fn run(folder: &Path, arguments: &[&str]) -> Ran {
    holdline(&DatabaseUrl::in_folder(folder), arguments).await
}

/// The newest checkpoint as anybody gets it, once it covers the log.
async fn checkpoint(caller: &Caller, file: &Path) {
    let query = "{ auditLog(first: 1) { totalCount } auditCheckpoint { size note } }";
    for _ in 0..200 {
        let told = caller.query(query).await;
        if told["auditCheckpoint"]["size"] == told["auditLog"]["totalCount"] {
            return std::fs::write(file, told["auditCheckpoint"]["note"].as_str().unwrap()).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing signs");
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_made_beside_writers_verifies_and_is_put_back_only_where_no_store_and_no_newer_checkpoint_is()
{
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (copy, old, new) = (folder.path().join("copy.db"), folder.path().join("old"), folder.path().join("new"));
    let (mut process, caller) = service(folder.path()).await;
    submit(&caller, "PAY", "Before the backup").await;
    checkpoint(&caller, &old).await;

    let writing = async {
        for number in 0..40 {
            submit(&caller, "PAY", &format!("Meanwhile {number}")).await;
        }
    };
    let file = shown(&copy);
    let arguments = ["backup", file.as_str()];
    let (made, ()) = tokio::join!(run(folder.path(), &arguments), writing);
    submit(&caller, "PAY", "After the backup").await;
    checkpoint(&caller, &new).await;
    let again = run(folder.path(), &["backup", &shown(&copy)]).await;
    process.child.kill().await.unwrap();

    assert_eq!((made.code, made.err.as_str()), (0, ""), "{}", made.out);
    assert!(made.out.contains("no finding"), "{}", made.out);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o077, 0);
    assert!(again.code == 2 && again.err.contains("already"), "{}", again.err);
    let unnamed = run(elsewhere.path(), &["restore", &shown(&copy)]).await;
    assert!(unnamed.code == 2 && unnamed.err.contains("--checkpoint"), "{}", unnamed.err);
    let short = run(elsewhere.path(), &["restore", &shown(&copy), "--checkpoint", &shown(&new)]).await;
    assert!(
        short.code == 2 && short.out.contains("log-cut") && short.err.contains("Nothing is restored"),
        "{}",
        short.err
    );
    assert!(!elsewhere.path().join("holdline.db").exists());
    let restored = run(elsewhere.path(), &["restore", &shown(&copy), "--checkpoint", &shown(&old)]).await;
    assert_eq!((restored.code, restored.err.as_str()), (0, ""), "{}", restored.out);
    let over = run(elsewhere.path(), &["restore", &shown(&copy), "--unchecked"]).await;
    assert!(over.code == 2 && over.err.contains("replaces nothing"), "{}", over.err);

    std::fs::copy(folder.path().join("signing.key"), elsewhere.path().join("signing.key")).unwrap();
    std::fs::copy(folder.path().join("checkpoint.key"), elsewhere.path().join("checkpoint.key")).unwrap();
    let (_process, caller) = serving(elsewhere.path()).await;
    let ideas = caller.query("{ ideas(first: 1, orderBy: CREATED_ASC) { nodes { title } } }").await;
    assert_eq!(ideas["ideas"]["nodes"][0]["title"], "Before the backup");
    submit(&caller, "PAY", "It goes on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_key_signed_further_than_a_backup_goes_does_not_take_it() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let (mut process, caller) = service(folder.path()).await;
    assert_eq!(run(folder.path(), &["backup", &shown(&copy)]).await.code, 0);
    submit(&caller, "PAY", "After the backup").await;
    checkpoint(&caller, &folder.path().join("new")).await;
    process.child.kill().await.unwrap();
    std::fs::remove_file(folder.path().join("holdline.db")).unwrap();
    let orphaned = run(folder.path(), &["restore", &shown(&copy), "--unchecked"]).await;
    for file in ["holdline.db-wal", "holdline.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }

    assert!(orphaned.code == 2 && orphaned.err.contains("journal"), "{}", orphaned.err);
    let refused = run(folder.path(), &["restore", &shown(&copy), "--unchecked"]).await;

    assert!(refused.code == 2 && refused.out.contains("log-cut"), "{}{}", refused.out, refused.err);
    assert!(refused.out.contains("checkpoint.last") && refused.err.contains("Nothing is restored"), "{}", refused.err);
    assert!(refused.err.contains("move checkpoint.last"), "{}", refused.err);
    assert!(!folder.path().join("holdline.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_does_not_take_a_longer_log_that_parted_from_its_own() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (mut process, _) = service(folder.path()).await;
    process.child.kill().await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        std::fs::copy(entry.path(), other.path().join(entry.file_name())).unwrap();
    }
    let (mut process, caller) = serving(folder.path()).await;
    submit(&caller, "PAY", "One history").await;
    checkpoint(&caller, &folder.path().join("new")).await;
    process.child.kill().await.unwrap();
    let (_process, caller) = serving(other.path()).await;
    for number in 0..5 {
        submit(&caller, "PAY", &format!("Another history {number}")).await;
    }
    let copy = other.path().join("copy.db");
    assert_eq!(run(other.path(), &["backup", &shown(&copy)]).await.code, 0);
    for file in ["holdline.db", "holdline.db-wal", "holdline.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }

    let refused = run(folder.path(), &["restore", &shown(&copy), "--unchecked"]).await;

    // One code where the other history was signed at the same length too, the other where it was not.
    let parted = ["checkpoint-forked", "checkpoint-inconsistent"].iter().any(|code| refused.out.contains(code));
    assert!(refused.code == 2 && parted && refused.out.contains("checkpoint.last"), "{}{}", refused.out, refused.err);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(
        !left.iter().any(|name| name.to_str().unwrap().contains(".db") || name.to_str().unwrap().contains("partial")),
        "{left:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_backup_is_not_put_back() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = folder.path().join("copy.db");
    let (_process, caller) = service(folder.path()).await;
    submit(&caller, "PAY", "As it was").await;
    assert_eq!(run(folder.path(), &["backup", &shown(&copy)]).await.code, 0);
    let altered = sea_orm::Database::connect(format!("sqlite://{}", copy.display())).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&altered, "UPDATE idea SET title = 'As it never was'").await.unwrap();
    altered.close().await.unwrap();

    let refused = run(elsewhere.path(), &["restore", &shown(&copy), "--unchecked"]).await;

    assert!(refused.code == 2 && refused.out.contains("row-differs"), "{}{}", refused.out, refused.err);
    assert!(!elsewhere.path().join("holdline.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_wrong_and_how_it_is_put_right() {
    let folder = tempfile::tempdir().unwrap();
    let (_process, _) = service(folder.path()).await;

    let well = run(folder.path(), &["doctor"]).await;
    let key = folder.path().join("signing.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ill = run(folder.path(), &["doctor"]).await;
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(folder.path().join("checkpoint.key"), folder.path().join("kept")).unwrap();
    // Whoever may give files away has given this one to somebody.
    let given = std::os::unix::fs::chown(&key, Some(1), None).is_ok();
    let lost = run(folder.path(), &["doctor"]).await;
    let nothing = run(&folder.path().join("nowhere"), &["doctor"]).await;

    assert_eq!((well.code, well.err.as_str()), (0, ""), "{}", well.out);
    assert!(well.out.lines().all(|line| line.starts_with("ok ")) && well.out.lines().count() == 9, "{}", well.out);
    let wrong: Vec<_> = ill.out.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert_eq!(ill.code, 1);
    assert!(wrong.len() == 1 && wrong[0].contains("chmod 600"), "{wrong:?}");
    assert!(lost.code == 1 && lost.out.contains("does not start: put it back"), "{}", lost.out);
    assert_eq!(lost.out.contains("signing.key is another user's"), given, "{}", lost.out);
    assert!(nothing.code == 1 && nothing.out.contains("--data-dir"), "{}{}", nothing.out, nothing.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_the_doctor_looks_at_the_server() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let database = crate::support::fresh_database(folder.path()).await;
    let _process = Process::start(&database, folder.path(), &[]).await;

    let well = holdline(&database, &["doctor", "--data-dir", &shown(folder.path())]).await;

    assert_eq!((well.code, well.err.as_str()), (0, ""), "{}", well.out);
    assert!(well.out.contains("waits for its disk"), "{}", well.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_closed_leaves_no_journal_beside_it_whichever_of_its_connections_is_quickest() {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::in_folder(folder.path());
    let journal = folder.path().join("holdline.db-wal");
    let mut was_there = false;
    for close in 0..CLOSES {
        let store = Database::open(&database).await.unwrap();
        if close == 0 {
            store.migrate().await.unwrap();
        }
        was_there |= journal.exists();
        store.close().await.unwrap();

        assert!(!journal.exists(), "the close {close} of {CLOSES} left the journal");
    }
    assert!(was_there, "there was no journal to be left");
}
