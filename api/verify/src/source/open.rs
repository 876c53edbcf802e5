//! Where a database is that is read and nothing else.

use std::path::PathBuf;

use sea_orm::DbErr;

use super::sqlite;

/// Where a database is.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by URL.
    Postgres(String),
}

impl Place {
    /// Whether it is a file that can only be read as one that nobody writes to, as a copy on read-only media.
    pub fn immutable(&self) -> Result<bool, DbErr> {
        match self {
            Self::Sqlite(file) => sqlite::immutable(file),
            Self::Postgres(_) => Ok(false),
        }
    }
}
