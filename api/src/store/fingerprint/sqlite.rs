//! SQLite's fingerprint: what the database remembers of the statements that made its tables and triggers.

use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{Fingerprint, Part, TABLE, TRIGGER};
use crate::{failure::Failure, store::row};

#[derive(FromQueryResult)]
struct Made {
    kind: String,
    name: String,
    table_name: String,
    sql: String,
}

/// What is there.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Fingerprint, Failure> {
    // A trigger names its table as its author spelt it.
    let sql = "SELECT type AS kind, lower(name) AS name, lower(tbl_name) AS table_name, sql FROM sqlite_master
               WHERE sql IS NOT NULL ORDER BY type, name";
    let mut found = Fingerprint::default();
    for made in row::rows::<Made>(db, sql, []).await? {
        match made.kind.as_str() {
            "table" => table(&mut found, &made.name, &made.sql),
            "trigger" => found.add(Part::new(&made.table_name, TRIGGER, made.name), &made.sql),
            "index" if made.sql.to_ascii_uppercase().starts_with("CREATE UNIQUE") => {
                found.add(Part::new(&made.table_name, "unique key", made.name), &made.sql);
            }
            _ => {}
        }
    }
    Ok(found)
}

fn table(found: &mut Fingerprint, name: &str, sql: &str) {
    let (clauses, options) = clauses(sql);
    found.add(Part::new(name, TABLE, name), &options);
    for clause in clauses {
        let (kind, part) = named(&clause);
        found.add(Part::new(name, kind, part), &clause);
    }
}

/// What a clause of a table defines. A key is called by its columns, a check by the first that it mentions.
fn named(clause: &str) -> (&'static str, String) {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let columns = || match (clause.find('('), clause.find(')')) {
        (Some(from), Some(to)) if from < to => clause[from..=to].to_owned(),
        _ => String::new(),
    };
    match word(clause).to_ascii_uppercase().as_str() {
        "PRIMARY" => ("primary key", columns()),
        "UNIQUE" => ("unique key", columns()),
        "FOREIGN" => ("foreign key", columns()),
        "CHECK" => ("check", format!("on {}", word(clause["CHECK".len()..].trim_start_matches([' ', '('])))),
        _ => ("column", word(clause.trim_start_matches('"')).to_lowercase()),
    }
}

/// The clauses between a table's outer parentheses, and the options behind them, without comments: a column of which
/// only a comment speaks is not there.
fn clauses(sql: &str) -> (Vec<String>, String) {
    let (mut clauses, mut clause) = (Vec::new(), String::new());
    let (mut depth, mut rest) = (0_u32, sql);
    while let Some(c) = rest.chars().next() {
        let token = &rest[..token(rest, c)];
        rest = &rest[token.len()..];
        match c {
            '-' | '/' if token.len() > 1 => clause.push(' '),
            '(' if depth == 0 => (depth, clause) = (1, String::new()),
            ')' if depth == 1 => {
                clauses.push(std::mem::take(&mut clause));
                depth = 0;
            }
            ',' if depth == 1 => clauses.push(std::mem::take(&mut clause)),
            _ => {
                depth = match c {
                    '(' => depth + 1,
                    ')' => depth.saturating_sub(1),
                    _ => depth,
                };
                clause.push_str(token);
            }
        }
    }
    (clauses.iter().map(|clause| super::one_line(clause)).collect(), clause)
}

/// How long the comment, the quoted text or the single character is with which a text begins.
fn token(text: &str, first: char) -> usize {
    let until = |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    match first {
        '-' if text.starts_with("--") => until("\n", 2),
        '/' if text.starts_with("/*") => until("*/", 2),
        '\'' => until("'", 1),
        '"' => until("\"", 1),
        '`' => until("`", 1),
        '[' => until("]", 1),
        _ => first.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(sql: &str) -> String {
        let mut found = Fingerprint::default();
        table(&mut found, "t", sql);
        found.printed().replace("t\t", "").replace('\t', " | ")
    }

    #[test]
    fn a_table_is_taken_apart_into_columns_keys_and_checks() {
        let sql = "CREATE TABLE \"t\" (id BLOB PRIMARY KEY,  a TEXT CHECK (a IN ('x,(', 'y')) -- why, (though\n,
                   UNIQUE (id, a), CHECK (a <> 'b'), CHECK (a = id), /* z INT, */
                   FOREIGN KEY (a) REFERENCES u (a), more \u{e9} TEXT) STRICT";

        let expected = "check | on a | CHECK (a <> 'b')\ncheck | on a (2) | CHECK (a = id)\n\
                        column | a | a TEXT CHECK (a IN ('x,(', 'y'))\ncolumn | id | id BLOB PRIMARY KEY\n\
                        column | more | more \u{e9} TEXT\nforeign key | (a) | FOREIGN KEY (a) REFERENCES u (a)\n\
                        table | STRICT\nunique key | (id, a) | UNIQUE (id, a)\n";
        assert_eq!(printed(sql).replace("table | t | ", "table | ").replace("table | table", "table"), expected);
    }

    #[test]
    fn text_that_never_ends_is_read_to_its_end() {
        for sql in
            ["CREATE TABLE t (a 'x", "CREATE TABLE t (a /*", "CREATE TABLE t (((", ")))", "", "CREATE TABLE t (a, \"é"]
        {
            let _ = printed(sql);
        }
    }

    #[tokio::test]
    async fn every_append_only_table_of_the_migrations_is_in_what_is_needed() {
        let needed = super::super::needed(sea_orm::DbBackend::Sqlite);

        let triggers = needed.0.keys().filter(|part| part.kind == TRIGGER && part.name.ends_with("_no_update"));
        assert!(triggers.clone().count() > 20);
        for trigger in triggers {
            for (kind, name) in [(TABLE, ""), (TRIGGER, "_no_delete"), (TRIGGER, "_no_replace")] {
                let part = Part::new(&trigger.table, kind, format!("{}{name}", trigger.table));
                assert!(needed.0.contains_key(&part), "{part:?}");
            }
        }
        assert!(needed.has_table("plan_draft") && !needed.has_table("team") && !needed.has_table("search_document"));
    }
}
