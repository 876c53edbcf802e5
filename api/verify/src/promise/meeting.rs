//! Meetings, PREPARED → OPEN → CLOSED or CANCELLED, as far as a decision or an acknowledgement rests on one: its kind,
//! its boundary and agenda, which stay as they were stated once it is open, and who attends with which ask.

use super::{Hearing, Promise};
use crate::{
    json::{self, Json},
    tree::Hash,
};

/// Where one stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Prepared,
    Open,
    Over,
}

/// A meeting.
#[derive(Debug)]
pub(super) struct Meeting {
    team: String,
    quarter: String,
    status: Status,
    renegotiates: bool,
    agenda: Vec<String>,
    attendees: Vec<(String, String)>,
    /// Of its kind, boundary and agenda.
    stated: Hash,
}

fn texts(list: &Json<'_>) -> Vec<String> {
    list.list().iter().filter_map(Json::text).map(ToOwned::to_owned).collect()
}

impl Promise {
    pub(super) fn meeting_changed(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let (entry, after) = (hearing.entry, hearing.entry.after());
        let (Some(id), Some(team), Some(quarter)) = (entry.subject(), entry.text("team"), entry.text("quarter")) else {
            return hearing.broken("the entry is about a meeting and does not say which, whose or for which quarter.");
        };
        let known = self.meetings.get(id);
        let status = next(known, hearing);
        let part = |name: &'static str| (name, after.get(name));
        let stated = json::digest(&[part("agenda"), part("boundary"), part("kind")]);
        let fixed = !matches!(entry.action(), "MEETING_PREPARED" | "MEETING_UPDATED");
        if known.is_some_and(|known| fixed && known.stated != stated) {
            hearing.broken("the meeting's kind, boundary or agenda changed with an action that changes none of them.");
        }
        let kind = after.get("kind").text();
        let agenda = texts(after.get("agenda"));
        if kind != Some("RENEGOTIATION") && !agenda.is_empty() {
            hearing.broken("a meeting that decides nothing has a renegotiation on its agenda.");
        }
        if known.is_some_and(|known| known.team != team || known.quarter != quarter) {
            hearing.broken("the meeting is another team's or quarter's than it was.");
        }
        let attendee = |one: &Json<'_>| Some((one.get("person").text()?.to_owned(), one.get("ask").text()?.to_owned()));
        let over = status == Status::Over;
        let meeting = Meeting {
            team: team.to_owned(),
            quarter: quarter.to_owned(),
            status,
            renegotiates: kind == Some("RENEGOTIATION"),
            // Nothing rests on one that is over, but an imported decision on its agenda.
            agenda: if over && !entry.imported { Vec::new() } else { agenda },
            attendees: if over {
                Vec::new()
            } else {
                after.get("attendees").list().iter().filter_map(attendee).collect()
            },
            stated,
        };
        self.meetings.insert(id.to_owned(), meeting);
    }

    /// DECIDED_IN_MEETING: in an open meeting of kind RENEGOTIATION of that team and quarter, with it on its agenda, by
    /// an attendee who was asked for APPROVAL.
    pub(super) fn in_its_meeting(&self, renegotiation: &str, hearing: &mut Hearing<'_, '_, '_>) {
        let entry = hearing.entry;
        let Some(meeting) = entry.text("meeting").and_then(|meeting| self.meetings.get(meeting)) else {
            return hearing.broken("the decision names no meeting that was prepared.");
        };
        hearing.broken_if(meeting.status != Status::Open, "it was decided in a meeting that was not open.");
        hearing.broken_if(!meeting.renegotiates, "it was decided in a meeting that is not of kind RENEGOTIATION.");
        let ours = Some(meeting.team.as_str()) == entry.text("team")
            && Some(meeting.quarter.as_str()) == entry.text("quarter");
        hearing.broken_if(!ours, "it was decided in a meeting of another team or quarter.");
        let listed = meeting.agenda.iter().any(|item| item == renegotiation);
        hearing.broken_if(!listed, "it was decided in a meeting that did not have it on its agenda.");
        let asked = entry.person().is_some_and(|person| {
            meeting.attendees.iter().any(|(attendee, ask)| attendee == person && ask == "APPROVAL")
        });
        hearing.broken_if(!asked, "whoever decided was not asked for approval in the meeting.");
    }

    pub(super) fn acknowledged(&mut self, hearing: &mut Hearing<'_, '_, '_>) {
        let (entry, after) = (hearing.entry, hearing.entry.after());
        let plan = entry.plan().and_then(|plan| self.plans.get(plan));
        let latest = plan.and_then(super::Plan::revision).unwrap_or_default();
        let understood = after.get("revision").int().is_some_and(|revision| (1..=latest).contains(&revision));
        hearing.broken_if(!understood, "what was acknowledged is no revision of the plan.");
        let meeting = entry.text("meeting").and_then(|meeting| self.meetings.get(meeting));
        let open = meeting.filter(|meeting| meeting.status == Status::Open);
        hearing.broken_if(open.is_none(), "it was acknowledged in a meeting that was not open.");
        let person = after.get("person").text();
        let attends =
            open.is_none_or(|meeting| meeting.attendees.iter().any(|(attendee, _)| Some(attendee.as_str()) == person));
        hearing.broken_if(!attends, "whoever acknowledged it did not attend the meeting.");
    }
}

/// Where an entry leaves a meeting; what it must have found there is judged on the way.
fn next(known: Option<&Meeting>, hearing: &mut Hearing<'_, '_, '_>) -> Status {
    let (entry, found) = (hearing.entry, known.map(|known| known.status));
    let (fits, status) = match (entry.action(), found, entry.after().get("status").text()) {
        ("MEETING_PREPARED", None, Some("PREPARED"))
        | ("MEETING_UPDATED" | "MEETING_JOINED", Some(Status::Prepared), Some("PREPARED")) => (true, Status::Prepared),
        ("MEETING_PREPARED", None, Some("CLOSED")) => (entry.imported, Status::Over),
        ("MEETING_OPENED", Some(Status::Prepared), Some("OPEN"))
        | ("MEETING_JOINED", Some(Status::Open), Some("OPEN")) => (true, Status::Open),
        ("MEETING_CLOSED", Some(Status::Open), Some("CLOSED"))
        | ("MEETING_CANCELLED", Some(Status::Prepared | Status::Open), Some("CANCELLED")) => (true, Status::Over),
        // What does not fit stays what it was, so that nothing is decided by way of it.
        _ => (false, found.unwrap_or(Status::Over)),
    };
    if !fits {
        let action = entry.action();
        hearing.broken(format!("{action} does not follow from where the meeting stood."));
    }
    status
}
