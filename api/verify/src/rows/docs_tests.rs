//! The written list of rows names what is compared: every table on a line of its own, with every column in its order.

use super::{HEADS, TABLES};

const ROWS: &str = include_str!("../../../docs/rows.md");

/// The columns that the page names for a table, in the cell at some place of its line.
fn written(table: &str, place: usize) -> Vec<&'static str> {
    let begin = format!("| `{table}` |");
    let lines: Vec<_> = ROWS.lines().filter(|line| line.starts_with(&begin)).collect();
    let [line] = lines.as_slice() else { panic!("{table} stands on {} lines", lines.len()) };
    line.split('|').nth(place).unwrap().split_whitespace().map(|name| name.trim_matches('`')).collect()
}

#[test]
fn every_table_and_column_that_is_compared_is_written_down() {
    for table in TABLES {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(written(table.name, 3), names, "{}", table.name);
    }
    for head in HEADS {
        let names: Vec<_> = head.columns.iter().map(|(name, _)| *name).collect();
        assert_eq!(written(head.name, 2), names, "{}", head.name);
    }
    let lines = ROWS.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(lines, TABLES.len() + HEADS.len());
}
