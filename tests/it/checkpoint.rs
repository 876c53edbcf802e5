//! The log is signed after the commit, and what was signed proves what was in it: receipts, checkpoints, proofs.

use std::time::{Duration, Instant};

use holdline::{
    app::{App, CHECK_EVERY, Options, Signing},
    auth::Keys,
    clock::Clock,
    http::HttpSettings,
    record::{CheckpointKey, LogKeys},
};
use holdline_domain::{
    permission::{Role, Scope},
    time::FiscalCalendar,
};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::support::{
    Server, commit_plan, consistent, entries, keeper, open_meeting, propose, root_over, shown, submit,
};

const RECEIPT: &str = "receipt { seq leafHash checkpoint inclusionProof }";
const CHECKPOINT: &str = "{ auditCheckpoint { size rootHash note signedAt } }";

async fn checkpoint(server: &Server) -> Value {
    server.signed().await;
    server.auditor().query(CHECKPOINT).await["auditCheckpoint"].clone()
}

/// The root that a note speaks of, in hexadecimal digits, with the size.
fn said(note: &str) -> (i64, String) {
    let mut lines = note.lines().skip(1);
    let size = lines.next().unwrap().parse().unwrap();
    (size, shown(&base64(lines.next().unwrap())))
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<_> = text.trim_end_matches('=').chars().map(|c| DIGITS.find(c).unwrap()).collect();
    let bits: Vec<_> = digits.iter().flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | u8::try_from(*bit).unwrap())).collect()
}

#[tokio::test]
async fn a_decisions_receipt_proves_it_under_a_signed_checkpoint() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "target": "80" } }]);
    let (renegotiation, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&renegotiation]).await;

    let input = json!({ "renegotiation": renegotiation, "meeting": meeting, "outcome": "APPROVED",
                        "rationale": "They pay for it.", "digest": digest });
    let decided = server.approver().done("renegotiationDecide", input, RECEIPT).await;

    let receipt = &decided["receipt"];
    let (size, root) = said(receipt["checkpoint"].as_str().unwrap());
    let (seq, leaf) = (receipt["seq"].as_i64().unwrap(), receipt["leafHash"].as_str().unwrap());
    assert_eq!(root_over(seq, size, leaf, &receipt["inclusionProof"]), root);
    let log = server.auditor().query("{ auditLog(first: 1) { nodes { action leafHash } } }").await;
    assert_eq!(log["auditLog"]["nodes"][0], json!({ "action": "RENEGOTIATION_DECIDED", "leafHash": leaf }));
}

#[tokio::test]
async fn a_receipt_is_whole_while_others_write() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let mut proposals = Vec::new();
    for key_result in &committed.key_results {
        let changes = json!([{ "amendKeyResult": { "keyResult": key_result, "target": "80" } }]);
        proposals.push(propose(&server, &committed.plan, changes).await);
    }
    let named: Vec<_> = proposals.iter().map(|(id, _)| id.as_str()).collect();
    let meeting = open_meeting(&server, "PAY", &named).await;
    let write = |writer: usize| {
        let admin = server.admin();
        tokio::spawn(async move {
            for team in 0..40 {
                let input = json!({ "key": format!("W{writer}T{team}"), "name": "Other" });
                admin.done("teamCreate", input, "team { id }").await;
            }
        })
    };
    let writers: Vec<_> = (0..3).map(write).collect();

    for (renegotiation, digest) in &proposals {
        let input = json!({ "renegotiation": renegotiation, "meeting": meeting, "outcome": "REJECTED",
                            "rationale": "Not now.", "digest": digest });
        let receipt = server.approver().done("renegotiationDecide", input, RECEIPT).await["receipt"].clone();

        let (size, root) = said(receipt["checkpoint"].as_str().unwrap());
        let (seq, leaf) = (receipt["seq"].as_i64().unwrap(), receipt["leafHash"].as_str().unwrap());
        assert_eq!(root_over(seq, size, leaf, &receipt["inclusionProof"]), root);
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn every_entry_is_proved_to_be_in_the_log_and_every_earlier_log_to_be_its_beginning() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let newest = checkpoint(&server).await;
    let (size, root) = (newest["size"].as_i64().unwrap(), newest["rootHash"].as_str().unwrap());
    assert_eq!(said(newest["note"].as_str().unwrap()), (size, root.to_owned()));
    assert_eq!(size, entries(&server).await);

    let auditor = server.auditor();
    let inclusion = "query($seq: Int!, $size: Int) { p: auditInclusionProof(seq: $seq, treeSize: $size) { leafHash treeSize rootHash hashes } }";
    let consistency =
        "query($from: Int!, $to: Int!) { p: auditConsistencyProof(from: $from, to: $to) { rootHash hashes } }";
    for seq in 0..size {
        let proof = auditor.ask(inclusion, json!({ "seq": seq })).await.data()["p"].clone();
        assert_eq!(root_over(seq, size, proof["leafHash"].as_str().unwrap(), &proof["hashes"]), root, "{seq}");
        let alone = auditor.ask(inclusion, json!({ "seq": seq, "size": seq + 1 })).await.data()["p"].clone();
        let earlier = alone["rootHash"].as_str().unwrap();
        let proof = auditor.ask(consistency, json!({ "from": seq + 1, "to": size })).await.data()["p"].clone();
        assert_eq!(proof["rootHash"], root);
        assert!(consistent((seq + 1, earlier), (size, root), &proof["hashes"]), "{}", seq + 1);
    }
    let last = auditor.ask(inclusion, json!({ "seq": size - 1, "size": size - 1 })).await;
    assert_eq!(last.body["errors"][0]["extensions"], json!({ "code": "INVALID", "field": "treeSize" }));
    for (from, to, field) in [(0, size, "from"), (1, size + 1, "to"), (size, 1, "from")] {
        let refused = auditor.ask(consistency, json!({ "from": from, "to": to })).await;
        assert_eq!(
            refused.body["errors"][0]["extensions"],
            json!({ "code": "INVALID", "field": field }),
            "{from} {to}"
        );
    }
}

