//! What is lost, damaged or mistyped: nothing is begun in its place, and what is said names it, the way out and no secret.

use std::{fs, path::Path};

use holdline::store::DatabaseUrl;
use serde_json::{Value, json};

use crate::{
    backup::{run, service, serving},
    support::{Process, Ran, holdline, submit},
};

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
    let migrated = run(folder.path(), &["migrate"]).await;
    let missed = run(folder.path(), &["doctor"]).await;
    assert!(!file.exists(), "a backup is put back where no store is");
    fs::write(&file, "").unwrap();
    let empty = start(folder.path()).await;
    let nothing = fs::metadata(&file).unwrap().len();
    fs::rename(folder.path().join("checkpoint.last"), folder.path().join("aside")).unwrap();
    let (_process, caller) = service(folder.path()).await;

    assert_eq!(nothing, 0, "what is refused is not begun");
    assert!(missed.code == 1 && missed.out.contains("WRONG  CONFLICT: The log has 0 entries"), "{}", missed.out);
    for refused in [without, migrated, empty] {
        assert_eq!(refused.code, 2, "{}", refused.err);
        for said in ["The log has 0 entries", "checkpoint.last", "does not start", "Put back a database"] {
            assert!(refused.err.contains(said), "{said}: {}", refused.err);
        }
    }
    submit(&caller, "PAY", "After it was given up").await;
}

/// What a service says while its file is not where it was, and what it holds once that is put back and it is started again:
/// `instead` is put in the file's place meanwhile.
async fn moved_away(instead: Option<&[u8]>) {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, caller) = service(folder.path()).await;
    let [file, aside] = ["holdline.db", "aside.db"].map(|name| folder.path().join(name));
    let ready = async || {
        let answer = reqwest::get(format!("{}/readyz", process.address)).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    submit(&caller, "PAY", "Before").await;
    // The connections that read are closed by then, and would be opened anew.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;

    fs::rename(&file, &aside).unwrap();
    if let Some(instead) = instead {
        fs::write(&file, instead).unwrap();
    }
    let read = caller.ask("{ ideas { nodes { title } } }", json!({})).await;
    let (status, said) = ready().await;
    let written = caller.try_mutate("ideaSubmit", json!({ "team": "PAY", "title": "Nowhere" }), "__typename").await;
    fs::rename(&aside, &file).unwrap();
    let back = ready().await;
    process.child.kill().await.unwrap();
    let told = fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let (_process, caller) = serving(folder.path()).await;

    assert_eq!((read.code(), written.code()), ("UNAVAILABLE", "UNAVAILABLE"));
    assert!(status == 503 && said.contains("was moved, removed or replaced"), "{status} {said}");
    assert!(!said.contains(folder.path().to_str().unwrap()), "{said}");
    assert_eq!(back.0, 503, "what was missed is not opened again: {}", back.1);
    assert_eq!(told.matches("nothing is served any more").count(), 1, "{told}");
    submit(&caller, "PAY", "After").await;
    let ideas = caller.query("{ ideas { nodes { title } } }").await;
    let titles: Vec<_> = ideas["ideas"]["nodes"].as_array().unwrap().iter().map(|idea| &idea["title"]).collect();
    assert_eq!(titles, ["After", "Before"]);
    signed(folder.path()).await;
    let verified = run(folder.path(), &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_moved_away_under_the_service_takes_no_write_with_it() {
    moved_away(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_replaced_under_the_service_is_not_mixed_with_it() {
    let other = tempfile::tempdir().unwrap();
    let (mut process, caller) = service(other.path()).await;
    submit(&caller, "PAY", "Of another store").await;
    process.child.kill().await.unwrap();
    assert_eq!(run(other.path(), &["backup", other.path().join("copy.db").to_str().unwrap()]).await.code, 0);
    let copy = fs::read(other.path().join("copy.db")).unwrap();

    moved_away(Some(&copy)).await;
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
async fn a_server_that_is_not_there_is_named_with_what_it_said_and_nothing_of_the_url_is() {
    let folder = tempfile::tempdir().unwrap();
    // Nobody listens on a port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database = DatabaseUrl::Postgres(format!("postgres://u:cret@127.0.0.1:{port}/x?sslpassword=cret"));

    for command in ["serve", "doctor"] {
        let refused = holdline(&database, &[command, "--data-dir", folder.path().to_str().unwrap()]).await;

        let said = format!("{}{}", refused.out, refused.err);
        assert!(refused.code != 0 && said.contains(&format!("PostgreSQL at 127.0.0.1:{port}")), "{command}: {said}");
        assert!(said.contains("refused") && !said.contains("cret"), "{command}: {said}");
    }
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
    let quiet = run(folder.path(), &["--log-format", "json", "--log", "off", "serve", "--listen", "127.0.0.1:0"]).await;
    assert_eq!((second.code, quiet.code), (2, 2));
    for refused in [second, quiet] {
        let events = events(&refused.err);
        assert!(events.last().unwrap().starts_with("Another Holdline process"), "{}", refused.err);
    }
}
