//! Watching goes on through a change of key that the old key signed, and through none that it did not. A service that
//! keeps its proofs to itself, or answers with more than anybody can read, does not go on for ever unfound.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
};

use holdline::store::DatabaseUrl;
use serde_json::json;

use crate::{
    log_key::bring_key,
    support::{Ran, Server, Tampered, commit_plan, holdline},
};

struct Watched {
    server: Server,
    folder: tempfile::TempDir,
}

impl Watched {
    /// A service with a plan, and the folder of its key.
    async fn start() -> Self {
        let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
        commit_plan(&server, "PAY").await;
        server.signed().await;
        bring_key(folder.path());
        Self { server, folder }
    }

    /// Looks once, with a state of some name.
    async fn look(&self, state: &str, further: &[&str]) -> Ran {
        let url = self.server.url.replace("/graphql", "");
        look_at(&url, &self.server, &self.folder.path().join(state), further).await
    }

    /// Runs `holdline audit checkpoint`.
    async fn checkpoint(&self, how: &str) -> Ran {
        let url = match &self.server.database {
            DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let data = self.folder.path().to_str().unwrap();
        let ran = ["audit", "checkpoint", how, "--data-dir", data, "--database-url", &url];
        let ran = holdline(&self.server.database, &ran).await;
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    }

    async fn team(&self, key: &str) {
        self.server.admin().done("teamCreate", json!({ "key": key, "name": key }), "team { id }").await;
    }
}

async fn look_at(url: &str, server: &Server, state: &Path, further: &[&str]) -> Ran {
    let token = server.auditor().token().to_owned();
    let look = ["audit", "watch", "--once", "--url", url, "--state", state.to_str().unwrap(), "--token", &token];
    holdline(&server.database, &[&look, further].concat()).await
}

fn key_of(ran: &Ran) -> String {
    ran.err.trim_end().rsplit(' ').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_change_of_key_that_the_old_one_signed_is_followed_at_once_later_and_twice() {
    let watched = Watched::start().await;
    let begun = watched.look("prompt", &[]).await;
    assert_eq!(begun.code, 0, "{}", begun.err);
    let old = key_of(&begun);
    std::fs::copy(watched.folder.path().join("prompt"), watched.folder.path().join("late")).unwrap();

    watched.checkpoint("--rotate").await;
    let prompt = watched.look("prompt", &["--key", &old]).await;
    watched.team("OPS").await;
    watched.checkpoint("--sign").await;
    let (next, late) = (watched.look("prompt", &["--key", &old]).await, watched.look("late", &[]).await);
    watched.checkpoint("--rotate").await;
    watched.team("WEB").await;
    watched.checkpoint("--sign").await;
    std::fs::remove_file(watched.folder.path().join("late")).unwrap();
    // Nothing but the log's first key is known to this one.
    let (again, anew) = (watched.look("prompt", &[]).await, watched.look("late", &["--key", &old]).await);

    for ran in [&prompt, &next, &late, &again, &anew] {
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    }
    assert!(!prompt.err.contains("The key before signed"), "{}", prompt.err);
    for ran in [&next, &late, &again, &anew] {
        assert!(ran.err.contains("The key before signed that it is now holdline/test+"), "{}", ran.err);
    }
    assert_eq!(key_of(&next), key_of(&late));
    assert_eq!(key_of(&again), key_of(&anew));
    assert_ne!(key_of(&late), key_of(&again));
    let same = watched.look("prompt", &["--key", &old]).await;
    assert!(same.code == 0 && same.err.contains("entries, as before."), "{}", same.err);
}

#[tokio::test]
async fn a_change_of_key_that_the_old_one_did_not_sign_is_a_finding() {
    let watched = Watched::start().await;
    assert_eq!(watched.look("state", &[]).await.code, 0);
    watched.checkpoint("--rotate").await;
    watched.team("OPS").await;
    watched.checkpoint("--sign").await;

    let owner = Tampered::in_place(&watched.server).await;
    let both = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1 OFFSET 1";
    let note = owner.texts(both).await.remove(0);
    let (text, signatures) = note.split_once("\n\n").unwrap();
    let alone = signatures.lines().last().unwrap();
    assert_eq!(signatures.lines().count(), 2);
    owner.run(&format!("UPDATE checkpoint SET note = '{text}\n\n{alone}\n' WHERE note = '{note}'")).await;
    let unvouched = watched.look("state", &[]).await;
    owner.run("UPDATE audit_entry SET action = 'SETTING_CHANGED' WHERE action = 'CHECKPOINT_KEY_SET'").await;
    let unnamed = watched.look("state", &[]).await;

    assert_eq!((unvouched.code, unnamed.code), (1, 1), "{} {}", unvouched.err, unnamed.err);
    assert!(unvouched.out.contains("whoever changed the key did not hold the old one"), "{}", unvouched.out);
    assert!(unnamed.out.contains("and the log names no other in its place"), "{}", unnamed.out);
}

#[tokio::test]
async fn a_log_that_is_shown_and_never_proved_is_a_finding_at_the_fifth_look() {
    let watched = Watched::start().await;
    assert_eq!(watched.look("state", &[]).await.code, 0);
    watched.team("OPS").await;
    watched.server.signed().await;

    Tampered::in_place(&watched.server).await.run("DELETE FROM merkle_node").await;
    let mut looks = Vec::new();
    for _ in 0..5 {
        looks.push(watched.look("state", &[]).await);
    }

    assert_eq!(looks.iter().map(|ran| ran.code).collect::<Vec<_>>(), [2, 2, 2, 2, 1]);
    assert!(looks[0].err.contains(" refuses: "), "{}", looks[0].err);
    assert!(looks[4].out.starts_with("At 5 looks in a row a log was shown and not proved"), "{}", looks[4].out);
}

/// Answers whatever it is asked with the letter x, without an end.
fn babble() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        }
    });
    url
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_up_to_a_bound() {
    let watched = Watched::start().await;
    assert_eq!(watched.look("state", &[]).await.code, 0);
    let (url, state) = (babble(), watched.folder.path().join("state"));

    let shown = look_at(&url, &watched.server, &state, &[]).await;
    let asked = look_at(&url, &watched.server, &watched.folder.path().join("new"), &[]).await;

    assert_eq!((shown.code, asked.code), (1, 2), "{} {}", shown.err, asked.err);
    assert!(shown.out.contains("What is shown as a checkpoint is no signed note"), "{}", shown.out);
    assert!(asked.err.contains("answers with more than 1 MiB"), "{}", asked.err);
}
