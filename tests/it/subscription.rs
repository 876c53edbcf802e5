//! Subscriptions: what is committed is told once and in order, to whoever may see it, for as long as they may.

use std::collections::BTreeSet;

use holdline::http::HttpSettings;
use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Caller, Event, Events, Server, commit_plan, on_postgres, teams, verified};

const ENTRIES: &str = "subscription($after: String, $filter: AuditFilter) {
    auditEntries(after: $after, filter: $filter) { cursor node { seq action reason } } }";
const PLAN: &str = "subscription($team: String!, $quarter: String) {
    planChanged(team: $team, quarter: $quarter) { plan { status revision } entry { action } } }";

async fn submit(server: &Server, team: &str, title: &str) {
    let keeper = server.caller_with("keeper", &Scope::ALL, "*");
    keeper.done("ideaSubmit", json!({ "team": team, "title": title }), "idea { id }").await;
}

async fn entry(events: &mut Events) -> Value {
    events.next().await.data()["auditEntries"].take()
}

async fn size(server: &Server) -> i64 {
    server.auditor().query("{ auditLog { totalCount } }").await["auditLog"]["totalCount"].as_i64().unwrap()
}

#[tokio::test]
async fn every_entry_is_told_as_it_is_committed_and_none_from_before() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let begun = size(&server).await;
    let mut events = server.auditor().subscribe(ENTRIES, json!({})).await.unwrap();
    assert!(events.is_silent().await);

    for n in 0..3 {
        submit(&server, "PAY", &format!("Idea {n}")).await;
        let told = entry(&mut events).await;
        assert_eq!((&told["node"]["seq"], &told["node"]["action"]), (&json!(begun + n), &json!("IDEA_SUBMITTED")));
    }
    assert!(events.is_silent().await);
}

#[tokio::test]
async fn whoever_is_cut_off_again_and_again_and_resumes_has_every_entry_once() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();
    let first = auditor.query("{ auditLog(orderBy: SEQ_ASC, first: 1) { edges { cursor } } }").await;
    let mut cursor = first["auditLog"]["edges"][0]["cursor"].clone();
    let begun = size(&server).await;
    let writing = async {
        for n in 0..60 {
            submit(&server, "PAY", &format!("Idea {n}")).await;
        }
    };
    let reading = async {
        let mut seen = Vec::new();
        while seen.last() != Some(&(begun + 59)) {
            let mut events = auditor.subscribe(ENTRIES, json!({ "after": cursor })).await.unwrap();
            // Cut off after so many, wherever that is.
            for _ in 0..=seen.len() % 7 {
                let told = entry(&mut events).await;
                cursor = told["cursor"].clone();
                seen.push(told["node"]["seq"].as_i64().unwrap());
                if seen.last() == Some(&(begun + 59)) {
                    break;
                }
            }
        }
        seen
    };

    let ((), seen) = tokio::join!(writing, reading);

    assert_eq!(seen, (1..begun + 60).collect::<Vec<_>>());
    verified(&server).await;
}

#[tokio::test]
async fn a_filter_passes_on_what_it_is_asked_for() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let filter = json!({ "team": { "eq": "OPS" }, "action": { "eq": "IDEA_SUBMITTED" } });
    let mut events = server.auditor().subscribe(ENTRIES, json!({ "filter": filter })).await.unwrap();

    for (team, title) in [("PAY", "a"), ("OPS", "b"), ("PAY", "c"), ("OPS", "d")] {
        submit(&server, team, title).await;
    }

    let (one, other) = (entry(&mut events).await, entry(&mut events).await);
    assert_eq!(other["node"]["seq"].as_i64().unwrap() - one["node"]["seq"].as_i64().unwrap(), 2);
    assert!(events.is_silent().await);
    let astray = server.auditor().subscribe(ENTRIES, json!({ "after": one["cursor"] })).await.unwrap().next().await;
    assert_eq!(astray.code(), "INVALID");
}

#[tokio::test]
async fn invariant_10_a_stream_tells_nothing_of_other_teams() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let restricted = server.caller("pay-auditor", Role::Auditor, "PAY");
    let mut events = restricted.subscribe(ENTRIES, json!({})).await.unwrap();

    submit(&server, "OPS", "Foreign").await;
    submit(&server, "PAY", "Own").await;

    let told = entry(&mut events).await;
    assert_eq!(told["node"]["seq"], size(&server).await - 1);
    assert!(events.is_silent().await);
    let answers = [("OPS", "OPS"), ("NONE", "NONE")].map(async |(team, name)| {
        let Event::Next(answer) = restricted.subscribe(PLAN, json!({ "team": team })).await.unwrap().next().await
        else {
            panic!("no answer for {team}")
        };
        answer["errors"].to_string().replace(name, "it")
    });
    let [foreign, unknown] = answers;
    assert_eq!(foreign.await, unknown.await);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked_or_expires() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let (revoked, aging) = (server.caller("a", Role::Auditor, "*"), server.caller("b", Role::Auditor, "*"));
    let mut streams =
        [revoked.subscribe(ENTRIES, json!({})).await.unwrap(), aging.subscribe(ENTRIES, json!({})).await.unwrap()];

    server.admin().done("tokenRevoke", json!({ "token": revoked.token_id(), "reason": "Lost." }), "__typename").await;
    assert_eq!(streams[0].next().await.code(), "UNAUTHENTICATED");
    assert_eq!(streams[0].next().await, Event::Complete);
    assert_eq!(entry(&mut streams[1]).await["node"]["action"], "TOKEN_REVOKED");
    server.pass(91 * 24 * 60 * 60);
    submit(&server, "PAY", "Too late").await;
    assert_eq!(streams[1].next().await.code(), "UNAUTHENTICATED");
    assert_eq!(streams[1].next().await, Event::Complete);
}

