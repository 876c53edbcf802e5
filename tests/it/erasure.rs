//! Erasure: the name goes everywhere, the record stays to the byte, and nobody comes back to decide on their own words.

use std::time::Duration;

use holdline::store::DatabaseUrl;
use holdline_domain::permission::{Role, Scope};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement, TransactionTrait as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    sql::raw,
    support::{
        Caller, Server, ask_for, but, codes, commit_plan, deal, digest, entries, holdline, keeper, on_postgres,
        open_meeting, propose, submit, teams, verified,
    },
};

const SUBJECT: &str = "subject-to-forget";
const UNKNOWN: &str = "person_01h455vb4pex5vsknk084sn02q";
const PERSON: &str = "id name subject issuer kind erasedAt";

/// Everything that shows people.
const ALL: &str = r#"query($meeting: ID!, $person: ID!, $asOf: DateTime!) {
    plan(team: "PAY") { id digest committedBy { name } objectives { id owner { id name subject } keyResults { checkIns { nodes { by { name } } } } }
      revisions { nodes { by { name } renegotiation { authors { name } decision { by { name } } } } } alignment { acknowledged { person { name } } } }
    january: plan(team: "PAY", asOf: $asOf) { digest objectives { id owner { id } } }
    meeting: node(id: $meeting) { ... on Meeting { brief attendees { person { name subject } } inputs { nodes { by { name } } } } }
    person: node(id: $person) { ... on Person { id name subject issuer } }
    search(text: "subject to forget") { totalCount }
    auditLog(first: 250, orderBy: SEQ_ASC) { nodes { seq action actor { name subject } subject { ... on Person { name } } before after reason leafHash } } }"#;

async fn id_of(caller: &Caller) -> String {
    let viewer = caller.query("{ viewer { person { id } } }").await;
    viewer["viewer"]["person"]["id"].as_str().unwrap().to_owned()
}

async fn erase(server: &Server, person: &str) -> Value {
    let input = json!({ "person": person, "reason": "They asked for it." });
    server.admin().done("personErase", input, &format!("person {{ {PERSON} }}")).await["person"].clone()
}

/// Every body and leaf hash of the log, as the database has them.
async fn leaves(sql: &DatabaseConnection) -> Vec<(Vec<u8>, Vec<u8>)> {
    let asked =
        Statement::from_string(sql.get_database_backend(), "SELECT body, leaf_hash FROM audit_entry ORDER BY seq");
    let rows = sql.query_all_raw(asked).await.unwrap();
    rows.iter().map(|row| (row.try_get("", "body").unwrap(), row.try_get("", "leaf_hash").unwrap())).collect()
}

/// A committed plan in which somebody owns, checks in, attends, speaks and acknowledges; answers with the meeting.
async fn live_a_quarter(server: &Server, somebody: &Caller) -> String {
    let committed = commit_plan(server, "PAY").await;
    let them = json!({ "subject": SUBJECT });
    somebody
        .done(
            "checkInRecord",
            json!({ "keyResult": committed.key_results[0], "kind": "PROGRESS", "value": "4" }),
            "checkIn { id }",
        )
        .await;
    let owns = json!([{ "amendObjective": { "objective": committed.objectives[0], "owner": them } }]);
    let (proposal, seen) = propose(server, &committed.plan, owns).await;
    let meeting = open_meeting(server, "PAY", &[&proposal]).await;
    somebody
        .done("meetingJoin", json!({ "meeting": meeting, "person": them, "ask": "APPROVAL" }), "meeting { id }")
        .await;
    let said = json!({ "meeting": meeting, "by": them, "text": "Mine, then." });
    somebody.done("meetingInputRecord", said, "meetingInput { id }").await;
    let verdict = json!({ "renegotiation": proposal, "meeting": meeting, "outcome": "APPROVED", "rationale": "So.", "digest": seen });
    somebody.done("renegotiationDecide", verdict, "plan { id }").await;
    somebody
        .done("meetingAcknowledge", json!({ "meeting": meeting, "person": them, "planRevision": 2 }), "meeting { id }")
        .await;
    meeting
}

