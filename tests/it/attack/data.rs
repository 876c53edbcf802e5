//! What is given as data and would be something else: SQL, search syntax, cursors of another list, ids of another kind,
//! and characters that are none. What is good text stays the text that it was.

use serde_json::{Value, json};

use super::{Attack, Target};

const SEARCH: &str = "query($text: String!) { search(text: $text) { totalCount } }";
const IDEAS: &str = "query($f: IdeaFilter) { ideas(filter: $f) { totalCount } }";
const PAGE: &str = "query($after: String) { ideas(first: 1, after: $after) { nodes { title } } }";
const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";

/// A title that is a piece of every language that it passes through.
const TITLE: &str = "Robert'); DROP TABLE idea; -- 100% \"quoted\" \\ <script>alert(1)</script> {{7*7}} $1 :x";

pub(super) async fn attacks(target: &Target) -> Vec<Attack> {
    let submitted = |title: &str| json!({ "team": "PAY", "title": title });
    for title in [TITLE, "Another idea"] {
        target.everyone.done("ideaSubmit", submitted(title), "idea { id }").await;
    }
    let page = target.everyone.query("{ ideas(first: 1) { nodes { id } pageInfo { endCursor } } }").await;
    let (id, cursor) = (&page["ideas"]["nodes"][0]["id"], page["ideas"]["pageInfo"]["endCursor"].as_str().unwrap());
    let mut all = words(&target.token);
    all.extend(filters(&target.token));
    all.extend(cursors(&target.token, cursor));
    all.extend(ids(&target.token, id.as_str().unwrap()));
    all
}

fn given(name: &str, token: &str, document: &str, variables: &Value) -> Attack {
    Attack::post(name, token, json!({ "query": document, "variables": variables }).to_string())
}

/// In a search each is words to be found, or none: never syntax, and never everything.
fn words(token: &str) -> Vec<Attack> {
    let found = |name: &str, text: &str, count: u64| {
        given(name, token, SEARCH, &json!({ "text": text })).answers("/search/totalCount", json!(count))
    };
    vec![
        found("SQL in a search, as words", "Robert'); DROP TABLE idea; --", 1),
        found("a tautology in a search", "' OR '1'='1", 0),
        found("FTS5's operators", "robert OR another", 0),
        found("FTS5's columns", "title : robert", 0),
        found("FTS5's prefix and caret", "^rob* AND", 0),
        found("FTS5's NEAR", "NEAR(robert drop, 5)", 0),
        found("tsquery's operators", "robert & !another | drop:*", 0),
        found("a quote that is not closed", "\"robert", 1),
        found("wildcards alone", "%", 0),
        found("stars alone", "***", 0),
        given("a word of a megabyte's tenth", token, SEARCH, &json!({ "text": "x".repeat(100_000) }))
            .refused(200, "INVALID"),
        found("a NUL in a search", "a\0b", 0),
    ]
}

/// In a filter each is compared to the letter.
fn filters(token: &str) -> Vec<Attack> {
    let found = |name: &str, filter: Value, count: u64| {
        given(name, token, IDEAS, &json!({ "f": filter })).answers("/ideas/totalCount", json!(count))
    };
    vec![
        found("the whole title, to the letter", json!({ "title": { "eq": TITLE } }), 1),
        found("a tautology in a filter", json!({ "title": { "eq": "' OR 1=1 --" } }), 0),
        found("LIKE's wildcards", json!({ "title": { "contains": "%_%" } }), 0),
        found("LIKE's escape", json!({ "title": { "contains": "\\" } }), 1),
        given("a team that is SQL", token, IDEAS, &json!({ "f": { "team": { "eq": "PAY' --" } } }))
            .refused(200, "INVALID"),
        given("a comparator that there is not", token, IDEAS, &json!({ "f": { "title": { "regex": ".*" } } }))
            .refused(400, "INVALID"),
        Attack::post("a lone surrogate", token, r#"{"query":"{ a }","variables":{"f":"\ud800"}}"#)
            .refused(400, "INVALID"),
    ]
}

fn cursors(token: &str, good: &str) -> Vec<Attack> {
    let after =
        |name: &str, cursor: &str| given(name, token, PAGE, &json!({ "after": cursor })).refused(200, "INVALID");
    let turned: String = good.chars().rev().collect();
    let half = &good[..good.len() / 2];
    let elsewhere = "query($after: String) { auditLog(first: 1, after: $after) { nodes { seq } } meetings(first: 1, after: $after) { nodes { id } } }";
    vec![
        given("a cursor where it belongs", token, PAGE, &json!({ "after": good }))
            .answers("/ideas/nodes/0/title", json!(TITLE)),
        after("a cursor turned around", &turned),
        after("half a cursor", half),
        after("a cursor and more", &format!("{good}A")),
        after("a cursor of SQL", "' UNION SELECT name FROM person --"),
        after("a cursor of base 64", "eyJpZCI6MX0="),
        after("a cursor that is empty", ""),
        after("a long cursor", &"A".repeat(200_000)),
        given(
            "a cursor of another list",
            token,
            &elsewhere.replace("auditLog(first: 1, after: $after) { nodes { seq } } ", ""),
            &json!({ "after": good }),
        )
        .refused(200, "INVALID"),
    ]
}

fn ids(token: &str, good: &str) -> Vec<Attack> {
    let id = |name: &str, id: &str| given(name, token, NODE, &json!({ "id": id })).refused(200, "INVALID");
    let (_, suffix) = good.split_once('_').unwrap();
    vec![
        given("an id where it belongs", token, NODE, &json!({ "id": good })).answers("/node/id", json!(good)),
        given("an id of nothing", token, NODE, &json!({ "id": "idea_01h455vb4pex5vsknk084sn02q" }))
            .answers("/node", Value::Null),
        given("an id under another kind's name", token, NODE, &json!({ "id": format!("plan_{suffix}") }))
            .answers("/node", Value::Null),
        id("an id of a kind that there is not", &format!("root_{suffix}")),
        id("an id and SQL", &format!("{good}' OR 1=1")),
        id("an id beyond all", &format!("idea_{}", "z".repeat(26))),
        id("an id in capitals", &good.to_uppercase()),
        id("a path for an id", "../../etc/passwd"),
    ]
}
