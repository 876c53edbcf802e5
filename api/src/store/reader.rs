//! The reader: one snapshot of the database for one request, within the caller's access.
//! Opened with the first read; takes no lock. Everything the API shows is loaded through it.

use std::sync::Arc;

use holdline_domain::{
    actor::Teams,
    ids::{PersonId, TeamId},
    person::Person,
    team::Team,
    text::TeamKey,
    time::{Quarter, QuarterSpan},
};
use sea_orm::{AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, TransactionOptions, TransactionTrait as _};
use tokio::sync::RwLock;
use tracing::Instrument as _;

use super::{Access, Database, Page, PageRequest, person, quarter, settled::Settled, team};
use crate::failure::Failure;

mod audit;
mod backlog;
mod hook;
mod meeting_input;
mod plan;
mod published_link;
mod renegotiation;
mod roadmap;
mod webhook;

struct Snapshot {
    db: DatabaseTransaction,
    access: Access,
    settled: Settled,
}

impl Snapshot {
    async fn open(database: Database, teams: Teams) -> Result<Self, Failure> {
        let db = snapshot(&database).await?;
        let access = Access::load(&db, &teams).await?;
        Ok(Self { db, access, settled: database.settled })
    }
}

/// The database as it is when something is first read through this.
pub(super) async fn snapshot(database: &Database) -> Result<DatabaseTransaction, Failure> {
    let options = match database.backend {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions::default(),
    };
    Ok(database.reads().begin_with_options(options).await?)
}

/// One snapshot, shared by everything that a request loads.
#[derive(Clone)]
pub struct Reader {
    database: Database,
    teams: Teams,
    snapshot: Arc<RwLock<Option<Arc<Snapshot>>>>,
}

impl Reader {
    /// A reader for what a token holds; nothing is opened yet.
    #[must_use]
    pub fn new(database: Database, teams: Teams) -> Self {
        Self { database, teams, snapshot: Arc::default() }
    }

    /// Lets go of the snapshot, so that what is read next includes what was written since.
    pub async fn refresh(&self) {
        *self.snapshot.write().await = None;
    }

    /// A read that is given up where the database has fallen silent, for whoever has no time limit of their own.
    pub async fn within<T>(&self, read: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        self.database.within(read).await
    }

    async fn open(&self) -> Result<Arc<Snapshot>, Failure> {
        if let Some(snapshot) = &*self.snapshot.read().await {
            return Ok(Arc::clone(snapshot));
        }
        let mut slot = self.snapshot.write().await;
        if let Some(snapshot) = &*slot {
            return Ok(Arc::clone(snapshot));
        }
        // In a task of its own, which goes on when whoever asked goes away: sqlx 0.9 knows of a transaction only once its
        // BEGIN was answered, and would give the connection to the next request with one open.
        let (database, teams) = (self.database.clone(), self.teams.clone());
        let opening = async move { database.within(Snapshot::open(database.clone(), teams)).await };
        let opening = tokio::spawn(opening.in_current_span());
        let snapshot = Arc::new(opening.await.map_err(Failure::internal)??);
        *slot = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }

    /// A team by its key.
    pub async fn team(&self, key: &TeamKey) -> Result<Option<Team>, Failure> {
        let s = self.open().await?;
        team::by_key(&s.db, &s.access, key).await
    }

    /// Teams by id.
    pub async fn teams_by_id(&self, ids: &[TeamId]) -> Result<Vec<Team>, Failure> {
        let s = self.open().await?;
        team::load(&s.db, &s.access, ids).await
    }

    /// A page of teams in the order of their keys.
    pub async fn teams(&self, archived: bool, page: &PageRequest<String>) -> Result<Page<Team, String>, Failure> {
        let s = self.open().await?;
        team::list(&s.db, &s.access, archived, page).await
    }

    /// A stored quarter.
    pub async fn quarter(&self, quarter: Quarter) -> Result<Option<QuarterSpan>, Failure> {
        quarter::by_label(&self.open().await?.db, quarter).await
    }

    /// Every stored quarter.
    pub async fn quarters(&self) -> Result<Vec<QuarterSpan>, Failure> {
        quarter::all(&self.open().await?.db).await
    }

    /// People by id.
    pub async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, Failure> {
        person::load(&self.open().await?.db, ids).await
    }

    /// Everybody whose tokens carry a subject, whoever issued them.
    pub async fn people_by_subject(&self, subject: &str) -> Result<Vec<Person>, Failure> {
        person::all_by_subject(&self.open().await?.db, subject).await
    }

    /// How many teams there are.
    pub async fn team_count(&self, archived: bool) -> Result<i64, Failure> {
        let s = self.open().await?;
        team::count(&s.db, &s.access, archived).await
    }
}
