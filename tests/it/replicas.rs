//! Several processes on one PostgreSQL, begun at once on a database that has no schema yet: one migrates, all serve, and
//! whoever is asked answers the same.

use std::time::Duration;

use holdline::{clock::Clock, store::DatabaseUrl};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::{Caller, Cluster, Load, Process, fresh_database, holdline, on_postgres, owner_of, submit};

const REPLICAS: usize = 4;

const READS: [&str; 3] = [
    "{ ideas(first: 100) { totalCount nodes { id title status demand { requests } } } }",
    "{ auditLog(first: 100) { totalCount nodes { seq action leafHash reason actor { id name } } } }",
    r#"{ team(key: "PAY") { id name version } viewer { person { id } } }"#,
];

#[tokio::test(flavor = "multi_thread")]
async fn four_that_begin_at_once_on_an_empty_database_serve_the_same_story() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let (folder, database) = (tempfile::tempdir().unwrap(), cluster.database());
    // Its command makes the key that all of them are to have.
    Process::token(&database, folder.path(), &["--subject", "first", "--role", "viewer"]).await;

    let starting = (0..REPLICAS).map(|_| Process::start(&database, folder.path(), &[]));
    let replicas = futures_util::future::join_all(starting).await;
    let calling =
        replicas.iter().map(|replica| replica.caller(&database, folder.path(), "read,admin,ideas:write,audit:read"));
    let callers = futures_util::future::join_all(calling).await;
    callers[0].done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let writing = (0..40).map(|number| {
        let caller = &callers[number % REPLICAS];
        async move { submit(caller, "PAY", &format!("Idea {number}")).await }
    });
    let made = futures_util::future::join_all(writing).await;

    for query in READS {
        let first = callers[0].query(query).await;
        for other in &callers[1..] {
            assert_eq!(other.query(query).await, first, "{query}");
        }
    }
    let ideas = callers[3].query(READS[0]).await;
    let found: Vec<_> = ideas["ideas"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
    assert!(ideas["ideas"]["totalCount"] == 40 && made.iter().all(|id| found.contains(&json!(id))), "{ideas:#}");
    let verified = holdline(&database, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

/// Four processes as on four machines: each has a folder of its own, with the keys that the first one made.
struct Replicas {
    database: DatabaseUrl,
    folders: Vec<tempfile::TempDir>,
    processes: Vec<Process>,
}

impl Replicas {
    async fn start(database: DatabaseUrl) -> Self {
        let folders: Vec<_> = (0..REPLICAS).map(|_| tempfile::tempdir().unwrap()).collect();
        let first = Process::start(&database, folders[0].path(), &[]).await;
        for folder in &folders[1..] {
            for key in ["signing.key", "checkpoint.key"] {
                std::fs::copy(folders[0].path().join(key), folder.path().join(key)).unwrap();
            }
        }
        let starting = folders[1..].iter().map(|folder| Process::start(&database, folder.path(), &[]));
        let others = futures_util::future::join_all(starting).await;
        let processes = std::iter::once(first).chain(others).collect();
        Self { database, folders, processes }
    }

    /// Somebody in a role, as each replica knows them: by a token that the next replica's command issued.
    async fn each(&self, role: &str) -> Vec<Caller> {
        let said = ["--subject", role, "--role", role, "--teams", "*"];
        let mut callers = Vec::new();
        for (place, process) in self.processes.iter().enumerate() {
            let elsewhere = self.folders[(place + 1) % REPLICAS].path();
            let token = Process::token(&self.database, elsewhere, &said).await;
            callers.push(Caller::new(&format!("{}/graphql", process.address), token, String::new()));
        }
        callers
    }
}

/// A quarter, each step through the next replica; answers the plan and one of its key results.
async fn tell(replicas: &Replicas) -> (Value, Value) {
    let (planners, approvers) = (replicas.each("planner").await, replicas.each("approver").await);
    let admins = replicas.each("admin").await;
    admins[3].done("teamCreate", json!({ "key": "RPL", "name": "Replicas" }), "team { id }").await;
    let now = planners[1].query("{ currentQuarter { id } }").await["currentQuarter"]["id"].clone();
    let drafted = planners[0].done("planDraft", json!({ "team": "RPL", "quarter": now }), "plan { id }").await;
    let plan = &drafted["plan"]["id"];
    let owner = json!({ "name": "lead" });
    let objective = json!({ "plan": plan, "title": "Settle", "rationale": "Asked for.", "owner": owner });
    let added = planners[1].done("objectiveAdd", objective, "objective { id }").await;
    let key_result = json!({ "objective": added["objective"]["id"], "title": "Share", "owner": owner, "unit": "%",
                             "baseline": "0", "target": "100" });
    let added = planners[2].done("keyResultAdd", key_result, "keyResult { id }").await;
    let key_result = &added["keyResult"]["id"];
    let digest = "query($id: ID!) { node(id: $id) { ... on Plan { digest } ... on Renegotiation { digest } } }";
    let seen = planners[3].ask(digest, json!({ "id": plan })).await.data()["node"]["digest"].clone();
    planners[0].done("planCommit", json!({ "plan": plan, "digest": seen }), "plan { id }").await;
    let item = json!({ "team": "RPL", "title": "Batches", "horizon": "NOW", "keyResults": [key_result] });
    planners[1].done("roadmapItemAdd", item, "roadmapItem { id }").await;
    let check_in = json!({ "keyResult": key_result, "kind": "PROGRESS", "value": "10" });
    planners[2].done("checkInRecord", check_in, "checkIn { id }").await;
    let change = json!([{ "amendKeyResult": { "keyResult": key_result, "target": "90" } }]);
    let draft = json!({ "plan": plan, "changes": change, "trigger": "A supplier slipped.", "reason": "They need a month.",
                        "tradeOff": "Ten points less." });
    let drafted = planners[3].done("renegotiationDraft", draft, "renegotiation { id }").await;
    let asked = &drafted["renegotiation"]["id"];
    planners[0].done("renegotiationPropose", json!({ "renegotiation": asked }), "renegotiation { id }").await;
    let meeting = json!({ "team": "RPL", "kind": "RENEGOTIATION", "title": "Decide", "agenda": [asked],
        "attendees": [{ "person": { "subject": "approver" }, "ask": "APPROVAL" }],
        "boundary": { "decided": [{ "subject": { "text": "The goal" }, "why": "Decided before." }] } });
    let prepared = planners[1].done("meetingPrepare", meeting, "meeting { id }").await;
    let meeting = &prepared["meeting"]["id"];
    planners[2].done("meetingOpen", json!({ "meeting": meeting }), "meeting { id }").await;
    let seen = approvers[3].ask(digest, json!({ "id": asked })).await.data()["node"]["digest"].clone();
    let decision = json!({ "renegotiation": asked, "meeting": meeting, "outcome": "APPROVED", "digest": seen,
                           "rationale": "It is honest." });
    approvers[0].done("renegotiationDecide", decision, "plan { id }").await;
    (plan.clone(), key_result.clone())
}

/// What a dashboard, a planner and an auditor read of it.
const WHOLE: [&str; 4] = [
    r#"{ plan(team: "RPL") { id revision status digest objectives { title keyResults { title current measure { target }
         checkIns(first: 9) { nodes { value } } roadmapItems { nodes { title horizon } } } }
         renegotiations(first: 9) { nodes { status trigger decision { outcome rationale } } } } }"#,
    "{ auditLog(first: 200) { totalCount nodes { seq action leafHash reason occurredAt actor { id name } } } }",
    "{ meetings(first: 9) { nodes { title status boundary { decided { why } } } } }",
    r#"{ team(key: "RPL") { roadmap { now { totalCount nodes { title keyResults { title } } } } } }"#,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_that_each_of_four_had_a_part_in_is_one_story_and_one_refusal_to_all_of_them() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let replicas = Replicas::start(cluster.database()).await;

    let (_, key_result) = tell(&replicas).await;

    let auditors = replicas.each("auditor").await;
    for query in WHOLE {
        let first = auditors[0].query(query).await;
        for other in &auditors[1..] {
            assert_eq!(other.query(query).await, first, "{query}");
        }
    }
    let plan = auditors[2].query(WHOLE[0]).await["plan"].clone();
    assert_eq!((&plan["revision"], &plan["renegotiations"]["nodes"][0]["status"]), (&json!(2), &json!("APPROVED")));
    assert_eq!(plan["objectives"][0]["keyResults"][0]["measure"]["target"], "90");
    for planner in replicas.each("planner").await {
        let quietly = json!({ "keyResult": key_result, "target": "50" });
        assert_eq!(planner.refused("keyResultUpdate", quietly).await, ["COMMITMENT_LOCKED"]);
    }
    let verified = holdline(&replicas.database, &["audit", "verify"]).await;
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_are_replaced_one_by_one_under_load_lose_and_double_nothing() {
    let Some(cluster) = Cluster::start(&[]).await else { return };
    let Replicas { database, folders, mut processes } = Replicas::start(cluster.database()).await;
    let folder = folders[0].path();
    let mut load = Load::over(&processes.iter().collect::<Vec<_>>(), &database, folder).await;
    load.further(100).await;

    // One is told to stop and one is killed; the load goes on through the others, and through those that come instead.
    let told = Command::new("kill").args(["-TERM", &processes[3].child.id().unwrap().to_string()]).status();
    assert!(told.await.unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(30), processes[3].child.wait()).await.unwrap().unwrap();
    load.further(100).await;
    processes[3] = Process::start(&database, folders[3].path(), &[]).await;
    load.replace(3, &processes[3]);
    load.further(100).await;
    processes[2].child.kill().await.unwrap();
    load.further(100).await;
    processes[2] = Process::start(&database, folders[2].path(), &[]).await;
    load.replace(2, &processes[2]);
    load.further(100).await;
    let codes = load.end().await;

    assert!(ended.success(), "{ended:?}");
    // Whoever asked one that was gone found nobody, and asked the next.
    assert!(codes.contains_key("none"), "{codes:?}");
    assert!(codes.keys().all(|code| ["none", "UNAVAILABLE", "TIMEOUT"].contains(&code.as_str())), "{codes:?}");
    for process in &processes {
        load.kept(process, &database, folder).await;
    }
}

