//! The verifier of the record: re-checks, from the outside, what Holdline promises. It depends on nothing of ours, so
//! that a mistake of what writes the log is not repeated here: hashing, notes, ids and instants are written anew from
//! `api/docs/log.md`, `api/docs/rows.md` and the specifications that they name.
//! Reading order: `json`, `entry`, `tree`, `note`; `log`, `keys` and `judge`; `promise`, `people`; `rows`; then `source`.

mod checker;
mod columns;
mod entry;
mod finding;
mod follow;
mod inclusion;
mod instant;
mod json;
mod judge;
mod keys;
mod log;
mod nodes;
mod note;
mod people;
mod promise;
mod proof;
mod rows;
mod source;
mod tree;
mod typed_id;

use std::{
    fmt,
    io::{self, BufRead},
};

pub use sea_orm::DbErr;

use self::finding::Findings;
pub use self::{
    finding::{Code, Finding},
    follow::{Followed, HandOver, Next},
    inclusion::Inclusion,
    note::{Key, Outside},
    source::{DAMAGED, open::Place},
};

/// What a log is held against, beside itself.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Older checkpoints that were kept elsewhere.
    pub checkpoints: Vec<Outside>,
    /// The key that the log's first one must be.
    pub key: Option<Key>,
}

/// What was read, once all of it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many entries.
    pub entries: u64,
    /// The root of the tree over them, in hexadecimal digits.
    pub head: String,
    /// How many plans the log speaks of.
    pub plans: u64,
    /// How many revisions these have.
    pub revisions: u64,
    /// How many of the revisions came from a file of history.
    pub imported: u64,
    /// The first and the last of the entries that are under no checkpoint, at the log's end.
    pub unsigned: Option<(u64, u64)>,
    /// How many findings there were.
    pub findings: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: u64, one: &str, more: &str| match number {
            1 => format!("1 {one}"),
            number => format!("{number} {more}"),
        };
        let found = match self.findings {
            0 => "no finding".to_owned(),
            findings => count(findings, "finding", "findings"),
        };
        let unsigned = match self.unsigned {
            None => String::new(),
            Some((first, last)) if first == last => format!(", entry {first} under no checkpoint yet"),
            Some((first, last)) => format!(", entries {first} to {last} under no checkpoint yet"),
        };
        write!(
            f,
            "{}, tree head {}, {}, {} of which {} imported{unsigned}: {found}.",
            count(self.entries, "entry", "entries"),
            self.head,
            count(self.plans, "plan", "plans"),
            count(self.revisions, "revision", "revisions"),
            self.imported,
        )
    }
}

/// Verifies an export. Findings are handed to `out` as they are found; `progress` is told how many bytes were read.
/// The error is one of reading, never of what was read.
pub fn verify_export(
    input: impl BufRead,
    ask: &Ask,
    out: &mut dyn FnMut(&Finding),
    progress: &mut dyn FnMut(u64),
) -> io::Result<Report> {
    source::export::verify(input, ask, &mut Findings::new(out), progress)
}

/// Verifies a database, in one read-only snapshot. Findings are handed to `out` as they are found; `progress` is told
/// how many entries were read, and of how many. The error is one of reading, never of what was read.
pub async fn verify_database(
    place: &Place,
    ask: &Ask,
    out: &mut dyn FnMut(&Finding),
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, DbErr> {
    source::database::verify(place, ask, &mut Findings::new(out), progress).await
}
