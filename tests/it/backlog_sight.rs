//! Invariant 10 in the backlog: what belongs to a foreign team looks, by every path, like what does not exist.

use holdline_domain::permission::Scope;
use serde_json::{Value, json};

use crate::support::{Caller, Server, ask_for, but, codes, commit_plan, deal, demand, entries, keeper, submit, teams};

/// A foreign team's idea with a deal that asks for it, and somebody who holds another team only.
struct Scene {
    server: Server,
    plan: String,
    idea: String,
    request: String,
    deal: String,
    own: String,
    outsider: Caller,
}

/// An input that names something by an id or a key.
type Input<'a> = &'a dyn Fn(&str) -> Value;

async fn scene() -> Scene {
    let server = Server::start().await;
    let plan = commit_plan(&server, "PAY").await.plan;
    teams(&server, &["OPS"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "OPS", "Secret export").await;
    let request = ask_for(&keeper, &idea, deal("1", "1000", None)).await;
    let query = "query($id: ID!) { node(id: $id) { ... on CustomerRequest { deal { id } } } }";
    let read = keeper.ask(query, json!({ "id": request })).await;
    let deal = read.data()["node"]["deal"]["id"].as_str().unwrap().to_owned();
    let own = submit(&keeper, "PAY", "Own").await;
    let outsider = server.caller_with("outsider", &Scope::ALL, "PAY");
    Scene { server, plan, idea, request, deal, own, outsider }
}

/// The same id of a thing that never was.
fn unknown(id: &str) -> String {
    format!("{}_01h455vb4pex5vsknk084sn02q", id.split_once('_').unwrap().0)
}

#[tokio::test]
async fn invariant_10_a_foreign_backlog_is_not_read_by_any_path() {
    let scene = scene().await;
    let nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename } }";
    let ids = json!([scene.idea, scene.request, scene.deal]);
    let seen = scene.outsider.ask(nodes, json!({ "ids": ids })).await;
    assert_eq!(seen.data()["nodes"], json!([null, null, null]));
    let by_keeper = keeper(&scene.server).ask(nodes, json!({ "ids": ids })).await;
    assert_eq!(by_keeper.data()["nodes"][2], json!({ "__typename": "Deal" }));

    let table = [
        r#"{ found: search(text: "secret") { totalCount } }"#,
        r#"{ found: search(text: "secret", team: "OPS") { totalCount } }"#,
        r#"{ found: ideas(filter: { team: { eq: "OPS" } }) { totalCount } }"#,
        r#"{ found: ideas(filter: { or: [{ title: { contains: "Secret" } }, { requests: { gte: 1 } }] }) { totalCount } }"#,
        r#"{ found: auditLog(filter: { action: { in: [IDEA_SUBMITTED, CUSTOMER_REQUEST_UPSERTED] }, team: { eq: "OPS" } }) { totalCount } }"#,
    ];
    for query in table {
        assert_eq!(scene.outsider.query(query).await["found"]["totalCount"], 0, "{query}");
    }
    let own = "query($id: ID!) { node(id: $id) { ... on Idea { similar { title } } } }";
    let like = submit(&scene.outsider, "PAY", "Secret export").await;
    assert_eq!(scene.outsider.ask(own, json!({ "id": like })).await.data()["node"]["similar"], json!([]));
    assert_eq!(scene.outsider.query(r#"{ team(key: "OPS") { ideas { totalCount } } }"#).await["team"], Value::Null);
}

#[tokio::test]
async fn invariant_10_a_foreign_backlog_is_written_to_by_no_path() {
    let scene = scene().await;
    let posted = |idea: Value| json!({ "idea": idea, "deal": deal("2", "5", Some("2026-10-30T00:00:00Z")) });
    let external =
        |team: &str| json!({ "external": { "system": "crm", "externalId": "F", "title": "t", "team": team } });
    let draft = |idea: &str| json!({ "plan": scene.plan, "evidence": [idea] });
    let before = (entries(&scene.server).await, demand(&keeper(&scene.server), &scene.idea).await);
    let (idea, request) = (scene.idea.as_str(), scene.request.as_str());
    let table: [(&str, &str, Input<'_>); 11] = [
        ("ideaUpdate", idea, &|id| json!({ "idea": id, "title": "Mine" })),
        ("ideaReview", idea, &|id| json!({ "idea": id })),
        ("ideaDecline", idea, &|id| json!({ "idea": id, "reason": "No." })),
        ("ideaMerge", idea, &|id| json!({ "idea": id, "into": scene.own })),
        ("ideaMerge", idea, &|id| json!({ "idea": scene.own, "into": id })),
        ("customerRequestUpsert", idea, &|id| posted(json!({ "id": id }))),
        ("customerRequestsUpsert", idea, &|id| json!({ "requests": [posted(json!({ "id": id }))] })),
        ("customerRequestWithdraw", request, &|id| json!({ "customerRequest": id, "reason": "No." })),
        ("renegotiationDraft", idea, &|id| draft(id)),
        ("ideaSubmit", "OPS", &|team| json!({ "team": team, "title": "Mine" })),
        ("customerRequestUpsert", "OPS", &|team| posted(external(team))),
    ];

    for (mutation, foreign, input) in table {
        let nowhere = if foreign == "OPS" { "NONE".to_owned() } else { unknown(foreign) };
        let mut answers = Vec::new();
        for named in [foreign, nowhere.as_str()] {
            let refused = scene.outsider.mutate(mutation, input(named), "__typename").await;
            assert_eq!(codes(&refused), ["NOT_FOUND"], "{mutation} {named}");
            answers.push(refused.to_string().replace(named, "…"));
        }
        assert_eq!(answers[0], answers[1], "{mutation}");
    }
    assert_eq!((entries(&scene.server).await, demand(&keeper(&scene.server), &scene.idea).await), before);
}

#[tokio::test]
async fn invariant_10_a_deal_that_asks_only_a_foreign_team_is_neither_read_nor_changed_by_its_number() {
    let scene = scene().await;
    let newer = deal("1", "5", Some("2026-10-30T00:00:00Z"));
    let before = (entries(&scene.server).await, demand(&keeper(&scene.server), &scene.idea).await);

    let shown = "customerRequest { deal { amount { amount } } }";
    let input = json!({ "idea": { "id": scene.own }, "deal": newer });
    let post = scene.outsider.mutate("customerRequestUpsert", input.clone(), shown).await;
    let many = scene.outsider.mutate("customerRequestsUpsert", json!({ "requests": [input] }), "__typename").await;
    let submit = json!({ "team": "PAY", "title": "Mine", "customerRequests": [{ "deal": newer }] });
    let submit = scene.outsider.mutate("ideaSubmit", submit, "idea { id }").await;

    for payload in [&post, &many, &submit] {
        assert_eq!(codes(payload), ["CONFLICT"], "{payload}");
        assert!(!payload.to_string().contains("1000") && !payload.to_string().contains("OPS"), "{payload}");
    }
    assert_eq!((entries(&scene.server).await, demand(&keeper(&scene.server), &scene.idea).await), before);
}

#[tokio::test]
async fn the_systems_own_integration_brings_a_deal_into_its_team_whoever_else_it_asks() {
    let scene = scene().await;
    let integration = scene.server.integration("crm", "PAY");

    ask_for(&integration, &scene.own, deal("1", "5", Some("2026-10-30T00:00:00Z"))).await;

    let own = demand(&scene.outsider, &scene.own).await;
    assert_eq!(own["open"]["amounts"], json!([{ "amount": "5", "currency": "USD" }]));
    // From now on the deal asks for something of the team, so who holds the team may name it.
    ask_for(
        &scene.outsider,
        &submit(&scene.outsider, "PAY", "Another").await,
        deal("1", "6", Some("2026-10-31T00:00:00Z")),
    )
    .await;
    assert_eq!(demand(&scene.outsider, &scene.own).await["open"]["amounts"][0]["amount"], "6");
}

#[tokio::test]
async fn an_id_that_a_foreign_thing_has_is_a_conflict_and_shows_nothing_of_it() {
    let scene = scene().await;
    let before = entries(&scene.server).await;
    let taken = but(json!({ "idea": { "id": scene.own }, "account": "An account" }), json!({ "id": scene.request }));

    let post = scene.outsider.mutate("customerRequestUpsert", taken, "customerRequest { id }").await;
    let submit = json!({ "id": scene.idea, "team": "PAY", "title": "Secret export" });
    let submit = scene.outsider.mutate("ideaSubmit", submit, "idea { id }").await;

    for (payload, subject) in [(post, "customerRequest"), (submit, "idea")] {
        assert_eq!((codes(&payload), &payload[subject]), (vec!["CONFLICT".to_owned()], &Value::Null));
        assert!(!payload.to_string().contains("OPS") && !payload.to_string().contains("1000"), "{payload}");
    }
    assert_eq!(entries(&scene.server).await, before);
}

#[tokio::test]
async fn evidence_of_a_foreign_team_stays_out_of_sight_in_a_renegotiation() {
    let scene = scene().await;
    let keeper = keeper(&scene.server);
    let input = json!({ "plan": scene.plan, "evidence": [scene.idea, scene.own] });
    let drafted = keeper.done("renegotiationDraft", input, "renegotiation { id }").await["renegotiation"]["id"].clone();

    let query = "query($id: ID!) { node(id: $id) { ... on Renegotiation { evidence { id } } } }";
    let seen = scene.outsider.ask(query, json!({ "id": drafted })).await;

    assert_eq!(seen.data()["node"]["evidence"], json!([{ "id": scene.own }]));
}
