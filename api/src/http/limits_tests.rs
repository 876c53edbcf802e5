//! The table of documents that pass and fail each limit, and the proof that bombs are weighed in linear time.

use async_graphql::parser::parse_query;
use async_graphql::parser::types::DocumentOperations;
use async_graphql::{EmptyMutation, EmptySubscription, Object, Value};

use super::*;

fn cost_with(text: &str, variables: &Variables) -> Result<u64, TooMuch> {
    let document = parse_query(text).expect("parses");
    let running = match &document.operations {
        DocumentOperations::Single(operation) => operation,
        DocumentOperations::Multiple(operations) => &operations["Run"],
    };
    check(&published(), &document, &running.node, variables).map(|weight| weight.cost)
}

/// A schema in which nothing is known but one list, `l`, of more of the same.
fn published() -> Published {
    Published::of(&async_graphql::Schema::new(Listed, EmptyMutation, EmptySubscription)).expect("it answers itself")
}

struct Listed;

#[Object]
impl Listed {
    async fn l(&self) -> Vec<Self> {
        Vec::new()
    }
    async fn one(&self) -> Self {
        Self
    }
}

fn cost(text: &str) -> Result<u64, TooMuch> {
    cost_with(text, &Variables::default())
}

fn doubling(levels: usize) -> String {
    let fragments = (0..levels).map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1));
    format!("{} fragment f{levels} on Query {{ a }}", fragments.collect::<Vec<_>>().join(" "))
}

#[test]
fn a_field_costs_one_times_the_rows_around_it() {
    let table = [
        ("{ a }", 1),
        ("{ a { b c } }", 3),
        ("{ a(first: 10) { nodes { b } } }", 1 + 10 * 2),
        ("{ a(last: 10) { nodes { b } } }", 1 + 10 * 2),
        ("{ a(first: 10) { nodes { b(first: 5) { nodes { c } } } } }", 1 + 10 * (1 + 1 + 5 * 2)),
        ("{ a { nodes { b } } }", 1 + 50 * 2),
        ("{ a { edges { node { b } } } }", 1 + 50 * 3),
        ("{ a { ...p } } fragment p on C { nodes { b } }", 1 + 50 * 2),
        ("{ a { ... { ...p } } } fragment p on C { nodes { b } }", 1 + 50 * 2),
        ("{ a(first: 3) { ...p } b(first: 4) { ...p } } fragment p on C { nodes { b } }", 2 + 3 * 2 + 4 * 2),
        ("{ a(first: 0) { nodes { b } } }", 1 + 2),
        ("{ a(first: -1) { nodes { b } } }", 1 + 50 * 2),
        ("{ a(first: \"9\") { nodes { b } } }", 1 + 50 * 2),
        ("{ a(first: null) { nodes { b } } }", 1 + 50 * 2),
        ("query($n: Int) { a(first: $n) { nodes { b } } }", 1 + 50 * 2),
        ("query($n: Int = 7) { a(first: $n) { nodes { b } } }", 1 + 7 * 2),
        ("query($given: Int = 7) { a(first: $given) { nodes { b } } }", 1 + 20 * 2),
        ("query($nothing: Int = 7) { a(first: $nothing) { nodes { b } } }", 1 + 50 * 2),
        ("{ l { x } }", 1 + 2),
        ("{ l { l { x } } }", 1 + 2 * (1 + 2)),
        ("{ one { l { one { l { x } } } } }", 2 + 2 * (2 + 2)),
        ("{ ...p } fragment p on Listed { l { ... { ... on Listed { l { x } } } } }", 1 + 2 * (1 + 2)),
        ("{ nodes(ids: [\"1\", \"2\", \"3\"]) { x } }", 1 + 3),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { x y } }", 1 + 2 * 2),
        ("query($nothing: [ID!]) { nodes(ids: $nothing) { x } }", 2),
        ("{ __schema { types { fields { name } } } }", 4),
        ("{ __type(name: \"A\") { nodes: edges(first: 200) { name } } }", 3),
    ];
    let mut variables = Variables::default();
    variables.insert(async_graphql::Name::new("given"), Value::from(20));
    variables.insert(async_graphql::Name::new("nothing"), Value::Null);
    variables.insert(async_graphql::Name::new("ids"), Value::List(vec![Value::from("a"), Value::from("b")]));
    for (text, expected) in table {
        assert_eq!(cost_with(text, &variables), Ok(expected), "{text}");
    }
}

