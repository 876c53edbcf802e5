//! What the front door says to documents that async-graphql alone would run, and that one answer is in the order asked for.

use serde_json::{Value, json};

use crate::support::Server;

async fn post(server: &Server, token: &str, query: &str, variables: Value) -> (u16, String) {
    let sent = reqwest::Client::new()
        .post(&server.url)
        .header("accept", "application/graphql-response+json")
        .bearer_auth(token)
        .json(&json!({ "query": query, "variables": variables }))
        .send()
        .await
        .unwrap();
    (sent.status().as_u16(), sent.text().await.unwrap())
}

#[tokio::test]
async fn a_document_that_is_not_valid_is_refused_whole_with_its_places() {
    let server = Server::start().await;
    let token = server.planner().token().to_owned();
    let table = [
        ("{ viewer { __typename @loud } }", "loud"),
        ("query($s: Boolean) { viewer { allTeams @skip(if: $s) } }", "`$s` is declared as `Boolean`"),
        ("{ viewer { x: allTeams ...F } } fragment F on Viewer { x: scopes }", "`x` stands for"),
        ("query($n: [Whole!] = 1) { viewer { allTeams } }", "There is no type `Whole`"),
        ("{ ideas(orderBy: \"SCORE_DESC\") { totalCount } }", "without quotes"),
    ];
    for (query, expected) in table {
        let (status, text) = post(&server, &token, query, json!({})).await;
        let answer: Value = serde_json::from_str(&text).unwrap();
        let error = &answer["errors"][0];
        assert_eq!((status, answer.get("data")), (400, None), "{query}: {text}");
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}: {text}");
        assert!(text.contains(expected) && error["locations"][0]["line"] == 1, "{query}: {text}");
    }
}

#[tokio::test]
async fn an_answer_keeps_the_order_of_what_was_asked_through_fragments_and_directives() {
    let server = Server::start().await;
    let token = server.planner().token().to_owned();
    let query = "query($no: Boolean = true) {
        viewer { teams ...F allTeams @skip(if: $no) kind: __typename }
        viewer { person { kind } }
      }
      fragment F on Viewer { person { name } kind: __typename @include(if: $no) allTeams }";

    let (status, text) = post(&server, &token, query, json!({})).await;

    let places: Vec<_> =
        ["teams", "person", "name", "kind\":\"P", "kind\":\"V", "allTeams"].map(|key| text.find(key)).into();
    assert!(status == 200 && places.is_sorted() && places[0].is_some(), "{text}");
}

#[tokio::test]
async fn a_mutation_asked_for_twice_under_one_key_is_done_once() {
    let server = Server::start().await;
    let admin = server.admin();
    let twice = "mutation {
        teamCreate(input: {key: \"TWICE\", name: \"Twice\"}) { team { key } }
        ...F
        teamCreate(input: {key: \"TWICE\", name: \"Twice\"}) { userErrors { code } }
      }
      fragment F on Mutation { teamCreate(input: {key: \"TWICE\", name: \"Twice\"}) { team { name } } }";

    let (_, text) = post(&server, admin.token(), twice, json!({})).await;

    let expected = r#"{"data":{"teamCreate":{"team":{"key":"TWICE","name":"Twice"},"userErrors":[]}},"extensions""#;
    assert!(text.starts_with(expected), "{text}");
}

#[tokio::test]
async fn an_error_of_a_field_that_may_be_null_leaves_its_neighbours() {
    let server = Server::start().await;
    let token = server.planner().token().to_owned();

    let (status, text) =
        post(&server, &token, "{ node(id: \"nothing\") { id } viewer { __typename } }", json!({})).await;

    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(status, 200);
    assert_eq!(answer["data"], json!({ "node": null, "viewer": { "__typename": "Viewer" } }), "{text}");
    assert_eq!((&answer["errors"][0]["path"], answer["errors"].as_array().unwrap().len()), (&json!(["node"]), 1));
}
