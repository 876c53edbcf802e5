//! `/metrics`: what Prometheus reads, from the real binary on an address of its own.

use serde_json::json;

use crate::support::{Process, fresh_database};

/// An address that was free a moment ago.
fn free() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// The value of a line.
fn of(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    line.unwrap_or_else(|| panic!("{name} in\n{text}")).rsplit_once(' ').unwrap().1.parse().unwrap()
}

/// Whether all of the log is signed.
fn signed(text: &str) -> bool {
    of(text, "holdline_checkpoint_entries").to_bits() == of(text, "holdline_log_entries").to_bits()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_logged_under_the_id_that_its_answer_carries_where_somebody_wants_that() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let arguments = ["--log", "holdline::http=debug", "--log-format", "json"];
    let process = Process::start(&database, folder.path(), &arguments).await;

    let answer = reqwest::get(format!("{}/graphql?query=%7B__typename%7D", process.address)).await.unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    answer.bytes().await.unwrap();

    let log = std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let told: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let fields: Vec<_> =
        told.iter().map(|event| &event["fields"]).filter(|fields| fields["request_id"] == id).collect();
    assert_eq!(fields.len(), 1, "{log}");
    assert_eq!((&fields[0]["route"], &fields[0]["status"]), (&json!("/graphql"), &json!(401)), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_requests_refusals_statements_and_the_logs_length_and_nobody_does_at_the_front_door() {
    let folder = tempfile::tempdir().unwrap();
    let (database, metrics) = (fresh_database(folder.path()).await, free());
    let process = Process::start(&database, folder.path(), &["--metrics-listen", &metrics]).await;
    let caller = process.caller(&database, folder.path(), "read,admin,ideas:write").await;
    let client = reqwest::Client::new();
    let read = async || client.get(format!("http://{metrics}/metrics")).send().await.unwrap().text().await.unwrap();

    let before = read().await;
    for _ in 0..2 {
        caller.mutate("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    }
    caller.query("{ teams { nodes { key } } }").await;
    let mut after = read().await;
    for _ in 0..100 {
        if signed(&after) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        after = read().await;
    }
    let at_the_front_door = client.get(format!("{}/metrics", process.address)).send().await.unwrap().status();

    let answered = "holdline_requests_total{route=\"/graphql\",status=\"200\"}";
    assert!(!before.contains(answered), "{before}");
    assert!((of(&after, answered) - 3.0).abs() < 0.1, "{after}");
    let refused = |text: &str, rule: &str| of(text, &format!("holdline_refusals_total{{rule=\"{rule}\"}}"));
    assert!(refused(&before, "CONFLICT").abs() < 0.1 && refused(&before, "COMMITMENT_LOCKED").abs() < 0.1, "{before}");
    assert!((refused(&after, "CONFLICT") - 1.0).abs() < 0.1, "{after}");
    assert!(of(&after, "holdline_log_entries") > of(&before, "holdline_log_entries"), "{before}\n{after}");
    assert!(signed(&after), "{after}");
    assert!(of(&after, "holdline_sql_statements_total") > of(&before, "holdline_sql_statements_total"), "{after}");
    assert!((of(&after, "holdline_database_up") - 1.0).abs() < 0.1, "{after}");
    assert!(after.contains("holdline_pool_connections{pool=\"reads\",state=\"idle\"}"), "{after}");
    assert!(!after.contains("PAY") && !after.contains("ann"), "{after}");
    assert_eq!(at_the_front_door, 404);
}
