//! Time as the rules see it: instants in microseconds, quarters, and the fiscal calendar that bounds them.
//! Holds arithmetic only; refuses to read a clock, which every rule takes as a parameter.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, SubsecRound, TimeZone, Utc};
use chrono_tz::Tz;

/// An instant in UTC, whole microseconds: what both databases keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The earliest instant.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    /// The latest instant that can be said.
    pub const LATEST: Self = Self(DateTime::<Utc>::MAX_UTC);

    /// Cuts to whole microseconds.
    #[must_use]
    pub fn new(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }

    /// Microseconds since 1970, as the databases keep it.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// From microseconds since 1970; none outside the years that a date can hold.
    #[must_use]
    pub fn from_micros(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(Self)
    }

    /// The instant for the transport.
    #[must_use]
    pub const fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The next microsecond.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + chrono::Duration::microseconds(1))
    }

    /// So many days later.
    #[must_use]
    pub fn plus_days(self, days: u32) -> Self {
        Self(self.0 + chrono::Days::new(u64::from(days)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    }
}

/// `2026-Q4`: the fourth quarter of the fiscal year that ends in 2026.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    year: i32,
    number: u32,
}

impl Quarter {
    /// Reads `YYYY-Qn` with a year from 1970 to 9998.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "is not a quarter such as 2026-Q4 (years 1970 to 9998)";
        let (year, number) = text.split_once("-Q").ok_or(FORM)?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(number, 1)) {
            return Err(FORM);
        }
        let quarter = Self { year: year.parse().map_err(|_| FORM)?, number: number.parse().map_err(|_| FORM)? };
        let known = (1970..=9998).contains(&quarter.year) && (1..=4).contains(&quarter.number);
        if known { Ok(quarter) } else { Err(FORM) }
    }

    /// The one that follows.
    #[must_use]
    pub const fn next(self) -> Self {
        if self.number == 4 {
            Self { year: self.year + 1, number: 1 }
        } else {
            Self { number: self.number + 1, ..self }
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-Q{}", self.year, self.number)
    }
}

/// A quarter with the instants that bound it: from `starts_at` up to, not including, `ends_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuarterSpan {
    /// Which quarter.
    pub quarter: Quarter,
    /// Its first instant.
    pub starts_at: Timestamp,
    /// The first instant after it.
    pub ends_at: Timestamp,
}

/// Where a quarter stands against the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuarterPhase {
    /// It has not begun.
    Upcoming,
    /// It runs.
    Current,
    /// It is over.
    Ended,
}

impl QuarterSpan {
    /// The phase at an instant.
    #[must_use]
    pub fn phase(&self, now: Timestamp) -> QuarterPhase {
        if now < self.starts_at {
            QuarterPhase::Upcoming
        } else if now < self.ends_at {
            QuarterPhase::Current
        } else {
            QuarterPhase::Ended
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        self.phase(now) == QuarterPhase::Ended
    }

    /// Whether two spans share an instant.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }
}

/// The organization's calendar: the month its fiscal year starts in, and its time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalCalendar {
    start_month: u32,
    zone: Tz,
}

impl FiscalCalendar {
    /// A calendar; none unless the month is 1 to 12.
    #[must_use]
    pub fn new(start_month: u32, zone: Tz) -> Option<Self> {
        (1..=12).contains(&start_month).then_some(Self { start_month, zone })
    }

    /// The month, 1 to 12, in which the fiscal year starts.
    #[must_use]
    pub const fn start_month(&self) -> u32 {
        self.start_month
    }

    /// The time zone.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The instants that bound a quarter: local midnight to local midnight.
    #[must_use]
    pub fn span(&self, quarter: Quarter) -> QuarterSpan {
        QuarterSpan { quarter, starts_at: self.start(quarter), ends_at: self.start(quarter.next()) }
    }

