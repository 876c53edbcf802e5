//! `holdline doctor`: looks over what the service needs, one line for each thing, and names the way out of what is wrong.
//! Changes nothing; refuses to judge the record, which is `audit verify`'s.

use std::{fs, path::Path};

use clap::Args;

use super::{Ended, output, stop::Stop};
use crate::{
    app::Signing,
    auth::Keys,
    clock::Clock,
    config::{Settings, is_open_to_others},
    failure::Failure,
    record::{LastSigned, LogKeys},
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
        let signs = |folder: &Path| Keys::load(folder).map(|_| ()).map_err(|error| error.to_string());
        let mut looks = vec![folder(settings), key(settings.folder(), "signing.key", MADE, signs)];
        #[cfg(unix)]
        if let DatabaseUrl::Sqlite(file) = &url {
            looks.push(room(file));
        }
        match Database::open_to_read(&url).await {
            Ok(database) => {
                let named = database.log_key().await?;
                let missing = if named.is_some() { NAMED } else { MADE };
                let signs = |folder: &Path| signs_log(folder, named.as_deref());
                looks.push(key(settings.folder(), "checkpoint.key", missing, signs));
                looks.push(last_signed(&database, settings.folder()).await?);
                looks.push(Ok(match &url {
                    DatabaseUrl::Sqlite(file) => format!("the database is {}", file.display()),
                    DatabaseUrl::Postgres(_) => "the database is PostgreSQL, and answers".to_owned(),
                }));
                looks.push(durable(&database, &url).await?);
                looks.push(guards(&database, &url).await?);
                looks.push(time(&database).await?);
                database.close().await?;
            }
            Err(failure) => {
                if let DatabaseUrl::Sqlite(file) = &url
                    && let Err(lost) = Signing::Beside(settings.folder().to_owned()).over_nothing(file)
                {
                    looks.push(Err(Stop::from(lost).to_string()));
                }
                looks.extend([
                    key(settings.folder(), "checkpoint.key", MADE, |_| Ok(())),
                    Err(format!("the database: {}", Stop::from(failure))),
                ]);
            }
        }
        looks.extend(KEPT.iter().filter_map(|name| owner(settings.folder(), name).map(Err)));
        looks.extend(unwritable(settings.folder(), &url).map(Err));
        for look in &looks {
            output::say(&match look {
                Ok(fine) => format!("ok     {fine}"),
                Err(wrong) => format!("WRONG  {wrong}"),
            })?;
        }
        Ok(if looks.iter().all(Result::is_ok) { Ended::Done } else { Ended::WithFindings })
    }
}

/// How a key comes to be that is not there: the log names none, or nobody can tell.
const MADE: &str = "The first start makes it; on a further machine, copy it there";
/// The log names a key, and another one would be no good.
const NAMED: &str = "The log names one, and without it the service does not start: put it back";

/// What the service keeps in its data folder, and must be able to read and replace.
const KEPT: [&str; 4] = ["signing.key", "checkpoint.key", "checkpoint.last", "holdline.db"];

fn folder(settings: &Settings) -> Look {
    let shown = settings.folder().display();
    match fs::metadata(settings.folder()) {
        Ok(_) if settings.is_open_to_others() => {
            Err(format!("the data folder {shown} can be read by others than its owner: chmod 700 {shown}"))
        }
        Ok(_) => Ok(format!("the data folder {shown} is its owner's alone")),
        Err(error) => Err(format!("the data folder {shown}: {error}. Name it with --data-dir (HOLDLINE_DATA_DIR)")),
    }
}

/// That a key's file is there, its owner's alone, and holds what it must.
fn key(folder: &Path, name: &str, missing: &str, holds: impl Fn(&Path) -> Result<(), String>) -> Look {
    let file = folder.join(name);
    match fs::metadata(&file) {
        Ok(found) if is_open_to_others(&found) => {
            Err(format!("{name} can be read by others than its owner: chmod 600 {}", file.display()))
        }
        Ok(_) => match holds(folder) {
            Ok(()) => Ok(format!("{name} is its owner's alone; keep a copy of it apart from backups")),
            Err(wrong) => Err(format!("{name}: {wrong}")),
        },
        Err(error) => Err(format!("{name}: {error}. {missing}")),
    }
}

