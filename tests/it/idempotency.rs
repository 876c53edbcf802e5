//! The `Idempotency-Key` header: a request that is sent again is answered with what it made, and nothing is made twice.

use holdline_domain::permission::{Role, Scope};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, Server, commit_plan, entries, open_meeting, propose, teams, verified};

const SUBMIT: &str =
    "mutation($input: IdeaSubmitInput!) { ideaSubmit(input: $input) { idea { id title } userErrors { code } } }";

fn idea(title: &str) -> Value {
    json!({ "input": { "team": "PAY", "title": title } })
}

fn everyone(server: &Server) -> Caller {
    server.caller_with("planner", &Scope::ALL, "*")
}

async fn with_team() -> Server {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    server
}

fn reused(answer: &Answer) {
    assert_eq!((answer.status, answer.code()), (422, "IDEMPOTENCY_KEY_REUSED"), "{:#}", answer.body);
    assert!(answer.body.get("data").is_none(), "{:#}", answer.body);
}

#[tokio::test]
async fn invariant_7_a_request_that_is_sent_again_under_its_key_has_one_effect() {
    let server = with_team().await;
    let caller = everyone(&server);
    let first = caller.ask_under("k1", SUBMIT, idea("Export")).await.data().clone();
    let before = entries(&server).await;

    for _ in 0..3 {
        assert_eq!(caller.ask_under("k1", SUBMIT, idea("Export")).await.data(), &first);
    }
    assert_eq!(entries(&server).await, before);
    let again = caller.ask_under("k2", SUBMIT, idea("Export")).await.data().clone();
    assert_ne!(again["ideaSubmit"]["idea"]["id"], first["ideaSubmit"]["idea"]["id"]);
    verified(&server).await;
}

#[tokio::test]
async fn invariant_7_clients_that_send_one_request_at_once_are_told_of_one_thing() {
    let server = with_team().await;
    let sent: Vec<_> = (0..8)
        .map(|_| {
            let caller = everyone(&server);
            tokio::spawn(async move { caller.ask_under("k1", SUBMIT, idea("Export")).await.data().clone() })
        })
        .collect();
    let mut answers = Vec::new();
    for sent in sent {
        answers.push(sent.await.unwrap());
    }

    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let ideas = everyone(&server).query("{ ideas { totalCount } }").await;
    assert_eq!(ideas["ideas"]["totalCount"], 1);
}

#[tokio::test]
async fn invariant_7_a_key_stands_for_one_request_of_one_caller() {
    let server = with_team().await;
    let caller = everyone(&server);
    caller.ask_under("k1", SUBMIT, idea("Export")).await.data();
    let before = entries(&server).await;
    let renamed = SUBMIT.replace("title", "title status");
    let other = server.caller_with("other", &Scope::ALL, "*");

    reused(&caller.ask_under("k1", SUBMIT, idea("Import")).await);
    reused(&caller.ask_under("k1", &renamed, idea("Export")).await);
    reused(&other.ask_under("k1", SUBMIT, idea("Export")).await);

    assert_eq!(entries(&server).await, before);
}

#[tokio::test]
async fn what_was_refused_changed_nothing_and_may_be_sent_again() {
    let server = Server::start().await;
    let caller = everyone(&server);
    let refused = caller.ask_under("k1", SUBMIT, idea("Export")).await.data().clone();
    assert_eq!(refused["ideaSubmit"]["userErrors"], json!([{ "code": "NOT_FOUND" }]));
    teams(&server, &["PAY"]).await;

    let made = caller.ask_under("k1", SUBMIT, idea("Export")).await.data().clone();

    assert_eq!(made["ideaSubmit"]["idea"]["title"], "Export");
    assert_eq!(caller.ask_under("k1", SUBMIT, idea("Export")).await.data(), &made);
}

