//! The fingerprint: what this build needs of the tables that triggers guard, compared with what the database has.
//! Holds the comparison, its words, and whether writing is open; refuses to know when to compare, which is the app's.
//! How each database is read stands beside it. What the migrations leave is printed beside them, since a service that owns
//! nothing cannot try them out, and one that starts has no time to; acceptance tests fail when that drifts.

mod postgres;
mod sqlite;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::PoisonError,
};

use holdline_migration::Migrator;
use sea_orm::DbBackend;
use sea_orm_migration::MigratorTrait as _;

use super::{Database, own_file::LOST};
use crate::failure::Failure;

/// How many differences are named; whoever repairs the first few looks at the rest with them.
const NAMED: usize = 5;

/// How much of a name is repeated; what was added may be called anything.
const LONGEST_NAME: usize = 64;

const TABLE: &str = "table";
const TRIGGER: &str = "trigger";
const RULE: &str = "rule";

/// One thing that a table has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    table: String,
    kind: String,
    name: String,
}

impl Part {
    fn new(table: &str, kind: &str, name: impl Into<String>) -> Self {
        Self { table: table.to_owned(), kind: kind.to_owned(), name: name.into() }
    }

    /// Whether it can do something else than what was asked; another column or key refuses at worst.
    fn acts(&self) -> bool {
        self.kind == TRIGGER || self.kind == RULE
    }

    fn is(&self, what: &str) -> String {
        let shown = |name: &str| name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect::<String>();
        if self.kind == TABLE {
            return format!("the table {} {what}", shown(&self.table));
        }
        format!("the {} {} of {} {what}", self.kind, shown(&self.name), shown(&self.table))
    }
}

/// Tables with their columns, keys and triggers, each with its definition on one line.
#[derive(Debug, Default)]
struct Fingerprint(BTreeMap<Part, String>);

impl Fingerprint {
    /// Adds a part. Parts that share a name are told apart by their order.
    fn add(&mut self, mut part: Part, definition: &str) {
        part.name = one_line(&part.name);
        let name = part.name.clone();
        let mut place = 1;
        while self.0.contains_key(&part) {
            place += 1;
            part.name = format!("{name} ({place})");
        }
        self.0.insert(part, one_line(definition));
    }

    /// The tables that a trigger guards: one that acts before a row is written can refuse it.
    fn guarded(mut self) -> Self {
        let guards = self.0.iter().filter(|(part, definition)| part.kind == TRIGGER && definition.contains(" BEFORE "));
        let tables: BTreeSet<_> = guards.map(|(part, _)| part.table.clone()).collect();
        self.0.retain(|part, _| tables.contains(&part.table));
        self
    }

    fn has_table(&self, table: &str) -> bool {
        self.0.contains_key(&Part::new(table, TABLE, table))
    }

    /// What is missing or altered, and what was added that acts, unless a newer build may have added it.
    fn differences(&self, found: &Self, newer: bool) -> Vec<String> {
        let needed = self.0.iter().filter(|(part, _)| part.kind == TABLE || found.has_table(&part.table));
        let mut differences: Vec<_> = needed
            .filter_map(|(part, definition)| match found.0.get(part) {
                None => Some(part.is("is missing")),
                Some(has) if has != definition => Some(part.is("is altered")),
                Some(_) => None,
            })
            .collect();
        let added =
            found.0.keys().filter(|part| part.acts() && self.has_table(&part.table) && !self.0.contains_key(part));
        differences.extend(added.filter(|_| !newer).map(|part| part.is("was added")));
        differences
    }

    /// A line for each part: table, kind, name and definition, with tabs between.
    fn printed(&self) -> String {
        let mut lines = String::new();
        for (Part { table, kind, name }, definition) in &self.0 {
            let _ = writeln!(lines, "{table}\t{kind}\t{name}\t{definition}");
        }
        lines
    }

    fn parse(printed: &str) -> Self {
        let mut parsed = Self::default();
        for line in printed.lines() {
            if let [table, kind, name, definition] = line.splitn(4, '\t').collect::<Vec<_>>()[..] {
                parsed.0.insert(Part::new(table, kind, name), definition.to_owned());
            }
        }
        parsed
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a comparison changed.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing.
    None,
    /// The database differs from what this build needs, in these words: nothing is written any more.
    ReadOnly(String),
    /// It no longer differs: writing is open again.
    Writable,
}

impl Database {
    /// Compares what this build needs with what is there, and closes or opens writing accordingly.
    pub async fn compare(&self) -> Result<Turn, Failure> {
        let found = self.found().await?;
        let newer = self.newer().await?;
        let differences = needed(self.backend).differences(&found, newer);
        let now = (!differences.is_empty()).then(|| in_words(&differences));
        let mut difference = self.difference.write().unwrap_or_else(PoisonError::into_inner);
        if *difference == now {
            return Ok(Turn::None);
        }
        difference.clone_from(&now);
        Ok(now.map_or(Turn::Writable, Turn::ReadOnly))
    }

