//! What goes wrong around a service, under load: its database restarts, its connections are cut, its disk is full, it is
//! told to stop, its migration is killed half-way. Each time nothing acknowledged is lost, nothing is doubled, nothing is
//! half done, and the log verifies (invariants 4, 7 and 9).

use std::{
    collections::BTreeMap,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use holdline::store::{Database, DatabaseUrl};
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Cluster, Disk, Process, Proxy, fresh_database, holdline, on_postgres};

/// How many clients write at once.
const CLIENTS: u64 = 8;

const SUBMIT: &str =
    "mutation($input: IdeaSubmitInput!) { ideaSubmit(input: $input) { idea { id } userErrors { message } } }";

/// Clients that submit one idea after the other, each under a key of its own and again until it is acknowledged.
struct Load {
    url: String,
    token: String,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<Mutex<BTreeMap<String, String>>>,
    codes: Arc<Mutex<BTreeMap<String, u64>>>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    async fn start(process: &Process, database: &DatabaseUrl, folder: &Path) -> Self {
        let said = ["--subject", "load", "--scopes", "read,admin,ideas:write,audit:read", "--teams", "*"];
        let token = Process::token(database, folder, &said).await;
        let url = format!("{}/graphql", process.address);
        let (stop, acknowledged, codes) = (Arc::default(), Arc::default(), Arc::default());
        let mut load = Self { url, token, stop, acknowledged, codes, clients: Vec::new() };
        load.ask(
            r#"mutation { teamCreate(input: { key: "PAY", name: "Payments" }) { team { id } } }"#,
            &json!({}),
            "t",
        )
        .await
        .unwrap();
        for client in 0..CLIENTS {
            load.clients.push(tokio::spawn(load.handle().submit_all(client)));
        }
        load
    }

    fn handle(&self) -> Self {
        let (url, token, stop) = (self.url.clone(), self.token.clone(), Arc::clone(&self.stop));
        let (acknowledged, codes) = (Arc::clone(&self.acknowledged), Arc::clone(&self.codes));
        Self { url, token, stop, acknowledged, codes, clients: Vec::new() }
    }

    async fn ask(&self, query: &str, variables: &Value, key: &str) -> Option<Value> {
        let request = reqwest::Client::new().post(&self.url).bearer_auth(&self.token).header("Idempotency-Key", key);
        let request = request.timeout(Duration::from_secs(20)).json(&json!({ "query": query, "variables": variables }));
        request.send().await.ok()?.json().await.ok()
    }