#[tokio::test]
async fn each_step_of_a_request_is_kept_for_itself() {
    let server = with_team().await;
    let caller = everyone(&server);
    let both = r#"mutation { one: ideaSubmit(input: { team: "PAY", title: "One" }) { idea { id } userErrors { code } }
        two: ideaSubmit(input: { team: "OPS", title: "Two" }) { idea { id } userErrors { code } } }"#;
    let half = caller.ask_under("k1", both, json!({})).await.data().clone();
    assert_eq!(half["two"], json!({ "idea": null, "userErrors": [{ "code": "NOT_FOUND" }] }));
    teams(&server, &["OPS"]).await;

    let whole = caller.ask_under("k1", both, json!({})).await.data().clone();

    assert_eq!(whole["one"], half["one"]);
    assert!(whole["two"]["idea"]["id"].is_string(), "{whole}");
    assert_eq!(caller.ask_under("k1", both, json!({})).await.data(), &whole);
}

#[tokio::test]
async fn a_key_is_remembered_for_seven_days() {
    let server = with_team().await;
    let caller = everyone(&server);
    server.set_clock("2026-11-10T09:00:00Z");
    let first = caller.ask_under("k1", SUBMIT, idea("Export")).await.data()["ideaSubmit"]["idea"]["id"].clone();

    server.set_clock("2026-11-17T08:59:00Z");
    let within = caller.ask_under("k1", SUBMIT, idea("Export")).await.data()["ideaSubmit"]["idea"]["id"].clone();
    server.set_clock("2026-11-17T09:01:00Z");
    let after = caller.ask_under("k1", SUBMIT, idea("Export")).await.data()["ideaSubmit"]["idea"]["id"].clone();

    assert_eq!(within, first);
    assert_ne!(after, first);
}

#[tokio::test]
async fn what_is_shown_again_is_read_under_the_rights_of_whoever_asks_now() {
    let server = with_team().await;
    let caller = everyone(&server);
    caller.ask_under("k1", SUBMIT, idea("Export")).await.data();
    let fewer = server.caller("planner", Role::Viewer, "*");
    let elsewhere = server.caller_with("planner", &Scope::ALL, "OPS");

    let forbidden = fewer.ask_under("k1", SUBMIT, idea("Export")).await;
    let foreign = elsewhere.ask_under("k1", SUBMIT, idea("Export")).await;

    assert_eq!(forbidden.code(), "FORBIDDEN");
    assert!(!foreign.body.to_string().contains("Export"), "{:#}", foreign.body);
    assert!(!foreign.body.to_string().contains("INTERNAL"), "{:#}", foreign.body);
}

#[tokio::test]
async fn a_decision_that_is_sent_again_brings_the_same_receipt() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let changes = json!([{ "amendKeyResult": { "keyResult": committed.key_results[0], "target": "80" } }]);
    let (renegotiation, digest) = propose(&server, &committed.plan, changes).await;
    let meeting = open_meeting(&server, "PAY", &[&renegotiation]).await;
    let decide = "mutation($input: RenegotiationDecideInput!) { renegotiationDecide(input: $input) {
        plan { revision } receipt { seq leafHash } userErrors { code } } }";
    let input = json!({ "input": { "renegotiation": renegotiation, "meeting": meeting, "outcome": "APPROVED",
                                   "rationale": "They pay for it.", "digest": digest } });

    let first = server.approver().ask_under("k1", decide, input.clone()).await.data().clone();
    let again = server.approver().ask_under("k1", decide, input.clone()).await.data().clone();

    assert_eq!(first["renegotiationDecide"]["plan"]["revision"], 2);
    assert_eq!(again, first);
    let anew = server.approver().ask_under("k2", decide, input).await.data().clone();
    assert_ne!(anew["renegotiationDecide"]["userErrors"], json!([]));
}

