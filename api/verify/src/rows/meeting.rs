//! Meetings: each step one event; boundary, agenda and attendance with the event that stated them. What was said in
//! one, where it went, and who acknowledged which revision.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Rows,
    cell::{Cell, uuid},
    meeting_tables::{
        ACKNOWLEDGEMENT, AGENDA, ATTENDEE, DECIDED, DISPOSITION, EVENT, INPUT, MEETING, OUT_OF_SCOPE, QUESTION,
    },
};
use crate::{entry::Entry, json::Json};

/// What is remembered of meetings: with which step each stated its boundary last.
#[derive(Debug, Default)]
pub(super) struct Meetings(HashMap<Uuid, u32>);

impl Rows {
    pub(super) fn of_meeting(&mut self, entry: &Entry<'_>) {
        match entry.action() {
            "MEETING_PREPARED" | "MEETING_UPDATED" | "MEETING_OPENED" | "MEETING_JOINED" | "MEETING_CLOSED"
            | "MEETING_CANCELLED" => self.meeting_changed(entry),
            "MEETING_ACKNOWLEDGED" => self.acknowledged(entry),
            "MEETING_INPUT_RECORDED" => self.input_recorded(entry),
            "MEETING_INPUT_DISPOSED" => self.input_disposed(entry),
            _ => {}
        }
    }

    fn meeting_changed(&mut self, entry: &Entry<'_>) {
        let (named, after) = (entry.get("subject").get("id"), entry.after());
        let (id, own) = (uuid(named, "meeting"), Cell::id(named, "meeting"));
        let version = self.step(id);
        if entry.action() == "MEETING_PREPARED" {
            let team = Cell::id(entry.get("team"), "team");
            let cells = vec![own.clone(), team, Cell::text(entry.get("quarter")), Cell::Bool(entry.imported)];
            self.want(&MEETING, entry, cells);
        }
        let stated = matches!(entry.action(), "MEETING_PREPARED" | "MEETING_UPDATED");
        if stated {
            self.meetings.0.insert(id, version);
        }
        let cancelled = after.get("status").text() == Some("CANCELLED");
        let cells = vec![
            own.clone(),
            Cell::number(version),
            Cell::text(after.get("status")),
            Cell::text(after.get("kind")),
            Cell::text(after.get("format")),
            Cell::text(after.get("title")),
            Cell::instant(after.get("scheduledFor")),
            Cell::int(after.get("durationMinutes")),
            Cell::bool(after.get("boundary").get("informationOnly")),
            self.meetings.0.get(&id).map_or(Cell::Unreadable, |content| Cell::number(*content)),
            if cancelled { Cell::text(entry.get("reason")) } else { Cell::Null },
            Cell::Int(entry.occurred_at),
        ];
        self.want(&EVENT, entry, cells);
        self.meeting_parts(entry, &[own, Cell::number(version)], stated);
    }

    fn meeting_parts(&mut self, entry: &Entry<'_>, step: &[Cell; 2], stated: bool) {
        let attendees = entry.after().get("attendees").list();
        if stated {
            self.boundary(entry, step);
            for (place, attendee) in (0_u32..).zip(attendees) {
                self.attendee(entry, step, place, attendee);
            }
        } else if let ("MEETING_JOINED", Some(last)) = (entry.action(), attendees.last()) {
            // Whoever joins is put last, also where they were there with another ask.
            self.attendee(entry, step, 0, last);
        }
    }

    fn attendee(&mut self, entry: &Entry<'_>, step: &[Cell; 2], place: u32, attendee: &Json<'_>) {
        let mut cells = step.to_vec();
        cells.push(Cell::id(attendee.get("person"), "person"));
        cells.push(Cell::number(place));
        cells.push(Cell::text(attendee.get("ask")));
        self.want(&ATTENDEE, entry, cells);
    }

    fn boundary(&mut self, entry: &Entry<'_>, step: &[Cell; 2]) {
        let boundary = entry.after().get("boundary");
        let line = |place: u32, more: &[Cell]| [step, &[Cell::number(place)][..], more].concat();
        for (place, decided) in (0..).zip(boundary.get("decided").list()) {
            let cells = [&subject(decided.get("subject"))[..], &[Cell::text(decided.get("why"))]].concat();
            self.want(&DECIDED, entry, line(place, &cells));
        }
        for (place, open) in (0..).zip(boundary.get("open").list()) {
            let id = Cell::id(open.get("id"), "question");
            let words = [id, Cell::text(open.get("question")), Cell::text(open.get("wanted"))];
            self.want(&QUESTION, entry, line(place, &[&subject(open.get("subject"))[..], &words].concat()));
        }
        for (place, text) in (0..).zip(boundary.get("outOfScope").list()) {
            self.want(&OUT_OF_SCOPE, entry, line(place, &[Cell::text(text)]));
        }
        for (place, item) in (0..).zip(entry.after().get("agenda").list()) {
            self.want(&AGENDA, entry, line(place, &[Cell::id(item, "reneg")]));
        }
    }

    fn acknowledged(&mut self, entry: &Entry<'_>) {
        let after = entry.after();
        let cells = vec![
            Cell::id(entry.get("meeting"), "meeting"),
            Cell::id(entry.get("plan"), "plan"),
            Cell::int(after.get("revision")),
            Cell::id(after.get("person"), "person"),
            Cell::text(after.get("dissent")),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&ACKNOWLEDGEMENT, entry, cells);
    }

    fn input_recorded(&mut self, entry: &Entry<'_>) {
        let after = entry.after();
        let cells = vec![
            Cell::id(entry.get("subject").get("id"), "input"),
            Cell::id(entry.get("meeting"), "meeting"),
            Cell::id(after.get("by"), "person"),
            Cell::text(after.get("text")),
            Cell::id(after.get("question"), "question"),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&INPUT, entry, cells);
    }

    fn input_disposed(&mut self, entry: &Entry<'_>) {
        let (after, went) = (entry.after(), entry.after().get("disposition").text());
        let outcome = |disposition: &str, prefix: &str| {
            if went == Some(disposition) { Cell::id(after.get("outcome"), prefix) } else { Cell::Null }
        };
        let cells = vec![
            Cell::id(entry.get("subject").get("id"), "input"),
            Cell::text(after.get("disposition")),
            outcome("BACKLOG", "idea"),
            outcome("RENEGOTIATION_DRAFT", "reneg"),
            outcome("ROADMAP", "item"),
            Cell::Int(entry.occurred_at),
        ];
        self.want(&DISPOSITION, entry, cells);
    }
}

/// What a line of a boundary is about.
fn subject(said: &Json<'_>) -> [Cell; 4] {
    [
        Cell::id(said.get("objective"), "obj"),
        Cell::id(said.get("keyResult"), "kr"),
        Cell::id(said.get("roadmapItem"), "item"),
        Cell::text(said.get("text")),
    ]
}
