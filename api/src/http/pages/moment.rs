//! An instant as people read it: in the organization's zone, with the zone's name beside the hour.

use chrono::DateTime;
use chrono_tz::Tz;
use holdline_domain::time::Timestamp;
use serde::Deserialize;

use super::frame::Frame;

/// An instant of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Moment(pub(super) Timestamp);

impl TryFrom<String> for Moment {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parsed = DateTime::parse_from_rfc3339(&text).map_err(|_| "no instant of RFC 3339")?;
        Timestamp::from_micros(parsed.timestamp_micros()).map(Self).ok_or("an instant out of range")
    }
}

impl Moment {
    /// As programs read it.
    pub(super) fn utc(self) -> String {
        self.0.to_string()
    }

    /// The day.
    pub(super) fn day(self, frame: &Frame) -> String {
        self.0.utc().with_timezone(&frame.zone).format("%-d %B %Y").to_string()
    }

    /// The last day before it, where it is the end of something that it is no part of.
    pub(super) fn eve(self, frame: &Frame) -> String {
        Timestamp::from_micros(self.0.micros() - 1).map_or(self, Self).day(frame)
    }

    /// The day and the hour.
    pub(super) fn hour(self, frame: &Frame) -> String {
        self.0.utc().with_timezone(&frame.zone).format("%-d %B %Y, %H:%M %Z").to_string()
    }

    /// The day without its year, for an axis.
    pub(super) fn short(self, zone: Tz) -> String {
        self.0.utc().with_timezone(&zone).format("%-d %b").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_read_in_the_organizations_zone() {
        let moment = |text: &str| Moment::try_from(text.to_owned()).unwrap();
        let (berlin, york) = (Frame::outside(Tz::Europe__Berlin), Frame::outside(Tz::America__New_York));
        let night = moment("2026-10-24T23:30:00.000000Z");

        assert_eq!(night.hour(&berlin), "25 October 2026, 01:30 CEST");
        assert_eq!(night.day(&york), "24 October 2026");
        assert_eq!(night.short(Tz::UTC), "24 Oct");
        assert_eq!(night.utc(), "2026-10-24T23:30:00.000000Z");
        let end = moment("2026-12-31T23:00:00.000000Z");
        assert_eq!((end.eve(&berlin), end.day(&berlin)), ("31 December 2026".into(), "1 January 2027".into()));
        assert!(Moment::try_from("yesterday".to_owned()).is_err());
    }
}
