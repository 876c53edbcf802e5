//! Customer requests through the API: one deal once, in whatever order, alone or hundreds at once.

use serde_json::{Value, json};

use crate::support::{Server, ask_for, but, codes, deal, demand, entries, keeper, submit, teams};

const EARLY: Option<&str> = Some("2026-10-01T00:00:00Z");
const LATE: Option<&str> = Some("2026-10-09T00:00:00Z");

fn post(idea: &str, deal: Value) -> Value {
    let mut post = json!({ "idea": { "id": idea } });
    post["deal"] = deal;
    post
}

fn fields_at_fault(errors: &Value) -> Vec<String> {
    let path = |error: &Value| -> Vec<String> {
        error["field"].as_array().unwrap().iter().map(|part| part.as_str().unwrap().to_owned()).collect()
    };
    errors.as_array().unwrap().iter().map(|error| path(error).join(".")).collect()
}

#[tokio::test]
async fn an_older_post_never_overwrites_a_newer_one_and_the_same_post_is_nothing() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let staged = |stage: &str, said: Option<&str>| but(deal("1", "5", said), json!({ "stage": stage }));
    let first = ask_for(&keeper, &idea, staged("Offer", LATE)).await;
    let table = [
        ("the same", staged("Offer", LATE), "Offer", 0),
        ("older", staged("Call", EARLY), "Offer", 0),
        ("unsaid", staged("Call", None), "Offer", 0),
        ("newer", staged("Signed", Some("2026-10-10T00:00:00Z")), "Signed", 1),
        ("newer again", staged("Signed", Some("2026-10-10T02:00:00+02:00")), "Signed", 0),
    ];

    for (name, deal, stage, more) in table {
        let before = entries(&server).await;
        let fields = "customerRequest { id deal { stage } }";
        let posted = keeper.done("customerRequestUpsert", post(&idea, deal), fields).await["customerRequest"].clone();
        assert_eq!(posted, json!({ "id": first, "deal": { "stage": stage } }), "{name}");
        assert_eq!(entries(&server).await - before, more, "{name}");
    }
}

#[tokio::test]
async fn a_withdrawn_request_counts_no_more_and_comes_back_with_news_from_after() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let request = ask_for(&keeper, &idea, deal("1", "5", EARLY)).await;
    let withdraw = |reason: &str| json!({ "customerRequest": request, "reason": reason });

    let silent = keeper.refused("customerRequestWithdraw", withdraw("")).await;
    let gone = keeper.done("customerRequestWithdraw", withdraw("A mistake."), "customerRequest { withdrawnAt }").await;
    let twice = keeper.refused("customerRequestWithdraw", withdraw("A mistake.")).await;
    assert_eq!((silent, twice), (vec!["REASON_REQUIRED".to_owned()], vec!["CONFLICT".to_owned()]));
    assert!(gone["customerRequest"]["withdrawnAt"].is_string());
    assert_eq!(demand(&keeper, &idea).await["requests"], 0);

    ask_for(&keeper, &idea, deal("1", "6", LATE)).await;
    assert_eq!(demand(&keeper, &idea).await["requests"], 0, "that was said before the withdrawal");
    server.set_clock("2026-11-04T00:00:00Z");
    ask_for(&keeper, &idea, deal("1", "7", Some("2026-11-03T00:00:00Z"))).await;
    let back = demand(&keeper, &idea).await;
    assert_eq!((&back["requests"], &back["open"]["amounts"][0]["amount"]), (&json!(1), &json!("7")));
}

#[tokio::test]
async fn a_request_has_one_id_and_no_other_things_id() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let (mine, other) = ("request_01h455vb4pex5vsknk084sn02q", "request_01h455vb4pex5vsknk084sn03q");
    let with = |id: &str, name: &str| but(post(&idea, deal(name, "1", None)), json!({ "id": id }));
    let kinds = keeper.query(r#"{ team(key: "PAY") { id } }"#).await["team"]["id"].clone();
    let as_request = |id: &str| format!("request_{}", id.split_once('_').unwrap().1);

    for _ in 0..2 {
        let made = keeper.done("customerRequestUpsert", with(mine, "1"), "customerRequest { id }").await;
        assert_eq!(made["customerRequest"]["id"], mine);
    }
    let before = (entries(&server).await, demand(&keeper, &idea).await);
    let table = [
        ("the deal has one", with(other, "1"), "DEAL_ONCE"),
        ("another request's", with(mine, "2"), "CONFLICT"),
        ("an idea's", with(&as_request(&idea), "2"), "CONFLICT"),
        ("a team's", with(&as_request(kinds.as_str().unwrap()), "2"), "CONFLICT"),
        ("of another kind", with(&idea, "2"), "INVALID"),
    ];
    for (name, input, code) in table {
        assert_eq!(keeper.refused("customerRequestUpsert", input).await, [code], "{name}");
    }
    assert_eq!((entries(&server).await, demand(&keeper, &idea).await), before);

    let both = json!({ "onError": "SKIP_FAILED", "requests": [with(other, "3"), with(other, "4"), with(other, "3")] });
    let fields = "results { customerRequest { id deal { externalId } } userErrors { code } }";
    let results = keeper.done("customerRequestsUpsert", both, fields).await["results"].clone();
    let third = json!({ "customerRequest": { "id": other, "deal": { "externalId": "3" } }, "userErrors": [] });
    assert_eq!(results, json!([third, { "customerRequest": null, "userErrors": [{ "code": "CONFLICT" }] }, third]));
}

