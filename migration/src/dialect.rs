//! The only branch on the backend: column types, append-only tables and guards in SQLite's and PostgreSQL's words.
//! Holds the spelling; what is guarded stands in the steps.

use std::fmt::Write as _;

use sea_orm_migration::{
    prelude::{ConnectionTrait as _, DbErr, SchemaManager},
    sea_orm::{DbBackend, Statement},
};

/// Where the schema is built.
pub(crate) struct Dialect<'a> {
    manager: &'a SchemaManager<'a>,
    /// PostgreSQL's schema, to which trigger functions are pinned; a temporary table must not stand in for ours.
    schema: String,
}

impl<'a> Dialect<'a> {
    pub(crate) async fn new(manager: &'a SchemaManager<'a>) -> Result<Self, DbErr> {
        let schema = match manager.get_database_backend() {
            DbBackend::Postgres => {
                let asked = Statement::from_string(DbBackend::Postgres, "SELECT current_schema()::text AS name");
                let row = manager.get_connection().query_one_raw(asked).await?;
                row.ok_or_else(|| DbErr::Custom("no current schema".into()))?.try_get("", "name")?
            }
            _ => String::new(),
        };
        Ok(Self { manager, schema })
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.manager.get_database_backend() == DbBackend::Sqlite
    }

    pub(crate) async fn run(&self, sql: &str) -> Result<(), DbErr> {
        self.manager.get_connection().execute_unprepared(sql).await.map(|_| ())
    }

    /// Creates a table from columns in the words `UUID BYTES BOOL MICROS INT TEXT`.
    pub(crate) async fn table(&self, name: &str, columns: &str) -> Result<(), DbErr> {
        let sql = self.translated(columns);
        let strict = if self.is_sqlite() { " STRICT" } else { "" };
        self.run(&format!("CREATE TABLE {name} ({sql}){strict}")).await
    }

    fn translated(&self, columns: &str) -> String {
        let words = if self.is_sqlite() {
            [("UUID", "BLOB"), ("BYTES", "BLOB"), ("BOOL", "INTEGER"), ("MICROS", "INTEGER"), ("INT", "INTEGER")]
        } else {
            [("UUID", "uuid"), ("BYTES", "bytea"), ("BOOL", "boolean"), ("MICROS", "bigint"), ("INT", "integer")]
        };
        let translate = |word: &str| {
            words.iter().find(|(from, _)| *from == word).map_or(word.to_owned(), |(_, to)| (*to).to_owned())
        };
        // A word is a maximal run of letters; names in the steps are lower case, so nothing else is touched.
        let mut sql = String::new();
        let mut word = String::new();
        for c in columns.chars().chain([' ']) {
            if c.is_ascii_alphabetic() || c == '_' {
                word.push(c);
            } else {
                sql.push_str(&translate(&std::mem::take(&mut word)));
                sql.push(c);
            }
        }
        sql
    }

    /// A statement in which `#` behind a column asks for the order of its bytes, whatever the database's language.
    pub(crate) fn by_bytes(&self, sql: &str) -> String {
        sql.replace('#', if self.is_sqlite() { "" } else { " COLLATE \"C\"" })
    }

