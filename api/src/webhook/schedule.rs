//! When an entry that could not be told is tried again: after 5 seconds, 5 minutes, half an hour, 2, 5, 10, 14, 20 and
//! 24 hours, as the Standard Webhooks specification proposes; then no more. Holds no clock and no randomness.

use std::time::Duration;

const SECOND: u64 = 1;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

/// How long after each failed attempt the next one is.
const PAUSES: [u64; 9] =
    [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// The longest that a receiver may ask for.
const LONGEST: Duration = Duration::from_secs(24 * HOUR);

/// How long to wait after so many attempts that failed, the last one included; none where it was the last of all.
///
/// `jitter` of 0 to 255 adds up to a tenth, so that what failed together does not come back together. A receiver that
/// said when to come back (`Retry-After`) is not asked sooner.
pub(super) fn pause(attempts: u32, asked: Option<Duration>, jitter: u8) -> Option<Duration> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let pause = Duration::from_secs(*PAUSES.get(place)?);
    let pause = pause + pause.mul_f64(f64::from(jitter) / 2_550.0);
    Some(asked.map_or(pause, |asked| pause.max(asked.min(LONGEST))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_spread_over_three_days() {
        let pauses: Vec<_> = (1..=10).map(|attempts| pause(attempts, None, 0).map(|pause| pause.as_secs())).collect();

        assert_eq!(pauses[..3], [Some(5), Some(300), Some(1_800)]);
        assert_eq!(pauses[8..], [Some(86_400), None]);
        assert_eq!(pauses.iter().flatten().sum::<u64>(), 75 * HOUR + 35 * MINUTE + 5);
    }

    #[test]
    fn jitter_adds_up_to_a_tenth_and_a_receiver_may_ask_for_more_but_not_for_less_or_for_ever() {
        assert_eq!(pause(2, None, 255), Some(Duration::from_secs(330)));
        assert_eq!(pause(1, Some(Duration::from_mins(2)), 0), Some(Duration::from_mins(2)));
        assert_eq!(pause(2, Some(Duration::from_secs(1)), 0), Some(Duration::from_mins(5)));
        assert_eq!(pause(1, Some(Duration::from_secs(u64::MAX)), 0), Some(LONGEST));
        assert_eq!(pause(10, Some(Duration::from_secs(1)), 0), None);
    }
}
