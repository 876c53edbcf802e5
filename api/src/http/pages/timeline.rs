//! The picture of a quarter: a lane for each key result, from when it came to when it went, with its progress and each
//! revision that touched it. Holds where everything is drawn; the template draws it, and a table beside it says the same.

use chrono::{Datelike as _, Duration, NaiveTime, TimeZone as _};
use chrono_tz::Tz;
use holdline_domain::time::Timestamp;

use super::moment::Moment;

/// The width that lanes are drawn on, and the height of one, in the picture's own units.
const WIDTH: f64 = 960.0;
const LANE: f64 = 52.0;
/// The room above the lanes, for the dates.
const TOP: f64 = 44.0;
/// Inside a lane: where its bar begins, and how high it is.
const BAR: f64 = 20.0;
const HIGH: f64 = 22.0;

/// What one key result went through.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// What it is called.
    pub(super) title: String,
    /// What it measures.
    pub(super) objective: String,
    /// When it came, and with which revision.
    pub(super) from: Moment,
    pub(super) came: u32,
    /// When it went, and with which revision.
    pub(super) until: Option<(Moment, u32)>,
    /// The revisions that amended it.
    pub(super) amended: Vec<(Moment, u32)>,
    /// Where it stood, as a share of the way to its target.
    pub(super) checks: Vec<(Moment, f64)>,
}

/// The picture.
pub(super) struct Timeline {
    pub(super) height: String,
    pub(super) lanes: Vec<Lane>,
    pub(super) ticks: Vec<Mark>,
    pub(super) revisions: Vec<Mark>,
    pub(super) now: Option<String>,
}

/// The lane of a key result.
pub(super) struct Lane {
    pub(super) member: Member,
    pub(super) words: String,
    pub(super) top: String,
    pub(super) left: String,
    pub(super) width: String,
    pub(super) high: String,
    /// The line of its progress.
    pub(super) line: String,
    pub(super) dots: Vec<(String, String)>,
    pub(super) marks: Vec<Mark>,
}

/// Something at a place along the quarter.
pub(super) struct Mark {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) text: String,
}

/// A number of the picture, short.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A quarter to draw on.
pub(super) struct Canvas {
    starts: Timestamp,
    ends: Timestamp,
    zone: Tz,
}

impl Canvas {
    pub(super) const fn new(starts: Moment, ends: Moment, zone: Tz) -> Self {
        Self { starts: starts.0, ends: ends.0, zone }
    }

    /// Where an instant is along the quarter; what is outside it is at its edge.
    #[expect(clippy::cast_precision_loss, reason = "a quarter has fewer microseconds than a double counts")]
    fn x(&self, at: Moment) -> f64 {
        let (all, gone) = (self.ends.micros() - self.starts.micros(), at.0.micros() - self.starts.micros());
        (gone as f64 / all.max(1) as f64).clamp(0.0, 1.0) * WIDTH
    }

    /// The first of each month.
    fn ticks(&self) -> Vec<Mark> {
        let local = |at: Timestamp| at.utc().with_timezone(&self.zone).date_naive();
        let mut day = local(self.starts);
        let mut ticks = Vec::new();
        while day < local(self.ends) && ticks.len() < 4 {
            let midnight = self.zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest();
            let at = midnight.and_then(|at| Timestamp::from_micros(at.timestamp_micros()));
            if let Some(at) = at.map(Moment) {
                ticks.push(Mark { x: short(self.x(at)), y: short(14.0), text: at.short(self.zone) });
            }
            let past = day + Duration::days(31);
            let Some(next) = past.with_day(day.day().min(28)) else { break };
            day = if next <= day { past } else { next };
        }
        ticks
    }

    fn lane(&self, place: usize, member: Member, now: Moment) -> Lane {
        let count = u32::try_from(place).unwrap_or(u32::MAX);
        let top = LANE.mul_add(f64::from(count), TOP);
        let (bar, left) = (top + BAR, self.x(member.from));
        let right = self.x(member.until.map_or_else(|| now.min(Moment(self.ends)), |(at, _)| at)).max(left + 2.0);
        let point = |(at, share): &(Moment, f64)| {
            (short(self.x(*at)), short((1.0 - share.clamp(0.0, 1.0)).mul_add(HIGH - 4.0, bar + 2.0)))
        };
        let dots: Vec<_> = member.checks.iter().map(point).collect();
        let line: Vec<_> = dots.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let mark = |at: Moment, text: String| Mark { x: short(self.x(at)), y: short(HIGH.mul_add(0.5, bar)), text };
        let amended = member.amended.iter().map(|(at, number)| mark(*at, format!("changed in revision {number}")));
        let came = (member.came > 1).then(|| mark(member.from, format!("came with revision {}", member.came)));
        let went = member.until.map(|(at, number)| mark(at, format!("went with revision {number}")));
        let marks: Vec<_> = came.into_iter().chain(amended).chain(went).collect();
        let words = std::iter::once(member.title.as_str()).chain(marks.iter().map(|mark| mark.text.as_str()));
        Lane {
            words: words.collect::<Vec<_>>().join("; "),
            top: short(top + 13.0),
            left: short(left),
            width: short(right - left),
            high: short(bar),
            line: line.join(" "),
            dots,
            marks,
            member,
        }
    }

    /// Draws what the key results of a quarter went through; `revisions` are the later ones.
    pub(super) fn draw(&self, members: Vec<Member>, revisions: &[(Moment, u32)], now: Moment) -> Timeline {
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let height = LANE.mul_add(f64::from(count), TOP + 8.0);
        let running = self.starts <= now.0 && now.0 < self.ends;
        let told =
            |(at, number): &(Moment, u32)| Mark { x: short(self.x(*at)), y: short(32.0), text: format!("r{number}") };
        Timeline {
            height: short(height),
            ticks: self.ticks(),
            revisions: revisions.iter().map(told).collect(),
            now: running.then(|| short(self.x(now))),
            lanes: members.into_iter().enumerate().map(|(place, member)| self.lane(place, member, now)).collect(),
        }
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
