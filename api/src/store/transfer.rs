//! Every row of one database in another, as it is at one moment: how PostgreSQL is backed up into a file, how a backup is put
//! into PostgreSQL, and how a team that has outgrown one of the two moves to the other. Knows columns and their types, and
//! not what they mean. Refuses to fill a database that holds a record.

use futures_util::TryStreamExt as _;
use holdline_domain::refusal::{Code, Refusal};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, QueryResult, Statement, StreamTrait as _, Value,
    sea_query::{Alias, Expr, InsertStatement, Query},
};
use uuid::Uuid;

use super::{Database, guards::Guards, reader, row, writer::locked};
use crate::failure::Failure;

/// How many values one INSERT has at most: below what either database takes.
const VALUES: usize = 10_000;

/// PostgreSQL tells the columns' types, and which of them it computes itself. SQLite has the same columns, and one more that
/// counts its rows.
const COLUMNS: &str = "
    SELECT table_name::text AS table, column_name::text AS name, data_type::text AS kind
    FROM information_schema.columns
    WHERE table_schema = current_schema() AND is_generated = 'NEVER' AND table_name <> 'seaql_migrations'
    ORDER BY table_name, ordinal_position";

const OWNS: &str = "
    SELECT COUNT(*) AS found FROM pg_class
    WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND NOT pg_has_role(relowner, 'USAGE')";

#[derive(FromQueryResult)]
struct Column {
    table: String,
    name: String,
    kind: String,
}

struct Table {
    name: String,
    columns: Vec<Column>,
}

impl Table {
    /// All tables, in the order of their names.
    async fn all(postgres: &DatabaseTransaction) -> Result<Vec<Self>, Failure> {
        let mut tables: Vec<Self> = Vec::new();
        for column in row::rows::<Column>(postgres, COLUMNS, []).await? {
            match tables.last_mut().filter(|table| table.name == column.table) {
                Some(table) => table.columns.push(column),
                None => tables.push(Self { name: column.table.clone(), columns: vec![column] }),
            }
        }
        Ok(tables)
    }

    async fn count(&self, db: &DatabaseTransaction) -> Result<u64, Failure> {
        let sql = format!("SELECT COUNT(*) AS found FROM \"{}\"", self.name);
        Ok(row::counted(db, &sql, []).await?.unsigned_abs())
    }

    /// Writes every row of one database into the other; tells how many each time that some are there.
    async fn copy(
        &self,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
        moved: &mut (impl FnMut(u64) + Send),
    ) -> Result<(), Failure> {
        let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let sql = format!("SELECT {} FROM \"{}\"", names.join(", "), self.name);
        let rows = from.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(from), sql)).await?;
        let mut chunks = rows.map_err(Failure::from).try_chunks((VALUES / self.columns.len()).max(1));
        while let Some(chunk) = chunks.try_next().await.map_err(|error| error.1)? {
            let mut insert = self.insert();
            for row in &chunk {
                insert.values(self.values(row)?).map_err(Failure::internal)?;
            }
            to.execute(&insert).await?;
            moved(chunk.len() as u64);
        }
        Ok(())
    }

    fn insert(&self) -> InsertStatement {
        let mut insert = Query::insert();
        insert.into_table(Alias::new(&self.name)).columns(self.columns.iter().map(|column| Alias::new(&column.name)));
        insert
    }

    fn values(&self, row: &QueryResult) -> Result<Vec<Expr>, Failure> {
        let values = self.columns.iter().enumerate();
        values.map(|(index, column)| Ok(Expr::val(column.value(row, index)?))).collect()
    }
}

impl Column {
    fn value(&self, row: &QueryResult, index: usize) -> Result<Value, Failure> {
        Ok(match self.kind.as_str() {
            "uuid" => row.try_get_by_index::<Option<Uuid>>(index)?.into(),
            "bytea" => row.try_get_by_index::<Option<Vec<u8>>>(index)?.into(),
            "boolean" => row.try_get_by_index::<Option<bool>>(index)?.into(),
            "bigint" => row.try_get_by_index::<Option<i64>>(index)?.into(),
            "integer" => row.try_get_by_index::<Option<i32>>(index)?.into(),
            "text" => row.try_get_by_index::<Option<String>>(index)?.into(),
            other => {
                let (table, name) = (&self.table, &self.name);
                return Err(Failure::internal(format!("{table}.{name} is a {other}, which nobody can copy")));
            }
        })
    }
}

impl Database {
    /// Fills this database, whose tables are there and hold no record yet, with every row of another one as it is now; one of
    /// the two is on PostgreSQL. All of it or nothing. Tells how many rows of how many are there.
    pub async fn fill_from(&self, source: &Self, moved: &mut (impl FnMut(u64, u64) + Send)) -> Result<(), Failure> {
        let (from, to) = (reader::snapshot(source).await?, locked(self).await?);
        let (filled, postgres) = match self.backend {
            DbBackend::Postgres => (self.may_be_filled(&to).await, &to),
            _ => (no_record(&to).await, &from),
        };
        filled?;
        // It takes its time.
        postgres.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        let tables = Table::all(postgres).await?;
        let (mut there, mut all) = (0, 0);
        for table in &tables {
            all += table.count(&from).await?;
        }
        let guards = Guards::take_off(&to).await?;
        for table in &tables {
            let further = &mut |rows| {
                there += rows;
                moved(there, all);
            };
            table.copy(&from, &to, further).await?;
        }
        guards.put_on(&to).await?;
        Ok(to.commit().await?)
    }

    async fn may_be_filled(&self, db: &DatabaseTransaction) -> Result<(), Failure> {
        if row::counted(db, OWNS, []).await? > 0 {
            let message = "The database's login does not own its tables, so it cannot fill them.";
            let remedy =
                "Name their owner in --database-url; afterwards holdline migrate gives the service's login its rights.";
            return Err(Refusal::new(Code::Conflict, message).remedy(remedy).into());
        }
        no_record(db).await
    }
}

async fn no_record(db: &DatabaseTransaction) -> Result<(), Failure> {
    let entries = row::counted(db, "SELECT COUNT(*) AS found FROM audit_entry", []).await?;
    if entries == 0 {
        return Ok(());
    }
    let message = format!("The database holds a record already, of {entries} entries.");
    let remedy = "Name an empty one, which no service has used: nothing is replaced.";
    Err(Refusal::new(Code::Conflict, message).remedy(remedy).into())
}
