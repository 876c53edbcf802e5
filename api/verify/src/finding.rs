//! What the verifier has to say: one line per finding, with a stable code, the entry, the plan and the revision.
//! Refuses to collect: each is handed on as it is found, so that a log that is wrong throughout fills no memory.

use std::fmt;

use crate::entry::Entry;

/// What kind of thing was found. The names are stable; `api/docs/log.md` describes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described beside its name, in api/docs/log.md")]
pub enum Code {
    ExportMalformed,
    BodyMalformed,
    LeafAltered,
    SequenceBroken,
    TimeBackwards,
    ColumnDiffers,
    NodeDiffers,
    KeyMissing,
    KeyUnexpected,
    CheckpointMissing,
    CheckpointMalformed,
    CheckpointUntrusted,
    CheckpointInconsistent,
    CheckpointForked,
    LogCut,
    RowDiffers,
    RowMissing,
    RowUnlogged,
    PromiseBroken,
    ImportedRevision,
    ActionUnknown,
}

impl Code {
    /// The name that begins a line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExportMalformed => "export-malformed",
            Self::BodyMalformed => "body-malformed",
            Self::LeafAltered => "leaf-altered",
            Self::SequenceBroken => "sequence-broken",
            Self::TimeBackwards => "time-backwards",
            Self::ColumnDiffers => "column-differs",
            Self::NodeDiffers => "node-differs",
            Self::KeyMissing => "key-missing",
            Self::KeyUnexpected => "key-unexpected",
            Self::CheckpointMissing => "checkpoint-missing",
            Self::CheckpointMalformed => "checkpoint-malformed",
            Self::CheckpointUntrusted => "checkpoint-untrusted",
            Self::CheckpointInconsistent => "checkpoint-inconsistent",
            Self::CheckpointForked => "checkpoint-forked",
            Self::LogCut => "log-cut",
            Self::RowDiffers => "row-differs",
            Self::RowMissing => "row-missing",
            Self::RowUnlogged => "row-unlogged",
            Self::PromiseBroken => "promise-broken",
            Self::ImportedRevision => "imported-revision",
            Self::ActionUnknown => "action-unknown",
        }
    }

    /// Whether it is told for completeness and speaks against nothing.
    #[must_use]
    pub const fn is_notice(self) -> bool {
        matches!(self, Self::ImportedRevision | Self::ActionUnknown)
    }
}

/// One thing that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// The first and the last entry concerned.
    pub entries: Option<(u64, u64)>,
    /// The plan concerned.
    pub plan: Option<String>,
    /// The plan's revision concerned.
    pub revision: Option<u32>,
    /// The rest of the sentence.
    pub what: String,
}

impl Finding {
    /// Something that no entry can be named for.
    #[must_use]
    pub fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, entries: None, plan: None, revision: None, what: what.into() }
    }

    /// Something about one entry.
    #[must_use]
    pub fn at(code: Code, entry: u64, what: impl Into<String>) -> Self {
        Self::new(code, what).within(entry, entry)
    }

    /// Something about an entry that could be read.
    pub(crate) fn on(code: Code, entry: &Entry<'_>, what: impl Into<String>) -> Self {
        Self::at(code, entry.seq, what).of_plan(entry.plan())
    }

    /// Names a range of entries, both ends included.
    #[must_use]
    pub const fn within(mut self, first: u64, last: u64) -> Self {
        self.entries = Some((first, last));
        self
    }

    /// Names the plan, if there is one.
    #[must_use]
    pub fn of_plan(mut self, plan: Option<&str>) -> Self {
        self.plan = plan.map(ToOwned::to_owned);
        self
    }

    /// Names the revision, if there is one.
    #[must_use]
    pub const fn of_revision(mut self, revision: Option<u32>) -> Self {
        self.revision = revision;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code.is_notice() {
            f.write_str("notice ")?;
        }
        write!(f, "{}: ", self.code.name())?;
        let mut separator = "";
        match self.entries {
            Some((first, last)) if first == last => write!(f, "entry {first}")?,
            Some((first, last)) => write!(f, "entries {first} to {last}")?,
            None => {}
        }
        if self.entries.is_some() {
            separator = ", ";
        }
        if let Some(plan) = &self.plan {
            write!(f, "{separator}plan {}", Shown(plan))?;
            separator = ", ";
        }
        if let Some(revision) = self.revision {
            write!(f, "{separator}revision {revision}")?;
            separator = ", ";
        }
        let colon = if separator.is_empty() { "" } else { ": " };
        write!(f, "{colon}{}", Shown(&self.what))
    }
}

/// A text from a log that may be hostile, on one line: what controls a terminal or breaks a line is escaped.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            // Separators break a line, and the marks of direction turn one around.
            if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

/// Where findings go, and how many there were.
pub(crate) struct Findings<'a> {
    out: &'a mut dyn FnMut(&Finding),
    pub(crate) found: u64,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(out: &'a mut dyn FnMut(&Finding)) -> Self {
        Self { out, found: 0 }
    }

    pub(crate) fn tell(&mut self, finding: &Finding) {
        self.found += u64::from(!finding.code.is_notice());
        (self.out)(finding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_entry_the_plan_and_the_revision() {
        let finding = Finding::at(Code::LeafAltered, 7, "something is wrong.").of_plan(Some("plan_x"));
        assert_eq!(finding.to_string(), "leaf-altered: entry 7, plan plan_x: something is wrong.");
        let finding = finding.within(7, 9).of_revision(Some(2));
        assert_eq!(finding.to_string(), "leaf-altered: entries 7 to 9, plan plan_x, revision 2: something is wrong.");
        assert_eq!(Finding::new(Code::KeyMissing, "None.").to_string(), "key-missing: None.");
        let notice = Finding::at(Code::ImportedRevision, 1, "history.");
        assert_eq!(notice.to_string(), "notice imported-revision: entry 1: history.");
    }

    #[test]
    fn a_line_stays_one_line_whatever_the_log_says() {
        let line = Finding::new(Code::RowDiffers, "a\nb\u{1b}[2Jc\u{202e}d").to_string();
        assert_eq!(line, "row-differs: a\\u{a}b\\u{1b}[2Jc\\u{202e}d");
    }
}