#[tokio::test]
async fn an_erased_name_is_in_no_answer_and_the_record_stays_to_the_byte() {
    let server = Server::start().await;
    let somebody = server.caller_with(SUBJECT, &Scope::ALL, "*");
    let meeting = live_a_quarter(&server, &somebody).await;
    let (person, then, sql) = (id_of(&somebody).await, server.now(), server.sql().await);
    let everyone = keeper(&server);
    let asked = json!({ "meeting": meeting, "person": person, "asOf": then });
    let before = everyone.ask(ALL, asked.clone()).await.data().clone();
    assert!(before.to_string().matches(SUBJECT).count() > 15, "{before:#}");
    let leaves_before = leaves(&sql).await;

    let shown = erase(&server, &person).await;

    assert!(shown["erasedAt"].is_string(), "{shown}");
    let nameless = json!({ "id": person, "name": "Erased person", "subject": null, "issuer": null, "kind": "PERSON",
                           "erasedAt": shown["erasedAt"] });
    assert_eq!(shown, nameless);
    let after = everyone.ask(ALL, asked).await.data().clone();
    assert!(!after.to_string().contains(SUBJECT), "{after:#}");
    let brief = after["meeting"]["brief"].as_str().unwrap();
    assert!(brief.contains("Erased person"), "{brief}");
    assert_eq!(after["january"], before["january"]);
    assert_eq!(after["plan"]["digest"], before["plan"]["digest"]);
    assert_eq!(
        after["plan"]["objectives"][0]["owner"],
        json!({ "id": person, "name": "Erased person", "subject": null })
    );
    let mut leaves_after = leaves(&sql).await;
    let (body, _) = leaves_after.pop().unwrap();
    assert_eq!(leaves_after, leaves_before);
    for (body, leaf_hash) in &leaves_after {
        assert_eq!(leaf_hash, &Sha256::new().chain_update([0]).chain_update(body).finalize().to_vec());
        assert!(!String::from_utf8_lossy(body).contains(SUBJECT));
    }
    let entry: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&entry["action"], &entry["subject"], &entry["reason"]),
        (&json!("PERSON_ERASED"), &json!({ "kind": "PERSON", "id": person }), &json!("They asked for it."))
    );
    let states = json!([{ "kind": "PERSON", "erased": false }, { "kind": "PERSON", "erased": true }]);
    assert_eq!(json!([entry["before"], entry["after"]]), states);
    verified(&server).await;
}

#[tokio::test]
async fn an_erasure_needs_the_scope_a_reason_somebody_to_erase_and_every_team() {
    let server = Server::start().await;
    let person = id_of(&server.caller(SUBJECT, Role::Viewer, "*")).await;
    let admin = server.admin();
    let before = entries(&server).await;
    let table = [
        (json!({ "person": person }), "REASON_REQUIRED"),
        (json!({ "person": person, "reason": " " }), "REASON_REQUIRED"),
        (json!({ "person": UNKNOWN, "reason": "r" }), "NOT_FOUND"),
        (json!({ "person": "plan_01h455vb4pex5vsknk084sn02q", "reason": "r" }), "INVALID"),
    ];
    for (input, code) in table {
        assert_eq!(admin.refused("personErase", input.clone()).await, [code], "{input}");
    }
    let input = json!({ "person": person, "reason": "r" });
    for role in [Role::Viewer, Role::Approver, Role::Auditor, Role::Integration] {
        let answer = server.caller("other", role, "*").try_mutate("personErase", input.clone(), "__typename").await;
        assert_eq!(
            (answer.code(), &answer.body["errors"][0]["extensions"]["scope"]),
            ("FORBIDDEN", &json!("admin")),
            "{}",
            role.name()
        );
    }
    assert_eq!(server.caller("some", Role::Admin, "PAY").refused("personErase", input.clone()).await, ["INVALID"]);
    assert_eq!(entries(&server).await, before);

    erase(&server, &person).await;

    assert_eq!(admin.refused("personErase", input).await, ["CONFLICT"]);
    assert_eq!(entries(&server).await, before + 1);
}

