//! The demo's clock: the machine's, shifted. The story is told from the quarter's second day and carries on from
//! mid-quarter, so that a link opened on any day of the year finds a quarter under way.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use holdline_domain::time::{FiscalCalendar, QuarterSpan, Timestamp};

use crate::clock::Clock;

const HOUR: i64 = 3_600_000_000;

/// A clock that can be set.
pub(super) struct DemoClock {
    machine: Clock,
    /// Microseconds that are added to the machine's clock.
    offset: Arc<AtomicI64>,
    /// The quarter that the story plays in.
    pub(super) span: QuarterSpan,
}

impl DemoClock {
    /// A clock that reads the morning of the second day of the quarter that the machine's clock is in.
    pub(super) fn new(calendar: FiscalCalendar) -> Self {
        let machine = Clock::system();
        let span = calendar.span(calendar.quarter_at(machine.now()));
        let clock = Self { machine, offset: Arc::default(), span };
        clock.set_to_day(1);
        clock
    }

    /// Sets it to nine hours into a day of the quarter; the first day is 0.
    pub(super) fn set_to_day(&self, day: u32) {
        let at = self.span.starts_at.plus_days(day).micros() + 9 * HOUR;
        self.offset.store(at - self.machine.now().micros(), Ordering::SeqCst);
    }

    /// The clock for the service.
    pub(super) fn clock(&self) -> Clock {
        let (machine, offset) = (self.machine.clone(), Arc::clone(&self.offset));
        Clock::from_fn(move || {
            let now = machine.now();
            Timestamp::from_micros(now.micros() + offset.load(Ordering::SeqCst)).unwrap_or(now)
        })
    }

    /// What it does, for whoever looks at it.
    pub(super) fn says(&self) -> String {
        let offset = self.offset.load(Ordering::SeqCst);
        let hours = offset.abs() / HOUR;
        let side = if offset < 0 { "behind" } else { "ahead of" };
        format!(
            "The demo's clock is set to mid-quarter: it reads {}, {} days and {} hours {side} this machine's.\n\
             The store is thrown away when the demo stops.",
            self.clock().now().utc().format("%Y-%m-%d %H:%M UTC"),
            hours / 24,
            hours % 24
        )
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn the_clock_is_in_the_quarter_and_runs() {
        let clock = DemoClock::new(FiscalCalendar::new(4, Tz::Europe__Berlin).unwrap());
        let early = clock.clock().now();

        clock.set_to_day(28);
        let late = clock.clock().now();

        assert!(clock.span.starts_at < early && late < clock.span.ends_at);
        assert!(late >= early.plus_days(26) && late <= early.plus_days(28));
    }
}