#[test]
fn each_limit_holds_at_its_number_and_not_beyond() {
    let deep = |levels: usize| format!("{{ {} a {} }}", "a {".repeat(levels - 1), "}".repeat(levels - 1));
    let aliases = |count: usize| {
        format!("{{ r {{ {} }} }}", (0..count).fold(String::new(), |s, n| format!("{s} x{n}: __typename")))
    };
    let directives = |count: usize| format!("{{ a {} }}", "@x ".repeat(count));
    let roots = |count: usize| format!("{{ {} }}", "a ".repeat(count));
    let selections = |count: usize| format!("{{ r {{ {} }} }}", "a ".repeat(count - 1));
    let table = [
        (deep(20), deep(21), TooMuch::Depth(21)),
        (aliases(30), aliases(31), TooMuch::Aliases(31)),
        (directives(20), directives(21), TooMuch::Directives(21)),
        (roots(20), roots(21), TooMuch::RootFields(21)),
        (selections(1_000), selections(1_001), TooMuch::Selections(1_001)),
        ("{ a(first: 19999) { b } }".into(), "{ a(first: 20000) { b } }".into(), TooMuch::Cost(20_001)),
    ];
    for (fits, exceeds, why) in table {
        assert!(cost(&fits).is_ok(), "{fits}");
        assert_eq!(cost(&exceeds), Err(why), "{exceeds}");
    }
}

#[test]
fn directives_and_root_fields_count_through_fragments_and_on_every_place() {
    let spread_often = format!("{{ {} }} fragment f on Query {{ a @x @y @z }}", "...f ".repeat(7));
    let everywhere = "query($v: Int @x) @x { a @x ... @x { b } ...f @x } fragment f on Query @x { c }";
    let roots = format!("{{ {} }} fragment f on Query {{ a b c }}", "...f ".repeat(7));

    assert_eq!(cost(&spread_often), Err(TooMuch::Directives(21)));
    assert_eq!(cost(&roots), Err(TooMuch::RootFields(21)));
    assert_eq!(cost(everywhere), Ok(3));
}

#[test]
fn doubling_fragments_are_weighed_in_linear_time_and_refused() {
    let started = std::time::Instant::now();

    let weigh = |levels: usize| cost(&format!("{{ r {{ ...f0 }} }} {}", doubling(levels)));
    assert_eq!(weigh(8), Ok(1 + 256));
    assert_eq!(weigh(9), Err(TooMuch::Selections(2 + 1_022 + 512)));
    assert!(matches!(weigh(29), Err(TooMuch::Selections(_))));
    assert_eq!(weigh(300), Err(TooMuch::Levels));
    assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
}

#[test]
fn a_cycle_is_found_and_an_unknown_fragment_is_left_to_validation() {
    let itself = "{ ...a } fragment a on Query { ...a }";
    let through_another = "{ ...a } fragment a on Q { x { ...b } } fragment b on Q { ...a }";
    let unused = "{ x } fragment a on Q { ...b } fragment b on Q { ...a }";

    assert_eq!(cost(itself), Err(TooMuch::Cycle(Pos { line: 1, column: 32 })));
    assert_eq!(cost(through_another), Err(TooMuch::Cycle(Pos { line: 1, column: 59 })));
    assert!(matches!(cost(unused), Err(TooMuch::Cycle(_))));
    assert_eq!(cost("{ ...nobody }"), Ok(0));
}

#[test]
fn what_does_not_run_counts_only_for_what_validation_walks() {
    let dear = "query Run { a } query Other { a(first: 200) { b(first: 200) { c } } }";
    let unused = format!("query Run {{ a }} query Other {{ ...f0 }} {}", doubling(12));
    let orphans = format!("{{ a }} {}", doubling(12));
    let deep_at_the_end = {
        let chain = (0..20).map(|n| format!("fragment f{n} on Q {{ ...f{} }}", n + 1)).collect::<Vec<_>>().join(" ");
        format!("{{ ...f0 {} ...f0 {} }} {chain} fragment f20 on Q {{ a }}", "... {".repeat(15), "}".repeat(15))
    };

    assert_eq!(cost(dear), Ok(1));
    assert!(matches!(cost(&unused), Err(TooMuch::Selections(_))));
    assert!(matches!(cost(&orphans), Err(TooMuch::Selections(_))));
    assert_eq!(cost(&deep_at_the_end), Err(TooMuch::Levels));
}

#[test]
fn sums_saturate_instead_of_overflowing() {
    let dear = format!("{{ {} a {} }}", "a(first: 18446744073709551615) {".repeat(10), "}".repeat(10));

    assert_eq!(cost(&dear), Err(TooMuch::Cost(u64::MAX)));
}