#[tokio::test]
async fn posts_of_a_list_are_refused_all_or_one_by_one_and_each_by_its_place() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let unknown = "idea_01h455vb4pex5vsknk084sn02q";
    let new = json!({ "external": { "system": "crm", "externalId": "F-1", "title": "Import", "team": "PAY" } });
    let nowhere = json!({ "external": { "system": "crm", "externalId": "F-2", "title": "Import", "team": "NONE" } });
    let requests = json!([
        post(&idea, deal("1", "1", None)),
        post(&idea, deal("2", "-1", None)),
        post(unknown, deal("3", "1", None)),
        { "idea": { "id": idea }, "note": "please" },
        { "idea": new, "deal": deal("1", "1", None) },
        { "idea": nowhere, "account": "An account" },
        { "id": idea.replace("idea_", "request_"), "idea": { "external": { "system": "crm", "externalId": "F-3",
          "title": "Left behind", "team": "PAY" } }, "account": "An account" },
        { "idea": { "id": idea }, "account": "An account" },
    ]);
    let fields = "results { index customerRequest { idea { title } } userErrors { code field } }";

    let before = entries(&server).await;
    let all = json!({ "requests": requests });
    let refused = keeper.mutate("customerRequestsUpsert", all, fields).await;
    let at = ["1.deal.amount.amount", "2.idea.id", "3.deal", "5.idea.external.team", "6.id"];
    let mut found = fields_at_fault(&refused["userErrors"]);
    found.sort();
    assert_eq!(found, at.map(|path| format!("requests.{path}")));
    assert_eq!((refused["results"].clone(), entries(&server).await), (json!([]), before));

    let some = json!({ "requests": requests, "onError": "SKIP_FAILED" });
    let kept = keeper.done("customerRequestsUpsert", some, fields).await["results"].clone();
    let kept = kept.as_array().unwrap();
    assert!(kept.iter().enumerate().all(|(place, result)| result["index"] == place));
    let found: Vec<_> = kept.iter().map(|result| (codes(result), fields_at_fault(&result["userErrors"]))).collect();
    let no = |code: &str, field: &str| (vec![code.to_owned()], vec![field.to_owned()]);
    let yes = || (vec![], vec![]);
    assert_eq!(
        found,
        [
            yes(),
            no("INVALID", "deal.amount.amount"),
            no("NOT_FOUND", "idea.id"),
            no("INVALID", "deal"),
            yes(),
            no("NOT_FOUND", "idea.external.team"),
            no("CONFLICT", "id"),
            yes()
        ]
    );
    assert_eq!(kept[4]["customerRequest"]["idea"]["title"], "Import");
    // Three requests and one idea: a refused post leaves no idea behind.
    assert_eq!(entries(&server).await - before, 4);
    let ideas = keeper.query("{ ideas { totalCount } }").await;
    assert_eq!(ideas["ideas"]["totalCount"], 2);
}

#[tokio::test]
async fn an_idea_that_a_list_names_under_two_titles_is_one_and_has_the_deals_one_request() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let named = |title: &str, asks: Value| {
        let mut post =
            json!({ "idea": { "external": { "system": "crm", "externalId": "F-1", "title": title, "team": "PAY" } } });
        post.as_object_mut().unwrap().extend(asks.as_object().unwrap().clone());
        post
    };
    let by_deal = || json!({ "deal": deal("1", "1", None) });
    let by_account = || json!({ "account": "An account" });
    let requests = json!([
        named("Import", by_deal()),
        named("Imports", by_deal()),
        named("Import", by_account()),
        named("Importing", by_account())
    ]);

    let fields = "results { customerRequest { id idea { title } } userErrors { code } }";
    let posted =
        keeper.done("customerRequestsUpsert", json!({ "requests": requests }), fields).await["results"].clone();

    let ids: std::collections::BTreeSet<_> =
        posted.as_array().unwrap().iter().map(|r| r["customerRequest"]["id"].to_string()).collect();
    assert_eq!(ids.len(), 2, "{posted:#}");
    assert!(posted.as_array().unwrap().iter().all(|result| result["customerRequest"]["idea"]["title"] == "Import"));
}

