//! `holdline doctor`: looks over what the service needs, one line for each thing, and names the way out of what is wrong.
//! Changes nothing; refuses to judge the record, which is `audit verify`'s.

use std::{fs, path::Path};

use clap::Args;

use super::{Ended, output, stop::Stop};
use crate::{
    clock::Clock,
    config::Settings,
    failure::Failure,
    store::{Database, DatabaseUrl},
};

const HELP: &str = "\
Examples:
  holdline doctor
  HOLDLINE_DATABASE_URL=postgres://service:…@db/holdline holdline doctor

Each line begins with ok or WRONG. A service may run meanwhile.

Exit codes: 0 all is well; 1 something is wrong; 2 could not run.";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Doctor {}

/// What was looked at: fine, or wrong with the way out.
type Look = Result<String, String>;

impl Doctor {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let url = settings.database()?;
        let mut looks = vec![folder(settings.folder())];
        looks.extend(["signing.key", "checkpoint.key"].map(|name| key(&settings.folder().join(name), name)));
        match Database::open_to_read(&url).await {
            Ok(database) => {
                looks.push(Ok(match &url {
                    DatabaseUrl::Sqlite(file) => format!("the database is {}", file.display()),
                    DatabaseUrl::Postgres(_) => "the database is PostgreSQL, and answers".to_owned(),
                }));
                looks.push(durable(&database, &url).await?);
                looks.push(guards(&database).await?);
                looks.push(time(&database).await?);
                database.close().await?;
            }
            Err(failure) => looks.push(Err(format!("the database: {}", Stop::from(failure)))),
        }
        for look in &looks {
            output::say(&match look {
                Ok(fine) => format!("ok     {fine}"),
                Err(wrong) => format!("WRONG  {wrong}"),
            })?;
        }
        Ok(if looks.iter().all(Result::is_ok) { Ended::Done } else { Ended::WithFindings })
    }
}

fn folder(folder: &Path) -> Look {
    let shown = folder.display();
    match fs::metadata(folder) {
        Ok(found) if open_to_others(&found) => {
            Err(format!("the data folder {shown} can be read by others than its owner: chmod 700 {shown}"))
        }
        Ok(_) => Ok(format!("the data folder {shown} is its owner's alone")),
        Err(error) => Err(format!("the data folder {shown}: {error}. Name it with --data-dir (HOLDLINE_DATA_DIR)")),
    }
}

fn key(file: &Path, name: &str) -> Look {
    match fs::metadata(file) {
        Ok(found) if open_to_others(&found) => {
            Err(format!("{name} can be read by others than its owner: chmod 600 {}", file.display()))
        }
        Ok(_) => Ok(format!("{name} is its owner's alone; keep a copy of it apart from backups")),
        Err(error) => Err(format!("{name}: {error}. The first start makes it; on a further machine, copy it there")),
    }
}

#[cfg(unix)]
fn open_to_others(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn open_to_others(_: &fs::Metadata) -> bool {
    false
}

async fn durable(database: &Database, url: &DatabaseUrl) -> Result<Look, Stop> {
    match (url, database.durable().await) {
        (DatabaseUrl::Sqlite(_), _) => Ok(Ok("the service writes with WAL and synchronous = FULL".to_owned())),
        (DatabaseUrl::Postgres(_), Ok(())) => {
            Ok(Ok("the server waits for its disk: fsync and full_page_writes".into()))
        }
        (DatabaseUrl::Postgres(_), Err(Failure::Refused(refused))) => {
            Ok(Err(Stop::from(Failure::Refused(refused)).to_string()))
        }
        (DatabaseUrl::Postgres(_), Err(failure)) => Err(failure.into()),
    }
}

async fn guards(database: &Database) -> Result<Look, Stop> {
    database.compare().await?;
    Ok(match database.difference() {
        None => Ok("what guards the record in the database is as it must be".to_owned()),
        Some(difference) => {
            Err(format!("what guards the record is not as it must be, so nothing is written: {difference}"))
        }
    })
}

/// A clock that ran ahead makes every later write wait at its time.
async fn time(database: &Database) -> Result<Look, Stop> {
    let Some((entries, last)) = database.log_end().await? else { return Ok(Ok("the log is empty".to_owned())) };
    let now = Clock::system().now();
    Ok(if last > now {
        Err(format!(
            "the log's newest entry is of {last}, and this machine's clock says {now}: entries are written at the former \
             until the clock has come so far. Set the clock right"
        ))
    } else {
        Ok(format!("the log has {entries} entries, the newest of {last}"))
    })
}
