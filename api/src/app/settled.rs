//! From when on the past may still change: an instant that a write under way could be stamped with is not settled.
//! One process alone asks its own writer; where several write one database, it is asked, and older instants than any write
//! can take are left alone.

use holdline_domain::time::Timestamp;

use super::App;
use crate::failure::Failure;

/// No write takes so long, nor are machines' clocks so far apart, in microseconds.
const LONG_AGO: i64 = 120_000_000;

impl App {
    /// The instant before which a snapshot opened from now on is final.
    #[must_use]
    pub fn floor(&self) -> Timestamp {
        if !self.writes_with_others() {
            return self.service.floor();
        }
        let now = self.clock.now();
        Timestamp::from_micros(now.micros().saturating_sub(LONG_AGO)).unwrap_or(now)
    }

    /// Waits until nothing will be written at or before an instant that a snapshot opened from then on does not hold; of
    /// an instant after now, after now. Answers what now is.
    pub async fn settled(&self, at: Timestamp) -> Result<Timestamp, Failure> {
        let now = self.clock.now();
        if self.writes_with_others() {
            return self.database.passed(at, now).await;
        }
        self.service.settled(at.min(now)).await?;
        Ok(now)
    }

    /// Whether other processes may write the same log by the clocks of other machines.
    fn writes_with_others(&self) -> bool {
        self.database.is_shared() && self.clock.is_machines()
    }
}
