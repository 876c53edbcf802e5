//! What `?asOf=` says: a day, which is read at its end in the organization's zone, or an exact instant.

use chrono::{DateTime, Datelike as _, NaiveDate};
use holdline_domain::time::{FiscalCalendar, Timestamp};

/// The instant that is asked for; none for now. The refusal is a sentence.
pub(super) fn instant(
    said: Option<&str>,
    calendar: FiscalCalendar,
    now: Timestamp,
) -> Result<Option<Timestamp>, String> {
    let Some(said) = said.map(str::trim).filter(|said| !said.is_empty()) else { return Ok(None) };
    let future = || format!("{said} is not over yet: the future is not recorded. Name a day up to today.");
    let unrecorded = || "Nothing was recorded before 1970.".to_owned();
    // A day has four digits for its year; the calendar reaches no further.
    let day = NaiveDate::parse_from_str(said, "%Y-%m-%d").ok().filter(|_| said.len() == "2026-10-29".len());
    if let Some(day) = day {
        let next = day.succ_opt().ok_or_else(future)?;
        if calendar.midnight(day) > now {
            return Err(future());
        }
        if day.year() < 1970 {
            return Err(unrecorded());
        }
        let last = Timestamp::from_micros(calendar.midnight(next).micros() - 1).ok_or_else(future)?;
        // Today is not over: it is read as it is now.
        return Ok(Some(last).filter(|last| *last <= now));
    }
    let exact = DateTime::parse_from_rfc3339(said).ok().and_then(|at| Timestamp::from_micros(at.timestamp_micros()));
    match exact {
        None => Err("This is no day such as 2026-10-29, and no instant such as 2026-10-29T09:00:00Z.".to_owned()),
        Some(at) if at > now => Err(future()),
        Some(at) if at.micros() < 0 => Err(unrecorded()),
        Some(at) => Ok(Some(at)),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros()).unwrap()
    }

    #[test]
    fn a_day_is_read_at_its_end_in_the_organizations_zone_and_today_is_now() {
        let calendar = FiscalCalendar::new(1, Tz::Europe__Berlin).unwrap();
        let now = at("2026-11-02T09:00:00Z");
        let read = |said: &str| instant(Some(said), calendar, now);

        assert_eq!(read("2026-10-24"), Ok(Some(at("2026-10-24T21:59:59.999999Z"))));
        assert_eq!(read("2026-10-25"), Ok(Some(at("2026-10-25T22:59:59.999999Z"))), "the clocks went back");
        assert_eq!(read("2026-10-29T09:00:00Z"), Ok(Some(at("2026-10-29T09:00:00Z"))));
        assert_eq!(read("2026-11-02"), Ok(None));
        assert_eq!(read(" "), Ok(None));
        for wrong in [
            "2026-11-03",
            "2026-11-02T09:00:01Z",
            "2026-02-30",
            "yesterday",
            "+262142-12-31",
            "1969-12-31",
            "-999-01-01",
            "1900-01-01T00:00:00Z",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