    async fn submit_all(self, client: u64) {
        for number in 0_u64.. {
            let title = format!("idea-{client}-{number}");
            let input = json!({ "input": { "team": "PAY", "title": title } });
            loop {
                if self.stop.load(Ordering::SeqCst) {
                    return;
                }
                let answer = self.ask(SUBMIT, &input, &title).await;
                let made = answer.as_ref().and_then(|answer| answer["data"]["ideaSubmit"]["idea"]["id"].as_str());
                if let Some(id) = made {
                    self.acknowledged.lock().unwrap().insert(title, id.to_owned());
                    break;
                }
                self.note(answer);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Counts what was answered in place of what was asked for.
    fn note(&self, answer: Option<Value>) {
        let code = answer.map_or("none".to_owned(), |answer| {
            answer["errors"][0]["extensions"]["code"].as_str().map_or_else(|| answer.to_string(), str::to_owned)
        });
        *self.codes.lock().unwrap().entry(code).or_default() += 1;
    }

    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// Waits until so many more are acknowledged.
    async fn further(&self, more: usize) {
        let wanted = self.count() + more;
        for _ in 0..600 {
            if self.count() >= wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{} of {wanted} acknowledged; answers: {:?}", self.count(), self.codes.lock().unwrap());
    }

    /// Ends it; the answer is how often each code was met.
    async fn end(&mut self) -> BTreeMap<String, u64> {
        self.stop.store(true, Ordering::SeqCst);
        for client in self.clients.drain(..) {
            client.await.unwrap();
        }
        self.codes.lock().unwrap().clone()
    }

    /// Everything that was acknowledged is there once, under its id; the log verifies.
    async fn kept(&self, process: &Process, database: &DatabaseUrl, folder: &Path) {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut after = Value::Null;
        loop {
            let query = "query($after: String) { ideas(first: 250, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } } }";
            let request = reqwest::Client::new().post(format!("{}/graphql", process.address)).bearer_auth(&self.token);
            let body = json!({ "query": query, "variables": { "after": after } });
            let answer: Value = request.json(&body).send().await.unwrap().json().await.unwrap();
            let page = &answer["data"]["ideas"];
            for node in page["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")) {
                let (title, id) = (node["title"].as_str().unwrap(), node["id"].as_str().unwrap());
                found.entry(title.to_owned()).or_default().push(id.to_owned());
            }
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        for (title, id) in &*self.acknowledged.lock().unwrap() {
            assert_eq!(found.get(title), Some(&vec![id.clone()]), "{title}");
        }
        assert!(found.values().all(|ids| ids.len() == 1), "one was made twice");
        let verified = holdline(database, &["audit", "verify", "--data-dir", folder.to_str().unwrap()]).await;
        assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    }
}

/// Nobody is told that something is wrong inside when the database is away.
fn only_unavailable(codes: &BTreeMap<String, u64>) {
    assert!(codes.keys().all(|code| code == "UNAVAILABLE" || code == "TIMEOUT"), "{codes:?}");
}

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
        panic!("{field} is not answered: {:?}", asking.codes.lock().unwrap());
    };
    let read = until_done("{ teams { totalCount } }", json!({}), "teams").await;
    // Once the server has found out that nobody is there any more who holds the lock.
    let input = json!({ "input": { "team": "PAY", "title": "After the silence" } });
    let written = until_done(SUBMIT, input, "ideaSubmit").await;
    load.further(50).await;
    let codes = load.end().await;

    only_unavailable(&codes);
    assert_eq!(read["totalCount"], 1);
    load.acknowledged
        .lock()
        .unwrap()
        .insert("After the silence".into(), written["idea"]["id"].as_str().unwrap().into());
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
    let Some(disk) = Disk::small(folder.path()) else {
        return eprintln!("no disk can be mounted here: the story of a full one is not told");
    };
    let database = DatabaseUrl::in_folder(folder.path());
    let process = Process::start(&database, folder.path(), &[]).await;
    let mut load = Load::start(&process, &database, folder.path()).await;
    load.further(50).await;

    disk.fill();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let met = load.codes.lock().unwrap().clone();
    let reads = load.ask("{ teams { totalCount } }", &json!({}), "read").await.unwrap();
    std::fs::remove_file(disk.filler()).unwrap();
    load.further(50).await;
    let codes = load.end().await;

    assert!(met.values().sum::<u64>() > 0, "the disk was never full");
    only_unavailable(&codes);
    assert_eq!(reads["data"]["teams"]["totalCount"], 1, "{reads:#}");
    load.kept(&process, &database, folder.path()).await;
    drop(process);
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
    let met = load.codes.lock().unwrap().clone();
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

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_is_killed_half_way_is_finished_by_the_next_one() {
    let (folder, cluster) = (tempfile::tempdir().unwrap(), Cluster::start(&[]).await);
    let embedded = Some((DatabaseUrl::in_folder(folder.path()), "SQLite"));
    let other = cluster.as_ref().map(|cluster| (cluster.database(), "PostgreSQL"));
    for (database, name) in embedded.into_iter().chain(other) {
        let mut patience = Duration::from_millis(5);
        let mut kills = 0;
        loop {
            let mut command = Command::new(env!("CARGO_BIN_EXE_holdline-under-test"));
            command.arg("migrate").env("HOLDLINE_DATA_DIR", folder.path()).env("HOLDLINE_LOG", "error");
            if let DatabaseUrl::Postgres(url) = &database {
                command.env("HOLDLINE_DATABASE_URL", url);
            }
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            if let Ok(ended) = tokio::time::timeout(patience, child.wait()).await {
                assert!(ended.unwrap().success(), "{name} after {kills} kills");
                break;
            }
            child.kill().await.unwrap();
            kills += 1;
            patience += Duration::from_millis(15);
        }

        let process = Process::start(&database, folder.path(), &[]).await;
        let ready = reqwest::get(format!("{}/readyz", process.address)).await.unwrap();
        assert!(kills > 1, "{name}: it was killed {kills} times");
        assert_eq!(ready.status(), 200, "{name}: {}", ready.text().await.unwrap());
    }
}