#[tokio::test]
async fn a_list_has_at_most_five_hundred_posts_and_one_entry_for_each_change() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Export").await;
    let posts = |count: usize, won: usize| -> Vec<Value> {
        let status = |place: usize| if place < won { "WON" } else { "OPEN" };
        let deals = (0..count).map(|place| {
            but(
                deal(&place.to_string(), "0.1", if place < won { LATE } else { EARLY }),
                json!({ "status": status(place) }),
            )
        });
        deals.map(|deal| post(&idea, deal)).collect()
    };
    let count = async |requests: Vec<Value>| {
        let before = entries(&server).await;
        let done = keeper.done("customerRequestsUpsert", json!({ "requests": requests }), "results { index }").await;
        assert_eq!(done["results"].as_array().unwrap().len(), requests.len());
        entries(&server).await - before
    };

    let refused =
        keeper.mutate("customerRequestsUpsert", json!({ "requests": posts(501, 0) }), "results { index }").await;
    assert_eq!(
        (codes(&refused), fields_at_fault(&refused["userErrors"])),
        (vec!["INVALID".into()], vec!["requests".into()])
    );
    assert_eq!(count(vec![]).await, 0);
    assert_eq!(count(posts(500, 0)).await, 500);
    assert_eq!(count(posts(500, 0)).await, 0);
    assert_eq!(count(posts(500, 3)).await, 3);
    assert_eq!(count(posts(500, 0)).await, 0, "older ones change nothing");
    let demand = demand(&keeper, &idea).await;
    assert_eq!(
        (&demand["open"]["amounts"][0]["amount"], &demand["won"]["amounts"][0]["amount"]),
        (&json!("49.7"), &json!("0.3"))
    );
}

#[tokio::test]
async fn an_integration_posts_for_its_own_system_and_reads_nothing_else() {
    let server = Server::start().await;
    teams(&server, &["PAY"]).await;
    let idea = submit(&keeper(&server), "PAY", "Export").await;
    let foreign = ask_for(&keeper(&server), &idea, but(deal("9", "1", None), json!({ "system": "other" }))).await;
    let integration = server.integration("crm", "PAY");
    let external = |system: &str| json!({ "external": { "system": system, "externalId": "F-1", "title": "Import", "team": "PAY" } });

    let own = json!({ "idea": external("crm"), "deal": deal("1", "1", None) });
    let posted = integration.done("customerRequestUpsert", own, "customerRequest { id deal { externalId } }").await;
    assert_eq!(posted["customerRequest"]["deal"]["externalId"], "1");
    let before = entries(&server).await;
    let others = but(deal("1", "1", None), json!({ "system": "other" }));
    let made = json!({ "team": "PAY", "title": "t", "external": { "system": "other", "externalId": "1" } });
    let renamed = json!({ "idea": idea, "external": { "system": "other", "externalId": "1" } });
    let table = [
        ("customerRequestUpsert", post(&idea, others.clone()), "deal.system"),
        ("customerRequestUpsert", json!({ "idea": external("other"), "account": "a" }), "idea.external.system"),
        ("customerRequestsUpsert", json!({ "requests": [post(&idea, others.clone())] }), "requests.0.deal.system"),
        ("customerRequestWithdraw", json!({ "customerRequest": foreign, "reason": "Mine." }), "customerRequest"),
        ("ideaSubmit", made, "external.system"),
        (
            "ideaSubmit",
            json!({ "team": "PAY", "title": "t", "customerRequests": [{ "deal": others }] }),
            "customerRequests.0.deal.system",
        ),
        ("ideaUpdate", renamed, "external.system"),
    ];
    for (mutation, input, field) in table {
        let refused = integration.mutate(mutation, input, "__typename").await;
        assert_eq!(
            (codes(&refused), fields_at_fault(&refused["userErrors"])),
            (vec!["INVALID".into()], vec![field.into()]),
            "{mutation}"
        );
    }
    assert_eq!(entries(&server).await, before);
    assert_eq!(integration.ask("{ ideas { totalCount } }", json!({})).await.code(), "FORBIDDEN");
    let plain = server.caller("planner", holdline_domain::permission::Role::Planner, "*");
    assert_eq!(
        plain.try_mutate("customerRequestUpsert", post(&idea, deal("1", "1", None)), "__typename").await.code(),
        "FORBIDDEN"
    );
}