#[tokio::test]
async fn a_token_that_is_used_again_stands_for_a_new_person() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let somebody = server.caller_with(SUBJECT, &Scope::ALL, "*");
    submit(&somebody, "PAY", "Export").await;
    let old = id_of(&somebody).await;

    erase(&server, &old).await;
    submit(&somebody, "PAY", "Import").await;

    let new = id_of(&somebody).await;
    assert_ne!(old, new);
    let log =
        "{ auditLog(filter: { action: { eq: IDEA_SUBMITTED } }, orderBy: SEQ_ASC) { nodes { actor { id subject } } } }";
    let log = server.auditor().query(log).await;
    let actors = json!([{ "actor": { "id": old, "subject": null } }, { "actor": { "id": new, "subject": SUBJECT } }]);
    assert_eq!(log["auditLog"]["nodes"], actors);
    let owner = json!({ "team": "PAY", "kind": "STATUS", "title": "t", "attendees": [{ "person": { "id": old }, "ask": "INPUT" }] });
    assert_eq!(somebody.refused("meetingPrepare", owner).await, ["CONFLICT"], "somebody erased takes on nothing new");
}

/// What `personErase` and another mutation answer, in one request: the actor is known before either runs.
#[tokio::test]
async fn a_request_of_somebody_erased_under_way_writes_nothing_more_in_their_name() {
    let server = Server::start().await;
    let somebody = server.caller_with(SUBJECT, &Scope::ALL, "*");
    let person = id_of(&somebody).await;
    let both = r#"mutation($person: ID!) { personErase(input: { person: $person, reason: "Me." }) { person { name } userErrors { code } }
        teamCreate(input: { key: "PAY", name: "Payments" }) { team { id } userErrors { code remedy } } }"#;

    let answer = somebody.ask(both, json!({ "person": person })).await;

    assert_eq!(answer.data()["personErase"]["person"]["name"], "Erased person");
    assert_eq!(codes(&answer.data()["teamCreate"]), ["CONFLICT"], "{answer:?}");
    let last = "{ auditLog(first: 1) { nodes { action actor { id } } } }";
    let by = json!([{ "action": "PERSON_ERASED", "actor": { "id": person } }]);
    assert_eq!(server.auditor().query(last).await["auditLog"]["nodes"], by);
    somebody.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
}

#[tokio::test]
async fn an_author_is_erased_only_when_nothing_of_theirs_waits_and_nobody_copies_it_after() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "It waits." } }]);
    let planner = server.planner();
    let author = id_of(&planner).await;
    let draft = json!({ "plan": committed.plan, "changes": changes, "trigger": "t", "reason": "r", "tradeOff": "o" });
    let id = planner.done("renegotiationDraft", draft, "renegotiation { id }").await["renegotiation"]["id"].clone();
    let erasing = json!({ "person": author, "reason": "Left." });
    let (admin, approver) = (server.admin(), server.approver());

    let drafted = admin.mutate("personErase", erasing.clone(), "__typename").await;
    planner.done("renegotiationPropose", json!({ "renegotiation": id }), "renegotiation { id }").await;
    let proposed = admin.mutate("personErase", erasing.clone(), "__typename").await;
    let taken_back = json!({ "renegotiation": id, "reason": "So that its author can be erased." });
    approver.done("renegotiationWithdraw", taken_back, "renegotiation { id }").await;
    admin.done("personErase", erasing, "person { name }").await;
    let copy = json!({ "plan": committed.plan, "from": id });
    let copied = approver.mutate("renegotiationDraft", copy, "__typename").await;

    for refused in [&drafted, &proposed] {
        let error = &refused["userErrors"][0];
        assert_eq!(codes(refused), ["CONFLICT"]);
        assert!(error["message"].as_str().unwrap().contains(id.as_str().unwrap()), "{error}");
        assert!(error["remedy"].as_str().unwrap().contains("renegotiationWithdraw"), "{error}");
    }
    assert_eq!((codes(&copied), &copied["userErrors"][0]["field"]), (vec!["CONFLICT".to_owned()], &json!(["from"])));
    assert_eq!(digest(&server, &committed.plan).await.len(), 64);
}

