//! An auditor's own machine keeps watching: a log that grows agrees, one that was cut, rewritten or swapped is told.

use std::path::Path;

use serde_json::json;

use crate::support::{Ran, Server, commit_plan, holdline};

/// Looks once at a service, with a state kept in a folder.
async fn look(server: &Server, folder: &Path, further: &[&str]) -> Ran {
    server.signed().await;
    let (url, state) = (server.url.replace("/graphql", ""), folder.join("watch"));
    let token = server.auditor().token().to_owned();
    let look = ["audit", "watch", "--once", "--url", &url, "--state", state.to_str().unwrap(), "--token", &token];
    holdline(&server.database, &[&look, further].concat()).await
}

async fn team(server: &Server, key: &str) {
    server.admin().done("teamCreate", json!({ "key": key, "name": key }), "team { id }").await;
}

#[tokio::test]
async fn a_log_that_grows_goes_on_agreeing_with_what_was_seen() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let folder = tempfile::tempdir().unwrap();

    let first = look(&server, folder.path(), &[]).await;
    let same = look(&server, folder.path(), &[]).await;
    team(&server, "OPS").await;
    let grown = look(&server, folder.path(), &[]).await;

    assert_eq!([first.code, same.code, grown.code], [0, 0, 0], "{} {} {}", first.err, same.err, grown.err);
    assert_eq!([&first.out, &same.out, &grown.out], ["", "", ""]);
    assert!(first.err.contains("From now on this is the log, and its key is holdline/test+"), "{}", first.err);
    assert!(same.err.contains("entries, as before."), "{}", same.err);
    assert!(grown.err.contains(", beginning with the "), "{}", grown.err);
}

#[tokio::test]
async fn another_log_under_the_same_key_is_a_finding_whatever_its_length() {
    let (server, shorter, longer) = (Server::start().await, Server::start().await, Server::start().await);
    commit_plan(&server, "PAY").await;
    commit_plan(&longer, "PAY").await;
    for key in ["OPS", "WEB"] {
        team(&longer, key).await;
    }
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(look(&server, folder.path(), &[]).await.code, 0);

    let cut = look(&shorter, folder.path(), &[]).await;
    let rewritten = look(&longer, folder.path(), &[]).await;
    let own = look(&server, folder.path(), &[]).await;

    assert_eq!((cut.code, rewritten.code, own.code), (1, 1, 0), "{} {} {}", cut.err, rewritten.err, own.err);
    assert!(cut.out.contains("it has been cut"), "{}", cut.out);
    assert!(rewritten.out.contains("does not begin with the log of"), "{}", rewritten.out);
}

#[tokio::test]
async fn a_key_that_was_given_out_of_band_is_the_only_one_believed() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    // Made by Go's sumdb/note for its documentation, and not this log's.
    let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    let refused = look(&server, folder.path(), &["--key", other]).await;

    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.out.contains("is not signed by the key of PeterNeumann"), "{}", refused.out);
    assert!(!folder.path().join("watch").exists());
}

#[tokio::test]
async fn who_cannot_look_is_told_why_and_finds_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    server.signed().await;
    let planner = server.planner();

    let refused = look(&server, folder.path(), &["--token", planner.token()]).await;
    std::fs::write(folder.path().join("watch"), "nonsense").unwrap();
    let spoilt = look(&server, folder.path(), &[]).await;

    assert_eq!((refused.code, spoilt.code), (2, 2), "{} {}", refused.err, spoilt.err);
    assert!(spoilt.err.contains("it is no state of this command"), "{}", spoilt.err);
}
