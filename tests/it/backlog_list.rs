//! How ideas are found: orders and their pages, filters, the like of one, and words.

use serde_json::{Value, json};

use crate::support::{Caller, Server, ask_for, deal, keeper, submit, teams};

pub(crate) const PAGE: &str =
    "query($order: IdeaOrder, $filter: IdeaFilter, $first: Int, $after: String, $last: Int, $before: String) {
    ideas(orderBy: $order, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { title } } }";

async fn page(caller: &Caller, order: &str, mut arguments: Value) -> Value {
    arguments["order"] = json!(order);
    arguments["filter"] = if order.contains("AMOUNT") { json!({ "currency": "USD" }) } else { json!({}) };
    caller.ask(PAGE, arguments).await.data()["ideas"].clone()
}

pub(crate) fn titles(nodes: &Value) -> Vec<String> {
    nodes.as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect()
}

/// Seven ideas in the order of their titles, with ties in score, in requests and in worth.
async fn seven(server: &Server) -> Caller {
    teams(server, &["PAY"]).await;
    let keeper = keeper(server);
    let table = [
        ("a", Some((1, 2)), "9"),
        ("b", None, ""),
        ("c", Some((5, 1)), "10"),
        ("d", Some((2, 4)), "9 0"),
        ("e", Some((1, 3)), "1000000"),
        ("f", Some((5, 5)), ""),
        ("g", None, "0.5 0.5 8"),
    ];
    for (title, rated, amounts) in table {
        let idea = submit(&keeper, "PAY", title).await;
        if let Some((impact, effort)) = rated {
            keeper.done("ideaUpdate", json!({ "idea": idea, "impact": impact, "effort": effort }), "__typename").await;
        }
        for (place, amount) in amounts.split_whitespace().enumerate() {
            ask_for(&keeper, &idea, deal(&format!("{title}{place}"), amount, None)).await;
        }
    }
    keeper
}

#[tokio::test]
async fn every_order_is_walked_whole_while_ideas_come_in() {
    let server = Server::start().await;
    let keeper = seven(&server).await;
    let orders = [
        ("CREATED_DESC", "gfedcba"),
        ("CREATED_ASC", "abcdefg"),
        ("SCORE_DESC", "cfdaegb"),
        ("DEMAND_REQUESTS_DESC", "gdecafb"),
        ("DEMAND_OPEN_AMOUNT_DESC", "ecgdafb"),
    ];

    for (order, expected) in orders {
        let expected: Vec<_> = expected.chars().map(String::from).collect();
        let (mut forward, mut after, mut walking) = (Vec::new(), Value::Null, true);
        while walking {
            let found = page(&keeper, order, json!({ "first": 2, "after": after })).await;
            forward.extend(titles(&found["nodes"]));
            assert_eq!(found["pageInfo"]["hasPreviousPage"], !after.is_null());
            walking = found["pageInfo"]["hasNextPage"] == true;
            after = found["pageInfo"]["endCursor"].clone();
            // Where the newest come last, a walk that they join at each page would not end.
            if order != "CREATED_ASC" || forward.len() < 4 {
                submit(&keeper, "PAY", "new").await;
            }
        }
        let (mut backward, mut before, mut walking) = (Vec::new(), Value::Null, true);
        while walking {
            let found = page(&keeper, order, json!({ "last": 3, "before": before })).await;
            backward.splice(0..0, titles(&found["nodes"]));
            walking = found["pageInfo"]["hasPreviousPage"] == true;
            before = found["pageInfo"]["startCursor"].clone();
            submit(&keeper, "PAY", "new").await;
        }
        forward.retain(|title| title != "new");
        backward.retain(|title| title != "new");
        assert_eq!((&forward, &backward), (&expected, &expected), "{order}");
    }
    let bare = keeper.ask("{ ideas(orderBy: DEMAND_OPEN_AMOUNT_DESC) { totalCount } }", json!({})).await;
    assert_eq!(bare.code(), "INVALID");
    let cursor = page(&keeper, "CREATED_ASC", json!({ "first": 1 })).await["pageInfo"]["endCursor"].clone();
    let astray = keeper.ask(PAGE, json!({ "order": "SCORE_DESC", "after": cursor })).await;
    assert_eq!(astray.code(), "INVALID");
}

