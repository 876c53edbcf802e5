//! What somebody tries who owns the database and has read the verifier: values that might pass for others, rows where
//! nobody looks, an end that nobody signed. Each is told, and what cannot be told is said in so many words.

use holdline_domain::permission::Role;
use serde_json::json;

use crate::{
    sql::raw,
    support::{Server, Tampered, ask_for, commit_plan, deal, holdline, keeper, on_postgres, said, submit, teams},
};

async fn team(server: &Server, key: &str) {
    server.admin().done("teamCreate", json!({ "key": key, "name": key }), "team { id }").await;
}

#[tokio::test]
async fn a_number_never_passes_for_nothing() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let idea = submit(&keeper(&server), "PAY", "Export").await;
    ask_for(&keeper(&server), &idea, deal("1", "100", None)).await;
    server.signed().await;
    let copy = Tampered::copy(&server).await;

    // The number by which the verifier once remembered nothing.
    let number = 0x9c3e_5b1d_7a40_e6f2_u64.cast_signed();
    for (table, column) in [("customer_request", "withdrawn_at"), ("team", "archived_at"), ("deal", "amount")] {
        assert_eq!(copy.run(&format!("UPDATE {table} SET {column} = {number}")).await, 1, "{table}");
    }

    let said = said(&copy, &["audit", "verify"]).await;
    let (made, asked) = (copy.entry("TEAM_CREATED").await, copy.entry("CUSTOMER_REQUEST_UPSERTED").await);
    for (entry, column) in
        [(asked, "customer_request.withdrawn_at"), (made, "team.archived_at"), (asked, "deal.amount")]
    {
        said.expect(&format!("row-differs: entry {entry}: {column} is {number} in the database"));
    }
    assert_eq!(said.lines.len(), 3, "{:#?}", said.lines);
}

#[tokio::test]
async fn a_row_is_seen_wherever_it_points() {
    let server = Server::start().await;
    team(&server, "PAY").await;
    server.signed().await;
    let copy = Tampered::copy(&server).await;

    for (place, seq) in [i64::MAX, i64::MAX - 1, -1, 1_000_000].iter().enumerate() {
        copy.run(&format!("INSERT INTO revoked_token (token_id, audit_seq) VALUES ('token-{place}', {seq})")).await;
    }

    let said = said(&copy, &["audit", "verify"]).await;
    for place in 0..4 {
        let told = |line: &String| line.starts_with("row-unlogged: ") && line.contains(&format!("token-{place}"));
        assert!(said.lines.iter().any(told), "{place}: {:#?}", said.lines);
    }
    assert_eq!((said.code, said.lines.len()), (1, 4), "{:#?}", said.lines);
}

/// A server with a plan and a checkpoint of it that was kept elsewhere, and with three more teams signed since.
struct Kept {
    server: Server,
    elsewhere: tempfile::TempDir,
    size: u64,
}

impl Kept {
    async fn set() -> Self {
        let (server, elsewhere) = (Server::start().await, tempfile::tempdir().unwrap());
        commit_plan(&server, "PAY").await;
        let kept = server.signed().await;
        std::fs::write(elsewhere.path().join("kept"), &kept.note).unwrap();
        for key in ["OPS", "WEB", "APP"] {
            team(&server, key).await;
        }
        server.signed().await;
        Self { server, elsewhere, size: kept.size }
    }

