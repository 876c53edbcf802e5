//! `holdline restore`: puts a backup in the place of a store that is not there, or into an empty database on PostgreSQL, after
//! it was verified against what was kept elsewhere. Refuses to replace a record, and a log that is shorter than a checkpoint
//! says it was.

use std::path::{Path, PathBuf};

use clap::Args;
use holdline_verify::{Ask, Finding, Place, Report};

use super::{
    Ended, audit_verify, lock, output,
    owner::Owner,
    stop::Stop,
    store_file::{StoreFile, beside},
};
use crate::{
    config::{self, Settings},
    record::LastSigned,
    store::{Database, DatabaseUrl},
};

const HELP: &str = "\
Examples:
  holdline restore /backups/holdline-2026-11-27.db --checkpoint newest.checkpoint
  holdline restore nightly.db --unchecked
  HOLDLINE_OWNER_DATABASE_URL=postgres://owner:…@db/holdline \\
  HOLDLINE_DATABASE_URL=postgres://service:…@db/holdline holdline restore nightly.db --checkpoint newest.checkpoint

A checkpoint that was kept elsewhere (holdline audit watch keeps them, every webhook and receipt carries one) says how long
the log was and what it held. A backup that is older than it is not restored: what was acknowledged after the backup would
be gone, and the log would say something else than it did. --unchecked restores without one, which makes sure that the backup
agrees with itself, and with checkpoint.last, which the key in the data folder signed last.

Into PostgreSQL a backup goes whichever database it was made of, so this is also how a store moves there. The database is
there already and empty, and who owns its tables fills it; it is verified once more when all is in.";

/// The command.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The newest checkpoint that was kept; may be given again
    #[arg(long = "checkpoint", value_name = "FILE", required_unless_present = "unchecked")]
    checkpoints: Vec<PathBuf>,
    /// There is no checkpoint to hold it against
    #[arg(long, conflicts_with = "checkpoints")]
    unchecked: bool,
    #[command(flatten)]
    owner: Owner,
}

impl Restore {
    pub(super) async fn run(self, settings: &Settings) -> Result<Ended, Stop> {
        let (url, role) = self.owner.resolve(settings)?;
        if !self.file.is_file() {
            return Err(Stop::new(format!("There is no backup at {}.", self.file.display())));
        }
        // What the key beside the store signed last speaks too, whatever else is at hand.
        let signed = LastSigned::file(settings.folder());
        let known = self.checkpoints.iter().chain(signed.exists().then_some(&signed));
        let checkpoints = known.map(|file| audit_verify::note(file)).collect::<Result<_, _>>()?;
        let ask = Ask { checkpoints, key: None };
        let _lock = lock::hold(&url)?;
        let restored = match &url {
            DatabaseUrl::Sqlite(file) => self.put_in_file(file, &ask, settings).await?,
            DatabaseUrl::Postgres(name) => self.put_in_postgres(name, role.as_deref(), &ask, settings).await?,
        };
        output::say(&restored)?;
        Ok(Ended::Done)
    }

    async fn put_in_file(&self, database: &Path, ask: &Ask, settings: &Settings) -> Result<String, Stop> {
        if database.exists() {
            return Err(Stop::new(format!(
                "There is a store at {}. Move it away first: a restore replaces nothing.",
                database.display()
            )));
        }
        // SQLite would take what it holds for the restored database's.
        let journal = beside(database, "-wal");
        if journal.exists() {
            return Err(Stop::new(format!(
                "There is the journal of a store at {}, without the store. Move it away first, or the store back to it.",
                journal.display()
            )));
        }
        let (restoring, report) = self.verified(database, ask, settings).await?;
        restoring.name()?;
        Ok(format!("Restored {}: {report}", database.display()))
    }

    async fn put_in_postgres(
        &self,
        url: &str,
        role: Option<&str>,
        ask: &Ask,
        settings: &Settings,
    ) -> Result<String, Stop> {
        config::prepare(settings.folder())?;
        let database = Database::open(&DatabaseUrl::Postgres(url.to_owned())).await?;
        database.holds_no_record().await?;
        // It never has this name: it is gone when all is in the database.
        let (copy, _) = self.verified(&settings.folder().join("restoring.db"), ask, settings).await?;
        database.migrate().await?;
        copy.put_into(&database).await?;
        if let Some(role) = role {
            database.grant(role).await?;
        }
        database.close().await?;
        let (place, mut said) = (Place::Postgres(url.to_owned()), Said::default());
        let report = audit_verify::watched(&place, ask, &mut |finding, bar| bar.suspend(|| said.tell(finding))).await?;
        said.done()?;
        if report.findings > 0 {
            output::say(&report.to_string())?;
            return Err(Stop::new(
                "The backup verified, and what is in the database now does not: drop it, and restore into another one.",
            ));
        }
        Ok(format!("Restored into the database: {report}"))
    }

    /// A copy of the backup beside a place, which is what the checkpoints speak of.
    async fn verified(&self, place: &Path, ask: &Ask, settings: &Settings) -> Result<(StoreFile, Report), Stop> {
        let mut copy = StoreFile::begin(place)?;
        copy.fill(&self.file)?;
        let mut said = Said::default();
        let report = copy.verify(ask, &mut |finding| said.tell(finding)).await?;
        said.done()?;
        if report.findings > 0 {
            output::say(&report.to_string())?;
            return Err(Stop::new(format!(
                "Nothing is restored: {} is not the log that the checkpoints speak of, or does not agree with itself. \
                 Look for a newer backup. If what came after this one is lost for good, tell whoever keeps checkpoints, \
                 move checkpoint.last in {} away, and give the checkpoint that was made with the backup.",
                self.file.display(),
                settings.folder().display()
            )));
        }
        Ok((copy, report))
    }
}

/// Says what is found, but for notices, as long as somebody reads.
#[derive(Default)]
struct Said(Option<Stop>);

impl Said {
    fn tell(&mut self, finding: &Finding) {
        if !finding.code.is_notice() && self.0.is_none() {
            self.0 = output::say(&finding.to_string()).err();
        }
    }

    fn done(self) -> Result<(), Stop> {
        self.0.map_or(Ok(()), Err)
    }
}
