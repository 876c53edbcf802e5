//! A provider's keys over time: rotation with overlap, a server that is down, slow or confused, and how seldom it is asked.

use std::time::Duration;

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Answer, Reply, Server, TestKey, TestProvider, teams};

const VIEWER: &str = "{ viewer { allTeams } }";
const DAY: i64 = 24 * 60 * 60;

async fn ask(server: &Server, key: &TestKey) -> Answer {
    let claims = server.claims("u-1001", Role::Viewer, &json!("*"));
    server.bearer(&key.sign(&claims)).ask(VIEWER, json!({})).await
}

fn said(answer: &Answer) -> &str {
    answer.body["errors"][0]["message"].as_str().unwrap_or_default()
}

/// Waits until a key is answered with a status, which must come within a few seconds.
async fn until(server: &Server, key: &TestKey, status: u16) {
    for _ in 0..200 {
        if ask(server, key).await.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the key {} is never answered with {status}", key.kid);
}

#[tokio::test]
async fn a_new_key_is_found_when_it_is_first_used_and_the_old_one_goes_on_beside_it() {
    let (old, new) = (TestKey::ed("old", 1), TestKey::ed("new", 2));
    let provider = TestProvider::publishing(&[&old]).await;
    let server = Server::trusting(provider.trust()).await;
    assert_eq!(ask(&server, &old).await.status, 200);

    provider.publish(&[&old, &new]);
    server.pass(61);

    assert_eq!((ask(&server, &new).await.status, ask(&server, &old).await.status), (200, 200));
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn a_key_that_was_taken_out_stops_working_without_anybody_asking_for_another() {
    let (old, new) = (TestKey::ed("old", 1), TestKey::ed("new", 2));
    let provider = TestProvider::publishing(&[&old, &new]).await;
    let mut trust = provider.trust();
    (trust.pace.refresh, trust.pace.floor) = (Duration::from_millis(50), Duration::ZERO);
    let server = Server::trusting(trust).await;
    assert_eq!((ask(&server, &old).await.status, ask(&server, &new).await.status), (200, 200));

    provider.publish(&[&new]);

    until(&server, &old, 401).await;
    assert_eq!(ask(&server, &new).await.status, 200);
}

#[tokio::test]
async fn a_stream_ends_when_the_key_of_its_token_was_taken_out() {
    let (old, new) = (TestKey::ed("old", 1), TestKey::ed("new", 2));
    let provider = TestProvider::publishing(&[&old, &new]).await;
    let mut trust = provider.trust();
    (trust.pace.refresh, trust.pace.floor) = (Duration::from_millis(50), Duration::ZERO);
    let server = Server::trusting(trust).await;
    let auditor = server.bearer(&old.sign(&server.claims("u-1001", Role::Auditor, &json!("*"))));
    let entries = "subscription { auditEntries { node { action } } }";
    let mut events = auditor.subscribe(entries, json!({})).await.unwrap();
    teams(&server, &["PAY"]).await;
    assert_eq!(events.next().await.data()["auditEntries"]["node"]["action"], "TEAM_CREATED");

    provider.publish(&[&new]);
    until(&server, &old, 401).await;
    teams(&server, &["OPS"]).await;

    assert_eq!(events.next().await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn unknown_keys_ask_the_provider_once_a_minute_however_many_they_are() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    assert_eq!(ask(&server, &key).await.status, 200);
    assert_eq!(provider.fetches(), 1);

    for minutes in 1..=2 {
        server.pass(61);
        let strangers: Vec<_> = (0..40).map(|number| TestKey::ed(&format!("k{minutes}-{number}"), 9)).collect();
        let claims = server.claims("u-1001", Role::Viewer, &json!("*"));
        let asked: Vec<_> = strangers
            .iter()
            .map(|stranger| server.bearer(&stranger.sign(&claims)))
            .map(|caller| tokio::spawn(async move { caller.ask(VIEWER, json!({})).await }))
            .collect();
        for answer in asked {
            let answer = answer.await.unwrap();
            assert!(answer.status == 401 && said(&answer).contains("does not publish"), "{}", answer.body);
        }
        assert_eq!(provider.fetches(), 1 + minutes);
    }
}

#[tokio::test]
async fn a_provider_that_is_silent_holds_up_nobody_else_and_is_asked_again_in_a_minute() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    provider.reply(Reply::Silence);
    let mut trust = provider.trust();
    trust.pace.limit = Duration::from_millis(300);
    let server = Server::trusting(trust).await;

    let own = server.planner();
    let ((), refused) = tokio::join!(async { drop(own.query(VIEWER).await) }, ask(&server, &key));
    assert_eq!((refused.status, refused.code()), (401, "UNAUTHENTICATED"));
    assert!(said(&refused).contains("keys are not at hand"), "{}", refused.body);
    provider.publish(&[&key]);
    assert_eq!(ask(&server, &key).await.status, 401);
    server.pass(61);

    assert_eq!(ask(&server, &key).await.status, 200);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_keep_the_keys_from_the_others() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    assert_eq!(ask(&server, &key).await.status, 200);
    let new = TestKey::ed("k2", 2);
    provider.reply(Reply::Slowly(Duration::from_millis(400), vec![key.public(), new.public()]));
    server.pass(61);

    let hung_up = tokio::time::timeout(Duration::from_millis(100), ask(&server, &TestKey::ed("k3", 3))).await;

    assert!(hung_up.is_err());
    assert_eq!(ask(&server, &new).await.status, 200);
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn whatever_the_provider_answers_instead_of_keys_leaves_the_last_ones_for_a_day() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    assert_eq!(ask(&server, &key).await.status, 200);
    let elsewhere = TestProvider::publishing(&[&TestKey::ed("k2", 2)]).await;
    let confused = [
        Reply::Status(500),
        Reply::Status(404),
        Reply::Text("<html>Back soon.</html>".into()),
        Reply::Text("{}".into()),
        Reply::Text(json!({ "keys": {} }).to_string()),
        Reply::Text(" ".repeat(256 * 1024 + 1)),
        Reply::Elsewhere(elsewhere.url.clone()),
    ];
    for (place, reply) in confused.into_iter().enumerate() {
        provider.reply(reply);
        server.pass(61);
        assert_eq!(ask(&server, &TestKey::ed("k2", 2)).await.status, 401, "reply {place}");
        assert_eq!(provider.fetches(), 2 + place as u64);
        assert_eq!(ask(&server, &key).await.status, 200, "reply {place}");
    }
    assert_eq!(elsewhere.fetches(), 0);

    server.pass(DAY);
    let stale = ask(&server, &key).await;
    assert!(stale.status == 401 && said(&stale).contains("keys are not at hand"), "{}", stale.body);
    server.planner().query(VIEWER).await;
    provider.publish(&[&key]);
    server.pass(61);

    assert_eq!(ask(&server, &key).await.status, 200);
}

#[tokio::test]
async fn a_set_without_keys_is_believed() {
    let key = TestKey::ed("k1", 1);
    let provider = TestProvider::publishing(&[&key]).await;
    let server = Server::trusting(provider.trust()).await;
    assert_eq!(ask(&server, &key).await.status, 200);

    provider.reply(Reply::Keys(Vec::<Value>::new()));
    server.pass(61);
    ask(&server, &TestKey::ed("k2", 2)).await;

    assert_eq!(ask(&server, &key).await.status, 401);
}
