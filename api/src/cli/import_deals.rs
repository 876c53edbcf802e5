//! `holdline import deals`: a CRM's export, one customer request a row, as often as it is exported.
//! Prints what stays out and why; refuses to decide it, which the rows' parser and the service do.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;
use holdline_domain::{
    money::Currency,
    refusal::{Refusal, Refusals},
    text::{Line, TeamKey},
};

use super::{
    Ended, output, progress,
    stop::Stop,
    store,
    table::{Row, Table},
};
use crate::{
    config::Settings,
    crm::{MEANINGS, Reading},
    service::{PostMode, RequestUpsert},
};

const HELP: &str = "\
The file is CSV in UTF-8 whose first line names its columns. --map says which column is what:
  external_id  the deal's id in the CRM (needed)        idea        what it asks for: the idea's id and title (needed)
  account      the customer                             amount      what it is worth, such as 1054.50, in --currency
  stage        the CRM's word; see --won and --lost     contact     whom to talk to
  opened_on    a date in --date-format                  closed_on   a date in --date-format
  updated_at   when the CRM changed it last: an instant such as 2026-11-22T16:50:15Z, or a date in --date-format
  url          where to read it in the CRM              note        what the customer said

Columns that are not mapped are left aside. The same rows again change nothing, in whatever order; a row that is older
than what is known, by updated_at, changes nothing either. A team or idea that is new is made.

Example:
  holdline import deals deals.csv --system hubspot --team PAY --currency USD \\
      --map external_id=id,idea=product,account=company,amount=value,stage=stage --date-format %d-%m-%y";

