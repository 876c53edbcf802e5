//! The key that signs is changed in the open: the log names the new one, and the old one vouches for it.

use std::time::Duration;

use holdline::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::Keys,
    clock::Clock,
    http::HttpSettings,
    store::DatabaseUrl,
};
use holdline_domain::time::FiscalCalendar;
use serde_json::{Value, json};

use crate::{
    fingerprint,
    support::{Server, commit_plan, copy_for_owner, fresh_database, holdline, owner_of},
};

/// Puts the key that every story's server signs with into a folder.
pub(crate) fn bring_key(folder: &std::path::Path) {
    let file = folder.join("checkpoint.key");
    std::fs::write(&file, format!("holdline/test\n{}\n", "07".repeat(32))).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

async fn named(server: &Server) -> Vec<Value> {
    let query =
        "{ auditLog(orderBy: SEQ_ASC, filter: { action: { eq: CHECKPOINT_KEY_SET } }) { nodes { before after } } }";
    server.auditor().query(query).await["auditLog"]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_next_key_takes_over_and_its_first_checkpoint_is_signed_by_both() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let last_of_old = server.signed().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let database = server.database.clone();
    let run = async |arguments: &[&str]| {
        let url = match &database {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let settings = ["--data-dir", data, "--database-url", &url];
        holdline(&database, &[arguments, &settings].concat()).await
    };

    let without = run(&["audit", "checkpoint", "--rotate"]).await;
    bring_key(folder.path());
    let rotated = run(&["audit", "checkpoint", "--rotate"]).await;
    server.admin().done("teamCreate", json!({ "key": "OPS", "name": "OPS" }), "team { id }").await;
    let after = run(&["audit", "checkpoint", "--sign"]).await;

    assert_eq!(without.code, 2);
    assert!(without.err.contains("checkpoint.key is not there. Put it back."), "{}", without.err);
    assert_eq!((rotated.code, after.code), (0, 0), "{} {}", rotated.err, after.err);
    let names = named(&server).await;
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[1]["before"], names[0]["after"]);
    assert_ne!(names[1]["after"], names[0]["after"]);
    let signatures = |note: &str| note.lines().filter(|line| line.starts_with("— holdline/test ")).count();
    assert_eq!([&last_of_old.note, &rotated.out, &after.out].map(|note| signatures(note)), [1, 2, 1]);
    // The process that still has the old key signs no more, whatever is committed through it: what it may have found beyond
    // its last checkpoint is what the other one signed.
    let newest = server.app.signer().newest().unwrap();
    let others = [&rotated.out, &after.out].map(|note| note.trim());
    assert!(newest.size == last_of_old.size || others.contains(&newest.note.trim()), "{}", newest.note);
    assert!(folder.path().join("checkpoint.key").exists());
    assert!(!folder.path().join("checkpoint.key.next").exists());
}

#[tokio::test]
async fn over_a_backup_that_was_put_back_the_key_signs_no_second_history() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let live = fresh_database(folder.path()).await;
    let run = async |database: &DatabaseUrl, arguments: &[&str]| {
        let url = match database {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let settings = ["--data-dir", folder.path().to_str().unwrap(), "--database-url", &url];
        holdline(database, &[arguments, &settings].concat()).await
    };
    let done = async |database: &DatabaseUrl, arguments: &[&str]| {
        let ran = run(database, arguments).await;
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran.out
    };
    done(&live, &["token", "revoke", "one"]).await;
    done(&live, &["audit", "checkpoint", "--sign"]).await;
    let backup = copy_for_owner(&live, elsewhere.path()).await;
    done(&live, &["token", "revoke", "two"]).await;
    let lost = done(&live, &["audit", "checkpoint", "--sign"]).await;

    let shorter = run(&backup, &["audit", "checkpoint", "--sign"]).await;
    let written = run(&backup, &["token", "revoke", "other"]).await;
    let [signed, aside] = ["checkpoint.last", "aside"].map(|name| folder.path().join(name));
    std::fs::rename(&signed, &aside).unwrap();
    done(&backup, &["token", "revoke", "other"]).await;
    std::fs::rename(&aside, &signed).unwrap();
    let other = run(&backup, &["audit", "checkpoint", "--sign"]).await;

    for refused in [&shorter, &written, &other] {
        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        assert!(refused.err.contains("a backup was put back, the database was lost"), "{}", refused.err);
        assert!(refused.err.contains("take that file away"), "{}", refused.err);
    }
    assert_eq!(done(&live, &["audit", "checkpoint", "--sign"]).await, lost);
    std::fs::remove_file(&signed).unwrap();
    assert_ne!(done(&backup, &["audit", "checkpoint", "--sign"]).await, lost);
}

#[tokio::test]
async fn a_start_that_could_not_sign_signs_once_it_can() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let database = fresh_database(folder.path()).await;
    let options = |check_every| Options {
        database: database.clone(),
        calendar: FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap(),
        keys: Keys::ephemeral().unwrap().into(),
        provider: None,
        clock: Clock::system(),
        signing: Signing::Folder(data.path().to_owned()),
        check_every,
        http: HttpSettings::default(),
        targets: holdline::webhook::Targets::default(),
        hooks: holdline::crm::Hooks::default(),
    };
    drop(App::open(options(CHECK_EVERY)).await.unwrap());
    let (key, away) = (data.path().join("checkpoint.key"), data.path().join("away"));
    let owner = owner_of(&database).await;
    let guard = fingerprint::unguarded(&owner).await;
    fingerprint::run(&owner, &guard.done).await;
    std::fs::rename(&key, &away).unwrap();

    let app = App::open(options(CHECK_EVERY)).await.unwrap();
    fingerprint::run(&owner, &guard.undone).await;
    let failed = app.check_fingerprint().await.unwrap_err().to_string();
    std::fs::rename(&away, &key).unwrap();
    app.check_fingerprint().await.unwrap();

    assert!(failed.contains("checkpoint.key is not there"), "{failed}");
    assert!(app.signer().covering(1, Duration::from_secs(20)).await.is_some());
}