#[tokio::test]
async fn the_checkpoint_is_read_by_anybody_and_is_the_one_that_auditors_read() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let newest = checkpoint(&server).await;

    let url = server.url.replace("/graphql", "/.well-known/holdline-checkpoint");
    let read = reqwest::get(url).await.unwrap();

    assert_eq!(
        (read.status().as_u16(), read.headers()["content-type"].to_str().unwrap().to_owned()),
        (200, "text/plain; charset=utf-8".to_owned())
    );
    assert_eq!(json!(read.text().await.unwrap()), newest["note"]);
    let planner = server.planner().ask(CHECKPOINT, json!({})).await;
    assert_eq!(planner.code(), "FORBIDDEN");
}

async fn another_team(server: &Server, key: &str) {
    server.admin().done("teamCreate", json!({ "key": key, "name": "Other" }), "team { id }").await;
}

#[tokio::test]
async fn commits_of_a_second_share_a_checkpoint_that_nobody_asked_for() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let before = server.signed().await;
    let begun = Instant::now();

    for team in 0..24 {
        another_team(&server, &format!("T{team}")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let whole = begun.elapsed().as_secs();
    let signed = sql_number(&server, &format!("SELECT COUNT(*) FROM checkpoint WHERE size > {}", before.size)).await;

    assert!((1..=whole + 1).contains(&signed), "{signed} in {whole} s");
}

#[tokio::test]
async fn an_auditor_who_asks_has_what_was_just_committed_signed_before_its_second_is_over() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let auditor = server.auditor();
    let proof = "query($seq: Int!) { auditInclusionProof(seq: $seq) { treeSize } }";

    // Others may hold up one round or another, and not all of them.
    let mut shortest = Duration::MAX;
    for team in 0..6 {
        server.signed().await;
        another_team(&server, &format!("T{team}")).await;
        let (all, begun) = (entries(&server).await, Instant::now());
        let early = auditor.ask(proof, json!({ "seq": all - 1 })).await;
        if early.body["errors"] != Value::Null {
            assert_eq!(early.body["errors"][0]["extensions"]["code"], "CONFLICT", "{:#}", early.body);
        }
        while auditor.query(CHECKPOINT).await["auditCheckpoint"]["size"] != all {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        shortest = shortest.min(begun.elapsed());
        assert_eq!(auditor.ask(proof, json!({ "seq": all - 1 })).await.data()["auditInclusionProof"]["treeSize"], all);
    }

    assert!(shortest < Duration::from_millis(800), "{shortest:?}");
}

async fn sql_number(server: &Server, sql: &str) -> u64 {
    let db = server.sql().await;
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index::<i64>(0).unwrap().unsigned_abs()
}

#[tokio::test]
async fn invariant_10_a_proof_of_a_foreign_entry_is_null_as_that_of_none() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    server.admin().done("teamCreate", json!({ "key": "OPS", "name": "OPS" }), "team { id }").await;
    submit(&keeper(&server), "OPS", "Secret export").await;
    let seen = "{ auditLog(first: 1, filter: { action: { eq: IDEA_SUBMITTED } }) { nodes { seq } } }";
    let foreign = server.auditor().query(seen).await["auditLog"]["nodes"][0]["seq"].clone();
    server.signed().await;
    let outsider = server.caller_with("outsider", &[Scope::Read, Scope::AuditRead], "PAY");

    let proof = "query($seq: Int!) { auditInclusionProof(seq: $seq) { leafHash } }";
    for seq in [&foreign, &json!(100_000)] {
        let answer = outsider.ask(proof, json!({ "seq": seq })).await;
        assert_eq!(*answer.data(), json!({ "auditInclusionProof": null }), "{seq}");
    }
    let shown = server.auditor().ask(proof, json!({ "seq": foreign })).await;
    assert!(shown.data()["auditInclusionProof"]["leafHash"].is_string());
}

#[tokio::test]
async fn a_service_with_another_key_than_the_log_names_does_not_start() {
    let server = Server::start().await;
    server.caller("somebody", Role::Viewer, "*").query("{ viewer { person { name } } }").await;
    let options = Options {
        database: server.database.clone(),
        calendar: FiscalCalendar::new(1, "UTC".parse().unwrap()).unwrap(),
        keys: Keys::ephemeral().unwrap().into(),
        provider: None,
        clock: Clock::system(),
        signing: Signing::With(Box::new(LogKeys::of(CheckpointKey::of("holdline/test", &[8; 32])))),
        check_every: CHECK_EVERY,
        http: HttpSettings::default(),
        targets: holdline::webhook::Targets::default(),
        hooks: holdline::crm::Hooks::default(),
    };

    let refused = App::open(options).await.err().unwrap().to_string();

    assert!(refused.contains("names the checkpoint key holdline/test+"), "{refused}");
    assert_eq!(entries(&server).await, server.signed().await.size.cast_signed());
}
