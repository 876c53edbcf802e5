//! A record moves between the two databases and back as it is, through a backup: every row, every signature, every guard.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use holdline::store::DatabaseUrl;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use serde_json::{Value, json};

use crate::{
    story::{STORY, told},
    support::{
        Ran, Server, bare_database, entries, fresh_database, holdline, keeper, on_postgres, owner_of, owner_url,
        submit, verified,
    },
    world::World,
};

/// Runs a command that may write to no folder but this one.
async fn run(database: &DatabaseUrl, folder: &Path, arguments: &[&str]) -> Ran {
    let folder = ["--data-dir", folder.to_str().unwrap()];
    holdline(database, &[arguments, &folder].concat()).await
}

fn done(ran: &Ran) {
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("no finding"), "{}", ran.out);
}

async fn log(database: &DatabaseUrl, folder: &Path) -> String {
    let exported = run(database, folder, &["audit", "export"]).await;
    assert_eq!(exported.code, 0, "{}", exported.err);
    exported.out
}

async fn story_of(server: &Server, id: &str) -> Value {
    server.auditor().ask(STORY, json!({ "id": id })).await.data().clone()
}

/// Tables that the furnished team leaves empty.
const EMPTY: [&str; 8] = [
    "client_request",
    "hook_deal",
    "idempotency_key",
    "meeting_input_disposition",
    "plan_closure",
    "plan_without_final",
    "refusal_count",
    "revoked_token",
];

