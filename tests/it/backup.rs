//! Backups of the embedded store, and putting them back; and what the doctor says. Through the command line, beside the
//! real service.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use holdline::store::DatabaseUrl;
use serde_json::{Value, json};

use crate::support::{Process, Ran, holdline, on_postgres};

/// A service with a team, over an embedded store in a folder.
async fn service(folder: &Path) -> (Process, String) {
    // As `holdline serve` makes it where there is none.
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let database = DatabaseUrl::in_folder(folder);
    let process = Process::start(&database, folder, &[]).await;
    let said = ["--subject", "ann", "--scopes", "read,admin,ideas:write,audit:read", "--teams", "*"];
    let token = Process::token(&database, folder, &said).await;
    ask(&process, &token, r#"mutation { teamCreate(input: { key: "PAY", name: "Payments" }) { team { id } } }"#).await;
    (process, token)
}

async fn ask(process: &Process, token: &str, query: &str) -> Value {
    let request = reqwest::Client::new().post(format!("{}/graphql", process.address)).bearer_auth(token);
    let answer: Value = request.json(&json!({ "query": query })).send().await.unwrap().json().await.unwrap();
    assert!(answer["errors"].is_null(), "{answer:#}");
    answer["data"].clone()
}

async fn submit(process: &Process, token: &str, title: &str) {
    let query = format!(r#"mutation {{ ideaSubmit(input: {{ team: "PAY", title: "{title}" }}) {{ idea {{ id }} }} }}"#);
    ask(process, token, &query).await;
}

async fn run(folder: &Path, arguments: &[&str]) -> Ran {
    holdline(&DatabaseUrl::in_folder(folder), arguments).await
}

/// The newest checkpoint as anybody gets it, once it covers the log.
async fn checkpoint(process: &Process, token: &str, file: &Path) {
    let query = "{ auditLog(first: 1) { totalCount } auditCheckpoint { size note } }";
    for _ in 0..200 {
        let told = ask(process, token, query).await;
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
    let (mut process, token) = service(folder.path()).await;
    submit(&process, &token, "Before the backup").await;
    checkpoint(&process, &token, &old).await;

    let writing = async {
        for number in 0..40 {
            submit(&process, &token, &format!("Meanwhile {number}")).await;
        }
    };
    let file = shown(&copy);
    let arguments = ["backup", file.as_str()];
    let (made, ()) = tokio::join!(run(folder.path(), &arguments), writing);
    submit(&process, &token, "After the backup").await;
    checkpoint(&process, &token, &new).await;
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
    let process = Process::start(&DatabaseUrl::in_folder(elsewhere.path()), elsewhere.path(), &[]).await;
    let ideas = ask(&process, &token, "{ ideas(first: 1, orderBy: CREATED_ASC) { nodes { title } } }").await;
    assert_eq!(ideas["ideas"]["nodes"][0]["title"], "Before the backup");
    submit(&process, &token, "It goes on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_key_signed_further_than_a_backup_goes_does_not_take_it() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    let (mut process, token) = service(folder.path()).await;
    assert_eq!(run(folder.path(), &["backup", &shown(&copy)]).await.code, 0);
    submit(&process, &token, "After the backup").await;
    checkpoint(&process, &token, &folder.path().join("new")).await;
    process.child.kill().await.unwrap();
    std::fs::remove_file(folder.path().join("holdline.db")).unwrap();
    let orphaned = run(folder.path(), &["restore", &shown(&copy), "--unchecked"]).await;
    for file in ["holdline.db-wal", "holdline.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }

    assert!(orphaned.code == 2 && orphaned.err.contains("journal"), "{}", orphaned.err);
    let refused = run(folder.path(), &["restore", &shown(&copy), "--unchecked"]).await;

    assert!(refused.code == 2 && refused.err.contains("this key last signed"), "{}", refused.err);
    assert!(!folder.path().join("holdline.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_altered_backup_is_not_put_back() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copy = folder.path().join("copy.db");
    let (process, token) = service(folder.path()).await;
    submit(&process, &token, "As it was").await;
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
    let nothing = run(&folder.path().join("nowhere"), &["doctor"]).await;

    assert_eq!((well.code, well.err.as_str()), (0, ""), "{}", well.out);
    assert!(well.out.lines().all(|line| line.starts_with("ok ")) && well.out.lines().count() == 7, "{}", well.out);
    let wrong: Vec<_> = ill.out.lines().filter(|line| line.starts_with("WRONG")).collect();
    assert_eq!(ill.code, 1);
    assert!(wrong.len() == 1 && wrong[0].contains("chmod 600"), "{wrong:?}");
    assert!(nothing.code == 1 && nothing.out.contains("--data-dir"), "{}{}", nothing.out, nothing.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_the_doctor_looks_at_the_server_and_backups_are_its_own_tools() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let database = crate::support::fresh_database(folder.path()).await;
    let _process = Process::start(&database, folder.path(), &[]).await;

    let well = holdline(&database, &["doctor", "--data-dir", &shown(folder.path())]).await;
    let refused = holdline(&database, &["backup", &shown(&folder.path().join("copy.db"))]).await;

    assert_eq!((well.code, well.err.as_str()), (0, ""), "{}", well.out);
    assert!(well.out.contains("waits for its disk"), "{}", well.out);
    assert!(refused.code == 2 && refused.err.contains("pg_dump"), "{}", refused.err);
}
