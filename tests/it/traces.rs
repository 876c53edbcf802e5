//! Traces: where a collector is named, it is told what a request came to, as a part of the caller's own trace.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Process, Receiver, fresh_database, holdline};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
const SUBMIT: &str = r#"mutation Submitting { ideaSubmit(input: { team: "PAY", title: "Nobody is told this" }) { idea { title } userErrors { message } } }"#;

/// The spans of a trace that a collector was told so far.
fn spans(collector: &Receiver, trace: &str) -> Vec<Value> {
    let told = collector.got();
    let batches = told.iter().flat_map(|got| got.body()["resourceSpans"].as_array().unwrap().clone());
    let scopes = batches.flat_map(|batch| batch["scopeSpans"].as_array().unwrap().clone());
    let spans = scopes.flat_map(|scope| scope["spans"].as_array().unwrap().clone());
    spans.filter(|span| span["traceId"] == trace).collect()
}

fn named<'s>(spans: &'s [Value], name: &str) -> &'s Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name} in {spans:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_with_what_it_asked_of_the_database_as_a_part_of_its_senders_trace() {
    let (folder, collector) = (tempfile::tempdir().unwrap(), Receiver::start().await);
    let database = fresh_database(folder.path()).await;
    let endpoint = collector.url.trim_end_matches("/hook");
    let process = Process::start(&database, folder.path(), &["--otlp-endpoint", endpoint]).await;
    let caller = process.caller(&database, folder.path(), "read,admin,ideas:write").await;
    caller.done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;

    let sent = reqwest::Client::new().post(caller.url()).bearer_auth(caller.token());
    let sent = sent.header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = sent.json(&json!({ "query": SUBMIT, "operationName": "Submitting" })).send().await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(answer.json::<Value>().await.unwrap()["data"]["ideaSubmit"]["userErrors"], json!([]));
    for _ in 0..200 {
        if spans(&collector, TRACE).iter().any(|span| span["name"] == "POST /graphql") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let told = spans(&collector, TRACE);
    let request = named(&told, "POST /graphql");
    let has = |span: &Value, key: &str, value: Value| {
        span["attributes"].as_array().unwrap().contains(&json!({ "key": key, "value": value }))
    };
    assert_eq!(request["parentSpanId"], CALLER);
    assert!(has(request, "request_id", json!({ "stringValue": id })), "{request:#}");
    assert!(has(request, "http.response.status_code", json!({ "intValue": "200" })), "{request:#}");
    let document = named(&told, "graphql");
    assert_eq!(document["parentSpanId"], request["spanId"]);
    assert!(has(document, "graphql.operation.name", json!({ "stringValue": "Submitting" })), "{document:#}");
    let write = named(&told, "write");
    assert!(has(write, "mutation", json!({ "stringValue": "ideaSubmit" })), "{write:#}");
    let asked = named(&told, "sea_orm.query_all");
    assert_eq!(asked["parentSpanId"], document["spanId"], "{told:#?}");
    assert!(has(asked, "db.operation", json!({ "stringValue": "SELECT" })), "{asked:#}");
    for text in collector.got().iter().map(|got| &got.text) {
        assert!(!text.contains("Nobody is told") && !text.contains(caller.token()), "{text}");
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_a_collectors_is_refused_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;

    let ran = holdline(&database, &["migrate", "--otlp-endpoint", "collector:4317"]).await;

    let said = "--otlp-endpoint (HOLDLINE_OTLP_ENDPOINT) cannot be used: it begins with http:// or https://";
    assert!(ran.code == 2 && ran.err.contains(said), "{} {}", ran.code, ran.err);
}
