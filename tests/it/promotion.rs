//! From the backlog to the roadmap: ideas become items, never straight into NOW, and end with them.

use holdline_domain::permission::Role;
use serde_json::{Value, json};

use crate::support::{Caller, Server, ask_for, commit_plan, deal, keeper, submit};

const PROMOTED: &str = "idea { id status version roadmapItem { id } } \
                        roadmapItem { id title horizon keyResults { id } ideas { nodes { id } } }";

async fn status(caller: &Caller, idea: &str) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Idea { status roadmapItem { id } } } }";
    caller.ask(query, json!({ "id": idea })).await.data()["node"]["status"].clone()
}

#[tokio::test]
async fn an_idea_is_promoted_to_next_or_later_and_never_straight_into_now() {
    let server = Server::start().await;
    let committed = commit_plan(&server, "PAY").await;
    let keeper = keeper(&server);
    let idea = submit(&keeper, "PAY", "Reporting").await;
    let contributor = server.caller("contributor", Role::Contributor, "PAY");
    let straight = |more: Value| {
        let mut input = json!({ "idea": idea, "horizon": "NOW" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let useful = json!({ "keyResults": [committed.key_results[0]] });
    let item = json!({ "team": "PAY", "title": "Exports", "horizon": "NOW", "keyResults": [committed.key_results[0]] });
    let item = contributor.done("roadmapItemAdd", item, "roadmapItem { id }").await["roadmapItem"]["id"].clone();

    let strayed = contributor.refused("ideaPromote", straight(json!({}))).await;
    let serving = contributor.refused("ideaPromote", straight(useful.clone())).await;
    let joining = contributor.refused("ideaPromote", json!({ "idea": idea, "roadmapItem": item })).await;
    let both = contributor.refused("ideaPromote", straight(json!({ "roadmapItem": item }))).await;
    let neither = contributor.refused("ideaPromote", json!({ "idea": idea })).await;
    let reader = server.caller_with("reader", &[holdline_domain::permission::Scope::Read], "*");

    assert_eq!(strayed, ["NOW_SERVES_COMMITMENT", "BACKLOG_FIRST"]);
    assert_eq!((serving, joining), (vec!["BACKLOG_FIRST".to_owned()], vec!["BACKLOG_FIRST".to_owned()]));
    assert_eq!((both, neither), (vec!["INVALID".to_owned()], vec!["INVALID".to_owned()]));
    assert_eq!(reader.try_mutate("ideaPromote", straight(useful), "__typename").await.code(), "FORBIDDEN");
    assert_eq!(status(&keeper, &idea).await, "NEW");

    let promoted = contributor.done("ideaPromote", json!({ "idea": idea, "horizon": "NEXT" }), PROMOTED).await;
    assert_eq!(promoted["idea"]["status"], "PLANNED");
    assert_eq!(promoted["idea"]["roadmapItem"], json!({ "id": promoted["roadmapItem"]["id"] }));
    assert_eq!(promoted["roadmapItem"]["title"], "Reporting");
    assert_eq!(promoted["roadmapItem"]["ideas"]["nodes"], json!([{ "id": idea }]));
    assert_eq!(contributor.refused("ideaPromote", json!({ "idea": idea, "horizon": "LATER" })).await, ["INVALID"]);
}

#[tokio::test]
async fn an_item_sums_the_demand_of_its_ideas_and_they_end_with_it() {
    let server = Server::start().await;
    commit_plan(&server, "PAY").await;
    let keeper = keeper(&server);
    let (one, other) = (submit(&keeper, "PAY", "Reporting").await, submit(&keeper, "PAY", "Reports by mail").await);
    // The same deal asks for both; it is worth its amount once.
    ask_for(&keeper, &one, deal("1", "100.5", None)).await;
    ask_for(&keeper, &other, deal("1", "100.5", None)).await;
    ask_for(&keeper, &other, deal("2", "10", None)).await;
    let promoted = keeper.done("ideaPromote", json!({ "idea": one, "horizon": "LATER" }), PROMOTED).await;
    let item = promoted["roadmapItem"]["id"].clone();
    keeper.done("ideaPromote", json!({ "idea": other, "roadmapItem": item }), PROMOTED).await;

    let query = "query($id: ID!) { node(id: $id) { ... on RoadmapItem { ideas { totalCount } \
                 demand { requests accounts open { requests amounts { amount currency } } } } } }";
    let shown = keeper.ask(query, json!({ "id": item })).await.data()["node"].clone();
    assert_eq!(shown["ideas"]["totalCount"], 2);
    let amounts = json!([{ "amount": "110.5", "currency": "USD" }]);
    assert_eq!(shown["demand"], json!({ "requests": 3, "accounts": 2, "open": { "requests": 3, "amounts": amounts } }));

    let dropped = json!({ "roadmapItem": item, "reason": "The data is not there." });
    keeper.done("roadmapItemDrop", dropped, "roadmapItem { id }").await;
    assert_eq!(
        (status(&keeper, &one).await, status(&keeper, &other).await),
        (json!("UNDER_REVIEW"), json!("UNDER_REVIEW"))
    );

    let again = keeper.done("ideaPromote", json!({ "idea": one, "horizon": "NEXT" }), PROMOTED).await;
    keeper.done("roadmapItemShip", json!({ "roadmapItem": again["roadmapItem"]["id"] }), "roadmapItem { id }").await;
    assert_eq!(status(&keeper, &one).await, "SHIPPED");
    let auditor = server.auditor();
    let log = auditor.query(
        "{ auditLog(filter: { action: { in: [IDEA_PROMOTED, IDEA_RETURNED, IDEA_SHIPPED] } }, orderBy: SEQ_ASC) { nodes { action reason } } }",
    );
    let entries = log.await["auditLog"]["nodes"].clone();
    let actions: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let expected =
        ["IDEA_PROMOTED", "IDEA_PROMOTED", "IDEA_RETURNED", "IDEA_RETURNED", "IDEA_PROMOTED", "IDEA_SHIPPED"];
    assert_eq!(actions, expected);
    assert_eq!(entries[2]["reason"], "The data is not there.");
}