#[tokio::test]
async fn ideas_are_found_by_every_field_and_by_both_connectives() {
    let server = Server::start().await;
    let keeper = seven(&server).await;
    teams(&server, &["OPS"]).await;
    let declined = submit(&keeper, "OPS", "No. 8: 50%").await;
    keeper.done("ideaDecline", json!({ "idea": declined, "reason": "No." }), "__typename").await;
    let named = json!({ "team": "OPS", "title": "i", "external": { "system": "tracker", "externalId": "T-7" } });
    keeper.done("ideaSubmit", named, "__typename").await;
    let eight = "No. 8: 50%";
    let table = [
        (json!({ "team": { "eq": "OPS" } }), vec!["i", eight]),
        (json!({ "team": { "nin": ["PAY"] }, "status": { "eq": "NEW" } }), vec!["i"]),
        (json!({ "team": { "eq": "NONE" } }), vec![]),
        (json!({ "status": { "in": ["DECLINED", "MERGED"] } }), vec![eight]),
        (json!({ "status": { "nin": ["NEW"] } }), vec![eight]),
        (json!({ "title": { "contains": "50%" } }), vec![eight]),
        (json!({ "title": { "contains": "NO." } }), vec![]),
        (json!({ "title": { "in": ["a", "b"] } }), vec!["b", "a"]),
        (json!({ "externalSystem": { "eq": "tracker" }, "externalId": { "contains": "T-" } }), vec!["i"]),
        (json!({ "externalId": { "null": false } }), vec!["i"]),
        (json!({ "requests": { "gte": 2 } }), vec!["g", "d"]),
        (json!({ "requests": { "eq": 0 }, "team": { "eq": "PAY" } }), vec!["f", "b"]),
        (json!({ "createdAt": { "gt": "2027-01-01T00:00:00Z" } }), vec![]),
        (
            json!({ "or": [{ "title": { "eq": "a" } }, { "and": [{ "requests": { "gt": 1 } }, { "requests": { "lt": 3 } }] }] }),
            vec!["d", "a"],
        ),
        (json!({ "and": [{ "title": { "eq": "a" } }, { "title": { "eq": "b" } }] }), vec![]),
    ];

    for (filter, expected) in table {
        let answer = keeper.ask(PAGE, json!({ "filter": filter })).await;
        let found = &answer.data()["ideas"];
        assert_eq!(titles(&found["nodes"]), expected, "{filter}");
        assert_eq!(found["totalCount"], expected.len(), "{filter}");
    }
    let of_team = r#"{ team(key: "OPS") { ideas(filter: { status: { eq: NEW } }) { totalCount nodes { title } } } }"#;
    let of_team = keeper.query(of_team).await["team"]["ideas"].clone();
    assert_eq!((titles(&of_team["nodes"]), &of_team["totalCount"]), (vec!["i".to_owned()], &json!(1)));
}