#[tokio::test]
async fn a_deals_contact_is_erased_and_comes_back_with_the_crms_next_post_as_somebody_new() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let everyone = keeper(&server);
    let idea = submit(&everyone, "PAY", "Export").await;
    let post = but(deal("1", "1000", Some("2026-10-01T00:00:00Z")), json!({ "contact": "name-to-forget" }));
    let request = ask_for(&everyone, &idea, post.clone()).await;
    let read = format!(
        "{{ node(id: \"{request}\") {{ ... on CustomerRequest {{ deal {{ account contact {{ id name kind }} }} }} }} }}"
    );
    let contact = async || everyone.query(&read).await["node"]["deal"]["contact"].clone();
    let old = contact().await["id"].as_str().unwrap().to_owned();
    let sql = server.sql().await;
    let guess = async || {
        let asked = Statement::from_string(sql.get_database_backend(), "SELECT digest FROM deal");
        sql.query_one_raw(asked).await.unwrap().unwrap().try_get::<String>("", "digest").unwrap()
    };
    let confirms = guess().await;

    erase(&server, &old).await;

    assert_eq!(contact().await, json!({ "id": old, "name": "Erased person", "kind": "NAMED" }));
    assert_ne!(guess().await, confirms, "the digest of the post would confirm who guesses the name");
    let older = but(post.clone(), json!({ "sourceUpdatedAt": "2026-09-01T00:00:00Z", "account": "Older" }));
    ask_for(&everyone, &idea, older).await;
    assert_eq!(contact().await["id"], old, "what is older overwrites nothing");
    ask_for(&everyone, &idea, post).await;
    let new = contact().await;
    assert_eq!((&new["name"], new["id"] == old), (&json!("name-to-forget"), false));
    assert_eq!(guess().await, confirms);
    verified(&server).await;
}

