//! Every row of one database in another, as it is at one moment: how PostgreSQL is backed up into a file, how a backup is put
//! into PostgreSQL, and how a team that has outgrown one of the two moves to the other. Knows columns and their types, and
//! not what they mean. Refuses to fill a database that holds a record, and to leave out what it does not know.

use std::collections::BTreeSet;

use futures_util::TryStreamExt as _;
use holdline_domain::refusal::{Code, Refusal};
use holdline_migration::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, QueryResult, Statement, StreamTrait as _, Value,
    sea_query::{Alias, Expr, InsertStatement, Query},
};
use sea_orm_migration::MigratorTrait as _;
use uuid::Uuid;

use super::{Database, guards::Guards, reader, row, writer::locked};
use crate::failure::Failure;

/// How many values one INSERT has at most: below what either database takes.
const VALUES: usize = 10_000;

/// How many bytes of texts and blobs one INSERT has, or a single row more than that.
const BYTES: usize = 1024 * 1024;

/// PostgreSQL's catalogue tells the columns' types, also of what the login may not read, so that nothing is left out without a
/// word; and which columns it computes itself.
const COLUMNS: &str = "
    SELECT c.relname::text AS table_name, a.attname::text AS name, format_type(a.atttypid, NULL) AS kind,
           pg_has_role(c.relowner, 'USAGE') AS owned
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum";

/// SQLite's columns, which are all ours: what else somebody keeps beside them on PostgreSQL is not. SQLite numbers what is
/// searched for, and has tables of its own for the search.
const OURS: &str = "
    SELECT t.name AS table_name, c.name AS name FROM sqlite_master t JOIN pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name <> 'seaql_migrations'
      AND t.name NOT LIKE 'search\\_index%' ESCAPE '\\' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      AND NOT (t.name = 'search_document' AND c.name = 'id')";

/// It takes as long as it takes, whatever the server thinks of that.
const UNHURRIED: &str = "
    SELECT set_config(name, '0', true) FROM pg_settings
    WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";

#[derive(FromQueryResult)]
struct Column {
    table_name: String,
    name: String,
    kind: String,
    owned: bool,
}

#[derive(FromQueryResult)]
struct Ours {
    table_name: String,
    name: String,
}

struct Table {
    name: String,
    columns: Vec<Column>,
}

impl Table {
    /// All tables, in the order of their names.
    async fn all(postgres: &DatabaseTransaction, sqlite: &DatabaseTransaction) -> Result<Vec<Self>, Failure> {
        let ours = row::rows::<Ours>(sqlite, OURS, []).await?.into_iter().map(|ours| (ours.table_name, ours.name));
        let mut ours: BTreeSet<_> = ours.collect();
        let mut tables: Vec<Self> = Vec::new();
        for column in row::rows::<Column>(postgres, COLUMNS, []).await? {
            if !ours.remove(&(column.table_name.clone(), column.name.clone())) {
                continue;
            }
            match tables.last_mut().filter(|table| table.name == column.table_name) {
                Some(table) => table.columns.push(column),
                None => tables.push(Self { name: column.table_name.clone(), columns: vec![column] }),
            }
        }
        match ours.pop_first() {
            None => Ok(tables),
            Some((table, column)) => {
                let message =
                    format!("The database on PostgreSQL has no {table}.{column}, so a copy would lack it too.");
                let remedy = "Put the table back as holdline migrate makes it; holdline doctor names what differs.";
                Err(Refusal::new(Code::Conflict, message).remedy(remedy).into())
            }
        }
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
        moved: &mut (impl FnMut(usize) + Send),
    ) -> Result<(), Failure> {
        let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        let sql = format!("SELECT {} FROM \"{}\"", names.join(", "), self.name);
        let mut rows =
            from.stream_raw(Statement::from_string(ConnectionTrait::get_database_backend(from), sql)).await?;
        let (mut insert, mut waiting, mut bytes) = (self.insert(), 0, 0);
        while let Some(row) = rows.try_next().await? {
            let values = self.values(&row)?;
            bytes += values.iter().map(long).sum::<usize>();
            waiting += 1;
            insert.values(values.into_iter().map(Expr::val)).map_err(Failure::internal)?;
            if bytes >= BYTES || (waiting + 1) * self.columns.len() > VALUES {
                to.execute(&insert).await?;
                moved(waiting);
                (insert, waiting, bytes) = (self.insert(), 0, 0);
            }
        }
        if waiting > 0 {
            to.execute(&insert).await?;
            moved(waiting);
        }
        Ok(())
    }