async fn searched(caller: &Caller, text: &str) -> Vec<String> {
    let query = "query($text: String!) { search(text: $text) { totalCount nodes { ... on Idea { title } } } }";
    let answer = caller.ask(query, json!({ "text": text })).await;
    let found = &answer.data()["search"];
    assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
    let nodes = found["nodes"].as_array().unwrap().iter();
    nodes.map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

async fn library(server: &Server) -> Caller {
    teams(server, &["PAY"]).await;
    let keeper = keeper(server);
    for (title, body) in [
        ("Reporting für Ärzte", "Monthly tables."),
        ("Monthly reports", "For every café and its reporter."),
        ("NEAR or not: SSO/SAML-2 🚀", "a \"quoted\" word; DROP TABLE idea; --"),
        ("Straße", "日本語の検索"),
    ] {
        keeper.done("ideaSubmit", json!({ "team": "PAY", "title": title, "body": body }), "__typename").await;
    }
    keeper
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_whatever_their_case_and_accents() {
    let server = Server::start().await;
    let keeper = library(&server).await;
    let (doctors, monthly, single) = ("Reporting für Ärzte", "Monthly reports", "NEAR or not: SSO/SAML-2 🚀");
    let table = [
        ("REPORT", vec![doctors, monthly]),
        ("arzt", vec![doctors]),
        ("FUR ÄRZTE", vec![doctors]),
        ("monthly", vec![monthly, doctors]),
        ("Café report", vec![monthly]),
        ("porting", vec![]),
        ("saml", vec![single]),
        ("SSO/SAML-2", vec![single]),
        ("near", vec![single]),
        ("straße", vec!["Straße"]),
        ("日本", vec!["Straße"]),
    ];

    for (text, mut expected) in table {
        let mut found = searched(&keeper, text).await;
        if text == "monthly" {
            assert_eq!(found, expected, "a word in the title counts for more");
        }
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
    }
    keeper.done("ideaSubmit", json!({ "team": "PAY", "title": "Quarterly" }), "__typename").await;
    let found =
        keeper.query(r#"{ search(text: "quarter") { nodes { __typename ... on Idea { id } } } }"#).await["search"]["nodes"].clone();
    let id = found[0]["id"].clone();
    assert_eq!(found[0]["__typename"], "Idea");
    keeper.done("ideaUpdate", json!({ "idea": id, "title": "Yearly" }), "__typename").await;
    assert_eq!(searched(&keeper, "quarter").await, Vec::<String>::new());
    assert_eq!(searched(&keeper, "year").await, ["Yearly"]);
}

#[tokio::test]
async fn whatever_is_searched_for_is_words_or_nothing() {
    let server = Server::start().await;
    let keeper = library(&server).await;
    let nothing =
        ["", " ", "\"", "\"\"", "*", "* *", "🚀", "()", ":*", "&|!", "--", "\u{0}", "\u{7}", "\\", "%", "_", "'"];
    for text in nothing {
        assert_eq!(searched(&keeper, text).await, Vec::<String>::new(), "{text:?}");
    }
    let words = [
        "\"quoted",
        "near(sso not, 2)",
        "title : near",
        "{title} : near",
        "near*",
        "^near",
        "sso:*",
        "sso & saml",
        "sso AND saml",
        "NEAR",
        "'; DROP TABLE idea; --",
        "sso\u{0}saml",
        "near \"or\" not",
    ];
    for text in words {
        searched(&keeper, text).await;
    }
    assert_eq!(searched(&keeper, "'; drop table idea; --").await.len(), 1);
    assert_eq!(searched(&keeper, "sso OR nothing").await, Vec::<String>::new(), "OR is a word like any other");
    searched(&keeper, &"a ".repeat(150)).await;
    searched(&keeper, &"x".repeat(300)).await;
    let long = keeper
        .ask("query($text: String!) { search(text: $text) { totalCount } }", json!({ "text": "x ".repeat(5_000) }))
        .await;
    assert_eq!(long.code(), "INVALID");
    assert_eq!(keeper.query("{ ideas { totalCount } }").await["ideas"]["totalCount"], 4);
}

#[tokio::test]
async fn hits_are_paged_and_the_like_of_an_idea_are_found() {
    let server = Server::start().await;
    teams(&server, &["PAY", "OPS"]).await;
    let keeper = keeper(&server);
    let (mut all, mut ids) = (Vec::new(), Vec::new());
    for place in 0..5 {
        all.push(format!("Export {place}"));
        ids.push(submit(&keeper, "PAY", &format!("Export {place}")).await);
    }
    submit(&keeper, "OPS", "Export elsewhere").await;
    let query = r#"query($after: String) { search(text: "export", team: "PAY", kinds: [IDEA], first: 2, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { ... on Idea { title } } } }"#;
    let (mut found, mut after, mut walking) = (Vec::new(), Value::Null, true);
    while walking {
        let page = keeper.ask(query, json!({ "after": after })).await.data()["search"].clone();
        found.extend(page["nodes"].as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()));
        (walking, after) = (page["pageInfo"]["hasNextPage"] == true, page["pageInfo"]["endCursor"].clone());
    }
    found.sort();
    assert_eq!(found, all);

    keeper.done("ideaMerge", json!({ "idea": ids[4], "into": ids[0] }), "__typename").await;
    let like = "query($id: ID!, $first: Int) { node(id: $id) { ... on Idea { similar(first: $first) { title } } } }";
    let similar = async |first: Value| keeper.ask(like, json!({ "id": ids[0], "first": first })).await;
    let mut found = titles(&similar(Value::Null).await.data()["node"]["similar"]);
    found.sort();
    assert_eq!(found, ["Export 1", "Export 2", "Export 3"], "itself, merged ones and other teams' left out");
    assert_eq!(titles(&similar(json!(1)).await.data()["node"]["similar"]).len(), 1);
    assert_eq!(similar(json!(26)).await.code(), "INVALID");
    let none = keeper.query(r#"{ search(text: "export", kinds: [ROADMAP_ITEM]) { totalCount } }"#).await;
    assert_eq!(none["search"]["totalCount"], 0);
}
