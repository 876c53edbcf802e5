//! Invariant 11: what is kept holds no secret that somebody could use, and what goes wrong inside is told to the log
//! and to nobody else, under the id that whoever asked was given.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use serde_json::json;

use crate::support::{Caller, Process, Server, fresh_database, on_postgres, owner_of, teams};

/// Everything that a database holds, as text.
async fn dump(db: &DatabaseConnection) -> String {
    let backend = db.get_database_backend();
    let texts = async |sql: String| -> Vec<String> {
        let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let postgres = backend == DbBackend::Postgres;
    let tables = if postgres {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'idea_search%'"
    };
    let mut all = String::new();
    for table in texts(tables.to_owned()).await {
        // Bytes are shown in hexadecimal, so that a secret in a BLOB is found by that form of it.
        let rows = if postgres {
            format!("SELECT row_to_json(t)::text FROM {table} t")
        } else {
            let columns = texts(format!("SELECT name FROM pragma_table_info('{table}')")).await;
            let shown = |name: String| format!("iif(typeof({name}) = 'blob', hex({name}), ifnull({name}, ''))");
            let columns: Vec<_> = columns.into_iter().map(shown).collect();
            format!("SELECT {} FROM {table}", columns.join(" || ' ' || "))
        };
        all.push_str(&texts(rows).await.join("\n"));
    }
    all.to_lowercase()
}

fn hexadecimal(secret: &[u8]) -> String {
    secret.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn invariant_11_the_database_holds_no_token_no_key_and_nothing_that_was_sent_under_one() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let caller = server.caller_with("writer", &holdline_domain::permission::Scope::ALL, "*");
    let submit = "mutation($i: IdeaSubmitInput!) { ideaSubmit(input: $i) { idea { id } userErrors { code } } }";
    let idea = json!({ "i": { "team": "PAY", "title": "A title that is kept" } });
    caller.ask_under("a-key-of-a-retry", submit, idea).await.data();
    let revoked = server.planner();
    server.admin().done("tokenRevoke", json!({ "token": revoked.token_id(), "reason": "Lost." }), "__typename").await;

    let kept = dump(&owner_of(&server.database).await).await;

    assert!(
        kept.contains("a title that is kept") && kept.contains(&revoked.token_id().to_lowercase()),
        "the dump reads"
    );
    let key = std::fs::read(server.folder().join("signing.key")).unwrap();
    let signature = |caller: &Caller| caller.token().rsplit('.').next().unwrap().to_lowercase();
    for secret in [
        "a-key-of-a-retry".to_owned(),
        hexadecimal(b"a-key-of-a-retry"),
        signature(&caller),
        signature(&revoked),
        hexadecimal(&key),
    ] {
        assert!(!kept.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn invariant_11_what_fails_inside_is_in_the_log_under_the_id_that_the_client_gets() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let process = Process::start(&database, folder.path(), &[]).await;
    let said = ["--subject", "viewer", "--role", "viewer", "--teams", "*"];
    let token = Process::token(&database, folder.path(), &said).await;
    let url = format!("{}/graphql", process.address);
    let viewer = Caller::new(&url, token, String::new());
    viewer.query("{ ideas { totalCount } }").await;
    let cascade = if on_postgres() { " CASCADE" } else { "" };
    owner_of(&database).await.execute_unprepared(&format!("DROP TABLE idea_demand{cascade}")).await.unwrap();

    let sent =
        viewer.send("{ ideas(first: 1, orderBy: DEMAND_REQUESTS_DESC) { nodes { demand { requests } } } }").await;

    let header = sent.headers()["x-request-id"].to_str().unwrap().to_owned();
    let answer: serde_json::Value = sent.json().await.unwrap();
    let error = &answer["errors"][0];
    assert_eq!((&error["extensions"]["code"], &error["message"]), (&json!("INTERNAL"), &json!("internal error")));
    assert_eq!(error["extensions"]["requestId"], header);
    assert!(!answer.to_string().contains("idea_demand"), "{answer}");
    let log = std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let line = log.lines().find(|line| line.contains(&header)).unwrap_or_else(|| panic!("not in the log: {log}"));
    assert!(line.contains("idea_demand"), "{line}");
}
