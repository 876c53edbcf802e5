//! Tables of what the pass refuses and what it lets through, over the schema itself, and the proof that no document makes
//! it slow. What the rest of validation says to the same documents is compared in `.ci/node/validation.mjs`.

use std::sync::LazyLock;
use std::time::Instant;

use async_graphql::Variables;
use async_graphql::parser::parse_query;
use async_graphql::parser::types::DocumentOperations;
use serde_json::{Value, json};

use super::given::settle;
use super::*;

static PUBLISHED: LazyLock<Published> =
    LazyLock::new(|| Published::of(&crate::graphql::schema()).expect("the schema answers"));

fn told(text: &str) -> Vec<String> {
    let document = parse_query(text).expect("parses");
    match judge(&PUBLISHED, text, &document) {
        Ok(()) => Vec::new(),
        Err(Invalid::Faults(faults)) => faults.into_iter().map(|fault| fault.sentence).collect(),
        Err(Invalid::TooManyLooks) => vec!["too many looks".to_owned()],
    }
}

#[test]
fn each_fault_is_told_with_what_to_write_instead() {
    let table = [
        ("{ viewer { __typename(full: true) } }", "`__typename` takes no arguments"),
        ("{ viewer { __typename { name } } }", "`__typename` is a text"),
        ("query($n: Int @loud) { teams(first: $n) { totalCount } }", "`@loud` cannot stand on a variable"),
        ("query($n: [Whole!] = 1) { viewer { allTeams } }", "There is no type `Whole`"),
        ("query($s: Boolean) { viewer { __typename @skip(if: $s) } }", "Declare it as `Boolean!`."),
        ("query($k: String) { team(key: $k) { name } }", "`$k` is declared as `String` and used where `String!`"),
        ("query($k: String) { ...F } fragment F on Query { team(key: $k) { name } }", "Declare it as `String!`."),
        ("query($n: [Int!]) { teams(first: $n) { totalCount } }", "used where `Int` is wanted"),
        ("{ ideas(orderBy: \"SCORE_DESC\") { totalCount } }", "A value of `IdeaOrder` is written without quotes"),
        ("{ ideas(orderBy: OLDEST) { totalCount } }", "`IdeaOrder` has no value OLDEST"),
        ("{ ideas(filter: 3) { totalCount } }", "A number stands where a value of type `IdeaFilter`"),
        ("query($t: String) { ideas(filter: {colour: $t}) { totalCount } }", "`IdeaFilter` has no field `colour`"),
        ("{ team(key: null) { name } }", "Null stands where a value of type `String!`"),
        ("{ ideas(filter: {team: {eq: \"A\", eq: \"B\"}}) { totalCount } }", "`eq` is given twice"),
        ("queryAll { viewer { allTeams } }", "A definition cannot begin with `queryAll`"),
        ("query() { viewer { allTeams } }", "These parentheses are empty"),
        ("{ viewer { ...F } } fragment F on Viewer { teams } fragment on on Viewer { teams }", "named `on`"),
        ("{ team(key: \"A\") { x: key ...F } } fragment F on Team { x: name }", "`x` stands for `key` and for `name`"),
        ("{ team(key: \"A\") { x: name ... on Node { x: id } } }", "alias, such as `x2: …`"),
        ("{ teams(first: 1) { totalCount } teams(first: 2) { totalCount } }", "`teams` is asked for with different"),
        (
            "{ search(text: \"a\") { nodes { ... on Idea { x: title } ... on RoadmapItem { x: version } } } }",
            "`x` is of type `String!` in one place and of type `Int!` in another",
        ),
    ];
    for (text, expected) in table {
        let told = told(text);
        assert!(told.iter().any(|sentence| sentence.contains(expected)), "{text}: {told:?}");
    }
}

