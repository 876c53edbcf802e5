//! What CRMs send: believed by the bytes that came, kept, answered at once and read afterwards. Duplicates, disorder and
//! retries do no harm, what is refused is kept with its reason, and a hook reaches ideas and customer requests alone.

mod salesforce;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac_sha256::HMAC;
use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Server, entries, fresh_database, on_postgres, shown, teams, verified};

const CALLED: &str = "https://okr.example.com/hooks/hubspot";
const SETTINGS: &str = r#"
[hubspot]
secret = "client-secret"
url = "https://okr.example.com/hooks/hubspot"
team = "PAY"
currency = "EUR"
map = { idea = "requested_feature", account = "company", contact = "contact_name" }

[salesforce]
organization = "00D1"
token = "long-random-word"
secret = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
team = "PAY"
currency = "USD"
map = { idea = "Feature__c", account = "Account_Name__c" }

[json.pipedrive]
team = "PAY"
items = "/data"
signature = { kind = "hmac-sha256", secret = "s3cret", header = "X-Signature", prefix = "sha256=" }
map = { external_id = "/id", idea = "/wish", stage = "/stage", updated_at = "/changed" }
"#;
const REFUSED: &str = "{ refused: hookEvents(status: REFUSED) { totalCount }
    hookEvents { totalCount nodes { id hook status reason body } } }";
const REQUESTS: &str =
    "query($after: String) { ideas(first: 1) { nodes { title customerRequests(first: 250, after: $after) {
    pageInfo { endCursor hasNextPage } nodes { deal { externalId stage status contact { name } amount { amount } } } } } } }";

async fn hooked() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let server = Server::hooked(database, folder, SETTINGS).await;
    teams(&server, &["PAY"]).await;
    server
}

fn url(server: &Server, name: &str) -> String {
    server.url.replace("/graphql", &format!("/hooks/{name}"))
}

/// Sends what HubSpot would, signed now; answers with the status.
async fn hubspot(server: &Server, events: &Value) -> u16 {
    let (body, millis) = (events.to_string(), (server.seconds() * 1_000).to_string());
    let signed = ["POST", CALLED, &body, &millis].concat();
    let signature = STANDARD.encode(HMAC::mac(signed, "client-secret"));
    let request = reqwest::Client::new().post(url(server, "hubspot")).header("X-HubSpot-Request-Timestamp", millis);
    let request = request.header("X-HubSpot-Signature-v3", signature).header("content-type", "application/json");
    request.body(body).send().await.unwrap().status().as_u16()
}

fn changed(deal: usize, name: &str, value: &str, at: i64) -> Value {
    json!({ "eventId": at, "subscriptionType": "deal.propertyChange", "objectId": deal, "propertyName": name,
            "propertyValue": value, "occurredAt": 1_760_000_000_000_i64 + at })
}

