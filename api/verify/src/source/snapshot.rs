//! One snapshot of a database, SQLite or PostgreSQL: statements that only read, and the rows that they answer with.
//! Nothing is ever written or migrated. What a value that cannot be read means is the caller's.

use std::borrow::Cow;

use sea_orm::DbErr;

use super::{open::Place, postgres, sqlite};
use crate::{
    rows::{Cell, Kind, TABLES},
    tree::Hash,
};

/// A row, with its values by their place in the statement.
pub(super) trait Answer {
    /// A value as it is kept. One that cannot be read, which a hostile file may hold, equals nothing.
    fn cell(&self, place: usize, kind: Kind) -> Cell;

    /// A whole number; none where it is null or anything else.
    fn number(&self, place: usize) -> Option<i64>;

    /// Bytes; none where it is null or anything else.
    fn bytes(&self, place: usize) -> Option<Cow<'_, [u8]>>;

    /// A text; none where it is null or anything else.
    fn text(&self, place: usize) -> Option<Cow<'_, str>>;

    /// Values in a row, from a place on.
    fn cells(&self, from: usize, columns: &[(&str, Kind)]) -> Vec<Cell> {
        (from..).zip(columns).map(|(place, (_, kind))| self.cell(place, *kind)).collect()
    }

    /// A hash.
    fn hash(&self, place: usize) -> Option<Hash> {
        self.bytes(place)?.as_ref().try_into().ok()
    }
}

/// What is done with each row.
pub(super) type Take<'t> = &'t mut (dyn FnMut(&dyn Answer) + 't);

enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

/// An open snapshot, with the names of the tables that it has.
pub(super) struct Snapshot {
    database: Database,
    tables: Vec<String>,
    /// Whether there is a table of people, erasable or not.
    pub(super) people: bool,
}

impl Snapshot {
    pub(super) async fn open(place: &Place) -> Result<Self, DbErr> {
        let database = match place {
            Place::Sqlite(file) => Database::Sqlite(sqlite::Database::open(file)?),
            Place::Postgres(url) => Database::Postgres(postgres::Database::open(url).await?),
        };
        let (names, erasable) = match &database {
            Database::Sqlite(_) => (sqlite::TABLES, sqlite::ERASABLE),
            Database::Postgres(_) => (postgres::TABLES, postgres::ERASABLE),
        };
        let mut snapshot = Self { database, tables: Vec::new(), people: false };
        let mut tables = Vec::new();
        snapshot
            .each(names, &[], |row| {
                tables.extend(row.text(0).map(Cow::into_owned));
            })
            .await?;
        snapshot.tables = tables;
        snapshot.people = snapshot.has("person");
        // Before anybody could be erased, people had no entry to point to.
        if !snapshot.any(erasable).await? {
            snapshot.tables.retain(|name| name != "person");
        }
        snapshot.forget_empty().await?;
        Ok(snapshot)
    }

    /// Nothing is asked again and again of tables that hold nothing.
    async fn forget_empty(&mut self) -> Result<(), DbErr> {
        for table in TABLES {
            if self.has(table.name) && !self.any(&format!("SELECT 1 FROM {} LIMIT 1", table.name)).await? {
                self.tables.retain(|name| name != table.name);
            }
        }
        Ok(())
    }

    /// Whether there is a table, and anything in it.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|name| name == table)
    }

    async fn any(&self, sql: &str) -> Result<bool, DbErr> {
        let mut found = false;
        self.each(sql, &[], |_| {
            found = true;
        })
        .await?;
        Ok(found)
    }

    /// Takes each row of a statement with `$1`-style parameters, in their order.
    pub(super) async fn each(&self, sql: &str, values: &[i64], mut take: impl FnMut(&dyn Answer)) -> Result<(), DbErr> {
        match &self.database {
            Database::Sqlite(database) => database.each(sql, values, &mut take),
            Database::Postgres(database) => database.each(sql, values, &mut take).await,
        }
    }

    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self.database {
            Database::Sqlite(_) => Ok(()),
            Database::Postgres(database) => database.close().await,
        }
    }
}
