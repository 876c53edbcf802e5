//! The printed schema is the one that is served.

#[test]
fn the_printed_schema_has_not_drifted() {
    let printed = include_str!("../../schema.graphql");

    let served = holdline::graphql::sdl();

    assert!(
        printed.trim_end() == served.trim_end(),
        "schema.graphql has drifted: cargo run -- schema > schema.graphql"
    );
}
