//! A migration that is killed within its transaction, on a store with something in it: what was there is as it was, nothing
//! is half done, and the next one finishes it.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use holdline::store::DatabaseUrl;
use rusqlite::TransactionBehavior;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, TransactionTrait as _};

use crate::support::{Cluster, Load, Process, holdline};

/// Steps that are undone, so that a store is two behind.
const STEPS: &str = "'m0020_idea_wanted', 'm0021_demand_order'";

/// What they made, each by a statement of its own.
const MADE: &str = "'idea_wanted', 'idea_demand_all', 'idea_demand_all_team', 'idea_demand_open', 'idea_demand_open_team', 'idea_demand_place'";

/// How much there is of them when they are done: the steps and what they made.
const DONE: usize = 8;

/// How often a migration is killed on SQLite, each time a moment later.
const KILLS: u64 = 24;

/// A store in which somebody wrote, and who knows what was acknowledged.
async fn written(database: &DatabaseUrl, folder: &Path) -> Load {
    let mut process = Process::start(database, folder, &[]).await;
    let mut load = Load::start(&process, database, folder).await;
    load.further(200).await;
    load.end().await;
    process.child.kill().await.unwrap();
    load
}

/// Whoever owns the tables: a cluster of the story's own has one login.
async fn owner_of(database: &DatabaseUrl) -> DatabaseConnection {
    let url = match database {
        DatabaseUrl::Postgres(url) => url.clone(),
        DatabaseUrl::Sqlite(file) => format!("sqlite://{}", file.display()),
    };
    sea_orm::Database::connect(url).await.unwrap()
}

async fn put_back(owner: &DatabaseConnection) {
    if there(owner).await == 0 {
        return;
    }
    let untriggered = match owner.get_database_backend() {
        DbBackend::Postgres => "DROP FUNCTION idea_demand_place() CASCADE",
        _ => "DROP TRIGGER idea_demand_place",
    };
    let steps = format!("DELETE FROM seaql_migrations WHERE version IN ({STEPS})");
    for undone in [
        "DROP INDEX idea_wanted",
        "DROP INDEX idea_demand_all",
        "DROP INDEX idea_demand_all_team",
        "DROP INDEX idea_demand_open",
        "DROP INDEX idea_demand_open_team",
        untriggered,
        "ALTER TABLE idea_demand DROP COLUMN team_id",
        "ALTER TABLE idea_demand DROP COLUMN created_seq",
        "CREATE INDEX idea_demand_requests ON idea_demand (status, currency, requests, idea_id)",
        "CREATE INDEX idea_demand_amount ON idea_demand (status, currency, amount, idea_id)",
        &steps,
    ] {
        owner.execute_unprepared(undone).await.unwrap_or_else(|error| panic!("{undone}: {error}"));
    }
}

/// How much there is of the steps.
async fn there(owner: &DatabaseConnection) -> usize {
    let relations = match owner.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT name FROM (SELECT relname FROM pg_class UNION ALL SELECT tgname FROM pg_trigger) made (name) WHERE name"
        }
        _ => "SELECT name FROM sqlite_master WHERE name",
    };
    let steps = format!("SELECT version FROM seaql_migrations WHERE version IN ({STEPS})");
    count(owner, &steps).await + count(owner, &format!("{relations} IN ({MADE})")).await
}