    fn insert(&self) -> InsertStatement {
        let mut insert = Query::insert();
        insert.into_table(Alias::new(&self.name)).columns(self.columns.iter().map(|column| Alias::new(&column.name)));
        insert
    }

    fn values(&self, row: &QueryResult) -> Result<Vec<Value>, Failure> {
        self.columns.iter().enumerate().map(|(index, column)| column.value(row, index)).collect()
    }
}

/// What a text or a blob takes, in bytes.
fn long(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        Value::Bytes(Some(bytes)) => bytes.len(),
        _ => 0,
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
                let (table, name) = (&self.table_name, &self.name);
                return Err(Failure::internal(format!("{table}.{name} is a {other}, which nobody can copy")));
            }
        })
    }
}

impl Database {
    /// Refuses a database with a record in it, whichever version it is of.
    pub async fn holds_no_record(&self) -> Result<(), Failure> {
        if self.steps().await?.is_empty() { Ok(()) } else { no_record(&self.reads()).await }
    }

    /// Fills this database, whose tables are there and hold no record yet, with every row of another one as it is now; one of
    /// the two is on PostgreSQL. All of it or nothing. Tells how many rows of how many are there.
    pub async fn fill_from(&self, source: &Self, moved: &mut (impl FnMut(u64, u64) + Send)) -> Result<(), Failure> {
        source.not_newer().await?;
        let on_postgres = self.backend == DbBackend::Postgres;
        if !on_postgres {
            // Rows come in no order that the keys could follow; they are all judged at the end. The one connection of the writes
            // is closed afterwards, and no service ever had it.
            self.writes().execute_unprepared("PRAGMA foreign_keys = OFF").await?;
        }
        let (from, to) = (reader::snapshot(source).await?, locked(self).await?);
        let (postgres, sqlite) = if on_postgres { (&to, &from) } else { (&from, &to) };
        postgres.execute_unprepared(UNHURRIED).await?;
        let tables = Table::all(postgres, sqlite).await?;
        no_record(&to).await?;
        if on_postgres {
            owned(&tables)?;
        }
        let (mut there, mut all) = (0, 0);
        for table in &tables {
            all += table.count(&from).await?;
        }
        let guards = Guards::take_off(&to, &tables.iter().map(|table| table.name.as_str()).collect()).await?;
        for table in &tables {
            let further = &mut |rows| {
                there += rows as u64;
                moved(there, all);
            };
            table.copy(&from, &to, further).await?;
        }
        guards.put_on(&to).await?;
        Ok(to.commit().await?)
    }

    /// Refuses what a newer build was at: it may hold what this one would leave out.
    async fn not_newer(&self) -> Result<(), Failure> {
        let known = Migrator::migrations();
        let newer = self.steps().await?.into_iter().find(|step| known.iter().all(|known| known.name() != step));
        newer.map_or(Ok(()), |step| {
            let message = format!("What is to be copied is of a newer Holdline, with the step {step}.");
            let remedy = "Use the newest Holdline that has served it: this one would leave out what it does not know.";
            Err(Refusal::new(Code::Conflict, message).remedy(remedy).into())
        })
    }
}

fn owned(tables: &[Table]) -> Result<(), Failure> {
    if tables.iter().flat_map(|table| &table.columns).all(|column| column.owned) {
        return Ok(());
    }
    let message = "The database's login does not own its tables, so it cannot fill them.";
    let remedy = "Name their owner with --owner-database-url (HOLDLINE_OWNER_DATABASE_URL).";
    Err(Refusal::new(Code::Conflict, message).remedy(remedy).into())
}

async fn no_record(db: &impl ConnectionTrait) -> Result<(), Failure> {
    let entries = row::counted(db, "SELECT COUNT(*) AS found FROM audit_entry", []).await?;
    if entries == 0 {
        return Ok(());
    }
    let message = format!("The database holds a record already, of {entries} entries.");
    let remedy = "Name an empty one, which no service has used: nothing is replaced.";
    Err(Refusal::new(Code::Conflict, message).remedy(remedy).into())
}
