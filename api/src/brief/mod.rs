//! The brief of a meeting: one Markdown page with the plan, the reasoning and the boundary, in that order, and after it
//! was opened what was said. Pure writing over loaded values: nothing is loaded or decided here.

mod boundary;
mod markdown;
mod plan;
mod reasoning;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use chrono_tz::Tz;
use holdline_domain::{
    commitment::Commitment,
    ids::{KeyResultId, PersonId},
    meeting::{Ask, Meeting, MeetingFormat, MeetingKind, MeetingStatus},
    meeting_input::MeetingInput,
    renegotiation::Record,
    text::Line,
    time::Timestamp,
};

use crate::store::Standing;
use markdown::{Paper, line};

/// All that the page says, loaded.
#[derive(Debug, Clone)]
pub struct Brief {
    /// The meeting.
    pub meeting: Meeting,
    /// Whether it was opened, so that something may have been said.
    pub opened: bool,
    /// What its team is called.
    pub team: Line,
    /// The organization's time zone.
    pub zone: Tz,
    /// What the team has committed to for the quarter.
    pub plan: Option<Committed>,
    /// The renegotiations on the agenda, each with the commitment that it stands on.
    pub agenda: Vec<(Record, Arc<Commitment>)>,
    /// What each decided subject is called.
    pub decided: Vec<String>,
    /// What the subject of each open question is called.
    pub asked: Vec<Option<String>>,
    /// What was said, in order.
    pub said: Vec<Said>,
    /// Whether more was said than is here.
    pub more_said: bool,
    /// What people are called.
    pub names: HashMap<PersonId, String>,
}

/// A committed plan as it stands.
#[derive(Debug, Clone)]
pub struct Committed {
    /// The number of its revision.
    pub revision: u32,
    /// Since when that is in effect.
    pub since: Timestamp,
    /// What it promises.
    pub commitment: Arc<Commitment>,
    /// Where its key results stand.
    pub standings: HashMap<KeyResultId, Standing>,
    /// Its open renegotiations.
    pub open: Vec<Record>,
}

/// An input, and what became of it is called.
#[derive(Debug, Clone)]
pub struct Said {
    /// The input.
    pub input: MeetingInput,
    /// What became of it is called; none where nothing did, or where the caller may not see it.
    pub outcome: Option<String>,
}

impl Brief {
    /// The page.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut paper = Paper::default();
        self.head(&mut paper);
        self.write_plan(&mut paper);
        self.write_reasoning(&mut paper);
        self.write_boundary(&mut paper);
        if self.opened {
            self.write_said(&mut paper);
        }
        paper.finish()
    }

    fn head(&self, paper: &mut Paper) {
        let meeting = &self.meeting;
        paper.heading(1, &line(meeting.title.as_str()));
        let purpose = match meeting.kind {
            MeetingKind::Status => "A status meeting: to confirm and inform. It decides nothing.",
            MeetingKind::Renegotiation => "A renegotiation: to change what was committed, or not to.",
            MeetingKind::Planning => "A planning meeting.",
        };
        paper.paragraph(purpose);
        let held = match meeting.format {
            MeetingFormat::Live => "live",
            MeetingFormat::Async => "in writing",
        };
        let when = meeting.scheduled_for.map_or("not scheduled".to_owned(), |at| self.moment(at));
        let long = meeting.duration_minutes.map(|minutes| format!(", {minutes} minutes")).unwrap_or_default();
        let stands = match &meeting.status {
            MeetingStatus::Prepared => "prepared, not open yet".to_owned(),
            MeetingStatus::Open => "open".to_owned(),
            MeetingStatus::Closed => "closed".to_owned(),
            MeetingStatus::Cancelled(why) => format!("cancelled: {}", markdown::prose(why.as_str(), 2)),
        };
        paper.list(&[
            format!("Team and quarter: {}, {}", line(self.team.as_str()), meeting.quarter),
            format!("When: {when}{long}, {held}"),
            format!("Where it stands: {stands}"),
        ]);
        let attendees = meeting.attendees.iter();
        let rows: Vec<_> = attendees.map(|one| [self.name(one.person), asks(one.ask).to_owned()]).collect();
        if rows.is_empty() {
            paper.paragraph("Nobody is named as attending.");
        } else {
            paper.table(["Attendee", "Asks for"], &rows);
        }
    }

    /// What a person is called, escaped.
    fn name(&self, person: PersonId) -> String {
        self.names.get(&person).map_or_else(|| person.to_string(), |name| line(name))
    }

    /// A day in the organization's zone.
    fn day(&self, at: Timestamp) -> String {
        at.utc().with_timezone(&self.zone).format("%-d %B %Y").to_string()
    }

    /// A moment in the organization's zone.
    fn moment(&self, at: Timestamp) -> String {
        let local = at.utc().with_timezone(&self.zone);
        format!("{} ({})", local.format("%A %-d %B %Y, %H:%M"), line(self.zone.name()))
    }
}

const fn asks(ask: Ask) -> &'static str {
    match ask {
        Ask::Inform => "information",
        Ask::Input => "a say",
        Ask::Approval => "approval: may decide",
    }
}