fn migrate(database: &DatabaseUrl, folder: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
    command.arg("migrate").env("HOLDLINE_DATA_DIR", folder).env("HOLDLINE_LOG", "error");
    if let DatabaseUrl::Postgres(url) = database {
        command.env("HOLDLINE_DATABASE_URL", url);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// How many rows a statement answers.
async fn count(owner: &DatabaseConnection, sql: &str) -> usize {
    let backend = owner.get_database_backend();
    owner.query_all_raw(sea_orm::Statement::from_string(backend, sql)).await.unwrap().len()
}

/// That nothing of the steps is there; then they are run, and everything that was acknowledged is there.
async fn finished(load: &Load, database: &DatabaseUrl, folder: &Path) {
    let owner = owner_of(database).await;
    let half = there(&owner).await;
    let migrated = holdline(database, &["migrate", "--data-dir", folder.to_str().unwrap()]).await;
    let whole = there(&owner).await;
    assert_eq!(migrated.code, 0, "{}{}", migrated.out, migrated.err);
    assert_eq!((half, whole), (0, DONE));
    let placed = "SELECT d.idea_id FROM idea_demand d JOIN idea i ON i.id = d.idea_id
                  WHERE d.team_id = i.team_id AND d.created_seq = i.created_seq";
    let (parts, placed) = (count(&owner, "SELECT idea_id FROM idea_demand").await, count(&owner, placed).await);
    owner.close().await.unwrap();

    assert!(parts > 0 && placed == parts, "{placed} of {parts} parts of the demand have their place");
    let process = Process::start(database, folder, &[]).await;
    load.kept(&process, database, folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_on_postgresql_while_it_waits_within_its_transaction_leaves_nothing_behind() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    let load = written(&database, folder.path()).await;
    let owner = owner_of(&database).await;
    put_back(&owner).await;
    let queued =
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX idea_wanted%'";
    let theirs = "SELECT pid FROM pg_stat_activity WHERE application_name = 'holdline'";

    // Somebody writes an idea, and so its index has to wait.
    let writing = owner.begin().await.unwrap();
    writing.execute_unprepared("LOCK TABLE idea IN ROW EXCLUSIVE MODE").await.unwrap();
    let mut migrating = migrate(&database, folder.path());
    until(&cluster, queued, 1).await;
    migrating.kill().unwrap();
    migrating.wait().unwrap();
    writing.rollback().await.unwrap();
    until(&cluster, theirs, 0).await;
    owner.close().await.unwrap();

    finished(&load, &database, folder.path()).await;
}

async fn until(cluster: &Cluster, sql: &str, rows: usize) {
    let owner = owner_of(&cluster.database()).await;
    for _ in 0..600 {
        if count(&owner, sql).await == rows {
            return owner.close().await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{sql} never answered {rows} rows");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_on_sqlite_while_it_holds_the_file_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::in_folder(folder.path());
    let load = written(&database, folder.path()).await;

    let mut within = 0;
    for kill in 0..KILLS {
        let owner = owner_of(&database).await;
        put_back(&owner).await;
        owner.close().await.unwrap();
        let held = killed_while_it_holds(&database, folder.path(), Duration::from_micros(100 * kill));
        let owner = owner_of(&database).await;
        let there = there(&owner).await;
        owner.close().await.unwrap();
        assert!(there == 0 || there == DONE, "the kill {kill} left {there} of {DONE}");
        within += u64::from(held && there == 0);
    }
    assert!(within > 0, "none of {KILLS} kills fell into the transaction");

    let owner = owner_of(&database).await;
    put_back(&owner).await;
    owner.close().await.unwrap();
    finished(&load, &database, folder.path()).await;
}

/// Kills a migration a moment after nobody else can write; false where it was done before that was seen.
fn killed_while_it_holds(database: &DatabaseUrl, folder: &Path, moment: Duration) -> bool {
    let DatabaseUrl::Sqlite(file) = database else { unreachable!("the embedded database is a file") };
    let mut beside = rusqlite::Connection::open(file).unwrap();
    beside.busy_timeout(Duration::ZERO).unwrap();
    let mut migrating = migrate(database, folder);
    loop {
        let held = beside.transaction_with_behavior(TransactionBehavior::Immediate).is_err();
        if held {
            std::thread::sleep(moment);
            migrating.kill().unwrap();
        }
        if held || migrating.try_wait().unwrap().is_some() {
            migrating.wait().unwrap();
            return held;
        }
    }
}