/// Waits until all that was sent is read; answers with what was refused.
async fn refused(server: &Server) -> Vec<Value> {
    for _ in 0..1_200 {
        let read = server.admin().query(REFUSED).await;
        if read["refused"]["totalCount"] == read["hookEvents"]["totalCount"] {
            return read["hookEvents"]["nodes"].as_array().unwrap().clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("what was sent is not read");
}

/// Every deal behind the first idea, by its id.
async fn deals(server: &Server) -> BTreeMap<String, Value> {
    let (reader, mut after, mut found) = (server.caller("reader", Role::Viewer, "PAY"), Value::Null, BTreeMap::new());
    loop {
        let page = reader.ask(REQUESTS, json!({ "after": after })).await.data()["ideas"]["nodes"][0].clone();
        let page = &page["customerRequests"];
        for node in page["nodes"].as_array().into_iter().flatten() {
            found.insert(node["deal"]["externalId"].as_str().unwrap().to_owned(), node["deal"].clone());
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Ten events for each of some deals, the newest of each property last.
fn storm(count: usize) -> Vec<Value> {
    let of = |deal: usize| {
        let at = i64::try_from(deal).unwrap() * 100;
        let amounts =
            (0..4).map(move |n| changed(deal, "amount", &format!("{}", deal * 10 + n), at + i64::try_from(n).unwrap()));
        let stages = (0..4).map(move |n| {
            changed(deal, "dealstage", ["new", "talk", "offer", "closedwon"][n], at + 10 + i64::try_from(n).unwrap())
        });
        let rest = [changed(deal, "requested_feature", "Export", at + 5), changed(deal, "company", "Acme", at + 6)];
        amounts.chain(stages).chain(rest)
    };
    (1..=count).flat_map(of).collect()
}

/// The same order for a seed, and another one for another seed (a linear congruential generator).
fn shuffle(events: &mut [Value], mut seed: u64) {
    for place in (1..events.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        events.swap(place, usize::try_from(seed >> 33).unwrap() % (place + 1));
    }
}

#[tokio::test]
async fn invariant_8_ten_thousand_events_in_any_order_and_more_than_once_leave_a_thousand_deals_with_the_newest_values()
{
    let server = hooked().await;
    let mut events = storm(1_000);
    let again: Vec<_> = events.iter().step_by(7).cloned().collect();
    events.extend(again);
    shuffle(&mut events, 7);

    let mut slowest = Duration::ZERO;
    for (place, batch) in events.chunks(100).enumerate() {
        for _ in 0..=usize::from(place % 9 == 0) {
            let begun = Instant::now();
            assert_eq!(hubspot(&server, &json!(batch)).await, 204);
            slowest = slowest.max(begun.elapsed());
        }
    }
    assert_eq!(refused(&server).await, Vec::<Value>::new());

    let deals = deals(&server).await;
    assert_eq!(deals.len(), 1_000);
    for (id, deal) in &deals {
        let amount = (id.parse::<usize>().unwrap() * 10 + 3).to_string();
        assert_eq!(
            (&deal["amount"]["amount"], &deal["stage"], &deal["status"]),
            (&json!(amount), &json!("closedwon"), &json!("WON")),
            "{id}"
        );
    }
    println!("events: {} in {} messages, the slowest answer {slowest:?}", events.len(), events.len().div_ceil(100));
    let before = entries(&server).await;
    for batch in events.chunks(100).take(10) {
        hubspot(&server, &json!(batch)).await;
    }
    refused(&server).await;
    assert_eq!(entries(&server).await, before);
    verified(&server).await;
}

#[tokio::test]
async fn a_deal_that_was_deleted_is_lost_and_one_that_asks_for_nothing_waits() {
    let server = hooked().await;
    let deleted = json!({ "subscriptionType": "deal.deletion", "objectId": 1, "occurredAt": 1_760_000_009_000_i64 });
    hubspot(&server, &json!([deleted, changed(1, "requested_feature", "Export", 1), changed(2, "amount", "5", 1)]))
        .await;
    refused(&server).await;
    assert_eq!(deals(&server).await.into_keys().collect::<Vec<_>>(), ["1"]);
    let lost = &deals(&server).await["1"];
    assert_eq!((&lost["status"], &lost["stage"]), (&json!("LOST"), &json!("deleted in HubSpot")));

    hubspot(&server, &json!([changed(2, "requested_feature", "Export", 2)])).await;
    refused(&server).await;
    assert_eq!(deals(&server).await["2"]["amount"]["amount"], "5");
    let restored = json!({ "subscriptionType": "deal.restore", "objectId": 1, "occurredAt": 1_760_000_009_001_i64 });
    hubspot(&server, &json!([restored])).await;
    refused(&server).await;
    assert_eq!(
        (&deals(&server).await["1"]["status"], &deals(&server).await["1"]["stage"]),
        (&json!("OPEN"), &Value::Null)
    );
}

#[tokio::test]
async fn somebody_erased_does_not_come_back_with_what_was_told_before() {
    let server = hooked().await;
    let told = [changed(1, "requested_feature", "Export", 1), changed(1, "contact_name", "Jane \"J%\" Roe", 1)];
    hubspot(&server, &json!(told)).await;
    refused(&server).await;
    assert_eq!(deals(&server).await["1"]["contact"]["name"], "Jane \"J%\" Roe");
    let reader = server.caller("reader", Role::Viewer, "PAY");
    let query = "{ ideas { nodes { customerRequests { nodes { deal { contact { id } } } } } } }";
    let found =
        reader.query(query).await["ideas"]["nodes"][0]["customerRequests"]["nodes"][0]["deal"]["contact"]["id"].clone();
    server.admin().done("personErase", json!({ "person": found, "reason": "Asked." }), "person { id }").await;

    hubspot(&server, &json!([changed(1, "amount", "7", 2), told[1]])).await;
    refused(&server).await;

    let deal = &deals(&server).await["1"];
    assert_eq!((&deal["amount"]["amount"], &deal["contact"]), (&json!("7"), &Value::Null));
    verified(&server).await;
}

#[tokio::test]
async fn only_what_is_signed_over_the_bytes_that_came_is_kept() {
    let server = hooked().await;
    let client = reqwest::Client::new();
    let body = json!([changed(1, "requested_feature", "Export", 1)]).to_string();
    let sign = |body: &str, seconds: i64, url: &str| {
        let millis = (seconds * 1_000).to_string();
        (STANDARD.encode(HMAC::mac(["POST", url, body, &millis].concat(), "client-secret")), millis)
    };
    let (good, millis) = sign(&body, server.seconds(), CALLED);
    let (old, long_ago) = sign(&body, server.seconds() - 301, CALLED);
    let (elsewhere, _) = sign(&body, server.seconds(), "https://evil.example/hooks/hubspot");
    let table = [
        (body.clone(), Some(good.as_str()), millis.as_str(), 204),
        (format!("{body} "), Some(&good), &millis, 401),
        (body.clone(), Some(&old), &long_ago, 401),
        (body.clone(), Some(&elsewhere), &millis, 401),
        (body.clone(), Some("AAAA"), &millis, 401),
        (body.clone(), None, &millis, 401),
    ];
    for (body, signature, millis, status) in table {
        let mut request = client.post(url(&server, "hubspot")).header("x-hubspot-request-timestamp", millis);
        if let Some(signature) = signature {
            request = request.header("x-hubspot-signature-v3", signature);
        }
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    for name in ["nobody", "HUBSPOT", "..%2Fgraphql"] {
        assert_eq!(client.post(url(&server, name)).body("[]").send().await.unwrap().status(), 404, "{name}");
    }
    assert_eq!(client.get(url(&server, "hubspot")).send().await.unwrap().status(), 405);
    let large = client.post(url(&server, "hubspot")).header("x-hubspot-signature-v3", "AAAA");
    let large = large.header("x-hubspot-request-timestamp", &millis).body("x".repeat(2_000_000));
    assert_eq!(large.send().await.unwrap().status(), 413);
    refused(&server).await;
    assert_eq!(deals(&server).await.len(), 1);
}

/// Sends what the CRM of the settings' last hook would; answers with the status.
async fn pipedrive(server: &Server, body: &Value) -> u16 {
    let body = body.to_string();
    let digits = shown(&HMAC::mac(&body, "s3cret"));
    let request = reqwest::Client::new().post(url(server, "pipedrive"));
    request.header("x-signature", format!("sha256={digits}")).body(body).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_message_that_cannot_be_read_holds_up_no_other() {
    let server = hooked().await;
    let good = json!({ "id": 1, "wish": "Export", "changed": "2026-10-01T10:00:00Z" });
    let mut items = vec![json!(0); 1_200];
    items.extend([json!({ "id": 2, "wish": "Export", "changed": "\u{0}" }), good]);
    let strange = [
        json!({ "objectId": "\u{0}" }),
        json!({ "objectId": "x".repeat(9_000) }),
        json!({ "occurredAt": i64::MAX / 1_000 }),
    ];
    let events: Vec<_> = strange.map(|odd| crate::support::but(changed(7, "amount", "1", 1), odd)).into();

    assert_eq!(pipedrive(&server, &json!({ "data": items })).await, 204);
    assert_eq!(hubspot(&server, &json!(events)).await, 204);
    hubspot(&server, &json!([changed(3, "requested_feature", "Export", 1)])).await;

    refused(&server).await;
    let all = server.admin().query("{ hookEvents { totalCount } }").await;
    assert_eq!(all["hookEvents"]["totalCount"], 1_204);
    let asked = server.caller("reader", Role::Viewer, "PAY").query("{ ideas { nodes { demand { requests } } } }").await;
    let one = json!({ "demand": { "requests": 1 } });
    assert_eq!(asked["ideas"]["nodes"], json!([one, one]));
}

#[tokio::test]
async fn what_is_refused_is_kept_with_its_reason_until_it_is_read_again_or_discarded() {
    let server = hooked().await;
    let good = json!({ "id": 1, "wish": "Export", "stage": "won", "changed": "2026-10-01T10:00:00Z" });
    let items = json!([good, { "id": 2, "wish": "" }, { "id": 3, "wish": "Export", "changed": "yesterday" }]);

    assert_eq!(pipedrive(&server, &json!({ "data": items })).await, 204);
    assert_eq!(pipedrive(&server, &json!({ "other": [] })).await, 204);
    let kept = refused(&server).await;
    let reasons: Vec<_> = kept.iter().map(|node| node["reason"].as_str().unwrap()).collect();
    assert_eq!(kept.len(), 3, "{kept:#?}");
    for said in ["The value of /wish is empty", "The value of /changed is no date", "The message has nothing at /data"]
    {
        assert!(reasons.iter().any(|reason| reason.contains(said)), "{said}: {reasons:#?}");
    }
    assert_eq!(deals(&server).await.into_keys().collect::<Vec<_>>(), ["1"]);

    let admin = server.admin();
    let first = json!({ "hookEvent": kept[0]["id"] });
    let again = admin.done("hookEventRetry", first.clone(), "hookEvent { id }").await;
    assert!(again["hookEvent"].is_null() || again["hookEvent"]["id"] == kept[0]["id"]);
    assert_eq!(refused(&server).await.len(), 3);
    let gone = refused(&server).await[0]["id"].clone();
    let discard = "mutation($input: HookEventDiscardInput!) { hookEventDiscard(input: $input) { discarded } }";
    for _ in 0..2 {
        let discarded = admin.ask_under("once", discard, json!({ "input": { "hookEvent": gone } })).await;
        assert_eq!((&discarded.data()["hookEventDiscard"]["discarded"], refused(&server).await.len()), (&gone, 2));
    }
    assert_eq!(admin.refused("hookEventDiscard", json!({ "hookEvent": gone })).await, ["NOT_FOUND"]);
    let other = server.caller("ops-admin", Role::Admin, "OPS").query(REFUSED).await;
    assert_eq!(other["hookEvents"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_hook_writes_ideas_and_requests_of_its_team_and_system_and_nothing_else() {
    let server = hooked().await;
    hubspot(&server, &json!([changed(1, "requested_feature", "Export", 1)])).await;
    refused(&server).await;

    let query = "{ auditLog(orderBy: SEQ_DESC, first: 2) { nodes { action team { key } actor { subject kind } } } }";
    let log = server.auditor().query(query).await;
    let by = json!({ "subject": "hook:hubspot", "kind": "SERVICE" });
    let erased = server.auditor().query("{ auditLog(first: 1) { nodes { actor { id } } } }").await;
    let service = erased["auditLog"]["nodes"][0]["actor"]["id"].clone();
    server.admin().done("personErase", json!({ "person": service, "reason": "Asked." }), "person { id }").await;
    hubspot(&server, &json!([changed(2, "requested_feature", "Export", 1)])).await;
    refused(&server).await;
    assert_eq!(deals(&server).await.len(), 2);
    assert_eq!(
        log["auditLog"]["nodes"],
        json!([{ "action": "CUSTOMER_REQUEST_UPSERTED", "team": { "key": "PAY" }, "actor": by },
               { "action": "IDEA_SUBMITTED", "team": { "key": "PAY" }, "actor": by }])
    );
}

#[tokio::test]
async fn what_was_answered_is_read_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    // No team yet: what comes in is refused, and kept.
    let server = Server::hooked(database.clone(), tempfile::tempdir().unwrap(), SETTINGS).await;
    assert_eq!(hubspot(&server, &json!([changed(1, "requested_feature", "Export", 1)])).await, 204);
    let kept = refused(&server).await;
    assert!(kept[0]["reason"].as_str().unwrap().contains("PAY"), "{kept:#?}");
    drop(server);

    let server = Server::hooked(database, tempfile::tempdir().unwrap(), SETTINGS).await;
    teams(&server, &["PAY"]).await;
    let (admin, first) = (server.admin(), json!({ "hookEvent": kept[0]["id"] }));
    let retry = "mutation($input: HookEventRetryInput!) { hookEventRetry(input: $input) { userErrors { code } } }";
    for _ in 0..2 {
        let again = admin.ask_under("once", retry, json!({ "input": first })).await;
        assert_eq!(again.data()["hookEventRetry"]["userErrors"], json!([]), "{:#}", again.body);
        assert_eq!(refused(&server).await, Vec::<Value>::new());
    }
    assert_eq!(admin.refused("hookEventRetry", first).await, ["NOT_FOUND"]);
    assert_eq!(deals(&server).await.into_keys().collect::<Vec<_>>(), ["1"]);
    assert!(on_postgres() || folder.path().join("holdline.db").exists());
}
