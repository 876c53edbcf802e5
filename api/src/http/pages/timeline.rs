//! The picture of a quarter: a lane for each key result, from when it came to when it went, with its progress and each
//! revision that touched it. Holds where everything is drawn; the template draws it, and a table beside it says the same.

use chrono::Months;
use chrono_tz::Tz;
use holdline_domain::time::{FiscalCalendar, Timestamp};

use super::{
    moment::Moment,
    view::{percent, shortened},
};

/// The width that lanes are drawn on, and the height of one, in the picture's own units.
const WIDTH: f64 = 960.0;
const LANE: f64 = 52.0;
/// The room above the lanes, for the dates.
const TOP: f64 = 44.0;
/// Inside a lane: where its bar begins, and how high it is.
const BAR: f64 = 20.0;
const HIGH: f64 = 22.0;

/// The least width of a bar, so that one that has just begun is seen.
const NARROWEST: f64 = 8.0;
/// The room that the mark of a revision takes.
const LABEL: f64 = 56.0;
/// How much of a title the picture holds, in characters.
const TITLE: usize = 100;

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
    /// What it is called, as long as the picture holds.
    pub(super) called: String,
    /// What happened to it, when.
    pub(super) came: String,
    pub(super) changed: String,
    pub(super) went: String,
    /// Where it stood last, as a whole number of a hundred.
    pub(super) last: Option<String>,
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
    calendar: FiscalCalendar,
}

impl Canvas {
    pub(super) const fn new(starts: Moment, ends: Moment, calendar: FiscalCalendar) -> Self {
        Self { starts: starts.0, ends: ends.0, calendar }
    }

    const fn zone(&self) -> Tz {
        self.calendar.zone()
    }

    /// Where an instant is along the quarter; what is outside it is at its edge.
    #[expect(clippy::cast_precision_loss, reason = "a quarter has fewer microseconds than a double counts")]
    fn x(&self, at: Moment) -> f64 {
        let (all, gone) = (self.ends.micros() - self.starts.micros(), at.0.micros() - self.starts.micros());
        (gone as f64 / all.max(1) as f64).clamp(0.0, 1.0) * WIDTH
    }

    /// The day that the quarter begins with, and the same day of each month after it.
    fn ticks(&self) -> Vec<Mark> {
        let first = self.starts.utc().with_timezone(&self.zone()).date_naive();
        let days = (0..).map_while(|months| first.checked_add_months(Months::new(months)));
        let begun = days.map(|day| self.calendar.midnight(day)).take_while(|at| *at < self.ends).map(Moment);
        begun.map(|at| Mark { x: short(self.x(at)), y: short(14.0), text: at.short(self.zone()) }).collect()
    }

    fn lane(&self, place: usize, member: Member, now: Moment) -> Lane {
        let count = u32::try_from(place).unwrap_or(u32::MAX);
        let top = LANE.mul_add(f64::from(count), TOP);
        let (bar, left) = (top + BAR, self.x(member.from));
        let right = self.x(member.until.map_or_else(|| now.min(Moment(self.ends)), |(at, _)| at)).max(left + NARROWEST);
        let point = |(at, share): &(Moment, f64)| {
            (short(self.x(*at)), short((1.0 - share.clamp(0.0, 1.0)).mul_add(HIGH - 4.0, bar + 2.0)))
        };
        let dots: Vec<_> = member.checks.iter().map(point).collect();
        let line: Vec<_> = dots.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let mark = |at: Moment, text: String| Mark { x: short(self.x(at)), y: short(HIGH.mul_add(0.5, bar)), text };
        let told = |what: &str, (at, number): (Moment, u32)| {
            format!("{what} with revision {number}, {}", at.short(self.zone()))
        };
        let amended: Vec<_> = member.amended.iter().map(|at| (at.0, told("changed", *at))).collect();
        let came = told("came", (member.from, member.came));
        let went = member.until.map(|until| (until.0, told("went", until)));
        let rings = (member.came > 1).then(|| (member.from, came.clone())).into_iter();
        let rings: Vec<_> = rings.chain(amended.iter().cloned()).chain(went.clone()).collect();
        Lane {
            called: shortened(&member.title, TITLE),
            changed: amended.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("; "),
            went: went.map(|(_, text)| text).unwrap_or_default(),
            came,
            last: member.checks.last().map(|(_, share)| percent(*share)),
            marks: rings.into_iter().map(|(at, text)| mark(at, text)).collect(),
            top: short(top + 13.0),
            left: short(left),
            width: short(right - left),
            high: short(bar),
            line: line.join(" "),
            dots,
            member,
        }
    }

    /// The later revisions along the top; those that would be drawn over each other share a mark.
    fn revisions(&self, revisions: &[(Moment, u32)]) -> Vec<Mark> {
        let mut marks: Vec<(f64, u32, u32)> = Vec::new();
        for (at, number) in revisions {
            let x = self.x(*at);
            match marks.last_mut() {
                Some((last, _, until)) if x - *last < LABEL => *until = *number,
                _ => marks.push((x, *number, *number)),
            }
        }
        let text = |from, until| if from == until { format!("r{from}") } else { format!("r{from}–r{until}") };
        marks
            .into_iter()
            .map(|(x, from, until)| Mark { x: short(x), y: short(32.0), text: text(from, until) })
            .collect()
    }

    /// Draws what the key results of a quarter went through; `revisions` are the later ones.
    pub(super) fn draw(&self, members: Vec<Member>, revisions: &[(Moment, u32)], now: Moment) -> Timeline {
        let count = u32::try_from(members.len()).unwrap_or(u32::MAX);
        let height = LANE.mul_add(f64::from(count), TOP + 8.0);
        let running = self.starts <= now.0 && now.0 < self.ends;
        Timeline {
            height: short(height),
            ticks: self.ticks(),
            revisions: self.revisions(revisions),
            now: running.then(|| short(self.x(now))),
            lanes: members.into_iter().enumerate().map(|(place, member)| self.lane(place, member, now)).collect(),
        }
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