/// The lock that somebody else who writes the same database holds while they do: "holdline" in ASCII.
const LOG_LOCK: i64 = 0x686f_6c64_6c69_6e65;

#[tokio::test(flavor = "multi_thread")]
async fn invariant_5_an_instant_at_which_another_process_may_still_write_waits_and_the_whole_answer_with_it() {
    if !on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let process = Process::start(&database, folder.path(), &[]).await;
    let caller = process.caller(&database, folder.path(), "read,admin,ideas:write").await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let query = r#"query($at: DateTime!) { team(key: "PAY") { name } plan(team: "PAY", asOf: $at) { id } }"#;
    let ask = |at: String| {
        let caller = caller.clone();
        tokio::spawn(async move { caller.ask(query, json!({ "at": at })).await })
    };
    let owner = owner_of(&database).await;

    let writing = owner.begin().await.unwrap();
    writing.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOG_LOCK})")).await.unwrap();
    writing.execute_unprepared("UPDATE team SET name = 'Pay'").await.unwrap();
    let (long_ago, just_now) = (ask("2026-01-01T00:00:00Z".to_owned()), ask(Clock::system().now().to_string()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let waited = !just_now.is_finished();
    let before = long_ago.await.unwrap();
    writing.commit().await.unwrap();
    let after = just_now.await.unwrap();

    assert!(waited, "{:#}", after.body);
    assert_eq!((&before.data()["team"]["name"], &after.data()["team"]["name"]), (&json!("Payments"), &json!("Pay")));
}
