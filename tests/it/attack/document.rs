//! Documents that cost much to parse, to judge or to answer, and documents that are to be told something.

use std::fmt::Write as _;

use serde_json::json;

use super::{Attack, QUERY};

fn doubling(levels: usize) -> String {
    let mut text = String::from("{ ...f0 }");
    for n in 0..levels {
        let _ = write!(text, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1);
    }
    text + &format!(" fragment f{levels} on Query {{ __typename }}")
}

/// What is refused for its size, with the code that it gets.
fn sizes() -> Vec<(String, String, &'static str)> {
    let list = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let objects = |levels: usize| format!("{}1{}", "{a:".repeat(levels), "}".repeat(levels));
    let aliases: Vec<_> = (0..1_000).map(|n| format!("a{n}: __typename")).collect();
    let pages = "teams(first: 250) { nodes { plans(first: 250) { nodes { id } } } }";
    let table = [
        ("lists in an argument", format!("{{ team(key: {}) {{ id }} }}", list(2_000)), "QUERY_TOO_DEEP"),
        ("objects in an argument", format!("{{ team(key: {}) {{ id }} }}", objects(1_500)), "QUERY_TOO_DEEP"),
        ("lists in a directive", format!("{{ viewer @skip(if: {}) {{ allTeams }} }}", list(2_000)), "QUERY_TOO_DEEP"),
        ("lists in a default", format!("query($v: [Int] = {}) {{ __typename }}", list(2_000)), "QUERY_TOO_DEEP"),
        (
            "lists in a type",
            format!("query($v: {}Int{}) {{ __typename }}", "[".repeat(2_000), "]".repeat(2_000)),
            "QUERY_TOO_DEEP",
        ),
        ("fields in fields", format!("{}id{}", "{ plan ".repeat(2_000), "}".repeat(2_000)), "QUERY_TOO_DEEP"),
        ("brackets that are not closed", "{".repeat(30_000), "QUERY_TOO_DEEP"),
        ("doubling fragments", doubling(25), "QUERY_TOO_LARGE"),
        ("many doubling fragments", doubling(100), "QUERY_TOO_DEEP"),
        ("a fragment in itself", "{ ...f } fragment f on Query { ...f }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
        ("a thousand aliases", format!("{{ {} }}", aliases.join(" ")), "QUERY_TOO_COMPLEX"),
        ("a field five thousand times", format!("{{ {} }}", "__typename ".repeat(5_000)), "QUERY_TOO_LARGE"),
        ("directives without end", format!("{{ __typename {} }}", "@x ".repeat(1_900)), "QUERY_TOO_COMPLEX"),
        ("pages of pages", format!("{{ {pages} }}"), "QUERY_TOO_COMPLEX"),
        ("a document of blanks", " ".repeat(70_000), "QUERY_TOO_LARGE"),
        ("a comment without end", format!("# {}\n{QUERY}", "x".repeat(70_000)), "QUERY_TOO_LARGE"),
    ];
    table.into_iter().map(|(name, document, code)| (name.to_owned(), document, code)).collect()
}

pub(super) fn attacks(token: &str) -> Vec<Attack> {
    let sized = sizes().into_iter();
    let mut all: Vec<_> =
        sized.map(|(name, document, code)| Attack::document(&name, token, &document).refused(400, code)).collect();
    let table = [
        ("a field with another's name", "{ viewer { allTems } }", "GRAPHQL_VALIDATION_FAILED"),
        ("a long name", &format!("{{ {} }}", "x".repeat(60_000)), "GRAPHQL_VALIDATION_FAILED"),
        ("a directive that there is not on a name", "{ __typename @evil }", "GRAPHQL_VALIDATION_FAILED"),
        ("two fields under one key", "{ viewer { a: allTeams a: name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("a variable that is nowhere", "query($a: Int) { __typename }", "GRAPHQL_VALIDATION_FAILED"),
        ("a subscription", "subscription { planChanged { id } }", "INVALID"),
        ("two operations and none chosen", "query A { __typename } query B { __typename }", "INVALID"),
        ("half a document", "{ viewer { ", "GRAPHQL_PARSE_FAILED"),
        ("a number beyond all", "{ teams(first: 99999999999999999999) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
    ];
    all.extend(table.map(|(name, document, code)| Attack::document(name, token, document).refused(400, code)));
    all.extend(deepest(token));
    all.extend(variables(token));
    all
}

/// As deep as is allowed, 20 fields: each takes its part of one thread's stack.
fn deepest(token: &str) -> Vec<Attack> {
    let nested = |levels: usize, one: &str, closed: &str| {
        format!("{{ team(key: \"PAY\") {{ key {}id{} }} }}", one.repeat(levels), closed.repeat(levels))
    };
    let table = [
        ("objects as deep as is allowed", nested(9, "roadmap { team { ", " } }")),
        ("lists as deep as is allowed", nested(6, "ideas(first: 1) { nodes { team { ", " } } }")),
    ];
    table.map(|(name, document)| Attack::document(name, token, &document).answers("/team/key", json!("PAY"))).into()
}

fn variables(token: &str) -> Vec<Attack> {
    let many = "query($keys: [String!]) { ideas(filter: { title: { in: $keys } }) { nodes { id } } }";
    let given = |name: &str, document: &str, variables: serde_json::Value| {
        Attack::post(name, token, json!({ "query": document, "variables": variables }).to_string())
    };
    let paged = "query($n: Int) { teams(first: $n) { nodes { plans(first: $n) { nodes { id } } } } }";
    let mut deep = json!({ "team": { "eq": "PAY" } });
    for _ in 0..12 {
        deep = json!({ "and": [deep] });
    }
    let filtered = "query($f: IdeaFilter) { ideas(filter: $f) { nodes { id } } }";
    vec![
        given("a page that a variable makes long", paged, json!({ "n": 250 })).refused(400, "QUERY_TOO_COMPLEX"),
        given("a number for a word", "query($k: String!) { team(key: $k) { id } }", json!({ "k": 7 }))
            .refused(400, "INVALID"),
        given("a variable that is not given", "query($k: String!) { team(key: $k) { id } }", json!({}))
            .refused(400, "INVALID"),
        given("a filter with 10,000 values", many, json!({ "keys": vec!["PAY"; 10_000] })).refused(200, "INVALID"),
        given("a filter twelve deep", filtered, json!({ "f": deep })).refused(200, "INVALID"),
    ]
}
