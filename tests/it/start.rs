//! What a start of the service says and writes, and what a command beside it leaves alone: settings, keys, the first link.

use std::{os::unix::fs::PermissionsExt, path::Path};

use holdline::store::DatabaseUrl;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use serde_json::json;

use crate::support::{Process, fresh_database, holdline, owner_of};

const BERLIN: [&str; 2] = ["--time-zone", "Europe/Berlin"];

/// How often the record says that a setting changed.
async fn changes(owner: &DatabaseConnection) -> i64 {
    let count = "SELECT COUNT(*) FROM audit_entry WHERE action = 'SETTING_CHANGED'";
    let counted = owner.query_one_raw(Statement::from_string(owner.get_database_backend(), count)).await.unwrap();
    counted.unwrap().try_get_by_index(0).unwrap()
}

/// Three files of OKRs without a row.
fn empty_files(folder: &Path) -> Vec<String> {
    let headers = [
        ("okrs", "team,quarter,objective,key_result,owner,priority,baseline,target,unit,committed_on\n"),
        (
            "changes",
            "team,quarter,date,change,objective,key_result,new_key_result,owner,priority,baseline,target,unit,reason\n",
        ),
        ("check-ins", "team,quarter,date,objective,key_result,value,kind\n"),
    ];
    let mut arguments = vec!["import".to_owned(), "okrs".to_owned()];
    for (name, header) in headers {
        let file = folder.join(format!("{name}.csv"));
        std::fs::write(&file, header).unwrap();
        arguments.extend([format!("--{name}"), file.display().to_string()]);
    }
    arguments
}

/// A service that ran in Berlin's time and was stopped, with its database and the database's owner.
async fn ran_in_berlin(folder: &Path) -> (DatabaseUrl, DatabaseConnection) {
    let database = fresh_database(folder).await;
    let mut process = Process::start(&database, folder, &BERLIN).await;
    process.child.kill().await.unwrap();
    let owner = owner_of(&database).await;
    (database, owner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_with_other_settings_than_the_service_changes_none_and_imports_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = ran_in_berlin(folder.path()).await;
    let files = empty_files(folder.path());
    let files: Vec<_> = files.iter().map(String::as_str).collect();

    let revoked = holdline(&database, &["token", "revoke", "a-token"]).await;
    let elsewhere = holdline(&database, &files).await;
    let there = holdline(&database, &[&files[..], &BERLIN].concat()).await;

    assert_eq!((revoked.code, there.code), (0, 0), "{}{}", revoked.err, there.err);
    assert_eq!(elsewhere.code, 2);
    for word in ["Europe/Berlin", "UTC", "--time-zone"] {
        assert!(elsewhere.err.contains(word), "{word}: {}", elsewhere.err);
    }
    assert_eq!(changes(&owner).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_for_its_key_writes_no_setting_and_no_other_key() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = ran_in_berlin(folder.path()).await;
    let data = folder.path().to_str().unwrap();
    std::fs::rename(folder.path().join("checkpoint.key"), folder.path().join("kept")).unwrap();
    std::fs::remove_file(folder.path().join("signing.key")).unwrap();
    let start = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data];

    let missing = holdline(&database, &start).await;
    std::fs::write(folder.path().join("checkpoint.key"), format!("holdline/other\n{}\n", "07".repeat(32))).unwrap();
    std::fs::set_permissions(folder.path().join("checkpoint.key"), PermissionsExt::from_mode(0o600)).unwrap();
    let other = holdline(&database, &start).await;

    assert!(missing.code == 2 && missing.err.contains("does not start"), "{}", missing.err);
    assert!(other.code == 2 && other.err.contains("the data folder holds another"), "{}", other.err);
    assert_eq!(changes(&owner).await, 2);
    assert!(!folder.path().join("signing.key").exists(), "the next start would take it for the right one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_other_settings_says_what_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (database, owner) = ran_in_berlin(folder.path()).await;

    let process = Process::start(&database, folder.path(), &["--log", "warn"]).await;
    assert_eq!(reqwest::get(format!("{}/healthz", process.address)).await.unwrap().status(), 200);
    let told = std::fs::read_to_string(folder.path().join("serve.log")).unwrap();

    assert!(told.contains("timeZone is UTC from now on and was Europe/Berlin"), "{told}");
    assert!(!told.contains("fiscalStartMonth"), "{told}");
    assert_eq!(changes(&owner).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_holds_no_administrators_link_and_says_when_a_key_was_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    let database = fresh_database(folder.path()).await;
    // Who is answered comes after what a start says.
    let told = async |process: &Process| {
        assert_eq!(reqwest::get(format!("{}/healthz", process.address)).await.unwrap().status(), 200);
        std::fs::read_to_string(folder.path().join("serve.log")).unwrap()
    };

    let mut process = Process::start(&database, folder.path(), &["--log", "warn"]).await;
    let first = told(&process).await;
    let caller = process.caller(&database, folder.path(), "read,admin").await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    process.child.kill().await.unwrap();
    let mut again = Process::start(&database, folder.path(), &["--log", "warn"]).await;
    let second = told(&again).await;
    again.child.kill().await.unwrap();
    std::fs::remove_file(folder.path().join("signing.key")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let issue =
        ["token", "issue", "--subject", "ann", "--role", "admin", "--data-dir", elsewhere.path().to_str().unwrap()];
    let issued = holdline(&database, &issue).await;
    let process = Process::start(&database, folder.path(), &["--log", "warn"]).await;
    let third = told(&process).await;

    assert!(first.contains("Nobody has used this store yet") && first.contains("holdline token issue"), "{first}");
    assert!(!first.contains("#token=") && first.contains("chmod 700"), "{first}");
    assert!(!second.contains("Nobody") && !second.contains("made anew"), "{second}");
    assert!(third.contains("signing.key was not there and was made anew"), "{third}");
    assert!(issued.code == 0 && issued.err.contains("--data-dir"), "{}", issued.err);
}
