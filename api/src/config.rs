//! The settings: flags with `HOLDLINE_*` twins that say where the data is and how the organization reads time.
//! Holds parsing and the data folder; refuses to open the store, and never repeats a URL, which may hold a password.

mod door;
mod hooks;
mod life;
mod provider;
mod webhook;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use holdline_domain::time::FiscalCalendar;

use crate::store::DatabaseUrl;

pub use door::DoorSettings;
pub use hooks::HookSettings;
pub use life::life;
pub use provider::ProviderSettings;
pub use webhook::WebhookSettings;

/// Where the data is when nobody says.
const FOLDER: &str = "./holdline-data";

/// The settings that every command takes.
#[derive(Args, Clone)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// The folder of the database and the signing key [default: ./holdline-data]
    #[arg(long, global = true, value_name = "DIR", env = "HOLDLINE_DATA_DIR")]
    data_dir: Option<PathBuf>,

    #[arg(
        long,
        help = "Another database than the one in the folder: postgres://… or sqlite://FILE",
        global = true,
        value_name = "URL",
        env = "HOLDLINE_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,

    /// The month, 1 to 12, in which the fiscal year starts
    #[arg(long, global = true, value_name = "MONTH", env = "HOLDLINE_FISCAL_START_MONTH", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=12))]
    fiscal_start_month: u32,

    /// The time zone in which quarters begin and end, such as Europe/Berlin
    #[arg(long, global = true, value_name = "ZONE", env = "HOLDLINE_TIME_ZONE", default_value = "UTC",
          value_parser = zone)]
    time_zone: Tz,

    /// What is logged to stderr: error, warn, info, debug or a filter such as holdline=debug
    #[arg(long, global = true, value_name = "FILTER", env = "HOLDLINE_LOG", default_value = "info")]
    log: String,

    /// How it is logged: lines for people, or a JSON object a line for machines
    #[arg(long, global = true, value_enum, value_name = "FORMAT", env = "HOLDLINE_LOG_FORMAT", default_value_t)]
    log_format: LogFormat,

    /// Where traces are sent: a collector of OpenTelemetry's (OTLP over HTTP, as JSON), such as http://127.0.0.1:4318
    #[arg(long, global = true, value_name = "URL", env = "HOLDLINE_OTLP_ENDPOINT", hide_env_values = true)]
    otlp_endpoint: Option<String>,
}

/// How events are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    #[default]
    Text,
    /// A JSON object.
    Json,
}

/// A setting that cannot be used, in a sentence that names it and the way out.
#[derive(Debug)]
pub struct Unusable(pub String);

impl Settings {
    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(Path::new(FOLDER))
    }

    /// What is logged.
    #[must_use]
    pub fn log(&self) -> &str {
        &self.log
    }

    /// How it is logged.
    #[must_use]
    pub const fn log_format(&self) -> LogFormat {
        self.log_format
    }

    /// Where traces are sent.
    #[must_use]
    pub fn otlp_endpoint(&self) -> Option<&str> {
        self.otlp_endpoint.as_deref()
    }

    /// Whether somebody said where the data is.
    #[must_use]
    pub const fn names_a_store(&self) -> bool {
        self.data_dir.is_some() || self.database_url.is_some()
    }

    /// Whether somebody named a database, rather than leaving it to the folder.
    #[must_use]
    pub const fn names_a_database(&self) -> bool {
        self.database_url.is_some()
    }

    /// The database.
    pub fn database(&self) -> Result<DatabaseUrl, Unusable> {
        match &self.database_url {
            None => Ok(DatabaseUrl::in_folder(self.folder())),
            Some(url) => DatabaseUrl::parse(url)
                .map_err(|why| Unusable(format!("--database-url (HOLDLINE_DATABASE_URL) is not understood: {why}."))),
        }
    }

    /// The organization's calendar.
    pub fn calendar(&self) -> Result<FiscalCalendar, Unusable> {
        FiscalCalendar::new(self.fiscal_start_month, self.time_zone).ok_or_else(|| {
            Unusable("--fiscal-start-month (HOLDLINE_FISCAL_START_MONTH) is a month from 1 to 12.".into())
        })
    }

    /// Whether others than its owner may read the data folder.
    #[must_use]
    pub fn is_open_to_others(&self) -> bool {
        fs::metadata(self.folder()).is_ok_and(|found| is_open_to_others(&found))
    }

    /// Makes the data folder where there is none, open to its owner alone.
    pub fn prepare_folder(&self) -> Result<(), Unusable> {
        prepare(self.folder())
    }
}

/// Makes a folder where there is none, open to its owner alone.
pub fn prepare(folder: &Path) -> Result<(), Unusable> {
    make(folder).map_err(|error| {
        Unusable(format!(
            "The data folder {} cannot be made: {error}. Name another with --data-dir (HOLDLINE_DATA_DIR).",
            folder.display()
        ))
    })
}

/// Whether others than its owner may read something.
#[cfg(unix)]
#[must_use]
pub fn is_open_to_others(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o077 != 0
}

/// Whether others than its owner may read something.
#[cfg(not(unix))]
#[must_use]
pub fn is_open_to_others(_: &fs::Metadata) -> bool {
    false
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

fn zone(name: &str) -> Result<Tz, String> {
    name.parse().map_err(|_| "is not a time zone such as Europe/Berlin or UTC".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    fn settings(said: &[&str]) -> Settings {
        Line::parse_from([&["holdline"], said].concat()).settings
    }

    #[test]
    fn the_database_is_in_the_folder_unless_it_is_named() {
        let (default, named) = (settings(&[]), settings(&["--database-url", "sqlite:///srv/a.db"]));

        assert!(matches!(default.database(), Ok(DatabaseUrl::Sqlite(file)) if file.ends_with("holdline.db")));
        assert!(matches!(named.database(), Ok(DatabaseUrl::Sqlite(file)) if file == Path::new("/srv/a.db")));
        assert!(!default.names_a_store() && named.names_a_store());
    }

    #[test]
    fn a_url_that_is_not_understood_is_not_repeated() {
        let refused = settings(&["--database-url", "mysql://user:secret@db/x"]).database().unwrap_err();

        assert!(!refused.0.contains("secret") && refused.0.contains("HOLDLINE_DATABASE_URL"), "{}", refused.0);
    }
}