/// The rows of one backup that another one lacks, by table; how searched texts are numbered is each database's own.
async fn missing(from: &Path, of: &Path) -> Vec<(String, i64)> {
    let db = sea_orm::Database::connect(format!("sqlite://{}", of.display())).await.unwrap();
    db.execute_unprepared(&format!("ATTACH '{}' AS other", from.display())).await.unwrap();
    let ask = |sql: String| db.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql));
    let tables = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_index%'
                  AND name NOT IN ('seaql_migrations', 'sqlite_stat1') ORDER BY name";
    let (mut lacking, mut empty) = (Vec::new(), Vec::new());
    for table in ask(tables.into()).await.unwrap() {
        let name: String = table.try_get_by_index(0).unwrap();
        if ask(format!("SELECT 1 FROM main.{name} LIMIT 1")).await.unwrap().is_empty() {
            empty.push(name.clone());
        }
        let columns = if name == "search_document" { "kind, subject_id, team_id, title, body" } else { "*" };
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT {columns} FROM main.{name} EXCEPT SELECT {columns} FROM other.{name})"
        );
        let lacks: i64 = ask(sql).await.unwrap()[0].try_get_by_index(0).unwrap();
        if lacks > 0 {
            lacking.push((name, lacks));
        }
    }
    db.close().await.unwrap();
    assert_eq!(empty, EMPTY);
    lacking
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_on_postgresql_is_backed_up_beside_writers_and_put_back_row_for_row_into_either_database() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    let server = Server::start().await;
    let (key_result, ..) = told(&server).await;
    World::furnish(&server, "OPS", "Quartz", None).await;
    let keeper = keeper(&server);
    let backed_up = AtomicBool::new(false);
    let writing = async {
        for number in 0.. {
            if backed_up.load(Ordering::SeqCst) {
                break;
            }
            submit(&keeper, "PAY", &format!("Meanwhile {number}")).await;
        }
    };
    let before = entries(&server).await;

    let (first, second) = (file("first.db"), file("second.db"));
    let arguments = ["backup", first.as_str()];
    let backing_up = async {
        let made = run(&server.database, folder.path(), &arguments).await;
        backed_up.store(true, Ordering::SeqCst);
        made
    };
    let (made, ()) = tokio::join!(backing_up, writing);
    done(&made);
    let copied: i64 = made.out.split(": ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((before..entries(&server).await).contains(&copied), "{before}: {}", made.out);
    std::fs::write(file("newer"), &server.signed().await.note).unwrap();
    let empty = owner_url(&fresh_database(folder.path()).await);
    let short = run(&empty, folder.path(), &["restore", &first, "--checkpoint", &file("newer")]).await;
    assert!(short.code == 2 && short.out.contains("log-cut"), "{}{}", short.out, short.err);
    done(&run(&empty, folder.path(), &["restore", &first, "--unchecked"]).await);
    done(&run(&empty, folder.path(), &["backup", &second]).await);
    let embedded = DatabaseUrl::in_folder(&folder.path().join("embedded"));
    done(&run(&embedded, &folder.path().join("embedded"), &["restore", &second, "--unchecked"]).await);

    let (one, other) = (folder.path().join("first.db"), folder.path().join("second.db"));
    assert_eq!((missing(&one, &other).await, missing(&other, &one).await), (vec![], vec![]));
    let there = log(&empty, folder.path()).await;
    assert!(there.lines().count() > 20 && there.contains("\"checkpoint\""), "{there}");
    assert!(log(&embedded, &folder.path().join("embedded")).await == there, "the log is another one");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_str().unwrap().contains("partial")), "{left:?}");
    let put_back = Server::over(empty, tempfile::tempdir().unwrap()).await;
    let story = story_of(&server, &key_result).await;
    assert_eq!(story["node"]["history"]["totalCount"], 5);
    assert_eq!(story_of(&put_back, &key_result).await, story);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_that_outgrew_the_embedded_store_goes_on_where_it_was_on_postgresql() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db").display().to_string();
    let embedded = Server::start_embedded().await;
    let (key_result, ..) = told(&embedded).await;
    let before = embedded.signed().await;
    let checkpoint = folder.path().join("newest").display().to_string();
    std::fs::write(&checkpoint, &before.note).unwrap();

    done(&run(&embedded.database, embedded.folder(), &["backup", &copy]).await);
    let service = bare_database().await;
    let DatabaseUrl::Postgres(owner) = owner_url(&service) else { panic!("it is on PostgreSQL") };
    let restore = ["restore", &copy, "--checkpoint", &checkpoint, "--owner-database-url", &owner];
    done(&run(&service, folder.path(), &restore).await);

    let moved = Server::over(service, tempfile::tempdir().unwrap()).await;
    assert_eq!(story_of(&moved, &key_result).await, story_of(&embedded, &key_result).await);
    let found = "{ search(text: \"reporting\", kinds: [IDEA]) { totalCount } }";
    assert_eq!(keeper(&moved).query(found).await["search"]["totalCount"], 1);
    submit(&keeper(&moved), "PAY", "It goes on").await;
    verified(&moved).await;
    // What guards the record is there as before: the service found no difference, and the owner meets it.
    let owner = owner_of(&moved.database).await;
    let altered = owner.execute_unprepared("UPDATE audit_entry SET reason = 'Another' WHERE seq = 1").await;
    assert!(altered.unwrap_err().to_string().contains("append-only"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_into_no_database_that_holds_a_record_and_through_no_services_login() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db").display().to_string();
    let server = Server::start().await;
    told(&server).await;
    done(&run(&server.database, folder.path(), &["backup", &copy]).await);
    server.signed().await;
    let before = log(&server.database, folder.path()).await;
    let fresh = fresh_database(folder.path()).await;

    let over = run(&owner_url(&server.database), folder.path(), &["restore", &copy, "--unchecked"]).await;
    let unowned = run(&fresh, folder.path(), &["restore", &copy, "--unchecked"]).await;

    assert!(over.code == 2 && over.err.contains("holds a record already"), "{}", over.err);
    assert!(log(&server.database, folder.path()).await == before, "the log is another one");
    let owner = owner_of(&server.database).await;
    owner.execute_unprepared("DELETE FROM seaql_migrations WHERE version = 'm0021_demand_order'").await.unwrap();
    let older = run(&owner_url(&server.database), folder.path(), &["restore", &copy, "--unchecked"]).await;
    assert!(older.code == 2 && older.err.contains("holds a record already"), "{}", older.err);
    let steps = "SELECT COUNT(*) FROM seaql_migrations WHERE version = 'm0021_demand_order'";
    let steps = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, steps)).await.unwrap().unwrap();
    assert_eq!(steps.try_get_by_index::<i64>(0).unwrap(), 0, "a refused restore brings nothing up to date");
    assert!(unowned.code == 2 && unowned.err.contains("does not own its tables"), "{}", unowned.err);
    let entries = Statement::from_string(DbBackend::Postgres, "SELECT COUNT(*) FROM audit_entry");
    let row = owner_of(&fresh).await.query_one_raw(entries).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
    owner_of(&fresh).await.execute_unprepared("DROP TABLE hook_deal").await.unwrap();
    let lacking = run(&fresh, folder.path(), &["backup", &format!("{copy}.lacking")]).await;
    assert!(lacking.code == 2 && lacking.err.contains("has no hook_deal."), "{}", lacking.err);
}
