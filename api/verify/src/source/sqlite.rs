//! SQLite's file, read in this thread without copying what is only looked at: an export's rate is the measure, and
//! whatever hands each row from one thread to another is slower than checking it.

use std::{borrow::Cow, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, Row, params_from_iter, types::ValueRef};
use sea_orm::DbErr;
use uuid::Uuid;

use super::snapshot::{Answer, Take};
use crate::rows::{Cell, Kind};

pub(super) const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table'";
pub(super) const ERASABLE: &str = "SELECT 1 FROM pragma_table_info('person') WHERE name = 'erased_at'";

/// How long somebody who has the file for themselves is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A transaction that only reads, open for as long as this is.
pub(super) struct Database(Connection);

impl Database {
    pub(super) fn open(file: &Path) -> Result<Self, DbErr> {
        let how = if immutable(file)? { "mode=ro&immutable=1" } else { "mode=ro" };
        let connection = connect(file, how)?;
        connection.execute_batch("BEGIN").map_err(failed)?;
        Ok(Self(connection))
    }

    pub(super) fn each(&self, sql: &str, values: &[i64], take: Take<'_>) -> Result<(), DbErr> {
        let mut statement = self.0.prepare(sql).map_err(failed)?;
        let mut rows = statement.query(params_from_iter(values)).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(row);
        }
        Ok(())
    }
}

/// Whether a file can only be read as one that nobody writes to. A file that was written in WAL mode is read through
/// files beside it; where these are not there and cannot be made, as on a read-only copy, nobody can be writing either.
pub(super) fn immutable(file: &Path) -> Result<bool, DbErr> {
    let wal = Path::new(&format!("{}-wal", file.display())).exists();
    match connect(file, "mode=ro") {
        Ok(_) => Ok(false),
        Err(_) if !wal => connect(file, "mode=ro&immutable=1").map(|_| true),
        Err(error) => Err(error),
    }
}

/// A connection that has read something, because a file is looked at no earlier.
fn connect(file: &Path, how: &str) -> Result<Connection, DbErr> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{}?{how}", uri_path(file)), flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    connection.query_row("SELECT COUNT(*) FROM sqlite_master", [], |_| Ok(())).map_err(failed)?;
    Ok(connection)
}

/// What a URI would read as something else is written in its escaped form (RFC 3986, 2.1).
fn uri_path(file: &Path) -> String {
    let path = file.display().to_string();
    path.replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// How an error begins that says that a file is damaged, or is no database at all.
pub const DAMAGED: &str = "the file is damaged, or is no database of SQLite's";

// As a value: what it is handed to takes errors by value.
#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn failed(error: rusqlite::Error) -> DbErr {
    DbErr::Custom(match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => format!("{DAMAGED}: {error}"),
        _ => error.to_string(),
    })
}

impl Answer for Row<'_> {
    fn cell(&self, place: usize, kind: Kind) -> Cell {
        let read = match (self.get_ref(place), kind) {
            (Ok(ValueRef::Null), _) => Some(Cell::Null),
            (Ok(ValueRef::Blob(bytes)), Kind::Id(_)) => Uuid::from_slice(bytes).ok().map(Cell::Id),
            (Ok(ValueRef::Blob(bytes)), Kind::Bytes) => Some(Cell::bytes(bytes.len())),
            (Ok(ValueRef::Text(text)), Kind::Text) => std::str::from_utf8(text).ok().map(Cell::word),
            (Ok(ValueRef::Integer(number @ 0..=1)), Kind::Bool) => Some(Cell::Bool(number == 1)),
            (Ok(ValueRef::Integer(number)), Kind::Int) => i32::try_from(number).ok().map(Cell::number),
            (Ok(ValueRef::Integer(number)), Kind::Long) => Some(Cell::Int(number)),
            _ => None,
        };
        read.unwrap_or(Cell::Unreadable)
    }

    fn number(&self, place: usize) -> Option<i64> {
        self.get_ref(place).ok()?.as_i64().ok()
    }

    fn bytes(&self, place: usize) -> Option<Cow<'_, [u8]>> {
        self.get_ref(place).ok()?.as_blob().ok().map(Cow::Borrowed)
    }

    fn text(&self, place: usize) -> Option<Cow<'_, str>> {
        self.get_ref(place).ok()?.as_str().ok().map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_than_its_column_has_equals_nothing() {
        let connection = Connection::open_in_memory().unwrap();
        let table = [
            ("x'00112233445566778899aabbccddeeff'", Kind::Id(""), false),
            ("x'0011'", Kind::Id(""), true),
            ("'00112233445566778899aabbccddeeff'", Kind::Id(""), true),
            ("'a word'", Kind::Text, false),
            ("x'61'", Kind::Text, true),
            ("CAST(x'ff' AS TEXT)", Kind::Text, true),
            ("7", Kind::Text, true),
            ("1", Kind::Bool, false),
            ("2", Kind::Bool, true),
            ("2147483647", Kind::Int, false),
            ("2147483648", Kind::Int, true),
            ("9223372036854775807", Kind::Long, false),
            ("1.5", Kind::Long, true),
        ];
        for (value, kind, unreadable) in table {
            let cell = connection.query_row(&format!("SELECT {value}"), [], |row| Ok(row.cell(0, kind))).unwrap();
            assert_eq!(cell == Cell::Unreadable, unreadable, "{value}");
        }
    }
}
