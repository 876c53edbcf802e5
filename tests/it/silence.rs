//! A PostgreSQL that falls silent without closing anything: all connections are opened anew as soon as one that should have
//! answered does not, and a database that is only slow is not taken for a silent one. Under load, `faults.rs` has it.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};

use crate::support::{Caller, Proxy, Server, fresh_database, on_postgres};

const TEAMS: &str = "{ teams { totalCount } }";

/// Asks until it is answered; each answer before says that the database is away.
async fn answered(caller: &Caller) -> Value {
    for _ in 0..40 {
        let answer = caller.ask(TEAMS, json!({})).await;
        if !answer.body["data"]["teams"].is_null() {
            return answer.body["data"]["teams"]["totalCount"].clone();
        }
        let code = &answer.body["errors"][0]["extensions"]["code"];
        assert!(["UNAVAILABLE", "TIMEOUT"].iter().any(|away| code == away), "{:#}", answer.body);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_forgotten_are_opened_anew_whether_they_lay_idle_or_were_asked() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let Some(proxy) = Proxy::before(&database).await else { return };
    let server = Server::over(proxy.database.clone(), folder).await;
    let reader = server.planner();
    crate::support::teams(&server, &["PAY"]).await;
    assert_eq!(answered(&reader).await, 1);
    assert_eq!(server.app.metrics().renewals(), 0);

    // Idle for longer than a connection is believed.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    proxy.fall_silent();
    assert_eq!(answered(&reader).await, 1);
    let renewed = server.app.metrics().renewals();
    assert!(renewed > 0);

    // At once, so that a connection is believed and asked in vain.
    proxy.fall_silent();
    assert_eq!(answered(&reader).await, 1);
    assert!(server.app.metrics().renewals() > renewed);
    server.admin().done("teamCreate", json!({ "key": "OPS", "name": "OPS" }), "team { id }").await;
    assert_eq!(answered(&reader).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_slow_is_not_taken_for_a_silent_one() {
    if !on_postgres() {
        return;
    }
    let server = Server::start().await;
    let (known, unknown) = (server.planner(), server.planner());
    assert_eq!(answered(&known).await, 0);

    let holding = server.sql().await.begin().await.unwrap();
    holding.execute_unprepared("LOCK TABLE person IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let refused = unknown.ask(TEAMS, json!({})).await;
    // For longer than new connections may take, and their answer.
    tokio::time::sleep(Duration::from_millis(6_500)).await;
    holding.rollback().await.unwrap();

    assert_eq!((refused.status, &refused.body["errors"][0]["extensions"]["code"]), (503, &json!("UNAVAILABLE")));
    assert_eq!(answered(&unknown).await, 0);
    assert_eq!(server.app.metrics().renewals(), 0);
}