/// What of a text is left in the embedded database's files.
fn left(server: &Server, text: &str) -> Vec<String> {
    let DatabaseUrl::Sqlite(file) = &server.database else { panic!("not embedded") };
    let files = std::fs::read_dir(file.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    // Read by another process: whoever opens and closes a file gives up the locks that this process, the server's, holds
    // on it (sqlite.org/howtocorrupt.html, 2.2), and then another one may cut off what is mapped here.
    let holds = |path: &std::path::PathBuf| {
        let read = std::process::Command::new("cat").arg(path).output().unwrap();
        assert!(read.status.success(), "{}", path.display());
        read.stdout.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files.filter(holds).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_byte_of_the_name_stays_in_the_embedded_files() {
    let server = Server::start_embedded().await;
    teams(&server, &["PAY"]).await;
    let person = id_of(&server.caller(SUBJECT, Role::Viewer, "*")).await;
    assert!(!left(&server, SUBJECT).is_empty());

    // What the first part of the request shows is read from a snapshot that the second must not wait for.
    let both = r#"mutation($person: ID!) { teamUpdate(input: { team: "PAY", name: "Payments" }) { team { name } }
        personErase(input: { person: $person, reason: "Asked." }) { person { name } userErrors { code } } }"#;
    let answer = server.admin().ask(both, json!({ "person": person })).await;

    assert_eq!(answer.data()["personErase"]["userErrors"], json!([]));
    assert_eq!(left(&server, SUBJECT), Vec::<String>::new());
}

#[tokio::test]
async fn the_name_goes_also_where_somebody_reads_and_whoever_asked_has_gone_away() {
    let server = Server::start_embedded().await;
    teams(&server, &["PAY"]).await;
    let person = id_of(&server.caller(SUBJECT, Role::Viewer, "*")).await;
    let sql = server.sql().await;
    let reading = sql.begin().await.unwrap();
    reading.execute_unprepared("SELECT COUNT(*) FROM audit_entry").await.unwrap();

    let admin = server.admin();
    let input = json!({ "person": person, "reason": "Asked." });
    let asked = tokio::spawn(async move { admin.try_mutate("personErase", input, "person { id }").await });
    let erased = format!("{{ node(id: \"{person}\") {{ ... on Person {{ erasedAt }} }} }}");
    while server.auditor().query(&erased).await["node"]["erasedAt"].is_null() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    asked.abort();
    assert!(!left(&server, SUBJECT).is_empty(), "somebody still reads what was there before");
    teams(&server, &["OPS"]).await;
    reading.rollback().await.unwrap();

    while !left(&server, SUBJECT).is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_command_erases_beside_a_process_that_knew_the_person() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let somebody = server.caller_with(SUBJECT, &Scope::ALL, "*");
    submit(&somebody, "PAY", "Export").await;
    let old = id_of(&somebody).await;
    let run = async |arguments: &[&str]| holdline(&server.database, &[&["erase"], arguments].concat()).await;
    let why = ["--reason", "Asked, request 17."];

    let failing: [(&[&str], &str); 5] = [
        (&["--subject", "nobody", why[0], why[1]], "Nobody of that subject"),
        (&["--subject", SUBJECT, "--issuer", "https://elsewhere.example", why[0], why[1]], "Nobody of that subject"),
        (&["--person", UNKNOWN, why[0], why[1]], "NOT_FOUND"),
        (&["--person", "plan_1", why[0], why[1]], "begins with person_"),
        (&["--subject", SUBJECT], "--reason"),
    ];
    for (arguments, words) in failing {
        let ran = run(arguments).await;
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
    }
    let ran = run(&["--subject", SUBJECT, "--issuer", "holdline", why[0], why[1]]).await;

    assert_eq!((ran.code, ran.out), (0, format!("The person {old} is erased.\n")), "{}", ran.err);
    if !on_postgres() {
        assert_eq!(left(&server, SUBJECT), Vec::<String>::new());
    }
    submit(&somebody, "PAY", "Import").await;
    let log =
        "{ auditLog(first: 2) { nodes { action reason actor { id subject } subject { ... on Person { id } } } } }";
    let log = server.auditor().query(log).await["auditLog"]["nodes"].clone();
    assert_ne!(log[0]["actor"]["id"], json!(old));
    assert_eq!(log[0]["actor"]["subject"], SUBJECT);
    assert_eq!(
        (&log[1]["action"], &log[1]["reason"], &log[1]["subject"]["id"], &log[1]["actor"]["subject"]),
        (&json!("PERSON_ERASED"), &json!("Asked, request 17."), &json!(old), &json!("operator"))
    );
    assert_eq!(run(&["--person", &old, why[0], why[1]]).await.code, 2);
}

#[tokio::test]
async fn sql_neither_brings_an_erased_person_back_nor_erases_without_an_entry() {
    let server = Server::start().await;
    let (gone, here) = (id_of(&server.caller(SUBJECT, Role::Viewer, "*")).await, id_of(&server.planner()).await);
    erase(&server, &gone).await;
    let sql = server.sql().await;
    let (gone, here) = (raw(&gone), raw(&here));
    let columns = "name = '', issuer = NULL, subject = NULL, salt = NULL, erased_at = 1";
    let mut attempts = vec![
        format!("UPDATE person SET name = 'back' WHERE id = {gone}"),
        format!("UPDATE person SET erased_at = NULL, audit_seq = NULL WHERE id = {gone}"),
        format!("DELETE FROM person WHERE id = {gone}"),
        format!("UPDATE person SET {columns} WHERE id = {here}"),
        format!("UPDATE person SET {columns}, audit_seq = 0 WHERE id = {here}"),
        format!("UPDATE person SET {columns}, audit_seq = (SELECT MAX(seq) FROM audit_entry) WHERE id = {here}"),
        format!("INSERT INTO person (id, name, kind, erased_at) VALUES ({}, '', 'NAMED', 1)", raw(UNKNOWN)),
    ];
    if !on_postgres() {
        attempts.push(format!("INSERT OR REPLACE INTO person (id, name, kind) VALUES ({gone}, 'back', 'NAMED')"));
    }
    for attempt in attempts {
        let refused = sql.execute_unprepared(&attempt).await;
        let error = refused.expect_err(&attempt).to_string();
        assert!(error.contains("erased person"), "{attempt}: {error}");
    }
}
