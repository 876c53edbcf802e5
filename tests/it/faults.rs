//! What goes wrong around a service, under load: its database restarts, its connections are cut, its disk is full, it is
//! told to stop. Each time nothing acknowledged is lost, nothing is doubled, nothing is
//! half done, and the log verifies (invariants 4, 7 and 9).

use std::time::{Duration, Instant};

use holdline::store::{Database, DatabaseUrl};
use sea_orm::{ConnectOptions, ConnectionTrait as _, DatabaseConnection};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{
    Cluster, Disk, Load, Process, Proxy, SUBMIT, fresh_database, holdline, on_postgres, only_unavailable,
};

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_that_crashes_and_comes_back_twice_under_load_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;

    for _ in 0..2 {
        load.further(50).await;
        cluster.crash().await;
    }
    load.further(50).await;
    let codes = load.end().await;

    only_unavailable(&codes);
    load.kept(&process, &database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_wait_for_its_disk_is_refused() {
    let Some(cluster) = Cluster::start(&["fsync=off"]).await else { return };

    let refused = holdline(&cluster.database(), &["serve", "--listen", "127.0.0.1:0"]).await;

    assert!(refused.code == 2 && refused.err.contains("fsync = on"), "{}", refused.err);
    let looked = holdline(&cluster.database(), &["doctor"]).await;
    assert!(looked.code == 1, "{}", looked.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_waits_for_the_disk_whatever_the_server_says() {
    let Some(cluster) = Cluster::start(&["synchronous_commit=off"]).await else { return };

    let opened = Database::open(&cluster.database()).await.unwrap();

    assert_eq!(opened.setting("synchronous_commit").await.unwrap().as_deref(), Some("on"));
    opened.durable().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_under_load_are_opened_anew() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    let owner = crate::support::owner_of(&database).await;

    for _ in 0..5 {
        load.further(20).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'holdline' AND datname = current_database()";
        owner.execute_unprepared(cut).await.unwrap();
    }
    load.further(50).await;
    let codes = load.end().await;

    only_unavailable(&codes);
    load.kept(&process, &database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_connections_others_have_all_taken_is_asked_until_it_has_one_again() {
    const MOST: usize = 24;
    let Some(cluster) = Cluster::start(&[&format!("max_connections={MOST}")]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;

    let mut others = Vec::new();
    for _ in 0..10 * MOST {
        others.extend(connection(&database).await);
        if others.len() == MOST {
            break;
        }
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdline'";
        others[0].execute_unprepared(cut).await.unwrap();
    }
    let taken = others.len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let met = load.met();
    let read = load.ask("{ teams { totalCount } }", &json!({}), "read").await.unwrap();
    drop(others);
    load.further(50).await;
    let codes = load.end().await;

    assert_eq!(taken, MOST);
    assert!(met.values().sum::<u64>() > 0, "there was always a connection left");
    assert_eq!(read["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{read:#}");
    only_unavailable(&codes);
    load.kept(&process, &database, folder.path()).await;
}

/// A connection of somebody else; none where the server has none left.
async fn connection(database: &DatabaseUrl) -> Option<DatabaseConnection> {
    let DatabaseUrl::Postgres(url) = database else { unreachable!("a cluster is PostgreSQL") };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).connect_timeout(Duration::from_millis(500));
    sea_orm::Database::connect(options).await.ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_falls_silent_under_load_is_asked_anew_and_nothing_is_lost_or_doubled() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let Some(proxy) = Proxy::before(&database).await else { return };
    let process = Process::start(&proxy.database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;

    proxy.fall_silent();
    let (began, asking) = (Instant::now(), load.handle());
    // Each under a key of its own, however often it is asked.
    let until_done = async |query: &str, variables: Value, field: &str| {
        while began.elapsed() < Duration::from_mins(3) {
            let answer = asking.ask(query, &variables, field).await;
            match answer.as_ref().map(|answer| &answer["data"][field]) {
                Some(Value::Null) | None => asking.note(answer),
                Some(done) => return done.clone(),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{field} is not answered: {:?}", asking.met());
    };
    let read = until_done("{ teams { totalCount } }", json!({}), "teams").await;
    // Once the server has found out that nobody is there any more who holds the lock.
    let input = json!({ "input": { "team": "PAY", "title": "After the silence" } });
    let written = until_done(SUBMIT, input, "ideaSubmit").await;
    load.further(50).await;
    let codes = load.end().await;

    only_unavailable(&codes);
    assert_eq!(read["totalCount"], 1);
    load.acknowledge("After the silence", written["idea"]["id"].as_str().unwrap());
    load.kept(&process, &database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_under_load_answers_what_it_took_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let mut process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;

    load.further(50).await;
    let asked = Command::new("kill").args(["-TERM", &process.child.id().unwrap().to_string()]).status().await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), process.child.wait()).await.unwrap().unwrap();
    let codes = load.end().await;
    let verified = holdline(&database, &["audit", "verify", "--data-dir", folder.path().to_str().unwrap()]).await;
    let again = Process::start(&database, folder.path(), &[]).await;

    assert!(asked.success() && ended.success(), "{ended:?}");
    // Whoever came too late found nobody; whoever was heard was answered.
    assert!(codes.keys().all(|code| code == "none"), "{codes:?}");
    // The last thing that it did was to sign what it had committed.
    assert!(verified.code == 0 && !verified.out.contains("under no checkpoint"), "{}", verified.out);
    load.kept(&again, &database, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_loses_nothing_and_they_go_on_once_there_is_room() {
    if on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::small(folder.path(), 24) else {
        return eprintln!("no disk can be mounted here: the story of a full one is not told");
    };
    let database = DatabaseUrl::in_folder(folder.path());
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;
    let looked = holdline(&database, &["doctor", "--data-dir", folder.path().to_str().unwrap()]).await;

    disk.fill();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let met = load.met();
    let reads = load.ask("{ teams { totalCount } }", &json!({}), "read").await.unwrap();
    std::fs::remove_file(disk.filler()).unwrap();
    load.further(50).await;
    let codes = load.end().await;

    assert!(looked.code == 1 && looked.out.contains("once it is full, nothing is written"), "{}", looked.out);
    assert!(met.values().sum::<u64>() > 0, "the disk was never full");
    only_unavailable(&codes);
    assert_eq!(reads["data"]["teams"]["totalCount"], 1, "{reads:#}");
    load.kept(&process, &database, folder.path()).await;
    drop(process);
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_whose_disk_is_full_refuses_writes_and_loses_nothing_and_they_go_on_once_there_is_room() {
    let place = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::small(place.path(), 160) else {
        return eprintln!("no disk can be mounted here: the story of a full one is not told");
    };
    let within = tempfile::tempdir_in(place.path()).unwrap();
    let Some(cluster) = Cluster::start_in(within, &["min_wal_size=32MB", "max_wal_size=48MB"]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;

    disk.fill();
    for _ in 0..600 {
        if !load.met().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let met = load.met();
    std::fs::remove_file(disk.filler()).unwrap();
    // A server that cannot write its journal ends, sooner or later; whoever runs it starts it again.
    for _ in 0..5 {
        cluster.revive().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    load.further(50).await;
    let codes = load.end().await;

    assert!(!met.is_empty(), "the disk was never full");
    only_unavailable(&codes);
    load.kept(&process, &database, folder.path()).await;
    drop(process);
    drop(cluster);
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_refuses_writes_and_loses_nothing_and_they_go_on_once_it_may() {
    if on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = DatabaseUrl::in_folder(folder.path());
    let process =
        Process::start_under(&["sh", "-c", r#"trap "" XFSZ; exec "$0" "$@""#], &database, folder.path()).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;

    limit(&process, "1000000").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let met = load.met();
    let reads = load.ask("{ teams { totalCount } }", &json!({}), "read").await.unwrap();
    limit(&process, "unlimited").await;
    load.further(50).await;
    let codes = load.end().await;

    assert!(met.values().sum::<u64>() > 0, "the file always grew");
    only_unavailable(&codes);
    assert_eq!(reads["data"]["teams"]["totalCount"], 1, "{reads:#}");
    load.kept(&process, &database, folder.path()).await;
}

/// How large a file the process may write, in bytes: what is beyond is refused as by a full disk.
async fn limit(process: &Process, bytes: &str) {
    let arguments = ["--pid", &process.child.id().unwrap().to_string(), &format!("--fsize={bytes}:")];
    assert!(Command::new("prlimit").args(arguments).status().await.unwrap().success());
}