/// How many rows go into one transaction.
const AT_ONCE: usize = 500;

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct ImportDeals {
    /// The CRM's export
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The CRM system, such as hubspot
    #[arg(long, value_name = "SYSTEM", value_parser = |text: &str| Line::parse(text).map_err(|why| format!("The system {why}.")))]
    system: Line,
    /// The team in whose backlog the ideas are
    #[arg(long, value_name = "KEY", value_parser = |text: &str| TeamKey::parse(text).map_err(|why| format!("The key {why}.")))]
    team: TeamKey,
    /// Which column is what: MEANING=COLUMN,…
    #[arg(long, value_name = "MEANING=COLUMN,…", value_delimiter = ',', value_parser = mapped, required = true)]
    map: Vec<(&'static str, String)>,
    /// How dates are written, in the letters of strftime
    #[arg(long, value_name = "FORMAT", default_value = "%Y-%m-%d")]
    date_format: String,
    /// The currency of the amounts, such as USD
    #[arg(long, value_name = "CODE", value_parser = |text: &str| Currency::parse(text).map_err(|why| format!("It {why}.")))]
    currency: Option<Currency>,
    /// The stages of deals that were won, whatever their case
    #[arg(long, value_name = "STAGE,…", value_delimiter = ',', default_value = "won,closed won,closedwon")]
    won: Vec<String>,
    /// The stages of deals that were lost, whatever their case
    #[arg(long, value_name = "STAGE,…", value_delimiter = ',', default_value = "lost,closed lost,closedlost")]
    lost: Vec<String>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn mapped(text: &str) -> Result<(&'static str, String), String> {
    let known = MEANINGS.join(", ");
    let (meaning, column) =
        text.split_once('=').ok_or_else(|| format!("Say MEANING=COLUMN; the meanings are {known}."))?;
    let meaning = MEANINGS.into_iter().find(|known| *known == meaning.trim());
    Ok((meaning.ok_or_else(|| format!("The meanings are {known}."))?, column.trim().to_owned()))
}

/// The post that a row comes to.
fn read(reading: &Reading, row: &Row) -> Result<RequestUpsert, Refusals> {
    match row.uneven {
        Some((has, should)) => {
            let message = format!("The row has {has} values, and the first line names {should} columns.");
            Err(Refusal::invalid(&[], message).into())
        }
        None => reading.post(&|column| row.get(column).to_owned()),
    }
}

/// What became of all the rows.
#[derive(Default)]
struct Total {
    rows: usize,
    changed: usize,
    ideas: BTreeSet<Line>,
    team_made: bool,
    refused: Vec<(u64, Refusals)>,
}

impl ImportDeals {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        self.check()?;
        let columns: Vec<_> = self.map.iter().map(|(_, column)| column.as_str()).collect();
        let table = Table::read_some(&self.file, &columns)?;
        let reading = Reading {
            system: self.system.clone(),
            team: self.team.clone(),
            names: self.map.clone(),
            date_format: self.date_format.clone(),
            currency: self.currency,
            won: self.won.clone(),
            lost: self.lost.clone(),
            calendar: settings.calendar()?,
        };
        let mut total = Total { rows: table.rows.len(), ..Total::default() };
        let mut posts = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            match read(&reading, row) {
                Ok(post) => posts.push((row.line, post)),
                Err(refusals) => total.refused.push((row.line, refusals)),
            }
        }
        let stopped = self.post(settings, posts, &mut total).await.err();
        total.refused.sort_by_key(|(line, _)| *line);
        for (line, refusals) in &total.refused {
            for refusal in refusals.list() {
                output::tell(&format!("{}:{line} {} {}", table.file, refusal.code.name(), refusal.message));
            }
        }
        match stopped {
            Some(stop) => return Err(stop),
            None => output::say(&self.summary(&total))?,
        }
        Ok(if total.refused.is_empty() { Ended::Done } else { Ended::WithRefusals })
    }

    fn check(&self) -> Result<(), Stop> {
        let has = |meaning: &str| self.map.iter().any(|(known, _)| *known == meaning);
        for meaning in ["external_id", "idea"] {
            if !has(meaning) {
                return Err(Stop::new(format!("--map does not say which column is {meaning}: {meaning}=COLUMN.")));
            }
        }
        if let Some((twice, _)) = self
            .map
            .iter()
            .enumerate()
            .find_map(|(place, (meaning, _))| self.map.iter().take(place).find(|(earlier, _)| earlier == meaning))
        {
            return Err(Stop::new(format!("--map says twice which column is {twice}.")));
        }
        if has("amount") && self.currency.is_none() {
            return Err(Stop::new("The amounts have no currency: name it with --currency, such as --currency USD."));
        }
        let shown =
            chrono::NaiveDate::default().format_with_items(chrono::format::StrftimeItems::new(&self.date_format));
        let mut written = String::new();
        std::fmt::Write::write_fmt(&mut written, format_args!("{shown}"))
            .map_err(|_| Stop::new(format!("--date-format {} is not understood.", self.date_format)))
    }

    async fn post(&self, settings: &Settings, posts: Vec<(u64, RequestUpsert)>, total: &mut Total) -> Result<(), Stop> {
        let (store, operator) = store::importing(settings).await?;
        let (service, mode) = (store.app.service(), if self.dry_run { PostMode::DryRun } else { PostMode::SkipFailed });
        total.team_made = service.team_ensure(&operator, self.team.clone(), mode).await?;
        let importer = store.app.importer(&self.system).await?;
        let bar = progress::bar(posts.len(), "deals");
        let mut posts = posts.into_iter().peekable();
        while posts.peek().is_some() {
            let (lines, part): (Vec<_>, Vec<_>) =
                posts.by_ref().take(AT_ONCE).map(|(line, post)| (line, Ok(post))).unzip();
            let count = part.len() as u64;
            let first = lines.first().copied().unwrap_or_default();
            let posted = service.customer_requests_upsert(&importer, part, mode).await;
            let named = format!(
                "The rows from line {first} on are not imported; those before are. The same command goes on where it stopped."
            );
            let posted = posted.map_err(|failure| Stop::from(failure).and(&named))?;
            total.changed += posted.changed;
            total.ideas.extend(posted.ideas_made);
            let refused =
                lines.into_iter().zip(posted.results).filter_map(|(line, result)| Some((line, result.err()?)));
            total.refused.extend(refused);
            bar.inc(count);
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn summary(&self, total: &Total) -> String {
        let known = total.rows - total.changed - total.refused.len();
        let mut lines = Vec::new();
        if self.dry_run {
            lines.push("Nothing was changed. Without --dry-run it would be:".to_owned());
        }
        if total.team_made {
            lines.push(format!("Team made:             {}", self.team));
        }
        lines.extend([
            format!("Ideas made:            {}", total.ideas.len()),
            format!("Requests new or newer: {}", total.changed),
            format!("Rows with no news:     {known}"),
            format!("Rows refused:          {}", total.refused.len()),
        ]);
        lines.join("\n")
    }
}