#[tokio::test]
async fn a_plan_is_told_at_once_and_after_each_change() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let reader = server.caller("wall", Role::Auditor, "PAY");
    let mut events = reader.subscribe(PLAN, json!({ "team": "PAY" })).await.unwrap();
    let change = async |events: &mut Events| events.next().await.data()["planChanged"].take();
    let now = change(&mut events).await;
    assert_eq!(now["plan"], json!({ "status": "COMMITTED", "revision": 1 }));

    submit(&server, "PAY", "No change of the plan").await;
    let check_in = json!({ "keyResult": committed.key_results[0], "value": "5", "kind": "PROGRESS" });
    let recorded = server.planner().mutate("checkInRecord", check_in, "checkIn { id }").await;
    assert_eq!(recorded["userErrors"], json!([]), "{recorded}");
    assert_eq!(change(&mut events).await["entry"]["action"], "CHECK_IN_RECORDED");
    assert!(events.is_silent().await);

    let viewer = server.caller("viewer", Role::Viewer, "PAY");
    let without_entry = "subscription { planChanged(team: \"PAY\") { plan { revision } } }";
    let told = viewer.subscribe(without_entry, json!({})).await.unwrap().next().await.data();
    assert_eq!(told["planChanged"]["plan"]["revision"], 1);
    let with_entry = viewer.subscribe(PLAN, json!({ "team": "PAY" })).await.unwrap().next().await;
    assert_eq!(with_entry.code(), "FORBIDDEN");
}

#[tokio::test]
async fn a_subscription_may_be_written_as_fragments_and_under_another_name() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let fragments = "subscription Follow { ...Log ... on Subscription { log: auditEntries { node { action } } } }
        fragment Log on Subscription { log: auditEntries { node { seq } } }";
    let mut events = server.auditor().subscribe(fragments, json!({})).await.unwrap();

    submit(&server, "PAY", "One").await;

    let told = events.next().await.data();
    assert_eq!(told["log"]["node"], json!({ "seq": size(&server).await - 1, "action": "IDEA_SUBMITTED" }));
}

#[tokio::test]
async fn what_is_no_subscription_is_answered_once_and_what_is_none_at_all_is_refused() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();

    let mut once = auditor.subscribe("{ viewer { allTeams } }", json!({})).await.unwrap();
    assert_eq!(once.next().await.data(), json!({ "viewer": { "allTeams": true } }));
    assert_eq!((once.next().await, once.next().await), (Event::Complete, Event::Cut));
    for (query, status, code) in [
        (
            "subscription { auditEntries { cursor } planChanged(team: \"PAY\") { plan { id } } }",
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { __typename }", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { auditEntries", 400, "GRAPHQL_PARSE_FAILED"),
    ] {
        let Err((said, answer)) = auditor.subscribe(query, json!({})).await else { panic!("{query} was let in") };
        assert_eq!((said, &answer["errors"][0]["extensions"]["code"]), (status, &json!(code)), "{query}");
    }
    let unknown = auditor.subscribe("subscription { auditEntries { nothing } }", json!({})).await.unwrap().next().await;
    assert_eq!(unknown.code(), "GRAPHQL_VALIDATION_FAILED");
    let viewer = server.caller("v", Role::Viewer, "*").subscribe(ENTRIES, json!({})).await.unwrap().next().await;
    assert_eq!(viewer.code(), "FORBIDDEN");
    let as_json = auditor.ask(ENTRIES, json!({})).await;
    assert!(as_json.code() == "INVALID" && as_json.body.to_string().contains("text/event-stream"), "{}", as_json.body);
}

#[tokio::test]
async fn invariant_12_a_subject_has_so_many_streams_and_no_stream_holds_the_database() {
    let server = Server::behind(HttpSettings { streams: 20, ..HttpSettings::default() }).await;
    teams(&server, &["PAY"]).await;
    let auditor = server.auditor();
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(auditor.subscribe(ENTRIES, json!({})).await.unwrap());
    }

    let Err((status, answer)) = auditor.subscribe(ENTRIES, json!({})).await else { panic!("one too many") };
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")), "{answer}");
    submit(&server, "PAY", "All are told").await;
    let mut told = BTreeSet::new();
    for events in &mut open {
        told.insert(entry(events).await["node"]["seq"].as_i64().unwrap());
    }
    assert_eq!(told.len(), 1);
    drop(open);
    for _ in 0..100 {
        if auditor.subscribe(ENTRIES, json!({})).await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no place was given back");
}

#[tokio::test]
async fn a_stream_is_cut_without_an_end_when_the_service_stops() {
    let mut server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let mut events = server.auditor().subscribe(ENTRIES, json!({})).await.unwrap();

    server.stop();

    assert_eq!(events.next().await, Event::Cut);
}

#[tokio::test]
async fn what_another_replica_commits_is_told_here() {
    if !on_postgres() {
        return;
    }
    let here = Server::start().await;
    teams(&here, &["PAY"]).await;
    let there = Server::over(here.database.clone(), tempfile::tempdir().unwrap()).await;
    let watching: Caller = here.auditor();
    let mut events =
        watching.subscribe(ENTRIES, json!({ "filter": { "action": { "eq": "IDEA_SUBMITTED" } } })).await.unwrap();

    for n in 0..20 {
        submit(if n % 2 == 0 { &there } else { &here }, "PAY", &format!("Idea {n}")).await;
    }

    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.push(entry(&mut events).await["node"]["seq"].as_i64().unwrap());
    }
    assert!(seen.is_sorted() && seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
}
