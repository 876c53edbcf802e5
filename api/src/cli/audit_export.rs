//! `holdline audit export`: the whole log on stdout, from one snapshot, also while a service has the store open.
//! Refuses to choose: what is left out could not be verified.

use std::io::{self, BufWriter, Write};

use clap::{Args, ValueEnum};
use holdline_domain::actor::Teams;
use indicatif::ProgressBar;

use super::{Ended, progress, stop::Stop};
use crate::{
    config::Settings,
    record::export,
    store::{Database, Reader, StoredEntry},
};

const HELP: &str = "\
Examples:
  holdline audit export > log.jsonl
      every entry byte for byte, then the checkpoints; holdline audit verify --export log.jsonl reads it
  holdline audit export --format csv > log.csv
      for a spreadsheet: cells that look like formulas are defused

People stand in the log as ids. What was written as free text (titles, reasons, notes) is in it as it was written, and
an export that was handed out is out of reach of a later erasure.";

/// How many entries are read at once.
const PAGE: u64 = 500;

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Export {
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// JSON Lines
    Jsonl,
    /// Comma-separated values
    Csv,
}

impl Export {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let reader = Reader::new(Database::open_to_read(&settings.database()?).await?, Teams::All);
        let size = reader.log_size().await?;
        let bar = progress::bar(usize::try_from(size).unwrap_or(usize::MAX), "entries");
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Jsonl => json(&reader, size, &bar, &mut out).await?,
            Format::Csv => csv(&reader, &bar, &mut out).await?,
        }
        out.flush().map_err(cannot)?;
        bar.finish_and_clear();
        Ok(Ended::Done)
    }
}

async fn json(reader: &Reader, size: u64, bar: &ProgressBar, out: &mut impl Write) -> Result<(), Stop> {
    export::json_head(size, out).map_err(cannot)?;
    let mut seq = 0;
    while let Some(page) = page(reader, &mut seq, bar).await? {
        for entry in page {
            export::json_entry(&entry, out).map_err(cannot)?;
        }
    }
    let mut signed = 0;
    loop {
        let page = reader.checkpoints_after(signed, PAGE).await?;
        for head in &page {
            export::json_checkpoint(head, out).map_err(cannot)?;
        }
        match page.last() {
            Some(last) => signed = last.size,
            None => return Ok(()),
        }
    }
}

/// The next entries from a position on, which moves behind the last of them: a log with a gap is exported as it is.
async fn page(reader: &Reader, seq: &mut u64, bar: &ProgressBar) -> Result<Option<Vec<StoredEntry>>, Stop> {
    let page = reader.log_from(*seq, PAGE).await?;
    let Some(last) = page.last() else { return Ok(None) };
    *seq = last.seq.unsigned_abs() + 1;
    bar.set_position(*seq);
    Ok(Some(page))
}

async fn csv(reader: &Reader, bar: &ProgressBar, out: &mut impl Write) -> Result<(), Stop> {
    let mut rows = ::csv::Writer::from_writer(out);
    let cannot = |error: ::csv::Error| Stop::new(format!("The export cannot be written: {error}."));
    rows.write_record(export::COLUMNS).map_err(cannot)?;
    let mut seq = 0;
    while let Some(page) = page(reader, &mut seq, bar).await? {
        for entry in page {
            rows.write_record(export::csv_entry(&entry)).map_err(cannot)?;
        }
    }
    rows.flush().map_err(|error| cannot(error.into()))
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn cannot(error: io::Error) -> Stop {
    Stop::new(format!("The export cannot be written: {error}."))
}