    /// The quarter that an instant falls into; years before 1970 count as 1970.
    #[must_use]
    pub fn quarter_at(&self, instant: Timestamp) -> Quarter {
        let local = instant.utc().with_timezone(&self.zone).date_naive();
        let months = local.year() * 12 + i32::try_from(local.month0()).unwrap_or(0) - self.offset_months();
        let number = u32::try_from(months.rem_euclid(12) / 3 + 1).unwrap_or(1);
        Quarter { year: months.div_euclid(12).clamp(1970, 9998), number }
    }

    /// 00:00 of a date in the organization's zone.
    #[must_use]
    pub fn midnight(&self, date: NaiveDate) -> Timestamp {
        let local = date.and_time(NaiveTime::MIN);
        // Where a clock change skips midnight, the day begins with the first instant that exists.
        let found = (0..=4).find_map(|half_hours| {
            self.zone.from_local_datetime(&(local + chrono::Duration::minutes(30 * half_hours))).earliest()
        });
        Timestamp::new(found.map_or_else(|| Utc.from_utc_datetime(&local), |at| at.with_timezone(&Utc)))
    }

    /// Months by which the fiscal year's start is off from January of the year it is named after.
    const fn offset_months(self) -> i32 {
        if self.start_month == 1 { 0 } else { self.start_month.cast_signed() - 13 }
    }

    fn start(self, quarter: Quarter) -> Timestamp {
        let january = NaiveDate::from_ymd_opt(quarter.year - 1, 1, 1).unwrap_or_default();
        let months = 12 + self.offset_months() + (quarter.number.cast_signed() - 1) * 3;
        let first = january.checked_add_months(Months::new(months.unsigned_abs())).unwrap_or(january);
        self.midnight(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(month: u32, zone: Tz) -> FiscalCalendar {
        FiscalCalendar::new(month, zone).unwrap()
    }

    #[test]
    fn quarters_are_bounded_by_local_midnights_of_the_fiscal_calendar() {
        let table = [
            (1, Tz::UTC, "2019-Q1", "2019-01-01T00:00:00.000000Z", "2019-04-01T00:00:00.000000Z"),
            (1, Tz::Europe__Berlin, "2026-Q4", "2026-09-30T22:00:00.000000Z", "2026-12-31T23:00:00.000000Z"),
            (4, Tz::UTC, "2026-Q4", "2026-01-01T00:00:00.000000Z", "2026-04-01T00:00:00.000000Z"),
            (10, Tz::America__New_York, "2026-Q1", "2025-10-01T04:00:00.000000Z", "2026-01-01T05:00:00.000000Z"),
        ];
        for (month, zone, label, starts, ends) in table {
            let span = calendar(month, zone).span(Quarter::parse(label).unwrap());
            assert_eq!((span.starts_at.to_string(), span.ends_at.to_string()), (starts.into(), ends.into()), "{label}");
        }
    }

    #[test]
    fn every_instant_falls_into_the_quarter_whose_span_holds_it() {
        for month in 1..=12 {
            for day in 0..800 {
                let calendar = calendar(month, Tz::America__Sao_Paulo);
                let at = Timestamp::from_micros(1_500_000_000_000_000 + day * 86_400_000_000).unwrap();
                let span = calendar.span(calendar.quarter_at(at));
                assert_eq!(span.phase(at), QuarterPhase::Current, "{month} {at}");
            }
        }
    }

    #[test]
    fn a_midnight_that_a_clock_change_skips_is_the_first_instant_of_its_day() {
        let date = NaiveDate::from_ymd_opt(2017, 10, 15).unwrap();
        assert_eq!(calendar(1, Tz::America__Sao_Paulo).midnight(date).to_string(), "2017-10-15T03:00:00.000000Z");
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for text in ["", "2026", "2026-Q0", "2026-Q5", "26-Q1", "2026-q1", "1969-Q4", "9999-Q1", "2026-Q11"] {
            assert!(Quarter::parse(text).is_err(), "{text}");
        }
        assert_eq!(Quarter::parse("2026-Q4").unwrap().next().to_string(), "2027-Q1");
    }
}
