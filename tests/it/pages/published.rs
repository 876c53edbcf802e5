//! Published links: anybody who knows the address reads one team's plan, and nothing else, until it is revoked.

use serde_json::{Value, json};

use super::of_team;
use crate::{
    support::{Server, Tampered, Visitor, said, verified},
    world::World,
};

async fn publish(server: &Server, team: &str) -> (String, String) {
    let input = json!({ "team": team, "name": "The board" });
    let made = server.admin().done("publishedLinkCreate", input, "publishedLink { id path name team { key } }").await;
    assert_eq!(
        (&made["publishedLink"]["name"], &made["publishedLink"]["team"]["key"]),
        (&json!("The board"), &json!(team))
    );
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["publishedLink"]["id"]), text(&made["publishedLink"]["path"]))
}

#[tokio::test]
async fn whoever_knows_the_link_reads_the_plan_and_nothing_else_until_it_is_revoked() {
    let server = Server::start().await;
    let theirs = World::furnish(&server, "THEIRS", "foreign", None).await;
    let ours = World::furnish(&server, "OURS", "own", Some(&theirs)).await;
    let (id, path) = publish(&server, "OURS").await;
    let anybody = Visitor::new(&server);

    let page = anybody.sees(&path).await;
    let words = page.words();
    for told in ["own objective", "own key result", "own item", "under a published link", "Under renegotiation"] {
        assert!(words.contains(told), "{told} is missing: {words}");
    }
    for untold in [
        "foreign",
        "own trigger",
        "own dissent",
        "own meeting",
        "Open renegotiations",
        "/meetings/",
        "<form method=\"post\"",
    ] {
        assert!(!page.text.contains(untold), "{untold} is told: {words}");
    }
    assert_eq!(page.header("x-robots-tag"), "noindex");
    let draft = anybody.sees(&format!("{path}?quarter=2027-Q1")).await.words();
    assert!(
        !draft.contains("own objective") && draft.contains("Nothing was committed"),
        "a draft is nobody's promise: {draft}"
    );

    let item =
        json!({ "team": "OURS", "title": "Own work ahead", "horizon": "NEXT", "keyResults": [ours.id("draft kr")] });
    crate::world::everything(&server).done("roadmapItemAdd", item, "roadmapItem { id }").await;
    let ahead = anybody.sees(&path).await.words();
    assert!(
        ahead.contains("Own work ahead") && !ahead.contains("Own work ahead serves"),
        "nor is what it serves: {ahead}"
    );

    // The address opens nothing else, and half of it opens nothing.
    for other in of_team(&ours) {
        assert_eq!(anybody.get(&other).await.status, 303, "{other}");
    }
    let (start, key) = path.rsplit_once('/').unwrap();
    let swapped: String = key.chars().rev().collect();
    for wrong in [start.to_owned() + "/", format!("{start}/{swapped}"), format!("{path}A")] {
        assert_eq!(anybody.get(&wrong).await.status, 404, "{wrong}");
    }

    let revoked = json!({ "publishedLink": id, "reason": "The board has changed." });
    server.admin().done("publishedLinkRevoke", revoked.clone(), "revoked").await;
    let gone = anybody.get(&path).await;
    assert_eq!(gone.status, 404);
    assert!(gone.words().contains("This link leads nowhere"), "{}", gone.words());
    assert_eq!(server.admin().refused("publishedLinkRevoke", revoked).await, ["NOT_FOUND"]);
    verified(&server).await;

    // Whoever owns the database can open it again, and the record tells.
    let copy = Tampered::copy(&server).await;
    copy.run("UPDATE published_link SET revoked_at = NULL").await;
    let found = said(&copy, &["audit", "verify"]).await;
    assert_eq!(found.code, 1);
    assert!(found.lines.iter().any(|line| line.contains("published_link")), "{:#?}", found.lines);
}

#[tokio::test]
async fn reading_a_published_plan_leaves_no_trace_in_the_record_and_spends_no_tokens_points() {
    let mut http = crate::support::roomy();
    let number = |n| std::num::NonZeroU32::new(n).unwrap();
    http.allowance = holdline::http::Allowance { limit: number(20_000), restored: number(1) };
    let server = Server::behind(http).await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    let (_, path) = publish(&server, "PAY").await;
    let anybody = Visitor::new(&server);
    let log = "{ auditLog(first: 1) { totalCount } }";
    let before = server.auditor().query(log).await;

    let mut answered = 0;
    let refused = loop {
        let page = anybody.get(&path).await;
        if page.status != 200 {
            break page;
        }
        answered += 1;
        assert!(answered < 500, "nobody ever pays");
    };

    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty() && refused.words().contains("Too much at once"));
    assert_eq!(server.auditor().query(log).await, before);
    Visitor::signed_in(&server, &server.planner()).await.sees("/teams/PAY").await;
}

#[tokio::test]
async fn a_team_has_so_many_links_and_they_are_listed_for_administrators() {
    let server = Server::start().await;
    server.admin().done("teamCreate", json!({ "key": "PAY", "name": "Payments" }), "team { id }").await;
    for _ in 0..20 {
        publish(&server, "PAY").await;
    }

    let refused = server.admin().refused("publishedLinkCreate", json!({ "team": "PAY", "name": "One more" })).await;

    assert_eq!(refused, ["CONFLICT"]);
    let listed = server.admin().query("{ publishedLinks(first: 1) { totalCount nodes { name path } } }").await;
    assert_eq!(listed["publishedLinks"]["totalCount"], 20);
    let path = listed["publishedLinks"]["nodes"][0]["path"].as_str().unwrap();
    Visitor::new(&server).sees(path).await;
}
