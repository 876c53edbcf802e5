//! What a request costs, and who has spent all their points.

use std::num::NonZeroU32;

use holdline::http::{Allowance, HttpSettings};
use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Caller, Event, Server};

const LIST: &str = "{ teams(first: 10) { nodes { key } } }";

/// A server where each subject has so many points, and gets one back each second.
async fn with_points(limit: u32) -> Server {
    let number = |n| NonZeroU32::new(n).unwrap();
    let allowance = Allowance { limit: number(limit), restored: number(1) };
    Server::behind(HttpSettings { allowance, ..HttpSettings::default() }).await
}

fn cost(body: &Value) -> (u64, u64, u64, u64) {
    let part = |name: &str| body["extensions"]["cost"][name].as_u64().unwrap_or_else(|| panic!("no cost in {body:#}"));
    (part("requested"), part("limit"), part("remaining"), part("restoreRate"))
}

/// Sends a query until it is refused; the answer is the refusal with its headers.
async fn until_refused(caller: &Caller, query: &str) -> (Value, reqwest::header::HeaderMap) {
    for _ in 0..1_000 {
        let sent = caller.send(query).await;
        if sent.status() == 429 {
            let headers = sent.headers().clone();
            return (sent.json().await.unwrap(), headers);
        }
    }
    panic!("nothing was refused");
}

#[tokio::test]
async fn every_answer_says_what_it_cost_and_the_cost_follows_first() {
    let server = with_points(20_000).await;
    let viewer = server.caller("v", Role::Viewer, "*");

    let ten = viewer.ask(LIST, json!({})).await;
    assert_eq!(cost(&ten.body), (22, 20_000, 19_978, 1));
    let hundred = viewer.ask(&LIST.replace("10", "100"), json!({})).await;
    assert_eq!((cost(&hundred.body).0, cost(&hundred.body).2), (202, 19_776));

    for (refused, code) in [("{ a", "GRAPHQL_PARSE_FAILED"), ("{ teams(first: 251) { nodes { key } } }", "INVALID")] {
        let answer = viewer.ask(refused, json!({})).await;
        assert_eq!((answer.code(), cost(&answer.body).0 > 0), (code, true));
    }
}

#[tokio::test]
async fn a_mutation_costs_by_what_it_writes() {
    let server = with_points(20_000).await;
    let caller = server.caller_with("w", &Scope::ALL, "*");
    let mutation = "mutation($input: CustomerRequestsUpsertInput!) { customerRequestsUpsert(input: $input) { userErrors { code } } }";
    let request = json!({ "idea": { "external": { "system": "crm", "externalId": "1", "team": "PAY", "title": "Export" } }, "account": "Acme" });
    let requests = |n: usize| json!({ "input": { "requests": vec![request.clone(); n] } });

    let (one, fifty) = (caller.ask(mutation, requests(1)).await, caller.ask(mutation, requests(50)).await);

    let kibibytes = |n: usize| {
        let sent = json!({ "query": mutation, "variables": requests(n) }).to_string();
        u64::try_from(sent.len() / 1024).unwrap()
    };
    assert_eq!(cost(&fifty.body).0 - cost(&one.body).0, 49 + kibibytes(50) - kibibytes(1));
}

#[tokio::test]
async fn who_has_spent_all_points_is_told_when_to_come_back_and_nobody_else_is() {
    let server = with_points(20_000).await;
    let (greedy, modest) = (server.caller("greedy", Role::Viewer, "*"), server.caller("modest", Role::Viewer, "*"));
    let dear = "{ teams(first: 250) { nodes { key name id a: key b: name c: key } } }";

    let (refusal, headers) = until_refused(&greedy, dear).await;

    let error = &refusal["errors"][0];
    assert_eq!(error["extensions"]["code"], "RATE_LIMITED");
    let (millis, seconds) = (error["extensions"]["retryAfterMs"].as_u64().unwrap(), &headers["retry-after"]);
    assert_eq!(seconds.to_str().unwrap().parse::<u64>().unwrap(), millis.div_ceil(1_000));
    let (requested, limit, remaining, _) = cost(&refusal);
    assert!(limit == 20_000 && remaining < requested && refusal.get("data").is_none(), "{refusal}");
    // A cheaper one still goes through, and another token of the same subject has no points of its own.
    assert_eq!(greedy.ask("{ viewer { allTeams } }", json!({})).await.status, 200);
    assert_eq!(server.caller("greedy", Role::Auditor, "*").send(dear).await.status(), 429);
    assert_eq!(modest.ask(dear, json!({})).await.status, 200);
}

#[tokio::test]
async fn a_query_that_is_answered_as_a_stream_is_paid_for_once() {
    let server = with_points(20_000).await;
    let viewer = server.caller("v", Role::Viewer, "*");
    let before = cost(&viewer.ask(LIST, json!({})).await.body).2;

    let mut stream = viewer.subscribe(LIST, json!({})).await.unwrap();
    while stream.next().await != Event::Cut {}

    let after = cost(&viewer.ask(LIST, json!({})).await.body);
    let each = after.0;
    // A point or two may have come back in the meantime.
    assert!((2 * each - 3..=2 * each).contains(&(before - after.2)), "{before} {after:?}");
}
