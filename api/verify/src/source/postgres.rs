//! PostgreSQL, by URL: one transaction that only reads, at the level at which all its statements see the same.

use std::{borrow::Cow, time::Duration};

use futures_util::TryStreamExt as _;
use sea_orm::{
    AccessMode, ConnectOptions, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, QueryResult,
    Statement, StreamTrait as _, TransactionTrait as _,
};
use uuid::Uuid;

use super::snapshot::{Answer, Take};
use crate::rows::{Cell, Kind};

pub(super) const TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
pub(super) const ERASABLE: &str =
    "SELECT 1 FROM pg_attribute WHERE attrelid = to_regclass('person') AND attname = 'erased_at'";

/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transaction that only reads.
pub(super) struct Database {
    connection: DatabaseConnection,
    snapshot: DatabaseTransaction,
}

impl Database {
    pub(super) async fn open(url: &str) -> Result<Self, DbErr> {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).acquire_timeout(PATIENCE).sqlx_logging(false).record_stmt_in_spans(false);
        let connection = sea_orm::Database::connect(options).await?;
        let level = Some(IsolationLevel::RepeatableRead);
        let snapshot = connection.begin_with_config(level, Some(AccessMode::ReadOnly)).await?;
        Ok(Self { connection, snapshot })
    }

    pub(super) async fn each(&self, sql: &str, values: &[i64], take: Take<'_>) -> Result<(), DbErr> {
        let values = values.iter().map(|value| (*value).into());
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let mut rows = self.snapshot.stream_raw(statement).await?;
        while let Some(row) = rows.try_next().await? {
            take(&row);
        }
        Ok(())
    }

    pub(super) async fn close(self) -> Result<(), DbErr> {
        self.snapshot.rollback().await?;
        self.connection.close().await
    }
}

impl Answer for QueryResult {
    fn cell(&self, place: usize, kind: Kind) -> Cell {
        let read = match kind {
            Kind::Id(_) => self.try_get_by_index::<Option<Uuid>>(place).map(|value| value.map(Cell::Id)),
            Kind::Bytes => {
                self.try_get_by_index::<Option<Vec<u8>>>(place).map(|value| value.map(|bytes| Cell::bytes(bytes.len())))
            }
            Kind::Text => self.try_get_by_index::<Option<String>>(place).map(|value| value.map(Cell::Text)),
            Kind::Bool => self.try_get_by_index::<Option<bool>>(place).map(|value| value.map(Cell::Bool)),
            Kind::Int => self.try_get_by_index::<Option<i32>>(place).map(|value| value.map(Cell::number)),
            Kind::Long => self.try_get_by_index::<Option<i64>>(place).map(|value| value.map(Cell::Int)),
        };
        read.map_or(Cell::Unreadable, |value| value.unwrap_or(Cell::Null))
    }

    fn number(&self, place: usize) -> Option<i64> {
        let short = || self.try_get_by_index::<i32>(place).map(i64::from);
        self.try_get_by_index::<i64>(place).or_else(|_| short()).ok()
    }

    fn bytes(&self, place: usize) -> Option<Cow<'_, [u8]>> {
        self.try_get_by_index::<Vec<u8>>(place).ok().map(Cow::Owned)
    }

    fn text(&self, place: usize) -> Option<Cow<'_, str>> {
        self.try_get_by_index::<String>(place).ok().map(Cow::Owned)
    }
}
