//! Webhooks: each entry that is wanted is told, signed and proved, at least once and in the order of its plan, or is a
//! dead letter that can be seen; whatever a receiver does, it delays nobody but itself.

use std::{collections::BTreeSet, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use holdline::webhook::Targets;
use holdline_domain::permission::Role;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use standardwebhooks::Webhook as Verifier;

use crate::support::{
    Caller, Got, Manner, Receiver, Server, commit_plan, entries, fresh_database, keeper, on_postgres, root_over, shown,
    submit, teams, verified,
};

const HOOK: &str = "webhook { id version } secret";
const STATE: &str =
    "{ webhooks(first: 1) { nodes { id enabled disabledBecause pending dead nextSeq deliveries(first: 3) { nodes {
    id status failures nextAttemptAt entry { seq action } attempts { statusCode error durationMs } } } } } }";

/// Makes a webhook; answers with its id and secret.
pub(crate) async fn hook(server: &Server, input: Value) -> (Value, String) {
    let made = server.admin().done("webhookCreate", input, HOOK).await;
    (made["webhook"]["id"].clone(), made["secret"].as_str().unwrap().to_owned())
}

pub(crate) async fn state(server: &Server) -> Value {
    server.admin().query(STATE).await["webhooks"]["nodes"][0].clone()
}