    fn file(&self, name: &str) -> String {
        self.elsewhere.path().join(name).to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn an_end_of_the_log_that_nobody_signed_is_said_and_is_no_finding() {
    let kept = Kept::set().await;
    let copy = Tampered::copy(&kept.server).await;
    let last = copy.numbers("SELECT MAX(seq) FROM audit_entry").await[0];

    // Without the key somebody rewrites what nobody elsewhere has a checkpoint of.
    copy.edit_body(last - 1, "WEB", "WEX").await;
    copy.run("UPDATE team SET key = 'WEX', name = 'WEX' WHERE key = 'WEB'").await;
    copy.hash_leaves().await;
    copy.hash_tree().await;
    copy.run(&format!("DELETE FROM checkpoint WHERE size > {}", kept.size)).await;

    let verify = ["audit", "verify", "--checkpoint", &kept.file("kept")];
    let (rewritten, sound) = (said(&copy, &verify).await, holdline(&kept.server.database, &verify).await);
    assert_eq!((rewritten.code, rewritten.lines), (0, Vec::new()));
    let told = format!(", entries {} to {last} under no checkpoint yet: no finding.", kept.size);
    assert!(rewritten.summary.ends_with(&told), "{}", rewritten.summary);
    assert!(sound.out.ends_with(" 0 imported: no finding.\n"), "{}", sound.out);
}

#[tokio::test]
async fn a_checkpoint_that_was_taken_out_of_the_database_is_told_by_who_kept_it() {
    let kept = Kept::set().await;
    let copy = Tampered::copy(&kept.server).await;

    assert_eq!(copy.run(&format!("DELETE FROM checkpoint WHERE size = {}", kept.size)).await, 1);

    let beside = said(&copy, &["audit", "verify", "--checkpoint", &kept.file("kept")]).await;
    let alone = said(&copy, &["audit", "verify"]).await;
    beside.expect("checkpoint-missing: The checkpoint ");
    assert!(beside.lines[0].contains(&format!(" of size {} is not among the stored ones", kept.size)));
    assert_eq!((beside.lines.len(), alone.code), (1, 0));
}

#[tokio::test]
async fn who_acted_is_whom_the_log_commits_to() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    for idle in ["onlooker", "gone"] {
        server.caller(idle, Role::Viewer, "*").query("{ viewer { person { id } } }").await;
    }
    let gone = server.caller("gone", Role::Viewer, "*").query("{ viewer { person { id } } }").await;
    let gone = gone["viewer"]["person"]["id"].as_str().unwrap().to_owned();
    let input = json!({ "person": gone, "reason": "They asked for it." });
    server.admin().done("personErase", input, "person { id }").await;
    server.signed().await;
    let copy = Tampered::copy(&server).await;
    let salt = if on_postgres() { "decode(repeat('01', 32), 'hex')" } else { "zeroblob(32)" };

    let sound = said(&copy, &["audit", "verify"]).await;
    // Who saw and did nothing is in no entry.
    copy.run("UPDATE person SET subject = 'else' WHERE subject = 'onlooker'").await;
    let idle = said(&copy, &["audit", "verify"]).await;
    for (subject, other) in [("admin", "tmp"), ("planner", "admin"), ("tmp", "planner")] {
        copy.run(&format!("UPDATE person SET subject = '{other}', name = '{other}' WHERE subject = '{subject}'")).await;
    }
    copy.run(&format!("UPDATE person SET salt = {salt} WHERE id = {}", raw(&gone))).await;
    let swapped = said(&copy, &["audit", "verify"]).await;

    assert_eq!((sound.lines, idle.lines), (Vec::new(), Vec::new()));
    let erased = copy.entry("PERSON_ERASED").await;
    swapped.expect(&format!("row-differs: entry {erased}: person.salt is \"32 bytes\" in the database"));
    let opens = swapped.lines.iter().filter(|line| line.contains("does not open the entry's commitment"));
    assert_eq!((opens.count(), swapped.lines.len()), (2, 3), "{:#?}", swapped.lines);
}

#[tokio::test]
async fn a_checkpoint_is_read_as_a_shell_kept_it_and_a_file_that_is_none_is_a_wrong_argument() {
    let kept = Kept::set().await;
    let note = std::fs::read_to_string(kept.file("kept")).unwrap();
    std::fs::write(kept.file("echoed"), format!("{note}\n")).unwrap();
    std::fs::write(kept.file("windows"), note.replace('\n', "\r\n")).unwrap();
    std::fs::write(kept.file("page"), "<html>not found</html>").unwrap();
    let verify = async |name: &str| {
        holdline(&kept.server.database, &["audit", "verify", "--checkpoint", &kept.file(name)]).await
    };

    let (echoed, windows, page) = (verify("echoed").await, verify("windows").await, verify("page").await);

    assert_eq!((echoed.code, windows.code), (0, 0), "{} {}", echoed.out, windows.out);
    assert_eq!((page.code, page.out.as_str()), (2, ""), "{}", page.err);
    assert!(page.err.contains("/page is no signed note (c2sp.org/signed-note)."), "{}", page.err);
}

#[tokio::test]
async fn an_export_of_a_log_with_a_gap_holds_each_entry_once() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    server.signed().await;
    let copy = Tampered::copy(&server).await;
    copy.run("UPDATE audit_entry SET seq = seq + 1000 WHERE seq > 3").await;
    if !on_postgres() {
        copy.run("PRAGMA journal_mode = WAL").await;
    }

    let exported = holdline(&copy.database, &["audit", "export"]).await;
    let sheet = holdline(&copy.database, &["audit", "export", "--format", "csv"]).await;

    let there = copy.numbers("SELECT seq FROM audit_entry ORDER BY seq").await;
    let bodies: Vec<_> = exported.out.lines().filter(|line| line.contains("\"body\"")).collect();
    assert_eq!((exported.code, bodies.len()), (0, there.len()), "{}", exported.err);
    for (seq, line) in there.iter().zip(bodies) {
        assert!(line.contains(&format!("\"seq\":\"{seq}\"")), "{line}");
    }
    assert_eq!((sheet.code, sheet.out.lines().count()), (0, there.len() + 1), "{}", sheet.err);
}
