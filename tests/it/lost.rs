//! What is lost, damaged or mistyped: nothing is begun in its place, and what is said names it, the way out and no secret.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use holdline::store::DatabaseUrl;
use serde_json::{Value, json};

use crate::support::{Caller, Process, Ran, holdline, submit};

/// A service over an embedded store in a folder, with a team.
async fn service(folder: &Path) -> (Process, Caller) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    let database = DatabaseUrl::in_folder(folder);
    let process = Process::start(&database, folder, &[]).await;
    let caller = process.caller(&database, folder, "read,admin,ideas:write,audit:read").await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    (process, caller)
}

async fn run(folder: &Path, arguments: &[&str]) -> Ran {
    holdline(&DatabaseUrl::in_folder(folder), arguments).await
}

/// Tries to start a service that is not to start.
async fn start(folder: &Path) -> Ran {
    run(folder, &["serve", "--listen", "127.0.0.1:0"]).await
}

/// Waits until the key in a folder has signed something.
async fn signed(folder: &Path) {
    for _ in 0..200 {
        if folder.join("checkpoint.last").exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("nothing signs");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_database_is_lost_no_other_is_begun_under_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, _) = service(folder.path()).await;
    signed(folder.path()).await;
    process.child.kill().await.unwrap();
    let file = folder.path().join("holdline.db");
    for name in ["holdline.db", "holdline.db-wal", "holdline.db-shm"] {
        let _ = fs::remove_file(folder.path().join(name));
    }

    let without = start(folder.path()).await;
    assert!(!file.exists(), "a backup is put back where no store is");
    fs::write(&file, "").unwrap();
    let empty = start(folder.path()).await;
    let looked = run(folder.path(), &["doctor"]).await;
    fs::rename(folder.path().join("checkpoint.last"), folder.path().join("aside")).unwrap();
    let (_process, caller) = service(folder.path()).await;

    for refused in [without, empty] {
        assert_eq!(refused.code, 2, "{}", refused.err);
        for said in ["The log has 0 entries", "checkpoint.last", "does not start", "Put back a database"] {
            assert!(refused.err.contains(said), "{said}: {}", refused.err);
        }
    }
    assert!(looked.code == 1 && looked.out.contains("WRONG  CONFLICT: The log has 0 entries"), "{}", looked.out);
    submit(&caller, "PAY", "After it was given up").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_moved_away_under_the_service_takes_no_write_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (process, caller) = service(folder.path()).await;
    let [file, aside] = ["holdline.db", "aside.db"].map(|name| folder.path().join(name));
    let ready = async || {
        let answer = reqwest::get(format!("{}/readyz", process.address)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    submit(&caller, "PAY", "Before").await;

    fs::rename(&file, &aside).unwrap();
    let gone = caller.try_mutate("ideaSubmit", json!({ "team": "PAY", "title": "Nowhere" }), "__typename").await;
    let not_ready = ready().await;
    fs::rename(&aside, &file).unwrap();

    assert_eq!(gone.code(), "UNAVAILABLE");
    assert!(not_ready.0 == 503 && not_ready.1.contains("was moved, removed or replaced"), "{not_ready:?}");
    assert_eq!(ready().await.0, 200);
    submit(&caller, "PAY", "After").await;
    let ideas = caller.query("{ ideas { nodes { title } } }").await;
    let titles: Vec<_> = ideas["ideas"]["nodes"].as_array().unwrap().iter().map(|idea| &idea["title"]).collect();
    assert_eq!(titles, ["After", "Before"]);
    let told = fs::read_to_string(folder.path().join("serve.log")).unwrap();
    assert_eq!(told.matches("was moved, removed or replaced").count(), 1, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("holdline.db");
    fs::write(&garbage, "no database at all ".repeat(1_000)).unwrap();

    let looked = run(folder.path(), &["doctor"]).await;
    let started = start(folder.path()).await;
    let copied = run(folder.path(), &["backup", folder.path().join("copy.db").to_str().unwrap()]).await;
    let verified = run(folder.path(), &["audit", "verify"]).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let restored = run(elsewhere.path(), &["restore", garbage.to_str().unwrap(), "--unchecked"]).await;

    assert!(looked.code == 1 && looked.out.contains("The database's file is damaged"), "{}{}", looked.out, looked.err);
    for refused in [started, copied, verified, restored] {
        assert!(refused.code == 2 && refused.err.contains("The database's file is damaged"), "{}", refused.err);
        assert!(refused.err.contains("holdline restore"), "{}", refused.err);
    }
    assert!(!elsewhere.path().join("holdline.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_cannot_be_read_is_not_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data-dir", folder.path().to_str().unwrap()];
    for url in ["postgres://u:s3/cret@127.0.0.1/x", "postgresql://u:s3#cret@127.0.0.1/x", "postgres://u:cret@h:99999/x"]
    {
        let database = DatabaseUrl::Postgres(url.to_owned());
        for command in [&["serve"][..], &["doctor"], &["migrate"], &["backup", "copy.db"], &["audit", "verify"]] {
            let refused = holdline(&database, &[command, &data].concat()).await;

            assert_eq!(refused.code, 2, "{command:?} {}", refused.err);
            assert!(!format!("{}{}", refused.out, refused.err).contains("cret"), "{command:?} {}", refused.err);
            assert!(refused.err.contains("HOLDLINE_DATABASE_URL") && refused.err.contains("%2F"), "{}", refused.err);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_named_with_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database = DatabaseUrl::Postgres(format!("postgres://u:cret@127.0.0.1:{port}/x"));

    let refused = holdline(&database, &["serve", "--data-dir", folder.path().to_str().unwrap()]).await;

    assert_eq!(refused.code, 2);
    assert!(refused.err.contains(&format!("PostgreSQL at 127.0.0.1:{port}")), "{}", refused.err);
    assert!(refused.err.contains("refused") && !refused.err.contains("cret"), "{}", refused.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_reads_the_keys_and_what_they_signed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, _) = service(folder.path()).await;
    signed(folder.path()).await;
    process.child.kill().await.unwrap();
    let well = run(folder.path(), &["doctor"]).await;
    assert!(well.code == 0 && well.out.contains("ok     the log goes on from checkpoint.last"), "{}", well.out);
    let last = fs::read_to_string(folder.path().join("checkpoint.last")).unwrap();
    let (origin, rest) = last.split_once('\n').unwrap();
    let longer = format!("{origin}\n9{rest}");
    let other = format!("holdline/other\n{}\n", "07".repeat(32));
    let table = [
        ("signing.key", "garbage", "does not hold what it was made with"),
        ("checkpoint.key", "garbage", "does not hold what it was made with"),
        ("checkpoint.key", &other, "the data folder holds another"),
        ("checkpoint.last", "garbage", "does not hold a checkpoint"),
        ("checkpoint.last", &longer, "is not the one of which this key last signed 9"),
    ];

    for (name, content, said) in table {
        let file = folder.path().join(name);
        let right = fs::read(&file).unwrap();
        fs::write(&file, content).unwrap();
        let ill = run(folder.path(), &["doctor"]).await;
        let started = start(folder.path()).await;
        fs::write(&file, right).unwrap();

        assert!(ill.code == 1 && ill.out.contains(said), "{name} {content}: {}", ill.out);
        assert_eq!(ill.out.matches("WRONG").count(), 1, "{name} {content}: {}", ill.out);
        assert_eq!(started.code, 2, "{name} {content}: {}", started.err);
    }
    assert_eq!(run(folder.path(), &["doctor"]).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_machines_read_the_log_each_line_is_an_object() {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::in_folder(folder.path());
    let process = Process::start(&database, folder.path(), &["--log", "info", "--log-format", "json"]).await;
    assert_eq!(reqwest::get(format!("{}/healthz", process.address)).await.unwrap().status(), 200);
    let second = run(folder.path(), &["--log-format", "json", "serve", "--listen", "127.0.0.1:0"]).await;
    let told = fs::read_to_string(folder.path().join("serve.log")).unwrap();

    let events = |text: &str| -> Vec<String> {
        let event = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}"));
        text.lines().map(|line| event(line)["fields"]["message"].as_str().unwrap().to_owned()).collect()
    };
    assert!(events(&told).iter().any(|event| event.starts_with("Nobody has used this store yet")), "{told}");
    assert_eq!(second.code, 2);
    assert!(events(&second.err).iter().any(|event| event.starts_with("Another Holdline process")), "{}", second.err);
}