    /// Bytes as a literal.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> String {
        let mut digits = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            let _ = write!(digits, "{byte:02x}");
        }
        if self.is_sqlite() { format!("X'{digits}'") } else { format!("'\\x{digits}'::bytea") }
    }

    /// Adds a nullable column in the same words.
    pub(crate) async fn column(&self, table: &str, column: &str) -> Result<(), DbErr> {
        let sql = self.translated(column);
        self.run(&format!("ALTER TABLE {table} ADD COLUMN {sql}")).await
    }

    /// Refuses UPDATE, DELETE and TRUNCATE, and REPLACE by refusing an insert that meets one of the unique keys.
    pub(crate) async fn append_only(&self, table: &str, keys: &[&[&str]]) -> Result<(), DbErr> {
        let message = format!("{table} is append-only: what was recorded stays as it was recorded");
        if !self.is_sqlite() {
            let function = self.function(&format!("{table}_append_only"), "TRUE", &message, "NULL").await?;
            for (suffix, events, level) in [("", "UPDATE OR DELETE", "ROW"), ("_truncate", "TRUNCATE", "STATEMENT")] {
                self.run(&format!(
                    "CREATE TRIGGER {table}_append_only{suffix} BEFORE {events} ON {table} FOR EACH {level} EXECUTE FUNCTION {function}();
                     ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only{suffix}"
                ))
                .await?;
            }
            return Ok(());
        }
        for event in ["UPDATE", "DELETE"] {
            self.run(&format!(
                "CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            ))
            .await?;
        }
        let exists: Vec<_> = keys
            .iter()
            .map(|key| {
                let equal: Vec<_> = key.iter().map(|column| format!("{column} = NEW.{column}")).collect();
                format!("EXISTS (SELECT 1 FROM {table} WHERE {})", equal.join(" AND "))
            })
            .collect();
        self.run(&format!(
            "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {} BEGIN SELECT RAISE(ABORT, '{message}'); END",
            exists.join(" OR ")
        ))
        .await
    }

    /// Refuses an insert for which a condition holds; the condition may look at `NEW` and at any table.
    pub(crate) async fn guard_insert(&self, name: &str, table: &str, when: &str, message: &str) -> Result<(), DbErr> {
        self.guard(name, table, "INSERT", when, message, "NEW").await
    }

    /// Refuses an update for which a condition holds; the condition may look at `OLD`, `NEW` and any table.
    pub(crate) async fn guard_update(&self, name: &str, table: &str, when: &str, message: &str) -> Result<(), DbErr> {
        self.guard(name, table, "UPDATE", when, message, "NEW").await
    }

    /// Refuses a deletion for which a condition holds; the condition may look at `OLD` and at any table.
    pub(crate) async fn guard_delete(&self, name: &str, table: &str, when: &str, message: &str) -> Result<(), DbErr> {
        self.guard(name, table, "DELETE", when, message, "OLD").await
    }

    /// Refuses every write to a row for which a condition holds; `ROW` in the condition is the row before and after.
    pub(crate) async fn guard_writes(&self, name: &str, table: &str, when: &str, message: &str) -> Result<(), DbErr> {
        let new = when.replace("ROW", "NEW");
        let old = when.replace("ROW", "OLD");
        self.guard(&format!("{name}_insert"), table, "INSERT", &new, message, "NEW").await?;
        self.guard(&format!("{name}_update"), table, "UPDATE", &format!("({old}) OR ({new})"), message, "NEW").await?;
        self.guard(&format!("{name}_delete"), table, "DELETE", &old, message, "OLD").await
    }

    async fn guard(
        &self,
        name: &str,
        table: &str,
        event: &str,
        when: &str,
        message: &str,
        pass: &str,
    ) -> Result<(), DbErr> {
        if self.is_sqlite() {
            let trigger = format!(
                "CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END"
            );
            return self.run(&trigger).await;
        }
        let function = self.function(name, when, message, pass).await?;
        self.run(&format!(
            "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
             ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
        ))
        .await
    }

    /// Runs a statement after an insert for which a condition holds; both may look at `NEW`.
    pub(crate) async fn after_insert(&self, name: &str, table: &str, when: &str, then: &str) -> Result<(), DbErr> {
        let begin = format!("CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW");
        if self.is_sqlite() {
            return self.run(&format!("{begin} WHEN {when} BEGIN {then}; END")).await;
        }
        let function = self.trigger_function(name, &format!(" {then}; RETURN NULL; ")).await?;
        self.run(&format!("{begin} WHEN ({when}) EXECUTE FUNCTION {function}()")).await
    }

    async fn function(&self, name: &str, when: &str, message: &str, pass: &str) -> Result<String, DbErr> {
        let refuse = format!("RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'");
        self.trigger_function(
            name,
            &format!(
                "
               IF {when} THEN {refuse}; END IF;
               RETURN {pass};
             "
            ),
        )
        .await
    }

    async fn trigger_function(&self, name: &str, body: &str) -> Result<String, DbErr> {
        let schema = &self.schema;
        let function = format!("\"{schema}\".{name}");
        self.run(&format!(
            "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, \"{schema}\", pg_temp AS $guard$
             BEGIN{body}END $guard$"
        ))
        .await?;
        Ok(function)
    }
}
