//! From rows to the domain's words: parsing what the database holds back into typed values.
//! A row that does not parse was altered from outside; that is an internal error and never a guess.

use holdline_domain::{
    facts::Digest,
    quantity::Quantity,
    text::{Line, Prose},
    time::{Quarter, Timestamp},
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::failure::Failure;

pub(super) fn line(text: &str) -> Result<Line, Failure> {
    Line::parse(text).map_err(|why| altered("line", &why))
}

pub(super) fn prose(text: &str) -> Result<Prose, Failure> {
    Prose::parse(text).map_err(|why| altered("prose", &why))
}

pub(super) fn quantity(text: &str) -> Result<Quantity, Failure> {
    Quantity::parse(text).map_err(|why| altered("quantity", why))
}

pub(super) fn maybe<T>(
    text: Option<&String>,
    parse: impl Fn(&str) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    text.map(|text| parse(text)).transpose()
}

pub(super) fn timestamp(micros: i64) -> Result<Timestamp, Failure> {
    Timestamp::from_micros(micros).ok_or_else(|| altered("timestamp", "is out of range"))
}

pub(super) fn quarter(label: &str) -> Result<Quarter, Failure> {
    Quarter::parse(label).map_err(|why| altered("quarter", why))
}

pub(super) fn digest(text: &str) -> Result<Digest, Failure> {
    Digest::parse(text).ok_or_else(|| altered("digest", "is not 64 hexadecimal digits"))
}

pub(super) fn count(number: i32) -> Result<u32, Failure> {
    u32::try_from(number).map_err(|_| altered("number", "is negative"))
}

pub(super) fn stored(number: u32) -> Result<i32, Failure> {
    i32::try_from(number).map_err(|_| Failure::internal("a number is too large to be stored"))
}

pub(super) fn altered(what: &str, why: &str) -> Failure {
    Failure::Internal(format!("a stored {what} {why}: the row was altered from outside"))
}

pub(super) fn missing(what: &str) -> Failure {
    Failure::Internal(format!("a stored {what} is missing: a row was removed from outside"))
}

/// Rows of a hand-written statement with `$1`-style parameters, which both databases understand.
pub(super) async fn rows<T: FromQueryResult>(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, Failure> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(T::find_by_statement(statement).all(db).await?)
}

/// Runs a hand-written statement that answers with no rows.
pub(super) async fn run(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), Failure> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement).await?;
    Ok(())
}

/// `$from, $from+1, …` for so many values; `NULL` for none, since `IN ()` is no SQL on PostgreSQL and nothing is in it.
pub(super) fn marks(from: usize, count: usize) -> String {
    if count == 0 {
        return "NULL".to_owned();
    }
    (from..from + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

#[derive(FromQueryResult)]
struct Counted {
    found: i64,
}

/// The number that a `SELECT COUNT(*) AS found` answers with.
pub(super) async fn counted(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64, Failure> {
    Ok(rows::<Counted>(db, sql, values).await?.first().map_or(0, |counted| counted.found))
}
