//! Instants as the log writes them: RFC 3339, UTC, six digits behind the second. The database keeps microseconds.

/// Reads `2026-11-02T09:00:00.000000Z` into microseconds since 1970.
pub(crate) fn read(text: &str) -> Option<i64> {
    let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
    for (place, expected) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (26, b'Z')] {
        if bytes[place] != expected {
            return None;
        }
    }
    let number = |from: usize, to: usize| {
        bytes[from..to]
            .iter()
            .try_fold(0_i64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second, micro) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 26)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1_000_000 + micro)
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March so that a leap day comes last.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_microseconds_since_1970() {
        let table = [
            ("1970-01-01T00:00:00.000000Z", Some(0)),
            ("1970-01-01T00:00:00.000001Z", Some(1)),
            ("1969-12-31T23:59:59.999999Z", Some(-1)),
            ("2026-11-02T09:00:00.000000Z", Some(1_793_610_000_000_000)),
            ("2024-02-29T00:00:00.000000Z", Some(1_709_164_800_000_000)),
            ("2023-02-29T00:00:00.000000Z", None),
            ("2026-11-02T09:00:00Z", None),
            ("2026-11-02T09:00:00.000000+", None),
            ("2026-13-02T09:00:00.000000Z", None),
            ("2026-11-0éT09:00:00.00000Z", None),
        ];
        for (text, expected) in table {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
