//! The values of the three files of history: each row parsed into what the service imports, or refused with the
//! column that is wrong. Refuses to compare rows with each other, which `okr_plans` does.

use chrono::NaiveDate;
use holdline_domain::{
    check_in::CheckInKind,
    key_result::Measure,
    quantity::Quantity,
    refusal::{Refusal, Refusals},
    text::{Line, Prose, TeamKey},
    time::{FiscalCalendar, Quarter, Timestamp},
};

use super::table::Row;
use crate::service::{ChangeRow, CheckInRow, KeyResultRow, RowChange};

/// The columns of what was committed.
pub(super) const OKRS: &[&str] =
    &["team", "quarter", "objective", "key_result", "owner", "priority", "baseline", "target", "unit", "committed_on"];

/// The columns of what was changed.
pub(super) const CHANGES: &[&str] = &[
    "team",
    "quarter",
    "date",
    "change",
    "objective",
    "key_result",
    "new_key_result",
    "owner",
    "priority",
    "baseline",
    "target",
    "unit",
    "reason",
];

/// The columns of how it went.
pub(super) const CHECK_INS: &[&str] = &["team", "quarter", "date", "objective", "key_result", "value", "kind"];

/// Whose plan for which quarter a row is about.
pub(super) fn plan(row: &Row) -> Result<(TeamKey, Quarter), Refusals> {
    Ok((read(row, "team", TeamKey::parse)?, read(row, "quarter", Quarter::parse)?))
}

/// A key result and when it was committed.
pub(super) fn key_result(row: &Row, calendar: FiscalCalendar) -> Result<(KeyResultRow, Timestamp), Refusals> {
    whole(row)?;
    let measure = Measure::new(
        read(row, "unit", Line::parse)?,
        read(row, "baseline", Quantity::parse)?,
        read(row, "target", Quantity::parse)?,
    );
    let parsed = KeyResultRow {
        line: row.line,
        objective: read(row, "objective", Line::parse)?,
        title: read(row, "key_result", Line::parse)?,
        owner: maybe(row, "owner", Line::parse)?,
        measure: measure?,
    };
    Ok((parsed, read(row, "committed_on", |text| date(text, calendar))?))
}

/// A change, when it was made and why.
pub(super) fn change(row: &Row, calendar: FiscalCalendar) -> Result<(ChangeRow, Timestamp, Option<Prose>), Refusals> {
    whole(row)?;
    let change = read(row, "change", |text| match text {
        "ADD_KEY_RESULT" => Ok(RowChange::Add),
        "DROP_KEY_RESULT" => Ok(RowChange::Drop),
        "AMEND_KEY_RESULT" => Ok(RowChange::Amend),
        _ => Err("is not ADD_KEY_RESULT, DROP_KEY_RESULT or AMEND_KEY_RESULT"),
    })?;
    let new_key_result = maybe(row, "new_key_result", Line::parse)?;
    if new_key_result.is_some() && change != RowChange::Amend {
        return Err(wrong("new_key_result", "is for AMEND_KEY_RESULT only").into());
    }
    let parsed = ChangeRow {
        line: row.line,
        change,
        objective: read(row, "objective", Line::parse)?,
        key_result: read(row, "key_result", Line::parse)?,
        new_key_result,
        owner: maybe(row, "owner", Line::parse)?,
        baseline: maybe(row, "baseline", Quantity::parse)?,
        target: maybe(row, "target", Quantity::parse)?,
        unit: maybe(row, "unit", Line::parse)?,
    };
    Ok((parsed, read(row, "date", |text| date(text, calendar))?, maybe(row, "reason", Prose::parse)?))
}

/// A check-in.
pub(super) fn check_in(row: &Row, calendar: FiscalCalendar) -> Result<CheckInRow, Refusals> {
    whole(row)?;
    Ok(CheckInRow {
        line: row.line,
        at: read(row, "date", |text| date(text, calendar))?,
        objective: read(row, "objective", Line::parse)?,
        key_result: read(row, "key_result", Line::parse)?,
        kind: read(row, "kind", |text| match text {
            "PROGRESS" => Ok(CheckInKind::Progress),
            "MID_QUARTER" => Ok(CheckInKind::MidQuarter),
            "PROJECTED" => Ok(CheckInKind::Projected),
            "FINAL" => Ok(CheckInKind::Final),
            _ => Err("is not PROGRESS, MID_QUARTER, PROJECTED or FINAL"),
        })?,
        value: read(row, "value", Quantity::parse)?,
    })
}

fn whole(row: &Row) -> Result<(), Refusals> {
    match row.uneven {
        None => Ok(()),
        Some((found, expected)) => {
            let message = format!("The row has {found} values where the first line names {expected} columns.");
            Err(Refusal::invalid(&[], message).into())
        }
    }
}

fn read<T, E: std::fmt::Display>(
    row: &Row,
    column: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Refusals> {
    parse(row.get(column)).map_err(|why| wrong(column, why).into())
}

fn maybe<T, E: std::fmt::Display>(
    row: &Row,
    column: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, Refusals> {
    if row.get(column).is_empty() { Ok(None) } else { read(row, column, parse).map(Some) }
}

fn wrong(column: &str, why: impl std::fmt::Display) -> Refusal {
    Refusal::invalid(&[column], format!("The column \"{column}\" {why}."))
}

/// 00:00 of a date in the organization's zone.
fn date(text: &str, calendar: FiscalCalendar) -> Result<Timestamp, &'static str> {
    let form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date = form.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
    date.map(|date| calendar.midnight(date)).ok_or("is not a date such as 2026-04-01, or one that does not exist")
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn a_date_that_does_not_exist_is_no_date() {
        let berlin = FiscalCalendar::new(1, Tz::Europe__Berlin).unwrap();
        assert_eq!(date("2019-07-01", berlin).unwrap().to_string(), "2019-06-30T22:00:00.000000Z");
        for text in ["", "2019-02-29", "2019-13-01", "2019-2-1", "01.02.2019", "+019-02-01", "2019-02-01T00"] {
            assert!(date(text, berlin).is_err(), "{text}");
        }
    }
}
