//! The tables that people read: `matrix.txt`, whose columns are set apart by spaces, and the roles in README.md.

use std::collections::{BTreeMap, BTreeSet};

const MATRIX: &str = include_str!("matrix.txt");
const README: &str = include_str!("../../../README.md");

/// A row of the matrix.
pub(super) struct Row {
    pub(super) operation: String,
    /// The scopes that it asks for.
    pub(super) needs: BTreeSet<String>,
    /// For each column, `yes` or the scope that is missing.
    pub(super) cells: Vec<String>,
}

impl Row {
    /// The cell of a column.
    pub(super) fn cell_of(&self, column: &str) -> &str {
        &self.cells[columns().iter().position(|one| *one == column).unwrap()]
    }
}

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    let told = MATRIX.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    told.map(|line| line.split_whitespace().collect())
}

/// What the columns after the operation and its needs are called.
pub(super) fn columns() -> Vec<&'static str> {
    lines().next().unwrap()[2..].to_vec()
}

pub(super) fn rows() -> Vec<Row> {
    let row = |cells: Vec<&str>| {
        assert_eq!(cells.len(), columns().len() + 2, "a row of the matrix has a cell for each column: {cells:?}");
        let needs = cells[1].split('+').filter(|scope| *scope != "-").map(str::to_owned).collect();
        let operation = cells[0].to_owned();
        Row { operation, needs, cells: cells[2..].iter().map(|cell| (*cell).to_owned()).collect() }
    };
    lines().skip(1).map(row).collect()
}

/// The roles that README.md tells of, with their scopes: a row that begins with `+` adds to the row above it.
pub(super) fn readme_roles() -> BTreeMap<String, BTreeSet<String>> {
    let told = README.split("## Roles").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut roles = BTreeMap::new();
    let mut above = BTreeSet::new();
    for row in told.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let mut scopes = scopes(cells[2]);
        if cells[2].starts_with('+') {
            scopes.extend(above.iter().cloned());
        }
        above.clone_from(&scopes);
        roles.insert(cells[0].to_owned(), scopes);
    }
    // One role stands in a sentence: "The role\nintegration (`…`".
    let sentence = told.split("integration (").nth(1).unwrap().split(',').next().unwrap();
    roles.insert("integration".to_owned(), scopes(sentence));
    roles
}

fn scopes(text: &str) -> BTreeSet<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.flat_map(str::split_whitespace).map(str::to_owned).collect()
}