    /// What differed at the last comparison, or that the embedded database's file is not in its place now, in words; while
    /// something does, nothing is written.
    #[must_use]
    pub fn difference(&self) -> Option<String> {
        if self.connections.lost() {
            return Some(LOST.to_owned());
        }
        self.difference.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn writable(&self) -> Result<(), Failure> {
        self.difference().map_or(Ok(()), |_| Err(Failure::ReadOnly))
    }

    /// What is there, a line for each part of a guarded table, as `holdline_migration` keeps it.
    pub async fn fingerprint(&self) -> Result<String, Failure> {
        Ok(self.found().await?.guarded().printed())
    }

    async fn found(&self) -> Result<Fingerprint, Failure> {
        match self.backend {
            DbBackend::Postgres => postgres::read(&self.reads()).await,
            _ => sqlite::read(&self.reads()).await,
        }
    }

    /// Whether a build with later migrations was here. Asked after the tables were read, so that a migration that
    /// commits in between is known as one.
    async fn newer(&self) -> Result<bool, Failure> {
        let last = Migrator::migrations().iter().map(|step| step.name().to_owned()).max();
        Ok(self.steps().await?.into_iter().max() > last)
    }
}

/// What this build needs.
fn needed(backend: DbBackend) -> Fingerprint {
    Fingerprint::parse(match backend {
        DbBackend::Postgres => holdline_migration::POSTGRES,
        _ => holdline_migration::SQLITE,
    })
}

fn in_words(differences: &[String]) -> String {
    let mut words = differences.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
    if differences.len() > NAMED {
        let _ = write!(words, "; and {} more", differences.len() - NAMED);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDED: &str = "plan\tcolumn\tid\tuuid NOT NULL\nplan\ttable\tplan\tr p\nplan\ttrigger\tkept\tBEFORE INSERT";

    #[test]
    fn what_is_missing_altered_or_acting_differs_and_what_is_merely_more_does_not() {
        let table = [
            ("\nplan\tcolumn\tmore\ttext\nteam\ttrigger\tfree\tx\nplan\tunique key\tk\tx", "", ""),
            ("\nplan\ttrigger\tother\tx", "the trigger other of plan was added", ""),
            ("\nplan\trule\tother\tx", "the rule other of plan was added", ""),
        ];
        for (more, differs, under_a_newer_build) in table {
            let found = Fingerprint::parse(&format!("{NEEDED}{more}"));
            assert_eq!(Fingerprint::parse(NEEDED).differences(&found, false).join("; "), differs, "{more}");
            assert_eq!(Fingerprint::parse(NEEDED).differences(&found, true).join("; "), under_a_newer_build, "{more}");
        }
    }

    #[test]
    fn a_newer_build_excuses_nothing_that_is_missing_or_altered() {
        let table = [
            ("id\tuuid NOT NULL", "id\tuuid", vec!["the column id of plan is altered"]),
            ("trigger\tkept", "trigger\tother", vec!["the trigger kept of plan is missing"]),
            ("plan\t", "team\t", vec!["the table plan is missing"]),
        ];
        for (needed, has, differs) in table {
            let found = Fingerprint::parse(&NEEDED.replace(needed, has));
            assert_eq!(Fingerprint::parse(NEEDED).differences(&found, true), differs);
        }
    }

    #[test]
    fn a_printed_fingerprint_reads_back_as_itself() {
        for printed in [holdline_migration::POSTGRES, holdline_migration::SQLITE] {
            assert_eq!(Fingerprint::parse(printed).printed(), printed);
            assert!(Fingerprint::parse(printed).has_table("plan_revision"));
        }
    }

    #[test]
    fn only_the_first_few_are_named_and_a_name_is_cut() {
        let many: Vec<_> =
            (0..7).map(|n| Part::new("t", TRIGGER, format!("\n{n}{}", "x".repeat(99))).is("is missing")).collect();

        let words = in_words(&many);

        assert!(words.ends_with("; and 2 more") && !words.contains('\n') && words.len() < 600, "{words}");
    }
}
