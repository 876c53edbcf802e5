//! A query that was asked before is answered from memory exactly as long as the database says that nothing was committed
//! since: no change is missed, whoever made it, nobody is told what another was told, and it costs what it cost.

use holdline_domain::permission::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::{Caller, Server, commit_plan, propose, submit};

const PLAN: &str = r#"{ plan(team: "PAY", quarter: "2026-Q4") { revision objectives { title keyResults { title current
        checkIns(first: 3) { nodes { value } } } } } }"#;
const TEAMS: &str = "{ teams(first: 9) { totalCount nodes { key } } viewer { person { name } scopes } }";

/// How often it was answered from memory so far.
fn recalls(server: &Server) -> u64 {
    server.app.metrics().recalls()
}

/// How often something is tried: on PostgreSQL whatever is committed beside this story is a change, too.
const TRIES: usize = 400;

/// Asks until it is answered from memory, by one statement alone: the one that asks whether anything changed.
async fn settled(server: &Server, caller: &Caller, query: &str) -> Value {
    server.signed().await;
    for _ in 0..TRIES {
        let (statements, before) = (server.statements(), recalls(server));
        let said = caller.query(query).await;
        if (server.statements() - statements, recalls(server) - before) == (1, 1) {
            return said;
        }
    }
    panic!("never answered from memory: {query}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_before_is_answered_by_one_statement_until_something_changes() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let reader = server.planner();
    let said = settled(&server, &reader, PLAN).await;

    let check_in = json!({ "keyResult": committed.key_results[0], "kind": "PROGRESS", "value": "42" });
    server.planner().done("checkInRecord", check_in, "checkIn { value }").await;
    let told = reader.query(PLAN).await;
    assert_eq!(told["plan"]["objectives"][0]["keyResults"][0]["current"], "42", "{told:#}");
    assert_ne!(told, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_commits_is_seen_at_once() {
    let server = Server::start().await;
    let reader = server.planner();
    settled(&server, &reader, TEAMS).await;
    for name in ["Another", "One more"] {
        let renamed = format!("UPDATE person SET name = '{name}' WHERE subject = 'planner'");
        server.sql().await.execute_unprepared(&renamed).await.unwrap();
        assert_eq!(reader.query(TEAMS).await["viewer"]["person"]["name"], name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_of_one_subject_with_two_names_read_without_writing_and_a_change_says_the_name_anew() {
    let server = Server::start().await;
    let [first, second] = ["Pay bot", "Pay reader"].map(|name| server.called("pay", name, Role::Planner));
    let said = settled(&server, &first, TEAMS).await;
    assert_eq!(said["viewer"]["person"]["name"], "Pay bot");

    assert_eq!(settled(&server, &second, TEAMS).await, said);
    assert_eq!(settled(&server, &first, TEAMS).await, said);

    crate::support::teams(&server, &["PAY"]).await;
    submit(&second, "PAY", "Export").await;
    assert_eq!(first.query(TEAMS).await["viewer"]["person"]["name"], "Pay reader");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_another_token_was_told() {
    let server = Server::start().await;
    crate::support::teams(&server, &["PAY", "OPS"]).await;
    let (all, one) = (server.planner(), server.caller("planner", Role::Viewer, "PAY"));
    let said = settled(&server, &all, TEAMS).await;

    let narrow = settled(&server, &one, TEAMS).await;

    assert_eq!((&said["teams"]["totalCount"], &narrow["teams"]["totalCount"]), (&json!(2), &json!(1)));
    assert_eq!(narrow["viewer"]["scopes"], json!(["read"]));
    assert_eq!(all.query(TEAMS).await, said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ended_is_answered_nothing_it_was_answered_before() {
    let server = Server::start().await;
    let (revoked, ended) = (server.planner(), server.planner());
    settled(&server, &revoked, TEAMS).await;
    settled(&server, &ended, TEAMS).await;

    let input = json!({ "token": revoked.token_id(), "reason": "Lost." });
    server.admin().done("tokenRevoke", input, "token").await;
    assert_eq!(revoked.ask(TEAMS, json!({})).await.status, 401);
    settled(&server, &ended, TEAMS).await;
    server.pass(91 * 24 * 60 * 60);
    assert_eq!(ended.ask(TEAMS, json!({})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_time_alone_changes_is_told_for_a_moment() {
    const STATUS: &str = "{ renegotiations(first: 9) { nodes { status } } }";
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    propose(
        &server,
        &committed.plan,
        json!([{ "dropKeyResult": { "keyResult": committed.key_results[0], "why": "Nobody asks for it." } }]),
    )
    .await;
    let reader = server.planner();
    let open = settled(&server, &reader, STATUS).await;

    server.pass(80 * 24 * 60 * 60);
    let later = reader.query(STATUS).await;

    assert_eq!(open["renegotiations"]["nodes"][0]["status"], "PROPOSED");
    assert_eq!(later["renegotiations"]["nodes"][0]["status"], "EXPIRED");
    // Also where the clock goes back.
    server.pass(-80 * 24 * 60 * 60);
    assert_eq!(reader.query(STATUS).await, open);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_tried_again_and_a_change_is_made_again() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let (planner, before) = (server.planner(), recalls(&server));

    for _ in 0..3 {
        let answer = planner.ask(r#"{ node(id: "nothing") { id } }"#, json!({})).await;
        assert!(answer.body["errors"].is_array(), "{:#}", answer.body);
    }
    let ids = [submit(&planner, "PAY", "Twice").await, submit(&planner, "PAY", "Twice").await];

    assert_ne!(ids[0], ids[1]);
    assert_eq!(recalls(&server), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_memory_costs_what_it_cost_and_reads_the_same() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let reader = server.planner();
    settled(&server, &reader, PLAN).await;
    let told = async || {
        let (before, answer) = (recalls(&server), reader.send(PLAN).await);
        let kind = answer.headers()["content-type"].clone();
        let text = answer.text().await.unwrap();
        let (data, cost) = text.split_once(",\"extensions\":").unwrap();
        let cost: Value = serde_json::from_str(&cost[..cost.len() - 1]).unwrap();
        (recalls(&server) - before, kind, data.to_owned(), cost["cost"]["requested"].clone())
    };
    let first = told().await;
    let mut again = told().await;
    for _ in 0..TRIES {
        if again.0 == 1 {
            break;
        }
        again = told().await;
    }
    let (recalled, kind, data, cost) = again;
    // The same in other words is asked anew.
    let before = recalls(&server);
    let respelt = reader.send(&format!("{PLAN} ")).await.text().await.unwrap();

    assert_eq!((recalled, recalls(&server) - before), (1, 0));
    assert_eq!((&first.1, &first.2, &first.3), (&kind, &data, &cost));
    assert!(respelt.starts_with(&data) && cost.as_u64().unwrap() > 1, "{respelt}\n{data}");
    assert_eq!(kind, "application/json; charset=utf-8");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_the_same_at_once_one_reads() {
    const MANY: u64 = 32;
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let reader = server.planner();
    let said = settled(&server, &reader, PLAN).await;
    let mut counts = Vec::new();
    for round in 0..TRIES / 20 {
        // Nobody asked it like this before.
        let (fresh, alone) = (format!("{PLAN} # {round}"), format!("{PLAN} # alone {round}"));
        let before = server.statements();
        reader.query(&alone).await;
        let cost = server.statements() - before;

        let before = server.statements();
        let asking = (0..MANY).map(|_| reader.query(&fresh));
        let told = futures_util::future::join_all(asking).await;

        assert!(told.iter().all(|told| *told == said), "{told:#?}");
        // Each has its own question of who asks at most.
        let asked = server.statements() - before;
        if cost > 4 && asked <= MANY + cost {
            return;
        }
        counts.push((cost, asked));
    }
    panic!("what one costs, and what many cost: {counts:?}");
}
