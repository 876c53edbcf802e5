//! Taking the guards off an empty database while it is filled with what another one holds, and putting them on again.
//! They judge what happens, step by step; what is put back has happened already, and is judged by the verifier. All of it is
//! one transaction, and on PostgreSQL only the tables' owner can: no service's login does.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, FromQueryResult, Statement};

use super::row;
use crate::failure::Failure;

/// Triggers and foreign keys: what takes each off, and what puts it on as it was.
const POSTGRES: &str = "
    SELECT c.relname::text AS table_name, format('ALTER TABLE %s DISABLE TRIGGER %I', t.tgrelid::regclass, t.tgname) AS off,
           format('ALTER TABLE %s ENABLE %s TRIGGER %I', t.tgrelid::regclass,
                  CASE t.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, t.tgname) AS again
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relnamespace = current_schema()::regnamespace
    UNION ALL
    SELECT c.relname::text, format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace";

/// The triggers that refuse; those that index what is searched for go on doing it.
const SQLITE: &str = "
    SELECT tbl_name AS table_name, 'DROP TRIGGER ' || name AS off, sql AS again FROM sqlite_master
    WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'";

#[derive(FromQueryResult)]
struct Guard {
    table_name: String,
    off: String,
    again: String,
}

/// What was taken off.
#[must_use]
pub(super) struct Guards(Vec<String>);

impl Guards {
    /// Takes them off some tables, until this is put on again or the transaction ends without a commit.
    pub(super) async fn take_off(db: &DatabaseTransaction, tables: &BTreeSet<&str>) -> Result<Self, Failure> {
        let guards = if is_postgres(db) { POSTGRES } else { SQLITE };
        let mut again = Vec::new();
        for guard in row::rows::<Guard>(db, guards, []).await? {
            if !tables.contains(guard.table_name.as_str()) {
                continue;
            }
            db.execute_unprepared(&guard.off).await?;
            again.push(guard.again);
        }
        Ok(Self(again))
    }

    /// Puts on what was taken off, in the words that it was made with. Refuses what a foreign key does not bear.
    pub(super) async fn put_on(self, db: &DatabaseTransaction) -> Result<(), Failure> {
        for guard in self.0 {
            db.execute_unprepared(&guard).await?;
        }
        // PostgreSQL judged all rows as it made the keys.
        if !is_postgres(db) {
            let broken = Statement::from_string(DbBackend::Sqlite, "PRAGMA foreign_key_check");
            if let Some(broken) = db.query_one_raw(broken).await? {
                let (table, parent) = (broken.try_get::<String>("", "table")?, broken.try_get::<String>("", "parent")?);
                return Err(Failure::internal(format!(
                    "a row of {table} has no {parent}: it was altered from outside"
                )));
            }
        }
        Ok(())
    }
}

fn is_postgres(db: &DatabaseTransaction) -> bool {
    db.get_database_backend() == DbBackend::Postgres
}