#[test]
fn what_the_specification_allows_is_let_through() {
    let table = [
        "query($k: [SearchKind!]!) { search(text: \"a\", kinds: $k) { totalCount } }",
        "query($k: String = \"A\") { team(key: $k) { name } }",
        "query($s: Boolean!) { viewer { x: __typename @skip(if: $s) } }",
        "{ search(text: \"a\", kinds: IDEA) { totalCount } node(id: 7) { id } }",
        "{ ideas(filter: {team: {eq: \"{a: 1, a: 2} query\"}, or: [{team: {eq: \"A\"}}, {team: {eq: \"B\"}}]}) { totalCount } }",
        "{ t: teams(first: 1, after: \"a\") { totalCount } t: teams(after: \"a\", first: 1) { nodes { key } } }",
        "{ search(text: \"a\") { nodes { ... on Idea { x: title } ... on RoadmapItem { x: title } } } }",
        "{ nodes(ids: []) { ... on Team { x: key } ... on Idea { x: title } } }",
        "query A { viewer { allTeams } } # query\nquery B { viewer { teams } }",
    ];
    for text in table {
        assert_eq!(told(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_subscription_has_one_root_field() {
    let table = [
        ("subscription { a }", None),
        ("subscription { a { x } a { y } }", None),
        ("subscription { ...F ...F } fragment F on S { a }", None),
        ("query { a b }", None),
        ("subscription { a b }", Some("A subscription has one root field.")),
        ("subscription { a x: a }", Some("A subscription has one root field.")),
        ("subscription { a ...F } fragment F on S { ... { b } }", Some("A subscription has one root field.")),
        ("subscription { __typename }", Some("A subscription's root field is one of its own")),
    ];
    for (text, expected) in table {
        let faults = subscription::judge(&parse_query(text).expect("parses"));
        let told = faults.first().map(|fault| fault.sentence.as_str());
        match (told, expected) {
            (Some(told), Some(expected)) => assert!(told.starts_with(expected), "{text}: {told}"),
            (told, expected) => assert_eq!(told, expected, "{text}"),
        }
    }
}

fn settled(definition: &str, given: Value) -> Result<Value, (String, String)> {
    let document = parse_query(format!("query({definition}) {{ a }}")).expect("parses");
    let DocumentOperations::Single(operation) = document.operations else { panic!("one operation") };
    let mut variables = Variables::from_json(given);
    settle(&PUBLISHED, &operation.node, &mut variables).map_err(|unfit| (unfit.field, unfit.sentence))?;
    Ok(serde_json::to_value(&variables).expect("JSON"))
}

#[test]
fn a_value_that_does_not_fit_its_variable_is_refused_by_where_it_stands() {
    let table = [
        ("$v: Int!", json!({}), "variables.v", "needs a value"),
        ("$v: Int! = 3", json!({ "v": null }), "variables.v", "needs a value"),
        ("$v: Int", json!({ "v": "3" }), "variables.v", "no value of type `Int`"),
        ("$v: Int", json!({ "v": 3_000_000_000_i64 }), "variables.v", "no value of type `Int`"),
        ("$v: [SearchKind!]", json!({ "v": ["IDEA", "TEAM"] }), "variables.v.1", "no value of type `SearchKind!`"),
        ("$v: IdeaFilter", json!({ "v": { "colour": 1 } }), "variables.v.colour", "no field `colour`"),
        ("$v: IdeaFilter", json!({ "v": "NEW" }), "variables.v", "no value of type `IdeaFilter`"),
        ("$v: IdeaFilter", json!({ "v": { "or": [{ "team": { "eq": 1 } }] } }), "variables.v.or.0.team.eq", "`String`"),
        ("$v: TeamCreateInput", json!({ "v": { "key": "A" } }), "variables.v.name", "needs its field `name`"),
        ("$v: PersonRef", json!({ "v": { "id": "a", "name": "b" } }), "variables.v", "exactly one field"),
        ("$v: PersonRef", json!({ "v": { "id": null } }), "variables.v", "exactly one field"),
    ];
    for (definition, given, field, expected) in table {
        let (at, sentence) = settled(definition, given.clone()).expect_err("refused");
        assert!(at == field && sentence.contains(expected), "{definition} {given}: {at}: {sentence}");
    }
}

#[test]
fn what_fits_is_kept_and_what_is_left_out_gets_its_default() {
    let table = [
        ("$v: Int = 3", json!({}), json!({ "v": 3 })),
        ("$v: Int = 3", json!({ "v": null }), json!({ "v": null })),
        ("$v: Int", json!({}), json!({})),
        ("$v: [SearchKind!]", json!({ "v": "IDEA" }), json!({ "v": "IDEA" })),
        ("$v: ID!", json!({ "v": 7, "other": "x" }), json!({ "v": 7, "other": "x" })),
        ("$v: Whole", json!({ "v": 7 }), json!({ "v": 7 })),
        ("$v: DateTime", json!({ "v": "2026-01-01T00:00:00Z" }), json!({ "v": "2026-01-01T00:00:00Z" })),
    ];
    for (definition, given, expected) in table {
        assert_eq!(settled(definition, given.clone()), Ok(expected), "{definition} {given}");
    }
}

#[test]
fn no_document_within_the_limits_makes_the_pass_slow() {
    let wide = |count: usize| format!("{{ viewer {{ {} }} }}", "allTeams ".repeat(count));
    let deep = {
        let level = |inner: String| {
            format!(
                "node(id: 1) {{ id ... on Plan {{ team {{ id }} }} ... on Team {{ plans {{ nodes {{ ...  on Node {{ id }} }} }} }} }} {inner}"
            )
        };
        format!("{{ {} }}", (0..90).fold(String::new(), |inner, _| level(inner)))
    };
    let twice =
        |name: &str| format!("{{ ideas(filter: {{{}}}) {{ totalCount }} }}", format!("{name}: 1 ").repeat(1_200));
    let spreads = {
        let fragments = (0..200)
            .fold(String::new(), |text, n| format!("{text} fragment f{n} on Query {{ node(id: $v) {{ id }} }}"));
        let uses = (0..200).fold(String::new(), |text, n| format!("{text} ...f{n}"));
        let operations = (0..20).fold(String::new(), |text, n| format!("{text} query q{n}($v: ID) {{ ...f{n} }}"));
        format!("query all($v: ID) {{ {uses} }} {operations} {fragments}")
    };
    for text in [wide(990), deep, twice("colour"), twice("team"), spreads] {
        let document = parse_query(&text).expect("parses");
        let started = Instant::now();

        let _ = judge(&PUBLISHED, &text, &document);

        // Milliseconds in a release build; the bound leaves room for a busy machine.
        assert!(started.elapsed().as_millis() < 250, "{}: {:?}", &text[..60], started.elapsed());
    }
}

#[test]
fn groups_that_meet_too_often_are_given_up_in_time() {
    let kinds = ["ObjectiveAdded", "ObjectiveDropped", "ObjectiveAmended", "KeyResultAdded", "KeyResultDropped"];
    let each = kinds.map(|kind| format!("... on {kind} {{ renegotiation {{ id }} }}")).join(" ");
    let level = |inner: String, _| format!("id changes {{ {each} renegotiation {{ {inner} }} }}");
    let text = format!("{{ renegotiations {{ nodes {{ {} }} }} }}", (0..8).fold("id".to_owned(), level));
    let started = Instant::now();

    assert_eq!(told(&text), ["too many looks"]);
    assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
}
