//! A token's life as it is typed: `30m`, `8h`, `90d`. Refuses more than any token may live.

use crate::auth::LONGEST_LIFE;

/// Reads `30m`, `8h` or `90d` as seconds.
pub fn life(text: &str) -> Result<i64, String> {
    const FORM: &str = "is not a time such as 30m, 8h or 90d";
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 60 * 60,
        Some('d') => 24 * 60 * 60,
        _ => return Err(FORM.into()),
    };
    let number = text.get(..text.len() - 1).unwrap_or_default();
    let digits = !number.is_empty() && number.len() <= 9 && number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = number.parse::<i64>().ok().filter(|_| digits).ok_or(FORM)? * unit;
    match seconds {
        0 => Err("is no time at all".into()),
        1..=LONGEST_LIFE => Ok(seconds),
        _ => Err("is longer than 90 days".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_read_in_minutes_hours_and_days_up_to_ninety() {
        let table = [("30m", Ok(1800)), ("8h", Ok(28_800)), ("90d", Ok(LONGEST_LIFE)), ("2160h", Ok(LONGEST_LIFE))];
        for (text, expected) in table {
            assert_eq!(life(text), expected, "{text}");
        }
        for text in ["", "h", "8", "0h", "-1h", "91d", "8s", "1.5h", "99999999999d", "8ä"] {
            assert!(life(text).is_err(), "{text}");
        }
    }
}