#[tokio::test]
async fn keys_of_an_erased_person_go_with_them() {
    let server = with_team().await;
    let somebody = server.caller_with("somebody", &Scope::ALL, "*");
    let first = somebody.ask_under("k1", SUBMIT, idea("Export")).await.data().clone();
    let seen = somebody.query("{ viewer { person { id } } }").await;
    let input = json!({ "person": seen["viewer"]["person"]["id"], "reason": "Asked." });
    server.admin().done("personErase", input, "person { id }").await;

    let anew = somebody.ask_under("k1", SUBMIT, idea("Export")).await.data().clone();

    assert_ne!(anew["ideaSubmit"]["idea"]["id"], first["ideaSubmit"]["idea"]["id"]);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_a_query_has_no_use_for_one() {
    let server = with_team().await;
    let caller = everyone(&server);

    for key in ["two words", &"k".repeat(256)] {
        let refused = caller.ask_under(key, SUBMIT, idea("Export")).await;
        assert_eq!((refused.status, refused.code()), (400, "INVALID"));
        assert_eq!(refused.body["errors"][0]["extensions"]["field"], "idempotency-key");
    }
    for query in ["{ teams { totalCount } }", "{ viewer { scopes } }"] {
        caller.ask_under("k1", query, json!({})).await.data();
    }
}

#[tokio::test]
async fn invariant_7_a_key_is_known_again_where_only_a_later_part_of_its_request_made_something() {
    let server = with_team().await;
    let caller = everyone(&server);
    let two = |first: &str| {
        format!(
            "mutation {{ a: ideaSubmit(input: {{ team: \"{first}\", title: \"A\" }}) {{ idea {{ id }} }}
                         b: ideaSubmit(input: {{ team: \"PAY\", title: \"B\" }}) {{ idea {{ id }} }} }}"
        )
    };
    let first = caller.ask_under("k1", &two("NONE"), json!({})).await.data().clone();
    assert!(first["a"]["idea"].is_null() && first["b"]["idea"]["id"].is_string(), "{first:#}");
    let before = entries(&server).await;

    reused(&caller.ask_under("k1", &two("PAY"), json!({})).await);
    reused(&caller.ask_under("k1", SUBMIT, idea("Another")).await);
    let other = server.caller_with("other", &Scope::ALL, "*");
    other.query("{ viewer { allTeams } }").await;
    reused(&other.ask_under("k1", &two("NONE"), json!({})).await);

    assert_eq!(caller.ask_under("k1", &two("NONE"), json!({})).await.data(), &first);
    assert_eq!(entries(&server).await, before);
    verified(&server).await;
}

#[tokio::test]
async fn invariant_12_many_who_ask_for_a_receipt_at_once_do_not_wait_for_each_other() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let dropped = json!([{ "dropObjective": { "objective": committed.objectives[1], "why": "It gives way." } }]);
    let (renegotiation, digest) = propose(&server, &committed.plan, dropped).await;
    let meeting = open_meeting(&server, "PAY", &[&renegotiation]).await;
    let decide = "mutation($input: RenegotiationDecideInput!) { renegotiationDecide(input: $input) {
        plan { objectives { title keyResults { title } } } receipt { seq checkpoint inclusionProof } userErrors { code } } }";
    let input = json!({ "input": { "renegotiation": renegotiation, "meeting": meeting, "outcome": "APPROVED",
                                   "rationale": "Agreed.", "digest": digest } });
    let approver = server.approver();
    let first = approver.ask_under("k1", decide, input.clone()).await.data().clone();

    let asked: Vec<_> = (0..24)
        .map(|_| {
            let (approver, input) = (approver.clone(), input.clone());
            tokio::spawn(async move { approver.ask_under("k1", decide, input).await })
        })
        .collect();

    for asked in asked {
        let answer = asked.await.unwrap();
        let again = &answer.data()["renegotiationDecide"];
        assert_eq!(again["plan"], first["renegotiationDecide"]["plan"]);
        assert!(again["receipt"]["inclusionProof"].is_array(), "{again:#}");
    }
}