/// That the checkpoint key of a folder, which is there, is the one that the log names.
fn signs_log(folder: &Path, named: Option<&str>) -> Result<(), String> {
    match named {
        Some(named) => LogKeys::must_fit(folder, named).map_err(|failure| Stop::from(failure).to_string()),
        None => LogKeys::load_or_make(folder, None).map(|_| ()).map_err(|error| error.to_string()),
    }
}

/// How much must be free on the embedded database's disk at least, in bytes, and which part of its own size.
const ROOM: (u64, u64) = (64 << 20, 10);

/// What is left of the disk that an embedded database is on, or is going to be.
#[cfg(unix)]
fn room(file: &Path) -> Look {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = match rustix::fs::statvfs(file).or_else(|_| rustix::fs::statvfs(folder)) {
        Ok(disk) => disk,
        Err(error) => return Err(format!("the disk of {}: {error}", file.display())),
    };
    let (free, size) = (disk.f_bavail.saturating_mul(disk.f_frsize), fs::metadata(file).map_or(0, |found| found.len()));
    let said = format!("the disk has {} MiB free, the database {} MiB", free >> 20, size >> 20);
    let enough = free >= ROOM.0.max(size / ROOM.1);
    if enough { Ok(said) } else { Err(format!("{said}: once it is full, nothing is written. Make room")) }
}

/// That a file is another user's than its folder, as a command leaves it that was run as root.
#[cfg(unix)]
fn owner(folder: &Path, name: &str) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let file = folder.join(name);
    let (of_folder, of_file) = (fs::metadata(folder).ok()?.uid(), fs::metadata(&file).ok()?.uid());
    let (folder, file) = (folder.display(), file.display());
    (of_folder != of_file).then(|| {
        format!("{name} is another user's than the data folder: chown --reference={folder} {file}, and run commands as that user")
    })
}

#[cfg(not(unix))]
fn owner(_: &Path, _: &str) -> Option<String> {
    None
}

/// What this user may not write, of what the service must.
#[cfg(unix)]
fn unwritable(folder: &Path, url: &DatabaseUrl) -> Option<String> {
    use rustix::fs::{Access, access};
    let file = if let DatabaseUrl::Sqlite(file) = url { Some(file.as_path()) } else { None };
    let refused = |path: &&Path| path.exists() && access(*path, Access::WRITE_OK).is_err();
    [Some(folder), file].into_iter().flatten().find(refused).map(|path| {
        format!(
            "this user may not write to {}, and the service must: run it as the folder's owner, or chmod u+w",
            path.display()
        )
    })
}

#[cfg(not(unix))]
fn unwritable(_: &Path, _: &DatabaseUrl) -> Option<String> {
    None
}

/// That the log goes on from what was signed last, where something was.
async fn last_signed(database: &Database, folder: &Path) -> Result<Look, Stop> {
    match database.continues(&LastSigned::beside_key(folder)).await {
        Ok(()) if LastSigned::file(folder).exists() => Ok(Ok("the log goes on from checkpoint.last".to_owned())),
        Ok(()) => Ok(Ok("no checkpoint was signed in this folder yet".to_owned())),
        Err(Failure::Refused(refused)) => Ok(Err(Stop::from(Failure::Refused(refused)).to_string())),
        Err(failure) => Err(failure.into()),
    }
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

async fn guards(database: &Database, url: &DatabaseUrl) -> Result<Look, Stop> {
    database.compare().await?;
    let way_out = match url {
        DatabaseUrl::Sqlite(_) => {
            "Stop the service, run holdline audit verify, and put back what differs as a new store has it \
             (sqlite3 OTHER/holdline.db .schema)"
        }
        DatabaseUrl::Postgres(_) => {
            "Stop the service, run holdline audit verify and holdline backup, and restore the backup into an empty \
             database, where the guards are made anew"
        }
    };
    Ok(match database.difference() {
        None => Ok("what guards the record in the database is as it must be".to_owned()),
        Some(difference) => {
            Err(format!("what guards the record is not as it must be, so nothing is written: {difference}. {way_out}"))
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
