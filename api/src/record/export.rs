//! The log as a file: JSON Lines that a verifier reads without the database, and CSV that a spreadsheet reads safely.
//! Holds how an entry and a checkpoint are written; the bodies go out byte for byte. Refuses to name people: they are
//! ids in the log and ids here.

use std::io::{self, Write};

use serde_json::json;

use super::SignedHead;
use crate::store::StoredEntry;

/// Begins a JSON Lines file of so many entries.
pub fn json_head(size: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", json!({ "holdline": "audit-export", "format": 1, "size": size.to_string() }))
}

/// An entry as a line of JSON: its canonical body as a text, and the hash that it was stored with.
pub fn json_entry(entry: &StoredEntry, out: &mut impl Write) -> io::Result<()> {
    // A body that is no UTF-8 was altered: its other bytes are marked, so that its hash tells.
    let body = String::from_utf8_lossy(&entry.body);
    let line = json!({ "seq": entry.seq.to_string(), "leafHash": entry.leaf_hash.to_string(), "body": body });
    writeln!(out, "{line}")
}

/// A checkpoint as a line of JSON.
pub fn json_checkpoint(head: &SignedHead, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", json!({ "checkpoint": head.note }))
}

/// The columns of the CSV file.
pub const COLUMNS: [&str; 18] = [
    "seq",
    "recordedAt",
    "occurredAt",
    "action",
    "subjectKind",
    "subject",
    "team",
    "quarter",
    "plan",
    "by",
    "role",
    "reason",
    "renegotiation",
    "meeting",
    "imported",
    "leafHash",
    "before",
    "after",
];

/// An entry as a row of CSV, read from its body: what the leaf hash covers, and not the columns beside it.
#[must_use]
pub fn csv_entry(entry: &StoredEntry) -> [String; COLUMNS.len()] {
    let body: serde_json::Value = serde_json::from_slice(&entry.body).unwrap_or_default();
    COLUMNS.map(|column| {
        let value = match column {
            "subjectKind" => &body["subject"]["kind"],
            "subject" => &body["subject"]["id"],
            "by" => &body["by"]["person"],
            "role" => &body["by"]["role"],
            "leafHash" => return entry.leaf_hash.to_string(),
            name => &body[name],
        };
        match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => safe(text),
            other => safe(&other.to_string()),
        }
    })
}

/// A text that no spreadsheet takes for a formula: one that begins like it has an apostrophe in front (OWASP, "CSV
/// Injection").
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_formula_is_no_formula_in_a_spreadsheet() {
        let table = [("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("-2", "'-2"), ("a=1", "a=1"), ("", "")];
        for (text, expected) in table {
            assert_eq!(safe(text), expected);
        }
    }
}