/// Waits until a webhook stands as it should.
pub(crate) async fn until(server: &Server, what: &str, done: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..600 {
        let state = state(server).await;
        if done(&state) {
            return state;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: {:#}", state(server).await);
}

pub(crate) async fn ideas(server: &Server, team: &str, count: usize) {
    let keeper = keeper(server);
    for n in 0..count {
        submit(&keeper, team, &format!("Idea {n} of {team}")).await;
    }
}

/// That an entry's bytes are what a proof leads from, and the signed root what it leads to.
fn proved(proof: &Value, seq: i64, data: &str) {
    let leaf = shown(&Sha256::new().chain_update([0]).chain_update(data).finalize());
    assert_eq!(proof["leafHash"], json!(leaf));
    let size = proof["treeSize"].as_str().unwrap();
    let root = root_over(seq, size.parse().unwrap(), &leaf, &proof["inclusionProof"]);
    let note: Vec<_> = proof["checkpoint"].as_str().unwrap().lines().collect();
    assert_eq!((note[1], shown(&STANDARD.decode(note[2]).unwrap())), (size, root));
}

/// Whether one of the signatures is of a secret, as a receiver checks it.
fn signed(secret: &str, told: &Got) -> bool {
    let at = told.header("webhook-timestamp").parse().unwrap();
    let expected = Verifier::new(secret).unwrap().sign(told.header("webhook-id"), at, told.text.as_bytes()).unwrap();
    told.header("webhook-signature").split(' ').any(|signature| signature == expected)
}

pub(crate) fn submitted() -> Value {
    json!(["IDEA_SUBMITTED"])
}

#[tokio::test]
async fn every_entry_is_told_once_signed_and_proved_byte_for_byte() {
    let server = Server::start().await;
    let receiver = Receiver::start().await;
    let (_, secret) = hook(&server, json!({ "url": receiver.url })).await;
    commit_plan(&server, "PAY").await;
    ideas(&server, "PAY", 3).await;
    let size = entries(&server).await;

    // Entries of different plans come in any order; the first that is told is the webhook's own.
    let made = "{ auditLog(filter: { action: { eq: WEBHOOK_CREATED } }) { nodes { seq } } }";
    let first = server.auditor().query(made).await["auditLog"]["nodes"][0]["seq"].as_i64().unwrap();
    let got = receiver.until(usize::try_from(size - first).unwrap()).await;

    let seqs: BTreeSet<_> = receiver.seqs().into_iter().collect();
    assert_eq!(seqs, (first..size).collect::<BTreeSet<_>>());
    assert_eq!(got.len(), seqs.len());
    let exported =
        server.auditor().query("{ auditLog(orderBy: SEQ_ASC, first: 250) { nodes { seq action leafHash } } }").await;
    for told in &got {
        let (body, logged) = (told.body(), &exported["auditLog"]["nodes"][usize::try_from(told.seq()).unwrap()]);
        assert!(signed(&secret, told));
        assert_eq!((told.header("webhook-id"), &body["version"]), (body["id"].as_str().unwrap(), &json!(1)));
        let action = logged["action"].as_str().unwrap();
        assert_eq!(body["type"].as_str().unwrap().replace('.', "_").to_uppercase(), action);
        assert_eq!(body["proof"]["leafHash"], logged["leafHash"]);
        assert!(body["proof"]["checkpoint"].as_str().unwrap().starts_with("holdline/test\n"), "{body:#}");
        // The entry's own bytes are in it, and are what the leaf is the hash of.
        let data = told.text.split_once("\"data\":").unwrap().1.rsplit_once(",\"proof\":").unwrap().0;
        proved(&body["proof"], told.seq(), data);
    }
    let of_team = got.iter().find(|told| told.body()["type"] == "idea.submitted").unwrap().body();
    assert_eq!(of_team["team"], "PAY");
    verified(&server).await;
}

#[tokio::test]
async fn a_webhook_is_told_what_it_asked_for_and_invariant_10_of_its_team_alone() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let (all, pay) = (Receiver::start().await, Receiver::start().await);
    hook(&server, json!({ "url": all.url, "actions": submitted() })).await;
    hook(&server, json!({ "url": pay.url, "team": "PAY" })).await;
    ideas(&server, "OPS", 2).await;
    ideas(&server, "PAY", 1).await;

    all.until(3).await;
    let told = pay.until(2).await;

    assert!(all.got().iter().all(|got| got.body()["type"] == "idea.submitted"));
    assert!(told.iter().all(|got| got.body()["team"] == "PAY"));
    let restricted = server.caller("ops-admin", Role::Admin, "OPS");
    let seen = restricted.query("{ webhooks { totalCount } }").await;
    assert_eq!(seen["webhooks"]["totalCount"], 0);
    assert_eq!(restricted.refused("webhookCreate", json!({ "url": all.url })).await, ["INVALID"]);
    assert_eq!(restricted.refused("webhookCreate", json!({ "url": all.url, "team": "PAY" })).await, ["NOT_FOUND"]);
}

#[tokio::test]
async fn what_fails_is_tried_again_by_the_schedule_and_later_where_the_receiver_asks() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::behaving(|_, before| match before {
        0 => Manner::Says(500, Vec::new()),
        1 => Manner::Says(429, vec![("retry-after", "3600".into())]),
        _ => Manner::Says(200, Vec::new()),
    })
    .await;
    hook(&server, json!({ "url": receiver.url, "actions": submitted() })).await;
    ideas(&server, "PAY", 1).await;

    until(&server, "one failure", |state| state["deliveries"]["nodes"][0]["failures"] == 1).await;
    server.pass(10);
    until(&server, "two failures", |state| state["deliveries"]["nodes"][0]["failures"] == 2).await;
    server.pass(1_800);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(receiver.got().len(), 2);
    server.pass(2_000);
    let state = until(&server, "told", |state| state["deliveries"]["nodes"][0]["status"] == "DELIVERED").await;

    let delivery = &state["deliveries"]["nodes"][0];
    let codes: Vec<_> = delivery["attempts"].as_array().unwrap().iter().map(|one| one["statusCode"].clone()).collect();
    assert_eq!((json!(codes), &delivery["nextAttemptAt"]), (json!([500, 429, 200]), &Value::Null));
    let ids: BTreeSet<_> = receiver.got().iter().map(|got| got.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn entries_of_one_plan_are_told_in_order_and_a_failing_one_holds_up_no_other_plan() {
    let server = Server::start().await;
    let receiver = Receiver::start().await;
    hook(&server, json!({ "url": receiver.url, "actions": ["PLAN_COMMITTED", "CHECK_IN_RECORDED"] })).await;
    receiver.behave(|got, before| {
        let first_of_pay = before == 0 && got.body()["team"] == "PAY";
        Manner::Says(if first_of_pay { 500 } else { 200 }, Vec::new())
    });
    let pay = commit_plan(&server, "PAY").await;
    receiver.until(1).await;
    let ops = commit_plan(&server, "OPS").await;
    for committed in [&pay, &ops] {
        for value in 1..4 {
            let input =
                json!({ "keyResult": committed.key_results[0], "kind": "PROGRESS", "value": value.to_string() });
            server.planner().done("checkInRecord", input, "checkIn { id }").await;
        }
    }

    let of = |team: &'static str| receiver.got().into_iter().filter(move |got| got.body()["team"] == team);
    receiver.until_it("all of OPS", |got| got.iter().filter(|got| got.body()["team"] == "OPS").count() == 4).await;
    assert_eq!(of("PAY").count(), 1);
    server.pass(10);
    receiver.until(1 + 4 + 4).await;

    for team in ["PAY", "OPS"] {
        let seqs: Vec<_> = of(team).map(|got| got.seq()).collect();
        assert!(seqs.is_sorted(), "{team}: {seqs:?}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_told_no_more_until_somebody_switches_it_on() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::behaving(|_, _| Manner::Says(410, Vec::new())).await;
    let (id, _) = hook(&server, json!({ "url": receiver.url, "actions": submitted() })).await;
    ideas(&server, "PAY", 1).await;

    let off = until(&server, "switched off", |state| state["enabled"] == false).await;
    assert_eq!(off["disabledBecause"], "The receiver answered 410 Gone.");
    ideas(&server, "PAY", 2).await;
    let last =
        server.auditor().query("{ auditLog(filter: { action: { eq: WEBHOOK_DISABLED } }) { nodes { reason } } }").await;
    assert_eq!(last["auditLog"]["nodes"], json!([{ "reason": "The receiver answered 410 Gone." }]));
    receiver.behave(|_, _| Manner::Says(200, Vec::new()));
    server.admin().done("webhookUpdate", json!({ "webhook": id, "enabled": true }), "webhook { enabled }").await;

    receiver.until(3).await;
    verified(&server).await;
}

#[tokio::test]
async fn a_new_secret_and_the_old_one_are_both_good_for_their_hours() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::start().await;
    let (id, old) = hook(&server, json!({ "url": receiver.url, "actions": submitted() })).await;

    let rotated = server.admin().done("webhookRotateSecret", json!({ "webhook": id, "overlapHours": 2 }), HOOK).await;
    let new = rotated["secret"].as_str().unwrap();
    ideas(&server, "PAY", 1).await;
    receiver.until(1).await;
    server.pass(2 * 60 * 60);
    ideas(&server, "PAY", 1).await;
    let got = receiver.until(2).await;

    let good = |secret: &str, place: usize| {
        let told = &got[place];
        signed(secret, told)
    };
    assert_eq!([good(&old, 0), good(new, 0), good(&old, 1), good(new, 1)], [true, true, false, true]);
    assert_ne!(old, new);
}

/// A webhook for each manner of being hostile; the answer is what nobody may be led to.
async fn besiege(server: &Server) -> Receiver {
    let canary = Receiver::start().await;
    let beyond = canary.url.replace("/hook", "/private");
    let manners: Vec<Box<dyn Fn(usize) -> Manner + Send + Sync>> = vec![
        Box::new(|_| Manner::Hangs),
        Box::new(|_| Manner::Says(500, Vec::new())),
        Box::new(move |_| Manner::Says(307, vec![("location", beyond.clone())])),
        Box::new(|_| Manner::Endless),
        Box::new(|_| Manner::Drips),
        Box::new(|before| Manner::Says(if before % 2 == 0 { 502 } else { 200 }, Vec::new())),
    ];
    for manner in manners {
        let hostile = Receiver::behaving(move |_, before| manner(before)).await;
        hook(server, json!({ "url": hostile.url, "actions": submitted() })).await;
    }
    hook(server, json!({ "url": "http://127.0.0.1:9/nobody", "actions": submitted() })).await;
    canary
}

#[tokio::test]
async fn a_hostile_receiver_delays_nobody_else_and_is_followed_nowhere() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let canary = besiege(&server).await;
    let good = Receiver::start().await;
    hook(&server, json!({ "url": good.url, "actions": submitted() })).await;

    let begun = std::time::Instant::now();
    ideas(&server, "PAY", 30).await;
    good.until(30).await;

    // A single one that waited for a hanging receiver would have waited for 15 s.
    assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
    assert!(canary.got().is_empty());
    let query = "{ webhooks { nodes { url pending dead deliveries { totalCount } } } }";
    let all = server.admin().query(query).await;
    for webhook in all["webhooks"]["nodes"].as_array().unwrap() {
        assert_eq!(webhook["deliveries"]["totalCount"], 30, "{webhook:#}");
    }
    verified(&server).await;
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_is_not_public_neither_when_saved_nor_later() {
    let folder = tempfile::tempdir().unwrap();
    let database = fresh_database(folder.path()).await;
    let server = Server::over(database.clone(), tempfile::tempdir().unwrap()).await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::start().await;
    hook(&server, json!({ "url": receiver.url.replace("127.0.0.1", "localhost"), "actions": submitted() })).await;
    drop(server);
    let strict =
        Server::sending(database, tempfile::tempdir().unwrap(), Targets { allow_http: true, networks: Vec::new() })
            .await;

    ideas(&strict, "PAY", 1).await;
    let state = until(&strict, "a failure", |state| state["deliveries"]["nodes"][0]["failures"] == 1).await;
    let error = state["deliveries"]["nodes"][0]["attempts"][0]["error"].as_str().unwrap();
    assert!(error.contains("not public"), "{error}");
    assert!(receiver.got().is_empty());

    for url in [receiver.url.as_str(), "http://169.254.169.254/latest", "http://[::1]/", "https://name:word@8.8.8.8/"] {
        let refused = strict.admin().mutate("webhookCreate", json!({ "url": url }), "secret").await;
        assert_eq!(
            (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["field"]),
            (&json!("INVALID"), &json!(["url"]))
        );
    }
}

#[tokio::test]
async fn a_webhook_is_made_once_changed_by_its_version_and_gone_when_it_is_deleted() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::start().await;
    let admin = server.admin();
    let input = json!({ "id": "webhook_01h455vb4pex5vsknk084sn02q", "url": receiver.url, "description": "Wall" });

    let (made, again) =
        (admin.done("webhookCreate", input.clone(), HOOK).await, admin.done("webhookCreate", input, HOOK).await);
    assert_eq!(made, again);
    receiver.until(1).await;
    let id = &made["webhook"]["id"];
    let stale = json!({ "webhook": id, "enabled": false, "expectedVersion": 7 });
    assert_eq!(admin.refused("webhookUpdate", stale).await, ["CONFLICT"]);
    let log = server.auditor().query("{ auditLog { nodes { action before after subject { __typename } } } }").await;
    assert!(!log.to_string().contains(made["secret"].as_str().unwrap().trim_start_matches("whsec_")));
    let gone = admin.done("webhookDelete", json!({ "webhook": id, "reason": "Moved." }), "deleted").await;
    assert_eq!(&gone["deleted"], id);
    for (mutation, input) in [
        ("webhookUpdate", json!({ "webhook": id, "enabled": true })),
        ("webhookRotateSecret", json!({ "webhook": id })),
        ("webhookDelete", json!({ "webhook": id })),
        ("webhookRedeliver", json!({ "webhook": id })),
    ] {
        assert_eq!(admin.refused(mutation, input).await, ["NOT_FOUND"], "{mutation}");
    }
    let count = receiver.got().len();
    ideas(&server, "PAY", 1).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(receiver.got().len(), count);
    verified(&server).await;
}

#[tokio::test]
async fn replicas_share_the_work_and_none_sends_what_another_sends() {
    if !on_postgres() {
        return;
    }
    let here = Server::start().await;
    teams(&here, &["PAY"]).await;
    let _there = Server::over(here.database.clone(), tempfile::tempdir().unwrap()).await;
    let receiver = Receiver::start().await;
    hook(&here, json!({ "url": receiver.url, "actions": submitted() })).await;

    ideas(&here, "PAY", 60).await;
    receiver.until(60).await;
    tokio::time::sleep(Duration::from_secs(1)).await;

    let seqs = receiver.seqs();
    assert_eq!((seqs.len(), seqs.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

#[tokio::test]
async fn only_an_administrator_sees_webhooks() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let receiver = Receiver::start().await;
    let (id, _) = hook(&server, json!({ "url": receiver.url })).await;
    let query = "query($id: ID!) { node(id: $id) { ... on Webhook { url } } }";

    let seen = async |caller: Caller| caller.ask(query, json!({ "id": id })).await;
    assert_eq!(seen(server.auditor()).await.code(), "FORBIDDEN");
    assert_eq!(seen(server.admin()).await.data()["node"]["url"], receiver.url);
}
