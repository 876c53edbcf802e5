//! The log leaves the house whole: every entry byte for byte, with the checkpoints, while the service runs.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Server, commit_plan, copy_for_owner, entries, holdline, keeper, shown};

#[tokio::test]
async fn an_export_holds_every_entry_byte_for_byte_and_every_checkpoint() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let newest = server.signed().await;

    let exported = holdline(&server.database, &["audit", "export"]).await;

    assert_eq!((exported.code, exported.err.as_str()), (0, ""));
    let lines: Vec<Value> = exported.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let size = entries(&server).await;
    assert_eq!(lines[0], json!({ "holdline": "audit-export", "format": 1, "size": size.to_string() }));
    let (logged, signed) = lines[1..].split_at(usize::try_from(size).unwrap());
    for (seq, line) in (0..).zip(logged) {
        let body = line["body"].as_str().unwrap();
        let leaf = Sha256::new().chain_update([0]).chain_update(body).finalize();
        assert_eq!((&line["seq"], &line["leafHash"]), (&json!(seq.to_string()), &json!(shown(&leaf))));
        assert_eq!(serde_json::from_str::<Value>(body).unwrap()["seq"], line["seq"]);
    }
    assert_eq!(signed.last().unwrap()["checkpoint"], json!(newest.note));
}

#[tokio::test]
async fn a_spreadsheet_gets_one_row_an_entry_and_no_formula() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "PAY" }), "team { id }").await;
    let keeper = keeper(&server);
    let idea = keeper.done("ideaSubmit", json!({ "team": "PAY", "title": "Export" }), "idea { id }").await;
    let input = json!({ "idea": idea["idea"]["id"], "reason": "=HYPERLINK(\"x\")" });
    keeper.done("ideaDecline", input, "idea { id }").await;

    let exported = holdline(&server.database, &["audit", "export", "--format", "csv"]).await;

    assert_eq!(exported.code, 0, "{}", exported.err);
    assert!(exported.out.starts_with("seq,recordedAt,occurredAt,action,"), "{}", exported.out);
    assert_eq!(exported.out.lines().count(), usize::try_from(entries(&server).await).unwrap() + 1);
    let declined = exported.out.lines().last().unwrap();
    assert!(declined.contains(",IDEA_DECLINED,IDEA,") && declined.contains(r#""'=HYPERLINK(""x"")""#), "{declined}");
}

#[tokio::test]
async fn where_there_is_no_record_nothing_is_made_and_the_way_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = holdline::store::DatabaseUrl::in_folder(folder.path());

    for command in [["audit", "export"], ["audit", "checkpoint"]] {
        let refused = holdline(&nowhere, &command).await;

        assert_eq!((refused.code, refused.out.as_str()), (2, ""));
        assert!(refused.err.contains("There is no record of this version to read"), "{}", refused.err);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_copy_that_nobody_writes_to_is_read_as_well() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    server.signed().await;
    let folder = tempfile::tempdir().unwrap();
    let copy = copy_for_owner(&server.database, folder.path()).await;

    for command in [&["audit", "export"][..], &["audit", "checkpoint"], &["audit", "verify"]] {
        let (there, here) = (holdline(&server.database, command).await, holdline(&copy, command).await);
        assert_eq!((here.code, here.err.as_str(), here.out), (0, "", there.out), "{command:?}");
    }
}
