//! Reading an export: JSON Lines, a header, the entries in order, then the stored checkpoints.
//! Whatever a line holds, reading goes on with the next one; a line that is too long to hold ends it.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read as _},
};

use serde::Deserialize;

use crate::{
    Ask, Report,
    checker::Checker,
    entry::decimal,
    finding::{Code, Finding, Findings},
    judge::Judge,
    log::Kept,
    note::Checkpoint,
    tree::from_hex,
};

/// The longest line that is read. A body is at most a few MiB, and escaping at most sextuples it.
const LONGEST_LINE: u64 = 64 << 20;

/// A line of any kind.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Line<'a> {
    #[serde(borrow)]
    holdline: Option<Cow<'a, str>>,
    format: Option<u32>,
    #[serde(borrow)]
    size: Option<Cow<'a, str>>,
    #[serde(borrow)]
    seq: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "leafHash")]
    leaf_hash: Option<Cow<'a, str>>,
    #[serde(borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(borrow)]
    checkpoint: Option<Cow<'a, str>>,
}

/// The lines of an export, one at a time.
struct Lines<'p, R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    progress: &'p mut dyn FnMut(u64),
}

impl<R: BufRead> Lines<'_, R> {
    /// Goes on to the next line; false at the end.
    fn advance(&mut self, findings: &mut Findings<'_>) -> io::Result<bool> {
        self.line.clear();
        let read = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        (self.progress)(read as u64);
        self.number += 1;
        if read as u64 == LONGEST_LINE && self.line.last() != Some(&b'\n') {
            let what = format!("Line {} is longer than 64 MiB; it and what follows it is not read.", self.number);
            findings.tell(&Finding::new(Code::ExportMalformed, what));
            return Ok(false);
        }
        Ok(read > 0)
    }

    fn parse(&self) -> Result<Line<'_>, String> {
        serde_json::from_slice(&self.line).map_err(|error| error.to_string())
    }

    fn complain(&self, what: &str, findings: &mut Findings<'_>) {
        findings.tell(&Finding::new(Code::ExportMalformed, format!("Line {} {what}.", self.number)));
    }
}

/// Verifies an export.
pub(crate) fn verify<R: BufRead>(
    input: R,
    ask: &Ask,
    findings: &mut Findings<'_>,
    progress: &mut dyn FnMut(u64),
) -> io::Result<Report> {
    let mut lines = Lines { input, line: Vec::with_capacity(1 << 16), number: 0, progress };
    let mut checker = Checker::new(ask);
    let mut more = lines.advance(findings)?;
    let promised = header(&lines, findings);
    if promised.is_some() {
        more = lines.advance(findings)?;
    }
    while more {
        match lines.parse() {
            Ok(Line { checkpoint: Some(_), .. }) => break,
            Ok(line) => {
                if let Err(what) = entry(&line, &mut checker, findings) {
                    lines.complain(what, findings);
                }
            }
            Err(error) => lines.complain(&format!("is no line of an export: {error}"), findings),
        }
        more = lines.advance(findings)?;
    }
    measured(promised, checker.log.next, findings);
    let mut judge = checker.judge();
    judge.outside(&ask.checkpoints, findings);
    while more {
        checkpoint(&lines, &mut judge, findings);
        more = lines.advance(findings)?;
    }
    let signed = judge.finish(findings);
    Ok(checker.report(signed, findings))
}

/// How many entries the first line promises.
fn header<R: BufRead>(lines: &Lines<'_, R>, findings: &mut Findings<'_>) -> Option<u64> {
    let size = lines.parse().ok().and_then(|line| {
        let ours = line.holdline.as_deref() == Some("audit-export") && line.format == Some(1);
        line.size.as_deref().and_then(decimal).filter(|_| ours)
    });
    if size.is_none() {
        lines.complain("is not the header of an export of format 1", findings);
    }
    size
}

fn entry(line: &Line<'_>, checker: &mut Checker, findings: &mut Findings<'_>) -> Result<(), &'static str> {
    let seq = line.seq.as_deref().and_then(decimal).ok_or("has no position in seq")?;
    let body = line.body.as_deref().ok_or("has no text in body")?.as_bytes();
    let leaf = line.leaf_hash.as_deref().and_then(from_hex);
    checker.take(&Kept { seq, leaf, body }, findings);
    Ok(())
}

fn measured(promised: Option<u64>, entries: u64, findings: &mut Findings<'_>) {
    match promised {
        Some(size) if size > entries => {
            let what = format!("the export promises {size} entries and ends after {entries}.");
            findings.tell(&Finding::new(Code::LogCut, what).within(entries, size - 1));
        }
        Some(size) if size < entries => {
            let what = format!("The export promises {size} entries and holds {entries}.");
            findings.tell(&Finding::new(Code::ExportMalformed, what));
        }
        _ => {}
    }
}

fn checkpoint<R: BufRead>(lines: &Lines<'_, R>, judge: &mut Judge<'_>, findings: &mut Findings<'_>) {
    let note = match lines.parse() {
        Ok(Line { checkpoint: Some(note), seq: None, body: None, .. }) => note,
        Ok(_) => return lines.complain("follows the checkpoints and is none", findings),
        Err(error) => return lines.complain(&format!("is no line of an export: {error}"), findings),
    };
    match Checkpoint::parse(&note) {
        Ok(checkpoint) => {
            let name = format!("the export's checkpoint of line {}", lines.number);
            judge.stored(&name, &checkpoint, findings);
        }
        Err(why) => {
            let what = format!("The checkpoint of line {} {why}.", lines.number);
            findings.tell(&Finding::new(Code::CheckpointMalformed, what));
        }
    }
}
